// Two nodes behind a proxy, one of them killed every 20 s, for five minutes of mixed load.
import { setTimeout as sleep } from 'node:timers/promises';
import { conclude } from '../lib/conclude.mjs';
import { atMost, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';

const MINUTES = 5;
const EVERY_S = 20;
const DOWN_S = 3;

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D28',
  title: 'Two nodes, one killed every 20 s under mixed load',
  minutes: '8',
  async run(drill) {
    const installation = await Installation.start(drill, { nodes: 2, proxy: true });
    const load = new MixedLoad(drill, installation);
    await load.start();
    const kills = Math.max(2, Math.round((drill.scale * MINUTES * 60) / EVERY_S));
    let readyAgain = 0;
    for (let kill = 0; kill < kills; kill++) {
      const next = Date.now() + EVERY_S * 1000;
      const node = installation.nodes[kill % 2];
      drill.say(`kill ${kill + 1} of ${kills}: node ${node.name}; ${load.seen.length} requests so far`);
      await node.kill();
      await sleep(DOWN_S * 1000);
      const begun = Date.now();
      await node.start();
      readyAgain = Math.max(readyAgain, (Date.now() - begun) / 1000);
      await sleep(Math.max(0, next - Date.now()));
    }
    drill.figure('kills', kills, told());
    drill.figure('slowest start of a node', readyAgain, told(), 's');
    await conclude(drill, installation, load);
    const seconds = (load.endedAt - load.begunAt) / 1000;
    drill.figure('requests a second', load.seen.length / seconds, told());
    drill.figure('error rate', (100 * load.errors().length) / load.seen.length, atMost(0.5), '%');
  },
};
