import pg, { type Pool } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { DatabaseTarget } from '../config/clinch-config.js';
import { StartError } from '../config/start-error.js';
import { boundQueue, giveUpWhenSilent } from './guard-pool.js';
import { isolateSqlite } from './isolate-sqlite.js';
import { MIGRATIONS } from './migrations.js';
import { sqliteDriver, type SqliteConnection } from './sqlite-driver.js';
import { BLOCKING_WAIT_MS } from './sqlite-lock.js';
import type { SqliteTurns } from './sqlite-turns.js';

// Epoch milliseconds and counts fit a double; as text they would have to be converted at every use.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Milliseconds: a request gives up long before a browser does. Migrations are exempt. */
const STATEMENT_TIMEOUT_MS = 5_000;
const LOCK_TIMEOUT_MS = 2_000;
/** To connect, and to wait for a connection that is free. */
const CONNECT_TIMEOUT_MS = 2_000;

/** Of each process. A server's connections are the scarcest thing it has: 2 to 4 for each core that serves is enough. */
const POOL_SIZE = 10;

/**
 * Options for TypeORM: for the server, for the migrations, and (by `ormconfig.ts`) for TypeORM's command line.
 */
export function dataSourceOptions(
  target: DatabaseTarget,
  use: 'requests' | 'migrations' = 'requests',
): DataSourceOptions {
  const common = {
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'all',
    synchronize: false,
    migrationsRun: false,
    logging: false,
  } as const;
  if (target.kind === 'sqlite') {
    return {
      ...common,
      type: 'better-sqlite3',
      database: target.path,
      driver: sqliteDriver(),
      statementCacheSize: 0,
      prepareDatabase: (connection: SqliteConnection) => prepareSqlite(connection),
    };
  }
  const timeouts = { statement_timeout: STATEMENT_TIMEOUT_MS, lock_timeout: LOCK_TIMEOUT_MS };
  return {
    ...common,
    type: 'postgres',
    url: target.url,
    applicationName: 'clinch',
    poolSize: use === 'requests' ? POOL_SIZE : 2,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra:
      use === 'requests'
        ? { ...timeouts, idle_in_transaction_session_timeout: 10_000, onConnect: giveUpWhenSilent }
        : {},
  };
}

/** WAL for readers beside the writer; FULL because a code that was spent must not be unspent by a power cut. */
function prepareSqlite(connection: SqliteConnection): void {
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma(`busy_timeout = ${BLOCKING_WAIT_MS}`);
  connection.pragma('journal_size_limit = 67108864');
}

const turnsOf = new WeakMap<DataSource, SqliteTurns>();

/** The turns on the connection of an embedded database that openDataSource made. */
export function sqliteTurns(dataSource: DataSource): SqliteTurns | undefined {
  return turnsOf.get(dataSource);
}

/**
 * Opens a data source: on SQLite isolated between requests, with its settings checked.
 *
 * @throws {StartError} when SQLite does not keep the settings that durability rests on
 */
export async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  const dataSource = new DataSource(options);
  if (options.type !== 'better-sqlite3') {
    await dataSource.initialize();
    if (options.type === 'postgres') boundQueue(poolOf(dataSource));
    return dataSource;
  }
  turnsOf.set(dataSource, isolateSqlite(dataSource));
  await dataSource.initialize();
  assertSqliteSettings(sqliteConnection(dataSource));
  return dataSource;
}

/** The connections to a server database. */
export function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as PostgresDriver).master as Pool;
}

export function sqliteConnection(dataSource: DataSource): SqliteConnection {
  return (dataSource.driver as BetterSqlite3Driver).databaseConnection as SqliteConnection;
}

function assertSqliteSettings(connection: SqliteConnection): void {
  const wanted: [string, unknown][] = [
    ['journal_mode', 'wal'],
    ['synchronous', 2],
    ['foreign_keys', 1],
  ];
  for (const [name, value] of wanted) {
    const found = connection.pragma(name, { simple: true });
    if (found !== value) {
      throw new StartError(
        `SQLite reports ${name} = ${String(found)} where ${String(value)} is needed; is the file on a network drive?`,
      );
    }
  }
}
