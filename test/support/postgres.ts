import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findPostgres } from '../../scripts/tools.mjs';

const run = promisify(execFile);

export type DatabaseKind = 'sqlite' | 'postgres';

/** A database of one test file: its address as DATABASE_URL takes it, and the end of it. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A running PostgreSQL server with nothing in it, which goes with the test run. */
export interface PostgresCluster {
  readonly adminUrl: string;
  /** Ends the server, as for a restart; its data stays. */
  halt(mode: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again, where it was; it takes connections when this is over. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** The database this run tests on, from CLINCH_TEST_DATABASE. Throws for a word it does not know. */
export function testDatabaseKind(): DatabaseKind {
  const kind = process.env.CLINCH_TEST_DATABASE || 'sqlite';
  if (kind === 'sqlite' || kind === 'postgres') return kind;
  throw new Error(`CLINCH_TEST_DATABASE is "${kind}"; it may be sqlite or postgres`);
}

/**
 * Makes an empty database: a file in a folder of its own (the master key will lie beside it), or a database in the run's
 * PostgreSQL cluster. The caller drops it. Throws when PostgreSQL is asked for in a run without a cluster.
 */
export async function createDatabase(kind: DatabaseKind = testDatabaseKind()): Promise<TestDatabase> {
  return kind === 'sqlite' ? createSqliteFile() : createPostgresDatabase();
}

function createSqliteFile(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'clinch-test-'));
  return {
    url: `sqlite:${join(folder, 'clinch.db')}`,
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function createPostgresDatabase(): Promise<TestDatabase> {
  // Imported here, because the global setup uses this file too and runs outside of any test.
  const { inject } = await import('vitest');
  const adminUrl = inject('postgresAdminUrl');
  if (!adminUrl) throw new Error('No PostgreSQL in this run: start it with CLINCH_TEST_DATABASE=postgres');
  const name = `clinch_${randomBytes(6).toString('hex')}`;
  // template0, because copying template1 fails while anyone is connected to it.
  await administer(adminUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  // Forced: a test that failed may have left its connections open.
  return { url: url.href, drop: () => administer(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function administer(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * What a killed server has committed, or a killed PostgreSQL, is in the system's memory and is kept: tests look at that.
 * Only a machine that loses its power would lose it, which no test does; so nobody waits for the disk.
 */
const NOT_TO_THE_DISK = 'fsync = off\nfull_page_writes = off\n';

/**
 * Makes and starts a PostgreSQL server in a temporary folder, on a free port of 127.0.0.1, open to every local process.
 * As root it runs as the user `postgres`, which PostgreSQL insists on. Throws with the server's log when it does not start.
 */
export async function startPostgresCluster(): Promise<PostgresCluster> {
  const programs = findPostgres();
  if (!programs) {
    throw new Error(
      'PostgreSQL was not found on the PATH or in /usr/lib/postgresql. Get it: apt-get install postgresql',
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'clinch-postgres-'));
  const data = join(folder, 'data');
  const log = join(folder, 'server.log');
  const asOwner = ownedBy(folder);
  const pgCtl = (...args: string[]) => asOwner(join(programs, 'pg_ctl'), ['-D', data, ...args]);
  const stop = pgCtl('-w', '-m', 'immediate', 'stop');
  // A process of the server may outlive its postmaster by a moment and still write here.
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  const leave = stopWhenKilled(() => {
    spawnSync(...stop, { cwd: folder, stdio: 'ignore' });
    remove();
  });

  const initialize = ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  await run(...asOwner(join(programs, 'initdb'), initialize), { cwd: folder });
  const port = await freePort();
  appendFileSync(
    join(data, 'postgresql.conf'),
    `port = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 300\n${NOT_TO_THE_DISK}`,
  );
  try {
    await run(...pgCtl('-w', '-t', '60', '-l', log, 'start'), { cwd: folder });
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${readFileSync(log, 'utf8')}`, { cause: error });
  }
  return {
    adminUrl: `postgres://postgres@127.0.0.1:${port}/postgres`,
    halt: async (mode) => {
      await run(...pgCtl('-w', '-m', mode, 'stop'), { cwd: folder });
    },
    resume: async () => {
      await run(...pgCtl('-w', '-t', '60', '-l', log, 'start'), { cwd: folder });
    },
    stop: async () => {
      await run(...stop, { cwd: folder });
      remove();
      leave();
    },
  };
}

/** Hands the folder to the one who may run PostgreSQL; gives what turns a command into one that runs as that user. */
function ownedBy(folder: string): (program: string, args: string[]) => [string, string[]] {
  if (process.getuid?.() !== 0) return (program, args) => [program, args];
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  chownSync(folder, idOf('-u'), idOf('-g'));
  return (program, args) => ['runuser', ['-u', 'postgres', '--', program, ...args]];
}

/** Runs the clean-up when this process ends without stopping the cluster, by Ctrl-C for one. Gives its undoing. */
function stopWhenKilled(cleanUp: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const leave = () => {
    process.off('exit', ended);
    for (const signal of signals) process.off(signal, killed);
  };
  const ended = () => {
    leave();
    cleanUp();
  };
  const killed = (signal: NodeJS.Signals) => {
    ended();
    process.kill(process.pid, signal);
  };
  process.on('exit', ended);
  for (const signal of signals) process.on(signal, killed);
  return leave;
}

/** A TCP port of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
