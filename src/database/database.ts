import { Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { poolOf, sqliteConnection, sqliteTurns } from './data-source.js';
import { SqliteBackend } from './sqlite-backend.js';

/** A statement of the hot path: prepared once for each connection, in SQL that SQLite and PostgreSQL both read. */
export interface Statement {
  readonly name: string;
  /** With `$1`, `$2`… as placeholders. */
  readonly sql: string;
}

export type Value = string | number | boolean | null;

/**
 * Names a statement. What is asked on every request goes this way, at a third of the cost of a repository call;
 * administration uses TypeORM's repositories.
 */
export function statement(name: string, sql: string): Statement {
  return { name, sql: sql.replace(/\s+/g, ' ').trim() };
}

/** Runs prepared statements, each atomic by itself, on the connections that TypeORM holds. */
@Injectable()
export class Database {
  /** Connections to a server database; absent for the embedded one. */
  readonly pool: Pool | undefined;
  /** For the few statements that cannot be said in one way for both. */
  readonly kind: 'sqlite' | 'postgres';
  private readonly backend: Backend;

  constructor(readonly dataSource: DataSource) {
    const turns = sqliteTurns(dataSource);
    this.kind = turns === undefined ? 'postgres' : 'sqlite';
    this.pool = turns === undefined ? poolOf(dataSource) : undefined;
    this.backend =
      turns === undefined
        ? new PostgresBackend(poolOf(dataSource))
        : new SqliteBackend(sqliteConnection(dataSource), turns);
  }

  /** The rows of a SELECT. */
  async all<Row>(query: Statement, ...values: Value[]): Promise<Row[]> {
    return (await this.backend.run(query, values)).rows as Row[];
  }

  async first<Row>(query: Statement, ...values: Value[]): Promise<Row | undefined> {
    return (await this.all<Row>(query, ...values))[0];
  }

  /** How many rows an INSERT, UPDATE or DELETE touched. Who spent a single-use value learns it here. */
  async run(command: Statement, ...values: Value[]): Promise<number> {
    return (await this.backend.run(command, values)).affected;
  }

  /**
   * As `run`, and where it touched anything, what belongs to it is done in the same transaction.
   *
   * @param then what belongs to it; absent: nothing
   */
  async runWith(
    then: ((manager: EntityManager, affected: number) => Promise<void>) | undefined,
    command: Statement,
    ...values: Value[]
  ): Promise<number> {
    if (then === undefined) return this.run(command, ...values);
    return this.dataSource.transaction(async (manager) => {
      const affected = await this.runIn(manager, command, ...values);
      if (affected > 0) await then(manager, affected);
      return affected;
    });
  }

  /**
   * As `run`, but as a part of a transaction: it is there when that is.
   *
   * @param manager of the transaction
   */
  async runIn(manager: EntityManager, { sql }: Statement, ...values: Value[]): Promise<number> {
    const [text, given] = this.kind === 'postgres' ? [sql, values] : inOrder(sql, values);
    const { queryRunner } = manager;
    if (queryRunner === undefined) throw new Error('there is no transaction');
    return (await queryRunner.query(text, given, true)).affected ?? 0;
  }
}

/** What a statement did. */
export interface Outcome {
  readonly rows: unknown[];
  readonly affected: number;
}

/** Where statements run. */
export interface Backend {
  run(statement: Statement, values: readonly Value[]): Promise<Outcome>;
}

class PostgresBackend implements Backend {
  constructor(private readonly pool: Pool) {}

  async run(command: Statement, values: readonly Value[]): Promise<Outcome> {
    const result = await this.pool.query({ name: command.name, text: command.sql, values: [...values] });
    return { rows: result.rows, affected: result.rowCount ?? 0 };
  }
}

/** TypeORM hands SQLite its values in the order of the question marks. */
function inOrder(sql: string, values: readonly Value[]): [string, Value[]] {
  const given: Value[] = [];
  const text = sql.replace(/\$(\d+)/g, (_, index: string) => {
    given.push(values[Number(index) - 1] ?? null);
    return '?';
  });
  return [text, given];
}
