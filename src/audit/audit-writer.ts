import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, statement, type Statement, type Value } from '../database/database.js';
import { isUnavailable } from '../database/database-errors.js';
import { jsonRows } from '../database/json-rows.js';
import { Measurements, type Counter } from '../measurements/measurements.js';
import type { AuditRecord } from './audit-log.js';
import { ROW_COLUMNS, rowOf, type AuditRow } from './audit-row.js';
import { StrangerLimits } from './stranger-limits.js';
import { ServerLog } from './server-log.js';

/** Milliseconds for which events are collected before they are written. */
const COLLECT_MS = 300;
/** Milliseconds to the next try, where the database is away. */
const RETRY_MS = 2_000;

/** Rows in one statement: on SQLite the event loop waits for each. */
const AT_ONCE = 100;

/** Events that wait at most. A database that is away for long must not cost the memory. */
const MOST_WAITING = 50_000;
/** UTF-16 units of what waits: most events have some hundred, and some ten thousand. */
const MOST_TEXT_WAITING = 32 * 2 ** 20;

/** Milliseconds after which it is looked whether a minute in which there was too much is over. */
const MINUTE_OVER_MS = 61_000;

const COLUMNS = ROW_COLUMNS.join(', ');

const INSERT_ONE = statement(
  'audit_event_insert_one',
  `INSERT INTO audit_events (${COLUMNS}) VALUES (${ROW_COLUMNS.map((_, index) => `$${index + 1}`).join(', ')})
   ON CONFLICT (id) DO NOTHING`,
);

/**
 * Writes events into the trail: within the transaction of a change, or collected, some at a time, off the path of the
 * requests. What is collected is lost when the process is killed (a third of a second of it), and when the database is
 * away for longer than the memory may hold; that is counted.
 */
@Injectable()
export class AuditWriter implements BeforeApplicationShutdown {
  private readonly limits = new StrangerLimits();
  private readonly insert: Statement;
  private readonly dropped: Counter;
  private waiting: AuditRecord[] = [];
  /** Rows of an earlier batch, with the ids that they may already have in the table. */
  private unwritten: readonly AuditRow[] = [];
  private timer: NodeJS.Timeout | undefined;
  private excessTimer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private ending = false;

  constructor(
    private readonly database: Database,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    const types = ROW_COLUMNS.map((name) => [name, name === 'at' ? 'bigint' : 'text'] as const);
    const given = jsonRows(database.kind, '$1', Object.fromEntries(types));
    // A row is there already when the answer to an earlier try was lost.
    this.insert = statement(
      'audit_event_insert',
      `INSERT INTO audit_events (${COLUMNS}) SELECT ${COLUMNS} FROM ${given} AS given WHERE given.id IS NOT NULL
       ON CONFLICT (id) DO NOTHING`,
    );
    const waiting = () => [{ value: this.waiting.length + this.unwritten.length }];
    measurements.gauge('clinch_audit_events_waiting', 'Audit events in memory that are not yet written.', waiting);
    this.dropped = measurements.counter(
      'clinch_audit_events_dropped_total',
      'Audit events that are in the log only: beyond the limit of what strangers can cause, or not written.',
    );
  }

  /** Puts an event into the next batch. */
  push(record: AuditRecord): void {
    if (this.waiting.length >= MOST_WAITING) {
      this.dropped.add({ reason: 'full' });
      return;
    }
    this.waiting.push(record);
    if (this.ending) void this.written();
    else this.timer ??= setTimeout(() => void this.written(), COLLECT_MS).unref();
  }

  /** Writes an event within the transaction of its change. */
  async insertIn(manager: EntityManager, record: AuditRecord): Promise<void> {
    await this.database.runIn(manager, INSERT_ONE, ...valuesOf(rowOf(record)));
  }

  /** Everything that has happened until now is in the trail, or was given up. */
  async written(): Promise<void> {
    while (this.writing !== undefined) await this.writing;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.write().finally(() => (this.writing = undefined));
    await this.writing;
  }

  /** After everybody has ended what they did, and before the connections close. */
  async beforeApplicationShutdown(): Promise<void> {
    this.ending = true;
    clearTimeout(this.excessTimer);
    await this.written();
  }

  private async write(): Promise<void> {
    const within = this.waiting.filter((record) => this.isWithinLimits(record));
    const more = this.limits.more(this.ending ? Number.MAX_SAFE_INTEGER : Date.now());
    const fresh = [...within, ...more].map((record) => rowOf(record));
    const rows = [...this.unwritten, ...fresh];
    this.waiting = [];
    this.unwritten = [];
    for (let done = 0; done < rows.length; done += AT_ONCE) {
      const part = rows.slice(done, done + AT_ONCE);
      try {
        await this.put(part);
      } catch (error) {
        if (isUnavailable(error) && !this.ending) {
          this.log.failure({ kind: 'audit', err: error, events: part.length }, 'audit events wait for the database');
          this.keep(rows.slice(done));
          return;
        }
        await this.putSingly(part);
      }
    }
  }

  /** One that the database does not take must not take others along. Those that are there already stay. */
  private async putSingly(rows: readonly AuditRow[]): Promise<void> {
    for (const row of rows) {
      try {
        await this.database.run(INSERT_ONE, ...valuesOf(row));
      } catch (error) {
        this.log.failure({ kind: 'audit', err: error, event: row.event, id: row.id }, 'an audit event was not written');
        this.dropped.add({ reason: 'failed' });
      }
    }
  }

  /** SQLite writes statements that come together in one commit, and reads no JSON for it; PostgreSQL takes one statement. */
  private async put(rows: readonly AuditRow[]): Promise<void> {
    if (this.database.kind === 'postgres') await this.database.run(this.insert, JSON.stringify(rows));
    else await Promise.all(rows.map((row) => this.database.run(INSERT_ONE, ...valuesOf(row))));
  }

  /** For another try; the oldest are given up where there are too many. */
  private keep(rows: readonly AuditRow[]): void {
    const beyond = Math.max(0, rows.length + this.waiting.length - MOST_WAITING, rows.length - fitting(rows));
    if (beyond > 0) this.dropped.add({ reason: 'full' }, Math.min(beyond, rows.length));
    this.unwritten = rows.slice(beyond);
    this.timer ??= setTimeout(() => void this.written(), RETRY_MS).unref();
  }

  private isWithinLimits(record: AuditRecord): boolean {
    if (this.limits.allows(record)) return true;
    this.dropped.add({ reason: 'limit' });
    this.excessTimer ??= setTimeout(() => {
      this.excessTimer = undefined;
      void this.written();
    }, MINUTE_OVER_MS).unref();
    return false;
  }
}

function valuesOf(row: AuditRow): Value[] {
  return ROW_COLUMNS.map((name) => row[name]);
}

/** How many of the newest fit into the memory. */
function fitting(rows: readonly AuditRow[]): number {
  let text = 0;
  const last = rows.findLastIndex((row) => (text += row.details.length) > MOST_TEXT_WAITING);
  return rows.length - 1 - last;
}
