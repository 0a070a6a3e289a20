import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isUnavailable, isUniqueViolation } from './database-errors.js';
import { betterSqlite3, nodeSqlite, sqliteDriver, type SqliteConnection } from './sqlite-driver.js';

const DRIVERS = [
  { name: 'better-sqlite3', Driver: betterSqlite3() },
  { name: 'node:sqlite', Driver: nodeSqlite() },
];

it('there is a driver for this Node', () => {
  new (sqliteDriver())(':memory:').close();
});

describe.each(DRIVERS)('$name, in the shape that TypeORM uses', ({ name, Driver }) => {
  let folder: string;
  let connection: SqliteConnection;

  const open = (options?: { timeout?: number; readonly?: boolean }): SqliteConnection => {
    if (Driver === undefined) throw new Error(`${name} is not here`);
    return new Driver(join(folder, 'test.db'), options);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clinch-driver-'));
    if (Driver === undefined) return;
    connection = open();
    connection.pragma('journal_mode = WAL');
    connection.exec('CREATE TABLE notes (id varchar PRIMARY KEY, number integer, text text)');
  });
  afterEach(() => {
    connection?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const rule = it.skipIf(Driver === undefined);

  rule('tells statements with rows from statements without', () => {
    expect(connection.prepare('SELECT id FROM notes').reader).toBe(true);
    expect(connection.prepare("INSERT INTO notes (id) VALUES ('a')").reader).toBe(false);
    expect(connection.prepare("INSERT INTO notes (id) VALUES ('b') RETURNING id").reader).toBe(true);
  });

  rule('binds by position and by the number after the dollar sign', () => {
    connection.prepare('INSERT INTO notes (id, number, text) VALUES (?, ?, ?)').run('a', 1, null);
    const insert = connection.prepare('INSERT INTO notes (id, number, text) VALUES ($1, $2, $3)');
    expect(insert.run({ 1: 'b', 2: 1_763_700_000_000, 3: '林小雨' }).changes).toBe(1);
    expect(connection.prepare('SELECT * FROM notes WHERE number > $1').all({ 1: 1 })).toEqual([
      { id: 'b', number: 1_763_700_000_000, text: '林小雨' },
    ]);
  });

  rule('counts the rows that a statement touched, which decides who spent a value', () => {
    connection.prepare("INSERT INTO notes (id) VALUES ('a'), ('b')").run();
    const spend = connection.prepare('UPDATE notes SET number = 1 WHERE number IS NULL AND id = $1');
    expect([spend.run({ 1: 'a' }).changes, spend.run({ 1: 'a' }).changes]).toEqual([1, 0]);
  });

  rule('reads a setting as a value or as rows', () => {
    expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(connection.pragma('table_info("notes")')).toHaveLength(3);
  });

  rule('names a violated unique index as database-errors.ts expects it', () => {
    const insert = connection.prepare("INSERT INTO notes (id) VALUES ('a')");
    insert.run();
    expect(isUniqueViolation(thrownBy(() => insert.run()))).toBe(true);
  });

  rule('names any other broken constraint so that it is known to be of one statement', () => {
    connection.exec('CREATE TABLE strict_notes (id varchar NOT NULL)');
    const failed = thrownBy(() => connection.prepare('INSERT INTO strict_notes (id) VALUES (NULL)').run());
    expect(failed).toMatchObject({ code: expect.stringMatching(/^SQLITE_CONSTRAINT/) as string });
  });

  rule('names a locked database as database-errors.ts expects it', () => {
    const other = open({ timeout: 0 });
    connection.exec('BEGIN IMMEDIATE');
    expect(isUnavailable(thrownBy(() => other.exec('BEGIN IMMEDIATE')))).toBe(true);
    other.close();
  });

  rule('names a read-only database as database-errors.ts expects it', () => {
    const other = open({ readonly: true });
    expect(isUnavailable(thrownBy(() => other.exec("INSERT INTO notes (id) VALUES ('a')")))).toBe(true);
    other.close();
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
