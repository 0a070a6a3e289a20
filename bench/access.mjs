#!/usr/bin/env node
// The access drill: who may enter, asked of an organisation of 100,000 people and 500 apps with rules of every kind.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { machineFacts } from './lib/machine.mjs';
import { findPostgres, startPostgres } from './lib/postgres.mjs';

const HELP = `node bench/access.mjs [options]
  --people N       (100000)
  --apps N         (500)
  --decisions N    of each kind (5000)
  --lists N        of a person's apps (1000)
  --in-flight N    questions at a time (4)`;

/** What must not be missed: milliseconds at p99. */
const AIM = { decision: 5, list: 50 };
/** Departments on each of the five levels. */
const LEVELS = [1, 9, 90, 400, 1500];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const say = (text) => console.error(`access drill: ${text}`);
const built = (path) => import(pathToFileURL(join(root, 'dist', 'src', path)).href);

function readOptions() {
  const text = { type: /** @type {const} */ ('string') };
  const { values } = parseArgs({
    options: { people: text, apps: text, decisions: text, lists: text, 'in-flight': text, help: { type: 'boolean' } },
  });
  return {
    help: values.help ?? false,
    people: Number(values.people ?? 100_000),
    apps: Number(values.apps ?? 500),
    decisions: Number(values.decisions ?? 5_000),
    lists: Number(values.lists ?? 1_000),
    inFlight: Number(values['in-flight'] ?? 4),
  };
}

/** Every department with the line above it. */
function tree() {
  const departments = [];
  let above = [];
  for (const [level, width] of LEVELS.entries()) {
    const row = Array.from({ length: width }, (_, index) => {
      const parent = above.length === 0 ? undefined : above[index % above.length];
      return { id: `d${level}-${index}`, parent, line: [...(parent?.line ?? []), `d${level}-${index}`] };
    });
    departments.push(...row);
    above = row;
  }
  return departments;
}

async function fill(dataSource, { people }) {
  const now = Date.now();
  const run = (sql, values) => dataSource.query(sql, values);
  await run(
    `INSERT INTO accounts (id, username, username_key, status, name, email, email_verified, phone_number_verified, custom,
       created_at, updated_at)
     SELECT 'p' || n, 'person' || n, 'person' || n, 'active', 'Person ' || n, 'person' || n || '@example.com', true, false,
       '{"level":' || (n % 10) || '}', $2::bigint, $2::bigint FROM generate_series(1, $1::int) n`,
    [people, now],
  );
  const departments = tree();
  for (const { id, parent } of departments) {
    await run(
      `INSERT INTO departments (id, source_id, external_id, parent_id, name, managers, created_at, updated_at)
       VALUES ($1::text, 'acme', $1::text, $2, $1::text, '[]', $3::bigint, $3::bigint)`,
      [id, parent?.id ?? null, now],
    );
  }
  const ancestors = departments.flatMap(({ id, line }) =>
    line.map((ancestor, index) => ({ id, ancestor, depth: line.length - 1 - index })),
  );
  await run(
    `INSERT INTO department_ancestors (department_id, ancestor_id, depth)
     SELECT id, ancestor, depth FROM json_to_recordset($1::json) AS t(id text, ancestor text, depth int)`,
    [JSON.stringify(ancestors)],
  );
  // Everybody in one department, every fifth person in another one too.
  await run(
    `INSERT INTO department_members (department_id, account_id, leader, title, main)
     SELECT d.id, 'p' || n, false, '', true FROM generate_series(1, $1::int) n
     JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM departments) d ON d.place = n % 2000
     UNION SELECT d.id, 'p' || n, false, '', false FROM generate_series(5, $1::int, 5) n
     JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM departments) d ON d.place = (n * 7 + 3) % 2000`,
    [people],
  );
  await run(
    `INSERT INTO directory_roles (id, source_id, external_id, name, group_name, created_at, updated_at)
     SELECT 'r' || n, 'acme', 'r' || n, 'Role ' || n, 'Labels', $1::bigint, $1::bigint FROM generate_series(0, 49) n`,
    [now],
  );
  await run(
    `INSERT INTO directory_role_members (role_id, account_id) SELECT 'r' || n % 50, 'p' || n FROM generate_series(1, $1::int) n`,
    [people],
  );
  await run(
    `INSERT INTO groups (id, name, name_key, description, kind, department_id, include_descendants, directory_role_id,
       created_at, updated_at)
     SELECT 'g' || n, 'Group ' || n, 'group ' || n, '', CASE n % 3 WHEN 0 THEN 'manual' WHEN 1 THEN 'department'
       ELSE 'directory_role' END, CASE WHEN n % 3 = 1 THEN 'd3-' || n END, true, CASE WHEN n % 3 = 2 THEN 'r' || n % 50 END,
       $1::bigint, $1::bigint FROM generate_series(0, 299) n`,
    [now],
  );
  await run(
    `INSERT INTO group_members (group_id, account_id)
     SELECT 'g' || g * 3, 'p' || n FROM generate_series(0, 99) g, generate_series(1, $1::int, 100) n0,
       LATERAL (SELECT n0 + g AS n) x WHERE n <= $1::int`,
    [people],
  );
}

