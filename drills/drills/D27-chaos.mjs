// Half an hour of all that can go wrong, one after the other, in an order that a printed seed gives again.
import { setTimeout as sleep } from 'node:timers/promises';
import { conclude, firstSuccess } from '../lib/conclude.mjs';
import { atMost, exactly, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';
import { rssMb } from '../../bench/lib/cpu.mjs';

const MINUTES = 30;
const EVERY_S = 60;

/** Numbers from 0 to 1 that come again with the seed (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FAULTS = {
  async 'kill a node'({ nodes }, random) {
    const node = nodes[random() < 0.5 ? 0 : 1];
    await node.kill();
    await sleep(2_000);
    await node.start();
  },
  async 'end a node'({ nodes }, random) {
    const node = nodes[random() < 0.5 ? 0 : 1];
    await node.stop();
    await node.start();
  },
  async 'restart PostgreSQL'({ postgres }, random) {
    await postgres.stop(random() < 0.5 ? 'fast' : 'immediate');
    await postgres.start();
  },
  async 'take PostgreSQL away for 5 s'({ postgres }) {
    await postgres.stop('fast');
    await sleep(5_000);
    await postgres.start();
  },
  async 'kill PostgreSQL’s connections'({ postgres }) {
    await postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'clinch'`, 'postgres');
  },
  async 'vacuum everything'({ postgres }) {
    await postgres.query('VACUUM FULL refresh_tokens');
  },
};

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D27',
  title: 'Chaos: one fault a minute',
  minutes: '33',
  async run(drill) {
    const seed = Number(process.env.DRILLS_SEED ?? Math.floor(Math.random() * 2 ** 31));
    drill.note(`DRILLS_SEED=${seed}`);
    const random = randomFrom(seed);
    const installation = await Installation.start(drill, { nodes: 2, proxy: true });
    const load = new MixedLoad(drill, installation);
    await load.start();
    const memoryBefore = Math.max(...installation.nodes.map(({ child }) => rssMb(child.pid)));
    const names = Object.keys(FAULTS);
    const faults = Math.max(3, Math.round((drill.scale * MINUTES * 60) / EVERY_S));
    let slowest = 0;
    for (let fault = 0; fault < faults; fault++) {
      const name = names[Math.floor(random() * names.length)];
      drill.say(`${fault + 1} of ${faults}: ${name}; ${load.seen.length} requests so far`);
      await FAULTS[name](installation, random);
      const recovered = await firstSuccess(load, Date.now(), /\/oidc\/token/);
      slowest = Math.max(slowest, recovered);
      await sleep(Math.min(EVERY_S, 20 + 40 * drill.scale) * 1000);
    }
    const memoryAfter = Math.max(...installation.nodes.map(({ child }) => rssMb(child.pid)));
    drill.figure('faults', faults, told());
    drill.figure('slowest first token after a fault', slowest, atMost(10), 's');
    drill.figure('memory of a node, before', memoryBefore, told(), 'MB');
    drill.figure('memory of a node, after', memoryAfter, atMost(Math.max(300, 1.5 * memoryBefore)), 'MB');
    drill.figure('nodes alive', installation.nodes.filter(({ alive }) => alive).length, exactly(2));
    await conclude(drill, installation, load, { faultsLogged: true });
    const other = load.errors().filter(({ status }) => ![0, 502, 503, 504].includes(status)).length;
    drill.figure('errors of our own other than 503', other, exactly(0));
  },
};
