import { Injectable } from '@nestjs/common';
import type { EntityMetadata } from 'typeorm';
import { Database, statement, type Statement } from './database.js';
import { retentionOf, type RetentionRule, type TidyRule } from './retention.js';

/** Rows past due are counted up to here, so that counting them stays cheap however many they are. */
export const MOST_COUNTED = 100_001;

/** Rows in one statement. On SQLite the event loop waits for each, and for the disk. */
const BATCH = { postgres: 1_000, sqlite: 250 } as const;

/** The last key of a stretch that was tidied, for the next one to begin after; and how many rows were changed. */
export interface TidyStep {
  readonly last: string | undefined;
  readonly tidied: number;
}

/** The tables whose entities declare a retention. */
@Injectable()
export class RetainedTables {
  readonly all: readonly RetainedTable[];

  constructor(database: Database) {
    this.all = database.dataSource.entityMetadatas.flatMap((entity) => {
      const rule = typeof entity.target === 'string' ? undefined : retentionOf(entity.target);
      return rule === undefined ? [] : [new RetainedTable(database, entity, rule)];
    });
  }
}

/** One table and the statements that keep it small; each takes a bounded number of rows. */
export class RetainedTable {
  readonly name: string;
  /** The most rows that one deletion takes. */
  readonly batch: number;
  private readonly deletes: Statement;
  private readonly counts: Statement;
  private readonly tidying: Tidying | undefined;

  constructor(
    private readonly database: Database,
    { tableName, primaryColumns }: EntityMetadata,
    private readonly rule: RetentionRule,
  ) {
    const [key, ...more] = primaryColumns.map(({ databaseName }) => databaseName);
    if (key === undefined || more.length > 0) throw new Error(`${tableName} needs a primary key of one column`);
    this.name = tableName;
    this.batch = BATCH[database.kind];
    const due = `SELECT ${key} FROM ${tableName} WHERE ${rule.column} <= $1 ORDER BY ${rule.column} LIMIT ${this.batch}`;
    this.deletes = statement(`purge_${tableName}`, `DELETE FROM ${tableName} WHERE ${among(key, due, database.kind)}`);
    this.counts = statement(
      `count_due_${tableName}`,
      `SELECT COUNT(*) AS due
       FROM (SELECT 1 FROM ${tableName} WHERE ${rule.column} <= $1 LIMIT ${MOST_COUNTED}) AS first_due`,
    );
    this.tidying = rule.tidy === undefined ? undefined : tidying(this, key, rule.tidy, database.kind);
  }

  /**
   * Deletes the rows that have been due longest.
   *
   * @param now epoch milliseconds
   * @returns how many there were; fewer than `batch` means that no more are left for us
   */
  async deleteBatch(now: number): Promise<number> {
    return this.database.run(this.deletes, now - this.rule.keepFor * 1000);
  }

  /**
   * How many rows `deleteBatch` would delete if it were called often enough, counted up to MOST_COUNTED.
   *
   * @param now epoch milliseconds
   */
  async countDue(now: number): Promise<number> {
    const row = await this.database.first<{ due: number }>(this.counts, now - this.rule.keepFor * 1000);
    return row?.due ?? 0;
  }

  /**
   * Empties what is declared as `tidy`, in the next stretch of the table by primary key. There is no index for it, and
   * by stretches no statement has to search the whole table.
   *
   * @param after the `last` of the step before, or '' to begin
   * @param now epoch milliseconds
   */
  async tidyStep(after: string, now: number): Promise<TidyStep> {
    if (this.tidying === undefined) return { last: undefined, tidied: 0 };
    const { bounds, empties, rule } = this.tidying;
    const stretch = await this.database.first<{ last: string | null }>(bounds, after);
    const last = stretch?.last ?? undefined;
    if (last === undefined) return { last, tidied: 0 };
    return { last, tidied: await this.database.run(empties, after, last, now - rule.keepFor * 1000) };
  }
}

interface Tidying {
  readonly rule: TidyRule;
  readonly bounds: Statement;
  readonly empties: Statement;
}

function tidying({ name, batch }: RetainedTable, key: string, rule: TidyRule, kind: Database['kind']): Tidying {
  const spent = `SELECT ${key} FROM ${name}
    WHERE ${key} > $1 AND ${key} <= $2 AND ${rule.empties} IS NOT NULL AND ${rule.column} <= $3 LIMIT ${batch}`;
  return {
    rule,
    bounds: statement(
      `tidy_bounds_${name}`,
      `SELECT MAX(${key}) AS last
       FROM (SELECT ${key} FROM ${name} WHERE ${key} > $1 ORDER BY ${key} LIMIT ${batch}) AS stretch`,
    ),
    empties: statement(`tidy_${name}`, `UPDATE ${name} SET ${rule.empties} = NULL WHERE ${among(key, spent, kind)}`),
  };
}

/**
 * On PostgreSQL the rows are locked as they are found: several nodes share the work without waiting for one another,
 * and a row that a request has given more time meanwhile is looked at again and left. As an array they are found by
 * key, whatever the planner believes about the table.
 */
function among(key: string, select: string, kind: Database['kind']): string {
  return kind === 'postgres' ? `${key} = ANY(ARRAY(${select} FOR UPDATE SKIP LOCKED))` : `${key} IN (${select})`;
}