/** How the apps are: of ten, three open, two open with roles, three assigned, one with a rule, one with both. */
const KINDS = ['open', 'open', 'open', 'roles', 'roles', 'assigned', 'assigned', 'assigned', 'ruled', 'both'];
const RULES = [
  'user.departments.exists(d, "d2-7" in d.path)',
  'user.custom.level > 3',
  'user.username.endsWith("7") || user.groups.exists(g, g.name == "Group 12")',
  'inNetwork(request.address, "192.0.2.0/24") && "pwd" in request.amr',
  'user.email.endsWith("@example.com") && request.time > timestamp("2020-01-01T00:00:00Z")',
];

async function registerApps(app, { apps, people }) {
  const [{ ClientStore }, { newClientEntity }, { DataSource }] = await Promise.all([
    built('app-registry/client-store.js'),
    built('app-registry/client-defaults.js'),
    import(pathToFileURL(require.resolve('typeorm')).href),
  ]);
  const query = (sql, values) => app.get(DataSource).query(sql, values);
  const kinds = new Map();
  for (let index = 0; index < apps; index++) {
    const kind = KINDS[index % KINDS.length];
    const clientId = `app-${index}`;
    kinds.set(clientId, kind);
    await app.get(ClientStore).register(
      Object.assign(newClientEntity(clientId, `App ${index}`), {
        redirectUris: ['https://app.example/cb'],
        access: ['assigned', 'both'].includes(kind) ? 'assigned' : 'everyone',
        accessRule: ['ruled', 'both'].includes(kind) ? RULES[Math.floor(index / KINDS.length) % RULES.length] : null,
      }),
      undefined,
    );
    if (['open', 'ruled'].includes(kind)) continue;
    const now = Date.now();
    await query(
      `INSERT INTO roles (id, client_id, name, description, permissions, created_at, updated_at)
       SELECT $1::text || '-role-' || n, $1::text, 'role ' || n, '', '["reports:read","orders:*"]', $2::bigint, $2::bigint FROM generate_series(1, 3) n`,
      [clientId, now],
    );
    const subjects = [
      ...[0, 1, 2, 3, 4].map((each) => ['department', `d${2 + (each % 3)}-${(index * 5 + each) % LEVELS[2]}`]),
      ...[0, 1, 2].map((each) => ['group', `g${(index * 3 + each) % 300}`]),
      ...Array.from({ length: 20 }, (_, each) => ['user', `p${1 + ((index * 977 + each * 31) % people)}`]),
    ].map(([type, id], place) => ({
      id: `${clientId}-a${place}`,
      type,
      subject: id,
      role: place % 2 ? '' : `${clientId}-role-${1 + (place % 3)}`,
    }));
    await query(
      `INSERT INTO assignments (id, client_id, subject_type, subject_id, include_descendants, role_id, enabled, created_at,
         updated_at)
       SELECT id, $1::text, type, subject, true, role, true, $3::bigint, $3::bigint
       FROM json_to_recordset($2::json) AS t(id text, type text, subject text, role text) ON CONFLICT DO NOTHING`,
      [clientId, JSON.stringify(subjects), now],
    );
  }
  return kinds;
}

/** Milliseconds of each of `count` questions, so many at a time. */
async function timed(count, inFlight, ask) {
  const times = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      const begun = performance.now();
      await ask(index);
      times.push(performance.now() - begun);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - begun) / 1000;
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
  return { p50: at(0.5), p99: at(0.99), worst: times.at(-1), perSecond: count / seconds };
}

