// PostgreSQL that is cut off, locked, read-only, or has no connections to give.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { answersWithin, conclude, firstSuccess } from '../lib/conclude.mjs';
import { atMost, exactly } from '../lib/drill.mjs';
import { Installation, statusOf } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';

const FAULT_S = 20;

/** The proxy before PostgreSQL is stopped where it stands: connections stay, nothing passes. */
async function cutOff({ databaseProxy }) {
  process.kill(databaseProxy.pid, 'SIGSTOP');
  return () => process.kill(databaseProxy.pid, 'SIGCONT');
}

async function lock({ postgres }) {
  const client = new pg.Client({ connectionString: postgres.url() });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE refresh_tokens IN ACCESS EXCLUSIVE MODE');
  return () => client.end();
}

async function readOnly({ postgres }) {
  const set = async (value) => {
    await postgres.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`, 'postgres');
    await postgres.query('SELECT pg_reload_conf()', 'postgres');
  };
  await set('on');
  // A session that is read-only may say for itself that it is not.
  return async () => {
    const client = new pg.Client({ connectionString: postgres.url('postgres') });
    await client.connect();
    await client.query('SET default_transaction_read_only = off');
    await client.query('ALTER SYSTEM RESET default_transaction_read_only');
    await client.query('SELECT pg_reload_conf()');
    await client.end();
  };
}

/** Others have taken what there is: the pool's connections are ended, and new ones are refused. */
async function noConnections({ postgres }) {
  await postgres.query('ALTER DATABASE clinch CONNECTION LIMIT 0', 'postgres');
  // The drill's user is a superuser, for whom no limit counts.
  await postgres.query('ALTER DATABASE clinch ALLOW_CONNECTIONS false', 'postgres');
  await postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'clinch'`, 'postgres');
  return () => postgres.query('ALTER DATABASE clinch ALLOW_CONNECTIONS true', 'postgres');
}

const FAULTS = { 'cut off': cutOff, 'a table locked': lock, 'read-only': readOnly, 'no connections': noConnections };

async function suffer(drill, installation, load, name, fault) {
  drill.say(name);
  const [node] = installation.nodes;
  const begun = Date.now();
  const undo = await fault(installation);
  let dead = 0;
  while (Date.now() < begun + drill.seconds(FAULT_S, 8) * 1000) {
    if ((await statusOf(`${node.url}/livez`, 1_000)) !== 200) dead++;
    await sleep(500);
  }
  const undone = Date.now();
  await undo();
  const recovered = await firstSuccess(load, undone, /\/oidc\/token/);
  const within = answersWithin(load, begun, undone + recovered * 1000);
  drill.figure(`${name}: errors other than 503`, within.otherErrors, exactly(0));
  drill.figure(`${name}: 503 without Retry-After`, within.notWithRetryAfter, exactly(0));
  drill.figure(`${name}: requests without an answer`, within.noAnswer, exactly(0));
  drill.figure(`${name}: slowest answer`, within.slowest, atMost(6), 's');
  drill.figure(`${name}: /livez other than 200 within 1 s`, dead, exactly(0));
  drill.figure(`${name}: first token after it was over`, recovered, atMost(5), 's');
  await sleep(4_000);
}

const connectionsOf = async (postgres) =>
  (await postgres.query(`SELECT COUNT(*)::int AS n FROM pg_stat_activity WHERE datname = 'clinch'`, 'postgres'))[0].n;

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D08',
  title: 'PostgreSQL cut off, locked, read-only, without connections',
  minutes: '3',
  async run(drill) {
    const installation = await Installation.start(drill, { databaseProxy: true });
    const load = new MixedLoad(drill, installation, { actors: 12, pauseMs: 50 });
    await load.start();
    await sleep(3_000);
    const before = await connectionsOf(installation.postgres);
    for (const [name, fault] of Object.entries(FAULTS)) await suffer(drill, installation, load, name, fault);
    await conclude(drill, installation, load, { faultsLogged: true });
    drill.figure('the process lives', installation.nodes[0].alive, exactly(true));
    const after = await connectionsOf(installation.postgres);
    drill.figure('connections to the database, at the end', after, atMost(Math.max(before, 10) + 2));
  },
};
