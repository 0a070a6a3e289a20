import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { statement } from './database.js';
import { SqliteBackend } from './sqlite-backend.js';
import { sqliteDriver, type SqliteConnection } from './sqlite-driver.js';
import { BLOCKING_WAIT_MS, LONGEST_LOCK_WAIT_MS } from './sqlite-lock.js';
import { SqliteTurns } from './sqlite-turns.js';

const INSERT = statement('insert', 'INSERT INTO numbers (n) VALUES ($1)');
const ALL = statement('all', 'SELECT n FROM numbers ORDER BY n');

describe('writes on SQLite', () => {
  let folder: string;
  let connection: SqliteConnection;
  let turns: SqliteTurns;
  let backend: SqliteBackend;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clinch-backend-'));
    const Driver = sqliteDriver();
    connection = new Driver(join(folder, 'test.db'));
    connection.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY)');
    turns = new SqliteTurns();
    backend = new SqliteBackend(connection, turns);
  });
  afterEach(() => {
    connection.close();
    rmSync(folder, { recursive: true });
  });

  const stored = async () => (await backend.run(ALL, [])).rows.map((row) => (row as { n: number }).n);

  it('share a commit when they arrive together', async () => {
    const exec = vi.spyOn(connection, 'exec');
    const outcomes = await Promise.all([1, 2, 3].map((n) => backend.run(INSERT, [n])));
    expect(outcomes.map(({ affected }) => affected)).toEqual([1, 1, 1]);
    expect(exec.mock.calls.flat()).toEqual(['BEGIN', 'COMMIT']);
    expect(await stored()).toEqual([1, 2, 3]);
  });

  it('fail one by one: a broken constraint takes nobody else along', async () => {
    const outcomes = await Promise.allSettled([1, 1, 2].map((n) => backend.run(INSERT, [n])));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await stored()).toEqual([1, 2]);
  });

  it('wait beside the event loop while another process has the file, and while they wait others read', async () => {
    connection.pragma('journal_mode = WAL');
    connection.pragma(`busy_timeout = ${BLOCKING_WAIT_MS}`);
    const other = new (sqliteDriver())(join(folder, 'test.db'));
    other.exec('BEGIN IMMEDIATE');
    const writing = Promise.all([1, 2].map((n) => backend.run(INSERT, [n])));
    await delay(200);
    expect(await stored()).toEqual([]);
    const late = backend.run(INSERT, [3]);
    other.exec('ROLLBACK');
    expect((await writing).map(({ affected }) => affected)).toEqual([1, 1]);
    await late;
    expect(await stored()).toEqual([1, 2, 3]);
    other.close();
  });

  it('are refused when another process keeps the file for longer than two seconds', async () => {
    connection.pragma('journal_mode = WAL');
    connection.pragma(`busy_timeout = ${BLOCKING_WAIT_MS}`);
    const other = new (sqliteDriver())(join(folder, 'test.db'));
    other.exec('BEGIN IMMEDIATE');
    const begun = performance.now();
    const outcomes = await Promise.allSettled([1, 2].map((n) => backend.run(INSERT, [n])));
    const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : undefined));
    expect(codes).toEqual(['SQLITE_BUSY', 'SQLITE_BUSY']);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(LONGEST_LOCK_WAIT_MS);
    other.exec('ROLLBACK');
    expect((await backend.run(INSERT, [3])).affected).toBe(1);
    expect(await stored()).toEqual([3]);
    other.close();
  });

  it('are all refused when the disk does not take the commit', async () => {
    const exec = connection.exec.bind(connection);
    const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    connection.exec = (sql) => {
      if (sql === 'COMMIT') throw full;
      return exec(sql);
    };
    const outcomes = await Promise.allSettled([1, 2].map((n) => backend.run(INSERT, [n])));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    connection.exec = exec;
    expect(await stored()).toEqual([]);
  });

  it('wait for the transaction that holds the connection', async () => {
    const transaction = {};
    await turns.take(transaction);
    const write = backend.run(INSERT, [1]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    turns.give(transaction);
    expect((await write).affected).toBe(1);
  });
});
