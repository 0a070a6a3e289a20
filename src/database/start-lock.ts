import pg from 'pg';
import type { DatabaseTarget } from '../config/clinch-config.js';
import { sqliteDriver, type SqliteConnection } from './sqlite-driver.js';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Any number will do, as long as all nodes take the same: "clinch" in ASCII, read as a number. */
const ADVISORY_LOCK = 0x636c_696e;

const LONGEST_WAIT_MS = 60_000;

/**
 * Runs something that only one node may do at a time: migrations, the first keys. Nodes that start together wait for
 * each other here. The lock dies with the process that holds it.
 */
export async function withStartLock<T>(target: DatabaseTarget, action: () => Promise<T>): Promise<T> {
  return target.kind === 'sqlite' ? withSqliteLock(target.path, action) : withAdvisoryLock(target.url, action);
}

async function withAdvisoryLock<T>(url: string, action: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection that breaks while it waits is reported by the query; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`SET lock_timeout = ${LONGEST_WAIT_MS}`);
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    return await action();
  } finally {
    await client.end();
  }
}

/** A second, tiny database file whose only use is its lock. */
async function withSqliteLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = await takeFileLock(`${path}.start-lock`);
  try {
    return await action();
  } finally {
    lock.close();
  }
}

async function takeFileLock(path: string): Promise<SqliteConnection> {
  const deadline = Date.now() + LONGEST_WAIT_MS;
  const Constructor = sqliteDriver();
  for (;;) {
    const connection = new Constructor(path, { timeout: 0 });
    try {
      connection.exec('BEGIN EXCLUSIVE');
      return connection;
    } catch (error) {
      connection.close();
      const busy = error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
      if (!busy || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
