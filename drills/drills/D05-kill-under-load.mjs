// The node is killed at random moments under load and started again; then PostgreSQL is, one backend and the whole server.
import { setTimeout as sleep } from 'node:timers/promises';
import { conclude } from '../lib/conclude.mjs';
import { atMost, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';

const ROUNDS = 20;

async function killNode(drill, installation, load, rounds) {
  const [node] = installation.nodes;
  let slowest = 0;
  for (let round = 0; round < rounds; round++) {
    await sleep(1_000 + Math.random() * 4_000);
    await node.kill();
    const begun = Date.now();
    await node.start();
    slowest = Math.max(slowest, (Date.now() - begun) / 1000);
    drill.say(`kill ${round + 1} of ${rounds}; ${load.seen.length} requests so far`);
  }
  return slowest;
}

/** By the ids that PostgreSQL itself tells. */
async function killBackends(installation) {
  const rows = await installation.postgres.query(
    `SELECT pid FROM pg_stat_activity WHERE datname = 'clinch' AND pid <> pg_backend_pid() LIMIT 1`,
  );
  for (const { pid } of rows) process.kill(pid, 'SIGKILL');
}

async function onDatabase(drill, database) {
  const installation = await Installation.start(drill, { database });
  const load = new MixedLoad(drill, installation);
  await load.start();
  const rounds = drill.count(ROUNDS, 2);
  drill.figure(`${database}: kills of the node`, rounds, told());
  drill.figure(
    `${database}: slowest start of the node`,
    await killNode(drill, installation, load, rounds),
    atMost(5),
    's',
  );
  if (installation.postgres) {
    await sleep(2_000);
    drill.say('one backend of PostgreSQL');
    await killBackends(installation);
    await sleep(5_000);
    drill.say('PostgreSQL');
    await installation.postgres.kill();
    await sleep(3_000);
    await installation.postgres.start();
    await sleep(5_000);
  }
  await conclude(drill, installation, load, { faultsLogged: database === 'pg' });
  for (const node of installation.nodes) await node.stop();
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D05',
  title: 'Killed under load, the node and PostgreSQL',
  minutes: '5',
  async run(drill) {
    for (const database of ['pg', 'sqlite']) {
      if ((drill.wantedDatabase ?? database) === database) await onDatabase(drill, database);
    }
  },
};
