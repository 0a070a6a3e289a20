// What survives a power cut is up to the settings: they are read from the servers that run, and a flush is seen to follow
// each acknowledged write.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getProgram } from '../../scripts/tools.mjs';
import { atLeast, exactly, NotRun } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { startProcess, tail } from '../lib/processes.mjs';
import { Visitor } from '../lib/visitor.mjs';

const WRITES = 50;

async function postgres(drill) {
  const installation = await Installation.start(drill, { database: 'pg' });
  for (const setting of ['fsync', 'full_page_writes']) {
    const [row] = await installation.postgres.query(`SHOW ${setting}`);
    drill.figure(`PostgreSQL: ${setting}`, row[setting], exactly('on'));
  }
  // On the server's own connections: a session may turn it off for itself.
  const [{ n }] = await installation.postgres.query(
    `SELECT COUNT(*)::int AS n FROM pg_db_role_setting WHERE array_to_string(setconfig, ',') LIKE '%synchronous_commit%'`,
  );
  drill.figure('PostgreSQL: databases and roles that turn synchronous_commit off', n, exactly(0));
  const visitor = new Visitor(installation);
  await visitor.code('web');
  const flushes = async () => {
    const [{ wal_sync: syncs }] = await installation.postgres.query('SELECT wal_sync::int FROM pg_stat_wal');
    return syncs;
  };
  const before = await flushes();
  for (let write = 0; write < WRITES; write++) await visitor.tokens('web');
  await sleep(2_000);
  drill.figure(
    `PostgreSQL: flushes of its log for ${WRITES} code flows, one after the other`,
    (await flushes()) - before,
    atLeast(WRITES),
  );
  await visitor.close();
  for (const node of installation.nodes) await node.stop();
}

/** How often a process flushes while the work is done, as strace sees it. */
async function flushesDuring(drill, pid, work) {
  const { path, missing } = await getProgram('strace', 'strace');
  if (path === undefined) throw new NotRun(missing);
  const log = join(drill.folder, 'strace.log');
  const tracer = startProcess(path, ['-f', '-e', 'trace=fsync,fdatasync', '-o', log, '-p', String(pid)], {
    cwd: drill.folder,
    log: join(drill.folder, 'strace.out'),
  });
  await sleep(1_500);
  if (tracer.ended())
    throw new NotRun(`strace may not look at processes here: ${tail(join(drill.folder, 'strace.out'))}`);
  await work();
  await tracer.stop('SIGINT');
  return readFileSync(log, 'utf8').match(/\bf(?:data)?sync\(/g)?.length ?? 0;
}

async function sqlite(drill) {
  const installation = await Installation.start(drill, { database: 'sqlite' });
  const [node] = installation.nodes;
  const Database = createRequire(import.meta.url)('better-sqlite3');
  const database = new Database(join(drill.folder, 'clinch.db'), { readonly: true });
  drill.figure('SQLite: journal_mode', database.pragma('journal_mode', { simple: true }), exactly('wal'));
  database.close();
  drill.note('SQLite: the server reads `synchronous` back at its start and refuses anything but 2, which is FULL');
  const visitor = new Visitor(installation);
  await visitor.code('web');
  const flushes = await flushesDuring(drill, node.child.pid, async () => {
    for (let write = 0; write < WRITES; write++) await visitor.tokens('web');
  });
  drill.figure(`SQLite: flushes for ${WRITES} code flows, one after the other`, flushes, atLeast(WRITES));
  await visitor.close();
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D06',
  title: 'What a power cut would leave',
  minutes: '1',
  async run(drill) {
    await postgres(drill);
    await sqlite(drill);
  },
};
