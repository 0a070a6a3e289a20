// The clock of one of two nodes is wrong: by less than a minute, by ten; and steps back while it runs.
import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getProgram } from '../../scripts/tools.mjs';
import { atMost, exactly, NotRun, told } from '../lib/drill.mjs';
import { Installation, statusOf } from '../lib/installation.mjs';
import { Visitor } from '../lib/visitor.mjs';

const FLOWS = 40;
const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

/** Starts the node with its clock off by so much; intervals go on as they are. */
async function startOff(node, file, offset) {
  await node.stop();
  writeFileSync(file, offset);
  node.env = {
    ...node.env,
    LD_PRELOAD: LIBRARY,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  await node.start({ wait: false });
}

/** Code flows that begin at one node and end at the other, by the proxy's turns. */
async function flows(installation, count) {
  const visitor = new Visitor(installation);
  let failed = 0;
  let first;
  for (let flow = 0; flow < count; flow++) {
    try {
      const { access_token: token, refresh_token: refresh } = await visitor.tokens('refresh');
      const userinfo = await visitor.client.request('GET', '/oidc/userinfo', { authorization: `Bearer ${token}` });
      const form = { grant_type: 'refresh_token', refresh_token: refresh };
      const refreshed = await visitor.client.post('/oidc/token', visitor.basic('refresh'), form);
      if (userinfo.status !== 200 || refreshed.status !== 200) throw new Error(`${userinfo.status} ${refreshed.body}`);
    } catch (error) {
      failed++;
      first ??= error.message;
    }
  }
  await visitor.close();
  return { failed, first };
}

/** Whether /readyz comes to say so within so long. */
async function comesTo(url, status, withinS) {
  const deadline = Date.now() + withinS * 1000;
  while (Date.now() < deadline) {
    if ((await statusOf(url)) === status) return true;
    await sleep(200);
  }
  return false;
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D11',
  title: 'The clock of one node is wrong',
  minutes: '2',
  async run(drill) {
    const { missing } = await getProgram('faketime', 'faketime');
    if (missing !== undefined || !existsSync(LIBRARY)) throw new NotRun(missing ?? `${LIBRARY} is not here`);
    const installation = await Installation.start(drill, { nodes: 2, proxy: true });
    const second = installation.nodes[1];
    const file = join(drill.folder, 'clock');
    for (const offset of ['+20s', '-20s']) {
      await startOff(second, file, offset);
      await second.untilReady();
      await sleep(1_500);
      const { failed, first } = await flows(installation, drill.count(FLOWS, 4));
      drill.figure(`${offset}: flows over both nodes that failed`, failed, exactly(0));
      if (first) drill.note(`${offset}: ${first}`);
    }
    for (const offset of ['+600s', '-600s']) {
      await startOff(second, file, offset);
      const refuses = await comesTo(`${second.url}/readyz`, 503, 20);
      drill.figure(`${offset}: the node says that it is not ready`, refuses, exactly(true));
      drill.figure(`${offset}: it lives`, await statusOf(`${second.url}/livez`), exactly(200));
      const { failed } = await flows(installation, drill.count(FLOWS, 4));
      drill.figure(`${offset}: flows through the proxy that failed`, failed, atMost(0));
    }
    await stepBack(drill, installation, file);
  },
};

/** What had run out stays so when the clock goes back under a running node. */
async function stepBack(drill, installation, file) {
  const [, second] = installation.nodes;
  await startOff(second, file, '+0s');
  await second.untilReady();
  const visitor = new Visitor(installation);
  const form = await visitor.code('web');
  await sleep(62_000);
  const direct = new Visitor({ ...installation, issuer: installation.issuer }, 1);
  const before = await direct.client.post('/oidc/token', visitor.basic('web'), form);
  writeFileSync(file, '-25s');
  await sleep(1_000);
  const fresh = await visitor.code('web');
  const after = await visitor.client.post('/oidc/token', visitor.basic('web'), form);
  drill.figure('a code that had run out, before the clock steps back', before.json.error, exactly('invalid_grant'));
  drill.figure('the same code after it', after.json.error, exactly('invalid_grant'));
  const tokens = await visitor.client.post('/oidc/token', visitor.basic('web'), fresh);
  drill.figure('a fresh code afterwards', tokens.status, exactly(200));
  drill.figure('nodes alive', installation.nodes.filter(({ alive }) => alive).length, told());
  await visitor.close();
  await direct.close();
}