async function drill(options, folder, keep) {
  const found = findPostgres();
  if ('missing' in found) throw new Error(found.missing);
  const postgres = await startPostgres(found.bin, folder, (stop) => {
    keep.stopPostgres = stop;
  });
  const { default: pg } = await import('pg');
  const admin = new pg.Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  await admin.query('CREATE DATABASE access');
  await admin.end();
  const [{ createApp }, { ClinchConfig }, policy, lists, accounts, registry] = await Promise.all([
    built('app.setup.js'),
    built('config/clinch-config.js'),
    built('access/access-policy.js'),
    built('access/apps-of-person.js'),
    built('accounts/account-store.js'),
    built('app-registry/client-registry.js'),
  ]);
  const { DataSource } = await import(pathToFileURL(require.resolve('typeorm')).href);
  const config = ClinchConfig.fromEnvironment({
    DATABASE_URL: postgres.url('access'),
    CLINCH_MASTER_KEY: randomBytes(32).toString('base64'),
    CLINCH_LOG_LEVEL: 'silent',
  });
  const app = await createApp(config);
  keep.app = app;
  await app.init();
  say(`${options.people} people in ${LEVELS.reduce((sum, width) => sum + width)} departments, ${options.apps} apps`);
  await fill(app.get(DataSource), options);
  const kinds = await registerApps(app, options);
  await app.get(DataSource).query('ANALYZE');
  const person = (index) => app.get(accounts.AccountStore).find(`p${1 + ((index * 7919) % options.people)}`);
  const people = await Promise.all(Array.from({ length: 500 }, (_, index) => person(index)));
  const request = { endpoint: 'authorize', address: '192.0.2.7', amr: ['pwd'] };
  const results = [];
  for (const kind of new Set(KINDS)) {
    const ids = [...kinds].filter(([, of]) => of === kind).map(([id]) => id);
    let allowed = 0;
    const ask = async (index) => {
      const client = await app.get(registry.ClientRegistry).find(ids[index % ids.length]);
      const decision = await app.get(policy.AccessPolicy).decide(people[(index * 13) % people.length], client, request);
      if (decision.allowed) allowed += 1;
    };
    await timed(ids.length * 5, options.inFlight, ask);
    allowed = 0;
    const figures = await timed(options.decisions, options.inFlight, ask);
    results.push({ name: `decision: ${kind}`, aim: AIM.decision, allowed: allowed / options.decisions, ...figures });
    say(`${kind}: p99 ${figures.p99.toFixed(2)} ms`);
  }
  let listed = 0;
  const list = async (index) => {
    const apps = await app.get(lists.AppsOfPerson).of(people[index % people.length], request);
    listed += apps.length;
  };
  await timed(50, options.inFlight, list);
  listed = 0;
  for (const inFlight of new Set([1, options.inFlight])) {
    listed = 0;
    const figures = await timed(options.lists, inFlight, list);
    const allowed = listed / options.lists / options.apps;
    results.push({ name: `a person's apps, ${inFlight} at a time`, aim: AIM.list, allowed, ...figures });
  }
  const plan = await explain(app.get(DataSource));
  return { machine: machineFacts(postgres.version), results, plan };
}

/** Which tables the decision reads in full, by the plan that is made for any person. */
async function explain(dataSource) {
  const { assignmentsOfPeople } = await built('access/assignments-of-people.js');
  const sql = `${assignmentsOfPeople((column) => `${column} = $1`)} AND s.client_id = $2`;
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SET plan_cache_mode = force_generic_plan');
    await runner.query(`PREPARE decision AS ${sql}`);
    const rows = await runner.query(`EXPLAIN (ANALYZE, COSTS OFF) EXECUTE decision('p4711', 'app-5')`);
    return rows.map((row) => row['QUERY PLAN']);
  } finally {
    await runner.query('RESET plan_cache_mode');
    await runner.release();
  }
}

function report(options, { machine, results, plan }) {
  const verdict = (met) => (met ? 'met' : '**missed**');
  const lines = results.map(
    ({ name, aim, allowed, p50, p99, worst, perSecond }) =>
      `| ${name} | ${p50.toFixed(2)} | ${p99.toFixed(2)} | ${worst.toFixed(1)} | ${perSecond.toFixed(0)} | ` +
      `${(allowed * 100).toFixed(0)} % | < ${aim}: ${verdict(p99 < aim)} |`,
  );
  const whole = plan.filter((line) => line.includes('Seq Scan'));
  console.log(`# Access drill

${machine.cores} cores (${machine.cpu}), Node ${machine.node}, PostgreSQL ${machine.postgres}, ${options.people} people, ${LEVELS.reduce((sum, width) => sum + width)} departments, ${options.apps} apps, ${options.inFlight} questions at a time

| question | p50 ms | p99 ms | worst ms | per second | yes | aim, p99 ms |
| --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

- tables that the decision's statement reads in full: ${whole.length === 0 ? 'none' : whole.map((line) => line.trim()).join('; ')}
- ${plan.filter((line) => line.includes('Execution Time')).join('')}
`);
  if (process.env['SHOW_PLAN']) console.log(plan.join('\n'));
  return results.every(({ p99, aim }) => p99 < aim) ? 0 : 1;
}

const options = readOptions();
const isFaulty =
  Object.values(options).some((value) => typeof value === 'number' && !(value > 0)) ||
  !existsSync(join(root, 'dist', 'src', 'app.setup.js'));
if (options.help || isFaulty) {
  console.log(isFaulty && !options.help ? `${HELP}\nBuild first: npm run build` : HELP);
  process.exit(options.help ? 0 : 2);
}
const folder = mkdtempSync(join(tmpdir(), 'clinch-access-'));
const keep = {};
try {
  process.exitCode = report(options, await drill(options, folder, keep));
} catch (error) {
  say(error.stack);
  process.exitCode = 1;
} finally {
  await keep.app?.close();
  keep.stopPostgres?.();
  rmSync(folder, { recursive: true, force: true });
}
