// The wrong master key stops the start before anything listens; a new one before the old one goes unnoticed.
import { randomBytes } from 'node:crypto';
import { exactly } from '../lib/drill.mjs';
import { Installation, statusOf } from '../lib/installation.mjs';
import { startProcess, tail } from '../lib/processes.mjs';
import { Visitor } from '../lib/visitor.mjs';
import { root } from '../../scripts/processes.mjs';

const newKey = () => randomBytes(32).toString('base64');

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D16',
  title: 'Another master key',
  minutes: '1',
  async run(drill) {
    const installation = await Installation.start(drill, { nodes: 2 });
    const { nodes, postgres } = installation;
    const visitor = new Visitor(installation);
    const { refresh_token: token } = await visitor.tokens('refresh');
    const keysBefore = JSON.stringify(await postgres.query('SELECT * FROM signing_keys ORDER BY kid'));
    const oldKey = nodes[0].env.CLINCH_MASTER_KEY;

    const [, second] = nodes;
    await second.stop();
    second.env = { ...second.env, CLINCH_MASTER_KEY: newKey() };
    await second.start({ wait: false });
    let listened = false;
    while (!second.child.ended()) listened ||= (await statusOf(`${second.url}/livez`, 200)) !== 0;
    const { code } = await second.child.exited;
    drill.figure('wrong key: exit code', code, exactly(1));
    drill.figure('wrong key: it listened', listened, exactly(false));
    drill.figure(
      'wrong key: names the key that is missing',
      /encrypted under the master key \S+/.test(tail(second.log)),
      exactly(true),
    );
    const keysAfter = JSON.stringify(await postgres.query('SELECT * FROM signing_keys ORDER BY kid'));
    drill.figure('wrong key: signing keys as they were', keysAfter === keysBefore, exactly(true));

    // Every node learns to read the new key before one of them writes under it; one node after the other each time.
    const fresh = newKey();
    const form = { grant_type: 'refresh_token' };
    let failed = 0;
    let newest = token;
    for (const keys of [`${oldKey},${fresh}`, `${fresh},${oldKey}`]) {
      for (const node of [second, nodes[0]]) {
        if (node.alive) await node.stop();
        node.env = { ...node.env, CLINCH_MASTER_KEY: keys };
        await node.start();
      }
    }
    for (let times = 0; times < 3; times++) {
      const answer = await visitor.client.post('/oidc/token', visitor.basic('refresh'), {
        ...form,
        refresh_token: newest,
      });
      if (answer.status === 200) newest = answer.json.refresh_token;
      else failed++;
    }
    drill.figure('both keys, then the new one first: refreshes that failed', failed, exactly(0));

    await reencrypt(drill, installation, fresh);
    await visitor.close();
  },
};

/** Everything comes under the new key; where the old one is needed no more, a node starts without it. */
async function reencrypt(drill, installation, fresh) {
  const [node] = installation.nodes;
  const log = `${drill.folder}/reencrypt.log`;
  const args = ['dist/server/clinch.js', 'keys', 'reencrypt'];
  const { code } = await startProcess(process.execPath, args, { cwd: root, env: node.env, log }).exited;
  if (code === 2) {
    drill.note(`there is no command that encrypts anew: ${tail(log, 1)}`);
    return;
  }
  drill.figure('encrypting anew: exit code', code, exactly(0));
  drill.note(tail(log, 4));
  const { body } = await installation.admin('GET', '/master-keys');
  drill.figure('values that are not under the new key', body.remaining, exactly(0));
  const old = body.keys.find(({ current }) => !current);
  drill.note(`the old key is needed for: ${old?.needed_for.join(', ') || 'nothing'}`);
  if (!old?.may_be_dropped) return;
  await node.stop();
  node.env = { ...node.env, CLINCH_MASTER_KEY: fresh };
  await node.start();
  const visitor = new Visitor(installation, 1);
  drill.figure(
    'with the new key alone: a sign-in brings tokens',
    (await visitor.tokens('refresh')).token_type,
    exactly('Bearer'),
  );
  await visitor.close();
}
