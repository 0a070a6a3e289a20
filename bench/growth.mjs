#!/usr/bin/env node
// What a token request costs in a large installation, as a multiple of what it costs in a small one: two databases in one
// PostgreSQL, a server on each, measured in turn within each round.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { treeCpuMs } from './lib/cpu.mjs';
import { copiedClientId, multiply } from './lib/growth/multiply.mjs';
import { GROWTH_WORKLOADS, poolOf } from './lib/growth/workloads.mjs';
import { machineFacts } from './lib/machine.mjs';
import { freePort } from './lib/ports.mjs';
import { findPostgres, startPostgres } from './lib/postgres.mjs';
import { close } from './lib/processes.mjs';
import { startServer } from './lib/servers.mjs';
import { VirtualUser } from './lib/virtual-user.mjs';
import { makeWorld } from './lib/world.mjs';
import { clinch } from './targets/clinch.mjs';

const AIM = 1.3;
const SMALL = { people: 100, apps: 100, refreshTokens: 100 };
const TEMPLATES = ['web', 'refresh', 'service', 'device'];
const HELP = `node bench/growth.mjs [options]
  --people N          1000000
  --apps N            100000
  --refresh-tokens N  5000000
  --rounds N          5
  --seconds S         of each cell (4)
  --users N           virtual users (4)`;
const say = (line) => console.error(`growth: ${line}`);

function readOptions() {
  const text = { type: /** @type {const} */ ('string') };
  const { values } = parseArgs({
    options: {
      people: text,
      apps: text,
      'refresh-tokens': text,
      rounds: text,
      seconds: text,
      users: text,
      help: { type: 'boolean' },
    },
  });
  const number = (name, fallback) => Number(values[name] ?? fallback);
  return {
    help: values.help ?? false,
    large: {
      people: number('people', 1_000_000),
      apps: number('apps', 100_000),
      refreshTokens: number('refresh-tokens', 5_000_000),
    },
    rounds: number('rounds', 5),
    seconds: number('seconds', 4),
    users: number('users', 4),
  };
}

/** A server on a database of its own that holds so much of everything. */
async function prepare(name, sizes, { postgres, folder }) {
  const target = clinch(name, 'pg');
  const reason = target.unavailable();
  if (reason) throw new Error(reason);
  const names = { createDatabase: () => postgres.createDatabase(name), url: () => postgres.url(name) };
  const launch = await target.prepare({ folder, postgres: names, port: await freePort() });
  const server = { target, launch, log: join(folder, `${name}.log`) };
  await startServer(server, target.readyPath);
  const seed = await target.seed(launch.issuer);
  const world = await makeWorld({ issuer: launch.issuer, seed, users: 1 });
  // The model of all refresh tokens.
  const first = new VirtualUser(0, world);
  await first.codeFlow({ person: first.nextPerson(), app: 'refresh' });
  first.connection.close();
  const began = Date.now();
  const templates = TEMPLATES.map((app) => seed.apps[app].id);
  await multiply(postgres.url(name), sizes, { templates, say: (line) => say(`${name}: ${line}`) });
  say(`${name}: filled in ${Math.round((Date.now() - began) / 1000)} s`);
  return { name, sizes, launch, server, world, url: postgres.url(name) };
}

/** A user whose person and whose apps are any of those that were made. */
async function anyUser(place, index) {
  const { sizes, world } = place;
  const any = (count) => 1 + Math.floor(Math.random() * count);
  const { seed } = world;
  const apps = { ...seed.apps };
  for (const name of TEMPLATES) {
    const { id, secret } = seed.apps[name];
    apps[name] = { id: await copiedClientId(id, any(Math.floor(sizes.apps / TEMPLATES.length))), secret };
  }
  const people = [{ ...seed.people[0], username: `grown${any(sizes.people)}` }];
  return new VirtualUser(index, { ...world, seed: { ...seed, apps, people } });
}

/** One cell: everybody does it again and again for so long. */
async function measure(place, postgres, workload, state, ms) {
  const cpu = () => [treeCpuMs(place.server.child.pid), treeCpuMs(postgres.pid)];
  const times = [];
  const before = cpu();
  const until = performance.now() + ms;
  const loop = async (user) => {
    while (performance.now() < until) {
      const at = performance.now();
      await workload.run(user, state);
      times.push(performance.now() - at);
    }
  };
  await Promise.all(state.users.map(loop));
  const [server, database] = cpu().map((value, at) => (value - before[at]) / times.length);
  times.sort((a, b) => a - b);
  return { operations: times.length, server, database, p50: times[Math.floor(times.length / 2)] };
}

