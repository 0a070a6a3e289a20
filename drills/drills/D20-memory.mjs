// A million tokens, none of whose inputs comes twice: what is kept per request would show.
import { randomBytes } from 'node:crypto';
import { basicOf } from '../../bench/lib/virtual-user.mjs';
import { makeUsers } from '../../bench/lib/world.mjs';
import { freePort } from '../../bench/lib/ports.mjs';
import { atMost, exactly, told } from '../lib/drill.mjs';
import { memoryAtRest, openInspector } from '../lib/inspector.mjs';
import { Installation } from '../lib/installation.mjs';

const TOKENS = 1_000_000;
const FIRST = 100_000;
const USERS = 8;
const FORM = 'content-type: application/x-www-form-urlencoded\r\n';
const MAX_GROWTH = 1.1;

/** Of twenty tokens one is by a code, one by a refresh, the others by client credentials; and one request is a stranger's. */
function workOf(user, installation) {
  const { connection, world } = user;
  const service = `${FORM}authorization: ${basicOf(world.seed.apps.service)}\r\n`;
  const post = async (fields, body, wanted) => {
    const { status } = await connection.request('POST', '/oidc/token', fields, new URLSearchParams(body).toString());
    if (status !== wanted) throw new Error(`the token endpoint answered ${status}`);
  };
  const random = () => randomBytes(12).toString('base64url');
  const stranger = () => {
    const basic = `authorization: ${basicOf({ id: `nobody-${random()}`, secret: random() })}\r\n`;
    return post(FORM + basic, { grant_type: 'client_credentials', ui_locales: random() }, 401);
  };
  return async (index) => {
    if (index % 20 === 0) {
      await stranger();
      const { refresh_token: token } = await user.codeFlow({ app: 'refresh' });
      await user.tokens('refresh', { grant_type: 'refresh_token', refresh_token: token });
      return 2;
    }
    const resource = world.api.resource;
    await post(service, { grant_type: 'client_credentials', resource, scope: world.api.scope, x: random() }, 200);
    return 1;
  };
}

async function issue(works, wanted) {
  let issued = 0;
  let turn = 0;
  const errors = [];
  const one = async (work) => {
    while (issued < wanted) {
      try {
        const tokens = await work(turn++);
        issued += tokens;
      } catch (error) {
        errors.push(error.message);
        if (errors.length > 1000) throw new Error(`too many failures: ${error.message}`, { cause: error });
      }
    }
  };
  await Promise.all(works.map(one));
  return { issued, errors };
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D20',
  title: 'Memory over a million tokens',
  minutes: '30',
  async run(drill) {
    const installation = await Installation.start(drill, { database: drill.wantedDatabase ?? 'pg' });
    const [node] = installation.nodes;
    await node.stop();
    const port = await freePort();
    node.options = ['--max-old-space-size=512', `--inspect=127.0.0.1:${port}`];
    await node.start();
    const inspector = await openInspector(port);
    drill.onEnd(() => inspector.close());
    const { API } = await import('../../bench/lib/settings.mjs');
    const world = Object.assign(await installation.world(USERS), { api: API });
    const users = makeUsers(world);
    for (const user of users) await user.codeFlow({ person: user.nextPerson(), app: 'refresh' });
    const works = users.map((user) => workOf(user, installation));

    const step = drill.count(FIRST, 1_000);
    const steps = Math.round(TOKENS / FIRST);
    const errors = [];
    const readings = [];
    const begun = Date.now();
    let issued = 0;
    for (let at = 1; at <= steps; at++) {
      const done = await issue(works, step);
      issued += done.issued;
      errors.push(...done.errors);
      const memory = await memoryAtRest(inspector, node.child.pid);
      readings.push(memory);
      const seconds = (Date.now() - begun) / 1000;
      drill.say(
        `${issued} tokens, ${seconds.toFixed(0)} s: RSS ${memory.rssMb.toFixed(1)} MB, heap ${memory.heapMb.toFixed(1)} MB, external ${memory.externalMb.toFixed(1)} MB`,
      );
    }
    for (const user of users) user.connection.close();
    const [first, last] = [readings[0], readings.at(-1)];
    const perToken = ((last.heapMb - first.heapMb) * 2 ** 20) / (issued - step);
    drill.figure('tokens issued', issued, told());
    drill.figure('requests that failed', errors.length, exactly(0));
    if (errors.length > 0) drill.note([...new Set(errors)].slice(0, 3).join(' · '));
    drill.figure(`memory at rest after ${step} tokens`, first.rssMb, told(), 'MB');
    drill.figure(`memory at rest after ${issued} tokens`, last.rssMb, atMost(first.rssMb * MAX_GROWTH), 'MB');
    drill.figure('heap that each further token left', perToken, atMost(5), 'bytes');
    drill.note(`at rest, MB of RSS: ${readings.map(({ rssMb }) => rssMb.toFixed(0)).join(' ')}`);
    drill.note(`at rest, MB of heap: ${readings.map(({ heapMb }) => heapMb.toFixed(1)).join(' ')}`);
  },
};
