// Each node is asked to end in turn, ten times, behind a proxy that looks at /readyz: nobody may notice.
import { setTimeout as sleep } from 'node:timers/promises';
import { conclude } from '../lib/conclude.mjs';
import { atLeast, atMost, exactly } from '../lib/drill.mjs';
import { Installation, statusOf } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';

const TIMES = 10;

/** Ends a node with SIGTERM. Gives for how long /readyz said so before nobody listened any more. */
async function drain(node) {
  const begun = Date.now();
  const exited = node.stop();
  let toldAt;
  let closedAt;
  while (closedAt === undefined) {
    const status = await statusOf(`${node.url}/readyz`, 1_000);
    if (status === 503) toldAt ??= Date.now();
    if (status === 0 || node.child.ended()) closedAt = Date.now();
    await sleep(50);
  }
  const { code, signal } = await exited;
  return {
    told: toldAt === undefined ? 0 : (closedAt - toldAt) / 1000,
    took: (Date.now() - begun) / 1000,
    clean: code === 0 && signal === null,
  };
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D19',
  title: 'Asked to end under load, behind a proxy',
  minutes: '4',
  async run(drill) {
    const installation = await Installation.start(drill, { nodes: 2, proxy: true });
    const load = new MixedLoad(drill, installation);
    await load.start();
    const drains = [];
    const times = drill.count(TIMES, 2);
    for (let time = 0; time < times; time++) {
      const node = installation.nodes[time % 2];
      drains.push(await drain(node));
      await node.start();
      await sleep(2_000);
      drill.say(`${time + 1} of ${times}: ${load.seen.length} requests, ${load.errors().length} errors`);
    }
    const least = Math.min(...drains.map(({ told }) => told));
    const longest = Math.max(...drains.map(({ took }) => took));
    await conclude(drill, installation, load);
    drill.figure('requests that failed at the proxy', load.errors().length, exactly(0));
    drill.figure('seconds that /readyz says 503 before the listener closes', least, atLeast(4), 's');
    drill.figure('exits with another code than 0', drains.filter(({ clean }) => !clean).length, exactly(0));
    drill.figure('longest exit', longest, atMost(30), 's');
  },
};