/** Sequential scans of the tables that grow, as PostgreSQL counts them. */
async function scansOf(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT relname, seq_scan::int FROM pg_stat_user_tables WHERE n_live_tup > 10000 ORDER BY relname`,
    );
    return new Map(rows.map(({ relname, seq_scan: scans }) => [relname, scans]));
  } finally {
    await client.end();
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function run(options, folder, keep) {
  const found = findPostgres();
  if ('missing' in found) throw new Error(found.missing);
  const postgres = await startPostgres(found.bin, folder, (stop) => {
    keep.stop = stop;
  });
  const small = await prepare('small', SMALL, { postgres, folder });
  const large = await prepare('large', options.large, { postgres, folder });
  const places = [small, large];
  const cells = [];
  const scansBefore = await scansOf(large.url);
  for (const [name, workload] of Object.entries(GROWTH_WORKLOADS)) {
    const states = new Map();
    for (const place of places) {
      const users = await Promise.all(Array.from({ length: options.users }, (_, index) => anyUser(place, index)));
      for (const user of users) await workload.prepare?.(user);
      const state = { users, pool: await poolOf(workload, place, users, TEMPLATES.length) };
      states.set(place, state);
      await measure(place, postgres, workload, state, 3_000);
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const place of round % 2 === 0 ? places : places.toReversed()) {
        const cell = await measure(place, postgres, workload, states.get(place), options.seconds * 1000);
        cells.push({ workload: name, round, place: place.name, ...cell });
      }
    }
    for (const { users } of states.values()) for (const user of users) user.connection.close();
    say(`${name} measured`);
  }
  const scansAfter = await scansOf(large.url);
  const scans = [...scansAfter].map(([table, count]) => [table, count - (scansBefore.get(table) ?? 0)]);
  return { cells, scans: scans.filter(([, count]) => count > 0), machine: machineFacts(postgres.version) };
}

function report(options, { cells, scans, machine }) {
  const of = (workload, place) => cells.filter((cell) => cell.workload === workload && cell.place === place);
  let missed = false;
  const lines = Object.keys(GROWTH_WORKLOADS).map((workload) => {
    const [small, large] = ['small', 'large'].map((place) => of(workload, place));
    const cost = (cell) => cell.server + cell.database;
    const ratio = median(small.map((cell, round) => cost(large[round]) / cost(cell)));
    const slower = median(small.map((cell, round) => large[round].p50 / cell.p50));
    const judged = GROWTH_WORKLOADS[workload].judged !== false;
    if (judged && ratio > AIM) missed = true;
    const verdict = ratio <= AIM ? 'met' : judged ? '**missed**' : 'not judged';
    const show = (list) =>
      `${median(list.map(({ server }) => server)).toFixed(2)} + ${median(list.map(({ database }) => database)).toFixed(2)}`;
    return `| ${workload} | ${show(small)} | ${show(large)} | ${ratio.toFixed(2)} | ${slower.toFixed(2)} | ${verdict} |`;
  });
  const { people, apps, refreshTokens } = options.large;
  console.log(`# Growth, ${new Date().toISOString()}

${machine.cores} cores (${machine.cpu}), Node ${machine.node}, PostgreSQL ${machine.postgres}, load average ${loadavg()[0].toFixed(1)}
${people} people, ${apps} apps, ${refreshTokens} refresh tokens beside a hundred of each; ${options.rounds} rounds of ${options.seconds} s, ${options.users} users

| workload | small: CPU ms, server + database | large | cost × | p50 × | aim ≤ ${AIM} |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

- tables that were read in full meanwhile: ${scans.map(([table, count]) => `${table} ${count} times`).join(', ') || 'none'}
`);
  return missed ? 1 : 0;
}

const options = readOptions();
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'clinch-growth-'));
/** @type {{stop?: () => void}} */
const keep = {};
async function cleanUp() {
  await close();
  try {
    keep.stop?.();
  } catch (error) {
    say(error.message);
  }
  rmSync(folder, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
}
try {
  process.exitCode = report(options, await run(options, folder, keep));
} catch (error) {
  say(error.stack);
  process.exitCode = 1;
} finally {
  await cleanUp();
}
