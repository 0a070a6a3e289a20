// Two hundred wrong passwords a second, from everywhere, and assertions that are far too long: tokens go on.
import { setTimeout as sleep } from 'node:timers/promises';
import { formsOf } from '../../bench/lib/html.mjs';
import { freePort } from '../../bench/lib/ports.mjs';
import { atLeast, atMost, exactly, told } from '../lib/drill.mjs';
import { openInspector } from '../lib/inspector.mjs';
import { Installation } from '../lib/installation.mjs';
import { Outcomes } from '../lib/race.mjs';
import { startSteady } from '../lib/steady.mjs';
import { Visitor } from '../lib/visitor.mjs';

const TRIES_PER_SECOND = 200;
const FLOOD_S = 30;
const CONNECTIONS = 100;
const EIGHT_MB = 8 << 20;

const anyAddress = () => `198.51.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`;

/** The sign-in page, ready to be sent with a wrong password for somebody. */
async function signInForm(visitor) {
  let url = visitor.request('web', 'x'.repeat(43));
  let answer = await visitor.browser.open(url);
  while (answer.status >= 300 && answer.status < 400) {
    url = new URL(answer.headers.location, url);
    answer = await visitor.browser.open(url);
  }
  const form = formsOf(answer.body).find(({ names }) => names.has('password'));
  return { action: new URL(form.action || url, url), hidden: form.hidden };
}

async function flood(drill, visitor, form, seconds) {
  const outcomes = new Outcomes();
  const waiting = new Set();
  const until = Date.now() + seconds * 1000;
  let tries = 0;
  while (Date.now() < until) {
    const fields = new URLSearchParams(form.hidden);
    fields.set('username', `person${tries++ % 12}`);
    fields.set('password', `wrong-${tries}`);
    const sent = visitor.browser.open(form.action, fields).then(
      (answer) => outcomes.add({ status: answer.status }),
      () => outcomes.add({ status: 0 }),
    );
    waiting.add(sent);
    void sent.then(() => waiting.delete(sent));
    await sleep(1000 / TRIES_PER_SECOND);
  }
  await Promise.all(waiting);
  drill.figure('wrong passwords sent', tries, told());
  drill.note(`answered: ${outcomes}`);
  return outcomes;
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D26',
  title: 'Passwords and assertions that cost time',
  minutes: '2',
  async run(drill) {
    const installation = await Installation.start(drill, { env: { CLINCH_TRUST_PROXY: '127.0.0.1' } });
    const [node] = installation.nodes;
    await node.stop();
    const port = await freePort();
    node.options = [`--inspect=127.0.0.1:${port}`];
    await node.start();
    const inspector = await openInspector(port);
    drill.onEnd(() => inspector.close());
    const visitor = new Visitor(installation);
    const crowd = new Visitor(installation, 0, CONNECTIONS);
    const form = await signInForm(crowd);
    crowd.client.besides = () => ({ 'x-forwarded-for': anyAddress() });
    const steady = startSteady(installation);
    await sleep(8_000);
    const calmFrom = Date.now();
    await sleep(8_000);
    const from = Date.now();
    await inspector.evaluate(
      `globalThis.lag = process.getBuiltinModule('perf_hooks').monitorEventLoopDelay({ resolution: 5 }); lag.enable()`,
    );
    const outcomes = await flood(drill, crowd, form, drill.seconds(FLOOD_S));
    const to = Date.now();
    const lag = (await inspector.evaluate('lag.percentile(99)')) / 1e6;
    const bomb = await visitor.client.post('/oidc/token', undefined, {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'a'.repeat(EIGHT_MB),
    });
    const [calm, flooded] = [steady.within(calmFrom, from), steady.within(from, to)];
    await steady.stop();
    const refused = outcomes.of('429') + outcomes.of('503');
    drill.figure('of them told to come again (429, 503)', refused, atLeast(1));
    drill.figure('other answers of 500 or more', outcomes.faults - outcomes.of('503'), exactly(0));
    drill.figure('an assertion of 8 MB is answered with', bomb.status, exactly(413));
    drill.figure('tokens meanwhile that failed', flooded.failed, exactly(0));
    drill.figure('p99 of tokens before', calm.p99, told(), 'ms');
    drill.figure('p99 of tokens meanwhile', flooded.p99, atMost(100), 'ms');
    drill.figure('p99 of the event loop’s lag', lag, atMost(50), 'ms');
    await Promise.all([visitor.close(), crowd.close()]);
  },
};
