import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { type DataSource, EntitySchema } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, statement } from './database.js';
import { dataSourceOptions, openDataSource } from './data-source.js';
import { sqliteDriver } from './sqlite-driver.js';
import { SqliteBusyError } from './sqlite-turns.js';

interface Note {
  id: string;
}

const NOTES = new EntitySchema<Note>({ name: 'notes', columns: { id: { type: 'varchar', primary: true } } });
const INSERT = statement('notes_insert', 'INSERT INTO notes (id) VALUES ($1)');

/** A failure that a test asked for. */
class PlannedRollback extends Error {}

let folder: string;
let dataSource: DataSource;
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clinch-turns-'));
  const options = dataSourceOptions({ kind: 'sqlite', path: join(folder, 'clinch.db') });
  dataSource = await openDataSource({ ...options, entities: [NOTES] });
  await dataSource.query('CREATE TABLE notes (id varchar PRIMARY KEY)');
  database = new Database(dataSource);
});
afterEach(async () => {
  await dataSource.destroy();
  rmSync(folder, { recursive: true, force: true });
});

it('a statement waits beside the event loop while another process has the file, and others read meanwhile', async () => {
  const other = new (sqliteDriver())(join(folder, 'clinch.db'));
  other.exec('BEGIN IMMEDIATE');
  const writing = dataSource.query("INSERT INTO notes (id) VALUES ('late')");
  const inTransaction = dataSource.transaction((manager) => manager.query("INSERT INTO notes (id) VALUES ('later')"));
  await delay(150);
  other.exec('ROLLBACK');
  other.close();
  await Promise.all([writing, inTransaction]);
  expect(await storedIds()).toEqual(['late', 'later']);
});

async function storedIds(): Promise<string[]> {
  const rows: Note[] = await dataSource.query('SELECT id FROM notes ORDER BY id');
  return rows.map(({ id }) => id);
}

/** As a request does: several statements, with other requests running between them. */
async function transaction(name: string, fails: boolean): Promise<string[]> {
  await dataSource.transaction(async (manager) => {
    await manager.insert(NOTES, { id: `${name}-first` });
    await nextTurn();
    await manager.query('INSERT INTO notes (id) VALUES (?)', [`${name}-second`]);
    await nextTurn();
    if (fails) throw new PlannedRollback();
  });
  return [`${name}-first`, `${name}-second`];
}

async function repositoryWrite(id: string): Promise<string[]> {
  await nextTurn();
  await dataSource.getRepository(NOTES).insert({ id });
  return [id];
}

async function rawWrite(id: string): Promise<string[]> {
  await nextTurn();
  await database.run(INSERT, id);
  return [id];
}

describe('requests that share the one connection of SQLite (typeorm/typeorm#1884)', () => {
  it('keeps exactly what was acknowledged: 400 transactions, 80 of them rolled back, beside 400 plain writes', async () => {
    const requests = Array.from({ length: 400 }, (_, index) => [
      transaction(`transaction-${index}`, index % 5 === 0),
      index % 2 === 0 ? repositoryWrite(`repository-${index}`) : rawWrite(`raw-${index}`),
    ]).flat();
    const answers = await Promise.allSettled(requests);
    const acknowledged = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    expect(await storedIds()).toEqual(acknowledged.sort());
    // On a machine that is busy with something else, some may wait for longer than 5 s and be refused: that is fair.
    const fair = (error: unknown) => error instanceof PlannedRollback || error instanceof SqliteBusyError;
    expect(refused.filter((error) => !fair(error))).toEqual([]);
    expect(refused.filter((error) => error instanceof PlannedRollback).length).toBeGreaterThan(0);
  }, 30_000);

  it('keeps a write that another request made while a savepoint was rolled back', async () => {
    const outer = dataSource.transaction(async (manager) => {
      await manager.insert(NOTES, { id: 'outer' });
      const inner = manager.transaction(async (nested) => {
        await nested.insert(NOTES, { id: 'inner' });
        throw new PlannedRollback();
      });
      await expect(inner).rejects.toThrow(PlannedRollback);
      for (let turn = 0; turn < 5; turn++) await nextTurn();
      throw new PlannedRollback();
    });
    const others = Promise.all([repositoryWrite('repository'), rawWrite('raw')]);
    await expect(outer).rejects.toThrow(PlannedRollback);
    await others;
    expect(await storedIds()).toEqual(['raw', 'repository']);
  });

  it('keeps what a savepoint left when only the savepoint is rolled back', async () => {
    await dataSource.transaction(async (manager) => {
      await manager.insert(NOTES, { id: 'outer' });
      const inner = manager.transaction(async (nested) => {
        await nested.insert(NOTES, { id: 'inner' });
        throw new PlannedRollback();
      });
      await expect(inner).rejects.toThrow(PlannedRollback);
    });
    expect(await storedIds()).toEqual(['outer']);
  });

  it('passes the turn on after a statement inside a transaction failed', async () => {
    await repositoryWrite('taken');
    const twice = dataSource.transaction((manager) => manager.insert(NOTES, { id: 'taken' }));
    await expect(twice).rejects.toThrow('UNIQUE constraint failed');
    await rawWrite('after');
    expect(await storedIds()).toEqual(['after', 'taken']);
  });
});
