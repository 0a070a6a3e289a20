import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import { Database, statement } from '../../src/database/database.js';
import { isUniqueViolation, isUnstorableValue } from '../../src/database/database-errors.js';
import { dataSourceOptions, openDataSource } from '../../src/database/data-source.js';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { createDatabase, type TestDatabase, testDatabaseKind } from '../support/postgres.js';
import { NODES_MASTER_KEY } from '../support/seed.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const KIND = testDatabaseKind();

/** Statements that would turn the schema into what the entities say. */
async function drift(dataSource: DataSource): Promise<string[]> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}

async function tablesOf(dataSource: DataSource): Promise<string[]> {
  const rows: { name: string }[] = await dataSource.query(
    KIND === 'sqlite'
      ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
      : "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  return rows.map(({ name }) => name).sort();
}

describe(`the schema on ${KIND}`, () => {
  let clinch: TestClinch;
  let dataSource: DataSource;

  beforeAll(async () => {
    clinch = await startClinch();
    dataSource = clinch.app.get(DataSource);
  });
  afterAll(() => clinch.stop());

  it('is by the migrations what the entities say', async () => {
    expect(await drift(dataSource)).toEqual([]);
  });

  it('has an entity for every table', async () => {
    const entities = dataSource.entityMetadatas.map(({ tableName }) => tableName);
    expect(await tablesOf(dataSource)).toEqual([...entities, 'migrations'].sort());
  });

  it('goes down to nothing and up again', async () => {
    const { database, target } = await emptyDatabase();
    const { entities } = dataSource.options;
    const migrating = await openDataSource({ ...dataSourceOptions(target, 'migrations'), entities });
    try {
      await migrating.runMigrations();
      const full = await tablesOf(migrating);
      for (let left = MIGRATIONS.length; left > 0; left--) await migrating.undoLastMigration();
      expect(await tablesOf(migrating)).toEqual(['migrations']);
      await migrating.runMigrations();
      expect(await tablesOf(migrating)).toEqual(full);
      expect(await drift(migrating)).toEqual([]);
    } finally {
      await migrating.destroy();
      await database.drop();
    }
  });

  it('keeps those signed in who are, with the apps that they entered, when sessions learn to be signed out', async () => {
    const { database, target } = await emptyDatabase();
    const migrating = await openDataSource(dataSourceOptions(target, 'migrations'));
    const used = 1_763_700_000_000;
    try {
      await migrating.runMigrations();
      while ((await columnsOf(migrating)).includes('chain_id')) await migrating.undoLastMigration();
      await migrating.query(
        `INSERT INTO sessions (id, digest, account_id, auth_time, acr, amr, idle_expires_at, expires_at)
         VALUES ('sid', 'digest', 'person', ${used - 1}, '1', 'pwd', ${used + 7_200_000}, ${used + 36_000_000})`,
      );
      for (const grant of ['one', 'two']) {
        await migrating.query(
          `INSERT INTO authorization_codes (digest, grant_id, client_id, account_id, session_id, redirect_uri, scope, auth_time,
             acr, amr, expires_at, redeemed_at)
           VALUES ('${grant}', '${grant}', 'expenses', 'person', 'sid', 'https://app.example', 'openid', 1, '1', 'pwd', 2, 1)`,
        );
      }
      await migrating.runMigrations();
      const sessions: unknown[] = await migrating.query('SELECT id, chain_id, last_used_at FROM sessions');
      expect(sessions).toEqual([{ id: 'sid', chain_id: 'sid', last_used_at: used }]);
      const entered: unknown[] = await migrating.query('SELECT session_id, client_id, account_id FROM session_clients');
      expect(entered).toEqual([{ session_id: 'sid', client_id: 'expenses', account_id: 'person' }]);
    } finally {
      await migrating.destroy();
      await database.drop();
    }
  });
});

async function columnsOf(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    return ((await runner.getTable('sessions'))?.columns ?? []).map(({ name }) => name);
  } finally {
    await runner.release();
  }
}

async function emptyDatabase(): Promise<{ database: TestDatabase; target: ClinchConfig['database'] }> {
  const database = await createDatabase();
  const config = ClinchConfig.fromEnvironment({ DATABASE_URL: database.url, CLINCH_MASTER_KEY: NODES_MASTER_KEY });
  return { database, target: config.database };
}

const INSERT = statement('test_insert', 'INSERT INTO notes (id, number) VALUES ($1, $2)');
const SPEND = statement('test_spend', 'UPDATE notes SET number = $2 WHERE id = $1 AND number = 0');
const FIND = statement('test_find', 'SELECT id, number FROM notes WHERE id = $1');

describe(`Database, the prepared statements of the hot path, on ${KIND}`, () => {
  let empty: TestDatabase;
  let dataSource: DataSource;
  let database: Database;

  beforeAll(async () => {
    const { database: created, target } = await emptyDatabase();
    empty = created;
    dataSource = await openDataSource(dataSourceOptions(target));
    await dataSource.query('CREATE TABLE notes (id varchar(64) PRIMARY KEY, number bigint)');
    database = new Database(dataSource);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await empty.drop();
  });

  it('gives back what was stored, times as numbers', async () => {
    await database.run(INSERT, 'time', 1_763_700_000_000);
    expect(await database.first(FIND, 'time')).toEqual({ id: 'time', number: 1_763_700_000_000 });
    expect(await database.first(FIND, 'nothing')).toBeUndefined();
  });

  it('lets exactly one of 50 that spend a value at once win', async () => {
    await database.run(INSERT, 'single', 0);
    const touched = await Promise.all(
      Array.from({ length: 50 }, (_, index) => database.run(SPEND, 'single', index + 1)),
    );
    expect(touched.filter((rows) => rows === 1)).toHaveLength(1);
    expect(touched.filter((rows) => rows === 0)).toHaveLength(49);
  });

  it('tells a name that is taken from any other failure', async () => {
    const outcomes = await Promise.allSettled([1, 2, 3].map((number) => database.run(INSERT, 'taken', number)));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused.map(isUniqueViolation)).toEqual([true, true]);
    await expect(dataSource.query('SELECT nonsense')).rejects.not.toSatisfy(isUniqueViolation);
  });

  it.skipIf(KIND === 'sqlite')('tells a text that PostgreSQL cannot store', async () => {
    await expect(database.run(INSERT, 'nul\0', 0)).rejects.toSatisfy(isUnstorableValue);
  });
});

it('no two statements share a name, by which connections know them', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(?<!\.spec)\.ts$/.test(path),
  );
  const names = sources.flatMap((path) =>
    [...readFileSync(join('src', path), 'utf8').matchAll(/\bstatement\(\s*'([^']+)'/g)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
