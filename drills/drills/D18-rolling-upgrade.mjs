// The version before and this one on one database: the old node goes on while the new one migrates, flows cross over, and
// the way back is open.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../scripts/processes.mjs';
import { conclude } from '../lib/conclude.mjs';
import { exactly, NotRun, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';

/** The version before this one; another with DRILLS_PREVIOUS, as git names it. */
const PREVIOUS = process.env.DRILLS_PREVIOUS ?? 'da7abfa';
const MIX_S = 20;

/** Builds the version before in a folder of the drill, with the packages that are here. */
function buildPrevious(drill) {
  const folder = join(drill.folder, 'previous');
  mkdirSync(folder);
  try {
    const archive = execFileSync('git', ['-C', root, 'archive', PREVIOUS], {
      maxBuffer: 256 << 20,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
  } catch (error) {
    throw new NotRun(`git does not have ${PREVIOUS} here (${String(error.stderr ?? error.message).trim()})`);
  }
  symlinkSync(realpathSync(join(root, 'node_modules')), join(folder, 'node_modules'));
  drill.say(`building ${PREVIOUS}`);
  for (const script of ['node_modules/@nestjs/cli/bin/nest.js build', 'scripts/bundle.mjs']) {
    execFileSync(process.execPath, script.split(' '), { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  if (!existsSync(join(folder, 'dist', 'server', 'main.js'))) throw new NotRun(`${PREVIOUS} did not build`);
  return folder;
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D18',
  title: 'Rolling upgrade, and back',
  minutes: '4',
  async run(drill) {
    const previous = buildPrevious(drill);
    const installation = await Installation.start(drill, { nodes: 2, proxy: true, seeded: false });
    const { postgres, nodes } = installation;
    const [old, young] = nodes;
    // From the beginning: a database that the old version made.
    await Promise.all(nodes.map((node) => node.stop()));
    await postgres.query('DROP DATABASE clinch WITH (FORCE)', 'postgres');
    await postgres.createDatabase();
    for (const node of nodes) {
      node.folder = previous;
      await node.start();
    }
    await sleep(1_500);
    installation.seed = await installation.target.seed(installation.issuer, { most: 12 });
    const load = new MixedLoad(drill, installation);
    await load.start();
    await sleep(drill.seconds(MIX_S) * 1000);
    const [{ n: before }] = await postgres.query('SELECT COUNT(*)::int AS n FROM migrations');

    const errors = () => load.errors().length;
    const step = async (name, work) => {
      const [errorsBefore, wrongBefore] = [errors(), load.wrong.length];
      drill.say(name);
      await work();
      await sleep(drill.seconds(MIX_S) * 1000);
      drill.figure(`${name}: requests that failed`, errors() - errorsBefore, exactly(0));
      drill.figure(`${name}: wrong answers`, load.wrong.length - wrongBefore, exactly(0));
    };
    const exchange = async (node, folder) => {
      await node.stop();
      node.folder = folder;
      await node.start();
    };
    await step('the new version on one node, which migrates', () => exchange(young, root));
    const [{ n: after }] = await postgres.query('SELECT COUNT(*)::int AS n FROM migrations');
    drill.figure('migrations of the new version', after - before, told());
    await step('the new version on both', () => exchange(old, root));
    await step('back to the old version on one', () => exchange(old, previous));
    await conclude(drill, installation, load);
  },
};
