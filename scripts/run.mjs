// What `npm run demo`, `npm start`, `npm test` and `npm run bench` call. Each does all its own set-up, so that a fresh
// clone needs no other command first. Plain Node without packages: this runs before anything is installed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, install, requireNode } from './prepare.mjs';
import { StepFailed, root, runInForeground } from './processes.mjs';
import { runTests } from './test-stages.mjs';

const COMMANDS = {
  /**
   * Clinch with a simulated DingTalk, sample people and apps, on an embedded database that is made anew each time.
   * `-- --people 50000 --departments 1000` makes the organisation that large.
   */
  async demo(args) {
    await prepare();
    return runInForeground(process.execPath, ['dist/src/demo/start-demo.js', ...args]);
  },

  /** The sample command line: the demo's, or that of whatever its variables name. */
  async 'demo:cli'(args) {
    const program = 'dist/src/demo/sample-cli.js';
    // Building again while the demo runs would take its programs away from under it.
    if (!existsSync(program)) await prepare();
    return runInForeground(process.execPath, [program, ...args]);
  },

  /** `clinch-alibaba` at the simulated Alibaba Cloud of the demo that runs beside it. */
  async 'demo:alibaba'(args) {
    const program = 'dist/clinch-alibaba/clinch-alibaba.mjs';
    if (!existsSync(program)) await prepare();
    const folder = process.env.DEMO_DATA_DIR || join(root, 'data', 'demo');
    const settings = join(folder, 'alibaba-cli.json');
    if (!existsSync(settings)) {
      throw new StepFailed('No demo has been started here. Start "npm run demo" in another terminal.');
    }
    const command = args[0] === undefined || args[0].startsWith('-') ? ['credentials', ...args] : args;
    return runInForeground(process.execPath, [program, ...command, '--settings', settings], {
      // What it keeps goes with the demo, and stays out of a real one's way.
      env: { ...process.env, XDG_CONFIG_HOME: folder },
    });
  },

  /** The server alone. Its log is the only thing on standard output. */
  async start() {
    await prepare();
    return runInForeground(process.execPath, ['dist/server/main.js'], {
      env: { ...process.env, NODE_ENV: process.env.NODE_ENV || 'production' },
    });
  },

  async bench(args) {
    await prepare();
    return runInForeground(process.execPath, ['bench/bench.mjs', ...args]);
  },

  /** What goes wrong in an installation, brought about on purpose: `-- --list` names the drills. */
  async drills(args) {
    await prepare();
    return runInForeground(process.execPath, ['drills/run.mjs', ...args]);
  },

  async test(args) {
    return runTests(args);
  },
};

async function prepare() {
  await install();
  await build();
}

async function main([name, ...args]) {
  requireNode();
  process.chdir(root);
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  if (!command) {
    process.stderr.write(`Usage: node scripts/run.mjs ${Object.keys(COMMANDS).join('|')}\n`);
    return 2;
  }
  return command(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // A step that failed has already said what happened and carries the code to end with.
  if (typeof error.exitCode !== 'number') throw error;
  if (error.message) process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
