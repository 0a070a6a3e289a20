import { createRequire } from 'node:module';
import { StartError } from '../config/start-error.js';

const require = createRequire(import.meta.url);

/** The part of better-sqlite3's interface that TypeORM and this room use. */
export interface SqliteStatement {
  readonly reader: boolean;
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): { changes: number; lastInsertRowid: number | bigint };
}

export interface SqliteConnection {
  prepare(sql: string): SqliteStatement;
  pragma(text: string, options?: { simple?: boolean }): unknown;
  exec(sql: string): unknown;
  close(): unknown;
}

export type SqliteConstructor = new (
  path: string,
  options?: { timeout?: number; readonly?: boolean },
) => SqliteConnection;

let chosen: SqliteConstructor | undefined;

/**
 * The SQLite that works here: better-sqlite3 where its native build loads, otherwise the one inside Node (22.13 and up).
 *
 * @throws {StartError} naming the ways out when there is neither
 */
export function sqliteDriver(): SqliteConstructor {
  chosen ??= betterSqlite3() ?? nodeSqlite();
  if (chosen === undefined) {
    throw new StartError(
      'No SQLite is at hand: better-sqlite3 was not built for this Node. Install python3, make and g++ and run npm install again, ' +
        'or use Node 22.13 or later, or set DATABASE_URL to a PostgreSQL server.',
    );
  }
  return chosen;
}

/** Undefined when its native build is not there, or not for this Node. */
export function betterSqlite3(): SqliteConstructor | undefined {
  try {
    const Constructor = require('better-sqlite3') as SqliteConstructor;
    new Constructor(':memory:').close();
    return Constructor;
  } catch {
    return undefined;
  }
}

interface NodeStatement {
  columns(): unknown[];
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): { changes: number; lastInsertRowid: number };
}

interface NodeDatabase {
  prepare(sql: string): NodeStatement;
  exec(sql: string): void;
  close(): void;
}

/** Undefined before Node 22.13. */
export function nodeSqlite(): SqliteConstructor | undefined {
  try {
    const { DatabaseSync } = require('node:sqlite') as {
      DatabaseSync: new (path: string, options: { timeout?: number; readOnly?: boolean }) => NodeDatabase;
    };
    return class extends NodeSqliteConnection {
      constructor(path: string, options: { timeout?: number; readonly?: boolean } = {}) {
        super(new DatabaseSync(path, { timeout: options.timeout ?? 5000, readOnly: options.readonly ?? false }));
      }
    };
  } catch {
    return undefined;
  }
}

/** Node's own SQLite in the shape of better-sqlite3. */
class NodeSqliteConnection implements SqliteConnection {
  constructor(private readonly database: NodeDatabase) {}

  prepare(sql: string): SqliteStatement {
    const statement = translated(() => this.database.prepare(sql));
    return {
      reader: statement.columns().length > 0,
      all: (...parameters) => translated(() => statement.all(...parameters)),
      run: (...parameters) => translated(() => statement.run(...parameters)),
    };
  }

  pragma(text: string, options: { simple?: boolean } = {}): unknown {
    const rows = this.prepare(`PRAGMA ${text}`).all() as Record<string, unknown>[];
    return options.simple === true ? Object.values(rows[0] ?? {})[0] : rows;
  }

  exec(sql: string): void {
    translated(() => this.database.exec(sql));
  }

  close(): void {
    this.database.close();
  }
}

/** SQLite's extended result codes by the names that better-sqlite3 gives them. */
const RESULT_CODES: Record<number, string> = {
  5: 'SQLITE_BUSY',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  13: 'SQLITE_FULL',
  19: 'SQLITE_CONSTRAINT',
  787: 'SQLITE_CONSTRAINT_FOREIGNKEY',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
};

function translated<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number') {
      const code = RESULT_CODES[error.errcode] ?? RESULT_CODES[error.errcode & 0xff];
      if (code !== undefined) Object.assign(error, { code });
    }
    throw error;
  }
}
