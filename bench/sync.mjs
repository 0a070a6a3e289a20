#!/usr/bin/env node
// The sync drill: a whole organisation is read from the simulated DingTalk, which takes 20 calls a second of each kind;
// then once more, when nothing has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { peakRssMb, rssMb, treeCpuMs } from './lib/cpu.mjs';
import { machineFacts } from './lib/machine.mjs';
import { freePort } from './lib/ports.mjs';
import { findPostgres, startPostgres } from './lib/postgres.mjs';
import { close, startNode } from './lib/processes.mjs';
import { startServer, stopServer } from './lib/servers.mjs';
import { clinch } from './targets/clinch.mjs';

const HELP = `node bench/sync.mjs [options]
  --database D     pg or sqlite (sqlite)
  --people N       (50000)
  --departments N  (1000)
  --grace S        seconds beyond the floor and its fifth that are not held against it (2)`;

/** What must not be missed: how much longer than the pace allows, and MB of the server's memory. */
const AIM = { factor: 1.2, mb: 400 };
/** Calls of one kind that DingTalk takes in a second. */
const PER_SECOND = 20;
const GIVE_UP_S = 1_200;
const SOURCE = 'acme';
const TABLES = ['accounts', 'federated_identities', 'departments', 'directory_roles'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const say = (text) => console.error(`sync drill: ${text}`);
const built = (path) => import(pathToFileURL(join(root, 'dist', 'src', path)).href);

function readOptions() {
  const text = { type: /** @type {const} */ ('string') };
  const { values } = parseArgs({
    options: { database: text, people: text, departments: text, grace: text, help: { type: 'boolean' } },
  });
  return {
    help: values.help ?? false,
    database: values.database ?? 'sqlite',
    people: Number(values.people ?? 50_000),
    departments: Number(values.departments ?? 1_000),
    grace: Number(values.grace ?? 2),
  };
}

/** A DingTalk in a process of its own. */
async function startSimulator(folder, { people, departments }) {
  const port = await freePort();
  const app = { clientId: 'dingclinchbench', clientSecret: 'only-for-the-bench' };
  startNode(['dist/src/dingtalk-simulator/main.js', '--people', String(people), '--departments', String(departments)], {
    cwd: root,
    env: { PORT: String(port), CLIENT_ID: app.clientId, CLIENT_SECRET: app.clientSecret },
    log: join(folder, 'dingtalk.log'),
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 600; tries++) {
    const answer = await fetch(`${url}/simulator/faults`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return { url, ...app };
    await sleep(100);
  }
  throw new Error('the simulator does not answer');
}

/** Puts the source into the database, sealed as the server seals it. */
async function putSource(env, simulator) {
  const [{ createApp }, { ClinchConfig }, { IdentitySourceEntity }, { sealPlace }, { Keyring }] = await Promise.all([
    built('app.setup.js'),
    built('config/clinch-config.js'),
    built('dingtalk/source/identity-source.entity.js'),
    built('dingtalk/source/identity-source.js'),
    built('keyring/keyring.js'),
  ]);
  const { DataSource } = require(join(root, 'node_modules', 'typeorm'));
  const config = ClinchConfig.fromEnvironment({ ...env, CLINCH_LOG_LEVEL: 'silent' });
  const app = await createApp(config);
  try {
    const now = new Date();
    await app
      .get(DataSource)
      .getRepository(IdentitySourceEntity)
      .insert({
        id: SOURCE,
        name: 'Acme',
        enabled: true,
        corpId: 'dingcorp0001',
        clientId: simulator.clientId,
        clientSecret: app.get(Keyring).seal(sealPlace(SOURCE, 'clientSecret'), simulator.clientSecret),
        callbackToken: null,
        callbackAesKey: null,
        callbackNetworks: [],
        loginBaseUrl: `${simulator.url}/login`,
        apiBaseUrl: `${simulator.url}/api`,
        oapiBaseUrl: `${simulator.url}/oapi`,
        browserSignIn: true,
        embeddedQr: false,
        inAppSignIn: true,
        callbackEvents: false,
        streamEvents: false,
        newPeople: 'create',
        matchBy: [],
        trustedEmail: 'org_email',
        trustedPhone: true,
        mapping: null,
        syncSchedule: null,
        syncRoles: true,
        syncDetails: 'none',
        syncDisableLimit: 10,
        version: 1,
        createdAt: now,
        updatedAt: now,
      });
  } finally {
    await app.close();
  }
}

/** The admin API of syncs, with a fresh token now and then. */
function adminOf(launch) {
  const { CLINCH_ADMIN_CLIENT_ID: id, CLINCH_ADMIN_CLIENT_SECRET: secret } = launch.env;
  let token;
  let until = 0;
  return async (method, path = '') => {
    if (Date.now() > until) {
      const answer = await fetch(`${launch.issuer}/oidc/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'clinch:admin' }),
      });
      token = (await answer.json()).access_token;
      until = Date.now() + 120_000;
    }
    const answer = await fetch(`${launch.issuer}/admin/api/v1/identity-sources/${SOURCE}/sync-runs${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`${method} sync-runs${path}: ${answer.status} ${JSON.stringify(body)}`);
    return body;
  };
}

/** Calls that the simulator has had, by path. */
async function callsOf(simulator) {
  const { calls } = await (await fetch(`${simulator.url}/simulator/calls?path=/oapi`)).json();
  const counts = new Map();
  for (const { path } of calls) counts.set(path, (counts.get(path) ?? 0) + 1);
  return counts;
}

/** One sync from its start to its end, while a probe asks the server how long it takes to answer. */
async function measure(server, simulator) {
  const admin = adminOf(server.launch);
  const before = await callsOf(simulator);
  const cpuBefore = treeCpuMs(server.child.pid);
  const begun = performance.now();
  const { id } = await admin('POST');
  const states = new Map();
  let worstMs = 0;
  for (;;) {
    const asked = performance.now();
    await (await fetch(`${server.launch.issuer}/readyz`)).text();
    worstMs = Math.max(worstMs, performance.now() - asked);
    const run = await admin('GET', `/${id}`);
    if (!states.has(run.state)) states.set(run.state, (performance.now() - begun) / 1000);
    if (['done', 'failed', 'cancelled', 'waiting_for_approval'].includes(run.state)) {
      if (run.state !== 'done') throw new Error(`the sync is ${run.state}: ${run.error}`);
      const after = await callsOf(simulator);
      const made = [...after].map(([path, count]) => [path, count - (before.get(path) ?? 0)]);
      const seconds = (performance.now() - begun) / 1000;
      const cpuS = (treeCpuMs(server.child.pid) - cpuBefore) / 1000;
      const floor = Math.max(...made.map(([, count]) => count)) / PER_SECOND;
      return { run, seconds, floor, made, states, worstMs, cpuS, mb: peakRssMb(server.child.pid) };
    }
    if (performance.now() - begun > GIVE_UP_S * 1000) throw new Error(`after ${GIVE_UP_S} s it is ${run.state}`);
    await sleep(200);
  }
}

/** Of every row of people and departments: whoever writes one, even to the same, is seen by its time. */
async function fingerprint(options, postgres, folder) {
  const query = async (sql) => {
    if (options.database === 'sqlite') {
      const Database = require(join(root, 'node_modules', 'better-sqlite3'));
      const database = new Database(join(folder, 'clinch.db'), { readonly: true });
      try {
        return database.prepare(sql).all();
      } finally {
        database.close();
      }
    }
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: postgres.url('clinch') });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const hash = createHash('sha256');
  for (const table of TABLES)
    hash.update(JSON.stringify(await query(`SELECT id, updated_at FROM ${table} ORDER BY id`)));
  hash.update(JSON.stringify(await query('SELECT * FROM department_members ORDER BY account_id, department_id')));
  return hash.digest('hex');
}

async function drill(options, folder, keep) {
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
  say(`an organisation of ${options.people} people in ${options.departments} departments`);
  const simulator = await startSimulator(folder, options);
  const launch = await target.prepare({ folder, postgres, port: await freePort() });
  await putSource(launch.env, simulator);
  const server = { target, launch, log: join(folder, 'clinch.log') };
  await startServer(server, target.readyPath);
  const restMb = rssMb(server.child.pid);
  say('the first sync');
  const first = await measure(server, simulator);
  const before = await fingerprint(options, postgres, folder);
  say(`${first.seconds.toFixed(0)} s; the second sync`);
  const second = await measure(server, simulator);
  const after = await fingerprint(options, postgres, folder);
  await stopServer(server);
  return { machine: machineFacts(postgres?.version), restMb, first, second, same: before === after };
}

function report(options, { machine, restMb, first, second, same }) {
  const verdict = (met) => (met ? 'met' : '**missed**');
  const limit = (run) => run.floor * AIM.factor + options.grace;
  const lines = [first, second].map(
    (run, index) =>
      `| ${index === 0 ? 'first' : 'second, nothing changed'} | ${run.seconds.toFixed(1)} | ${run.floor.toFixed(1)} | ` +
      `${(run.seconds / run.floor).toFixed(2)} | ${run.run.progress.people_read} | ${run.run.progress.people_applied} | ` +
      `${run.cpuS.toFixed(1)} | ${run.worstMs.toFixed(0)} | ${run.mb.toFixed(0)} |`,
  );
  const phases = (run) => [...run.states].map(([state, at]) => `${state} ${at.toFixed(1)}`).join(', ');
  const calls = (run) => run.made.map(([path, count]) => `${path.replace('/oapi', '')} ${count}`).join(', ');
  const met = [first, second].every((run) => run.seconds <= limit(run));
  const mb = Math.max(first.mb, second.mb);
  console.log(`# Sync drill

${machine.cores} cores (${machine.cpu}), Node ${machine.node}, ${machine.postgres ? `PostgreSQL ${machine.postgres}` : 'SQLite'}, ${options.people} people, ${options.departments} departments

| sync | seconds | floor (calls / ${PER_SECOND}) | × | people read | people written | CPU s | worst answer ms | peak MB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

- within the floor and a fifth (and ${options.grace} s): ${verdict(met)}
- memory, ${restMb.toFixed(0)} MB at rest, ${mb.toFixed(0)} MB at most; aim < ${AIM.mb} MB: ${verdict(mb < AIM.mb)}
- the second sync wrote nothing about people and departments: ${verdict(same && second.run.progress.people_applied === 0)}
- first, seconds until each state: ${phases(first)}
- second: ${phases(second)}
- calls of the first: ${calls(first)}
`);
  return met && same && mb < AIM.mb ? 0 : 1;
}

const options = readOptions();
const isFaulty =
  !['pg', 'sqlite'].includes(options.database) ||
  [options.people, options.departments].some((value) => !(value > 0)) ||
  !existsSync(join(root, 'dist', 'src', 'app.setup.js'));
if (options.help || isFaulty) {
  console.log(isFaulty && !options.help ? `${HELP}\nBuild first: npm run build` : HELP);
  process.exit(options.help ? 0 : 2);
}
const folder = mkdtempSync(join(tmpdir(), 'clinch-sync-'));
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
  process.exitCode = report(options, await drill(options, folder, keep));
} catch (error) {
  if (interrupted) await new Promise(() => {});
  say(error.stack);
  process.exitCode = 1;
} finally {
  if (!interrupted) await cleanUp();
}
