#!/usr/bin/env node
// The purge drill: a million rows fall due at once beside live ones, while tokens are asked for without a break.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `node bench/purge.mjs [options]
  --database D   pg or sqlite (pg)
  --nodes N      Clinch processes on one database, pg only (1)
  --expired N    rows that fall due (1000000)
  --live N       rows that do not (100000)
  --users N      client_credentials requests in flight (4)
  --baseline S   seconds of requests before the rows fall due (30)
  --lead S       seconds that filling the database may take (120)`;

/** What must not be missed: seconds until all are gone, and milliseconds by which the worst request may grow. */
const AIM = { seconds: 300, extraMs: 200 };
const GIVE_UP_S = 900;
/** Seconds of requests that do not count: code gets compiled, and the purge tidies once after its start. */
const WARM_UP_S = 50;
const here = dirname(fileURLToPath(import.meta.url));
const say = (text) => console.error(`purge drill: ${text}`);

function readOptions() {
  const text = { type: /** @type {const} */ ('string') };
  const { values } = parseArgs({
    options: {
      database: text,
      nodes: text,
      expired: text,
      live: text,
      users: text,
      baseline: text,
      lead: text,
      help: { type: 'boolean' },
    },
  });
  const number = (name, fallback) => Number(values[name] ?? fallback);
  return {
    help: values.help ?? false,
    database: values.database ?? 'pg',
    nodes: number('nodes', 1),
    expired: number('expired', 1_000_000),
    live: number('live', 100_000),
    users: number('users', 4),
    baseline: number('baseline', 30),
    lead: number('lead', 120),
  };
}

const options = readOptions();
const faulty =
  !['pg', 'sqlite'].includes(options.database) ||
  Object.values(options).some((value) => typeof value === 'number' && !(value > 0)) ||
  (options.database === 'sqlite' && options.nodes > 1);
if (options.help || faulty) {
  console.log(HELP);
  process.exit(options.help ? 0 : 2);
}
if (!existsSync(join(here, 'node_modules', 'pg', 'package.json'))) {
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) process.exit(1);
}
const { openPostgres, openSqlite } = await import('./lib/purge/databases.mjs');
const { latencies, startLoad } = await import('./lib/purge/load.mjs');
const { KINDS, portions } = await import('./lib/purge/rows.mjs');
const { machineFacts } = await import('./lib/machine.mjs');
const { freePort } = await import('./lib/ports.mjs');
const { findPostgres, startPostgres } = await import('./lib/postgres.mjs');
const { close } = await import('./lib/processes.mjs');
const { startServer, stopServer } = await import('./lib/servers.mjs');
const { clinch } = await import('./targets/clinch.mjs');

/** Starts what is needed and makes the tables, the app and the people. */
async function prepare(folder, keep) {
  const target = clinch('clinch', options.database);
  const reason = target.unavailable();
  if (reason) throw new Error(reason);
  let postgres;
  if (options.database === 'pg') {
    const found = findPostgres();
    if ('missing' in found) throw new Error(found.missing);
    postgres = await startPostgres(found.bin, folder, (stop) => {
      keep.stopPostgres = stop;
    });
  }
  const launch = await target.prepare({ folder, postgres, port: await freePort() });
  // Each round of the purge says in the log what it has done, and when.
  launch.env.CLINCH_LOG_LEVEL = 'info';
  const server = { target, launch, log: join(folder, 'clinch-1.log') };
  await startServer(server, target.readyPath);
  server.seed = await target.seed(launch.issuer);
  await stopServer(server);
  const database =
    options.database === 'pg'
      ? await openPostgres(postgres.url('clinch'))
      : await openSqlite(join(folder, 'clinch.db'));
  return { server, postgres, database };
}

/** Further nodes on the same database, which nobody asks anything: they purge. */
async function otherNodes(server, folder) {
  const nodes = [];
  for (let index = 2; index <= options.nodes; index++) {
    const port = await freePort();
    const issuer = `http://127.0.0.1:${port}`;
    const launch = { ...server.launch, issuer, env: { ...server.launch.env, PORT: String(port) } };
    nodes.push({ ...server, launch, log: join(folder, `clinch-${index}.log`) });
  }
  return nodes;
}

/** The rounds that deleted something, off the log: when they began and ended, and how many rows went. */
function roundsOf(logs) {
  return logs
    .flatMap((log) => readFileSync(log, 'utf8').split('\n'))
    .filter((line) => line.includes('"kind":"purge"'))
    .map((line) => JSON.parse(line))
    .map(({ time, ms, deleted, level, err }) => {
      if (level > 30) throw new Error(`the purge failed: ${err?.message}`);
      return { from: time - ms, to: time, rows: Object.values(deleted).reduce((sum, rows) => sum + rows, 0) };
    });
}

/** Rows past due, as Clinch counts them itself. */
async function pastDue(issuer) {
  const text = await (await fetch(`${issuer}/metrics`)).text();
  const found = text.split('\n').filter((line) => line.startsWith('clinch_rows_past_due{'));
  if (found.length !== KINDS.length) throw new Error('the metric clinch_rows_past_due is not what it should be');
  return found.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
}

async function untilNothingIsDue(issuer) {
  const deadline = Date.now() + GIVE_UP_S * 1000;
  for (;;) {
    const due = await pastDue(issuer);
    if (due === 0) return;
    if (Date.now() > deadline) throw new Error(`after ${GIVE_UP_S} s ${due} rows are still there`);
    await sleep(5_000);
  }
}

async function drill(folder, keep) {
  const { server, postgres, database } = await prepare(folder, keep);
  const { issuer, env } = server.launch;
  const machine = machineFacts(postgres?.version);
  const dueAt = Date.now() + (options.lead + WARM_UP_S + options.baseline) * 1000;
  say(`filling the database with ${options.expired} + ${options.live} rows`);
  const kinds = portions(options.expired);
  const live = Math.round(options.live / KINDS.length);
  await database.fill({ kinds, live, dueAt, liveUntil: dueAt + 90 * 86_400_000 });
  const spare = dueAt - (WARM_UP_S + options.baseline) * 1000 - Date.now();
  if (spare < 0) throw new Error(`filling took ${Math.ceil(-spare / 1000)} s too long; give more with --lead`);
  const before = await database.look();
  await sleep(spare);
  const nodes = [server, ...(await otherNodes(server, folder))];
  for (const node of nodes) await startServer(node, node.target.readyPath);
  const operator = { id: env.CLINCH_ADMIN_CLIENT_ID, secret: env.CLINCH_ADMIN_CLIENT_SECRET };
  const load = await startLoad({ issuer, seed: server.seed, operator, users: options.users });
  await sleep(dueAt + 2_000 - Date.now());
  say(`requests run; ${await pastDue(issuer)} rows or more are due now`);
  const busy = loadavg()[0];
  await untilNothingIsDue(issuer);
  const gone = Date.now();
  await sleep(1_500);
  await load.stop();
  await Promise.all(nodes.map(stopServer));
  const after = await database.look();
  await database.close();
  return { machine, dueAt, gone, busy, before, after, load, rounds: roundsOf(nodes.map(({ log }) => log)) };
}

function report({ machine, dueAt, gone, busy, before, after, load, rounds }) {
  const its = rounds.filter(({ to }) => to > dueAt);
  const [begun, ended] = [Math.min(...its.map(({ from }) => from)), Math.max(...its.map(({ to }) => to))];
  const rows = its.reduce((sum, round) => sum + round.rows, 0);
  const seconds = (ended - dueAt) / 1000;
  const window = [dueAt - options.baseline * 1000, dueAt];
  const sets = [
    ['client_credentials, before', load.tokens, ...window],
    ['client_credentials, during the purge', load.tokens, begun, ended],
    ['code flow, before', load.codes, ...window],
    ['code flow, during the purge', load.codes, begun, ended],
  ].map(([name, samples, from, to]) => [name, latencies(samples, from, to)]);
  const extra = sets[1][1].worst - sets[0][1].worst;
  const extraOfCodes = sets[3][1].worst - sets[2][1].worst;
  const untouched = before.live === after.live;
  const verdict = (met) => (met ? 'met' : '**missed**');
  const ms = (value) => value.toFixed(1);
  console.log(`# Purge drill, ${new Date(dueAt).toISOString()}

${machine.cores} cores (${machine.cpu}), Node ${machine.node}, ${machine.postgres ? `PostgreSQL ${machine.postgres}` : 'SQLite'}, ${options.nodes} node(s), load average ${busy.toFixed(1)} as the rows fell due

- rows that fell due: ${before.due}; left: ${after.due}; deleted by the purge: ${rows} in ${its.length} rounds
- all gone ${seconds.toFixed(0)} s after they fell due, ${((ended - begun) / 1000).toFixed(0)} s after the purge began (${Math.round(rows / ((ended - begun) / 1000))}/s); aim < ${AIM.seconds} s: ${verdict(seconds < AIM.seconds)}
- \`clinch_rows_past_due\` fell to 0, seen ${((gone - dueAt) / 1000).toFixed(0)} s after they fell due, by a scrape every 5 s
- live rows untouched: ${verdict(untouched)}
- worst request ${ms(extra)} ms longer than before (code flow: ${ms(extraOfCodes)} ms); aim < ${AIM.extraMs} ms: ${verdict(Math.max(extra, extraOfCodes) < AIM.extraMs)}
- requests that failed: ${load.errors.length}${load.errors.length ? ` (${[...new Set(load.errors)].slice(0, 3).join(' · ')})` : ''}
- tables and their indexes: ${before.mb.toFixed(0)} MB before, ${after.mb.toFixed(0)} MB after

| | requests | per s | p50 ms | p99 ms | p99.9 ms | worst ms |
| --- | --- | --- | --- | --- | --- | --- |
${sets.map(([name, s]) => `| ${name} | ${s.count} | ${s.perSecond.toFixed(0)} | ${[s.p50, s.p99, s.p999, s.worst].map(ms).join(' | ')} |`).join('\n')}
`);
  return after.due === 0 && untouched && load.errors.length === 0 && seconds < AIM.seconds ? 0 : 1;
}

const folder = mkdtempSync(join(tmpdir(), 'clinch-purge-'));
const keep = {};
async function cleanUp() {
  await close();
  try {
    keep.stopPostgres?.();
  } catch (error) {
    say(error.message);
  }
  rmSync(folder, { recursive: true, force: true });
}
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (interrupted) return;
    interrupted = true;
    void cleanUp().finally(() => process.exit(130));
  });
}
try {
  process.exitCode = report(await drill(folder, keep));
} catch (error) {
  if (interrupted) await new Promise(() => {});
  say(error.stack);
  process.exitCode = 1;
} finally {
  if (!interrupted) await cleanUp();
}
