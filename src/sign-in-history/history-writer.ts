import { createHash } from 'node:crypto';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AuditLog, type AuditRecord } from '../audit/audit-log.js';
import { ServerLog } from '../audit/server-log.js';
import { Database, statement, type Statement } from '../database/database.js';
import { isUnavailable } from '../database/database-errors.js';
import { jsonRows } from '../database/json-rows.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import type { HistoryKind } from '../ui/messages.portal.js';
import { KEEP_MS, lineOf, type HistoryLine } from './history-line.js';
import { LineLimits } from './line-limits.js';

/** Milliseconds for which lines are collected before they are written. */
const COLLECT_MS = 200;
/** Milliseconds to the next try, where the database is away. */
const RETRY_MS = 5_000;

const AT_ONCE = 200;
/** Lines that wait at most. A database that is away for long must not cost the memory. */
const MOST_WAITING = 10_000;

const HOUR_MS = 3_600_000;

/**
 * What strangers can do as often as they like, from wherever and with whatever browser: one row an hour with a count, so
 * that nobody can bury a sign-in that was not the person's own under it.
 */
const COUNTED: ReadonlySet<HistoryKind> = new Set(['wrong_password']);

const LONGEST_USER_AGENT = 400;
const LONGEST_TEXT = { address: 64, method: 32 } as const;

/** What a counted row has of the last time that it happened. */
const OF_THE_NEWEST = ['happened_at', 'address', 'user_agent', 'expires_at'] as const;

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly kind: string;
  readonly happened_at: number;
  readonly client_id: string | null;
  readonly session_id: string | null;
  readonly ended_session_id: string | null;
  readonly method: string | null;
  readonly address: string;
  readonly user_agent: string;
  readonly times: number;
  readonly expires_at: number;
}

/**
 * Writes the time line from the audit's events, off the path of the requests: they are put in a row, and written some at
 * a time. What cannot be written is tried again and at last given up, with a line in the log; no sign-in notices.
 */
@Injectable()
export class HistoryWriter implements OnModuleInit, OnModuleDestroy {
  private readonly limits = new LineLimits();
  private readonly insert: Statement;
  private waiting = new Map<string, Row>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private ending = false;

  constructor(
    private readonly audit: AuditLog,
    private readonly database: Database,
    private readonly log: ServerLog,
  ) {
    const given = jsonRows(database.kind, '$1', {
      id: 'text',
      account_id: 'text',
      kind: 'text',
      happened_at: 'bigint',
      client_id: 'text',
      session_id: 'text',
      ended_session_id: 'text',
      method: 'text',
      address: 'text',
      user_agent: 'text',
      times: 'bigint',
      expires_at: 'bigint',
    });
    // In the order of the ids, so that two nodes that count the same do not wait for each other. A row that is not counted
    // is there already when the answer to an earlier try was lost.
    // Only of people who are there. A session knows its browser, so its events need not carry that about.
    this.insert = statement(
      'sign_in_event_insert',
      `INSERT INTO sign_in_events (id, account_id, kind, happened_at, client_id, session_id, method, address, user_agent,
         ended_user_agent, times, expires_at)
       SELECT n.id, n.account_id, n.kind, n.happened_at, n.client_id, n.session_id, n.method, n.address,
         CASE WHEN n.user_agent = '' THEN COALESCE(s.user_agent, '') ELSE n.user_agent END, e.user_agent, n.times,
         n.expires_at
       FROM ${given} AS n JOIN accounts a ON a.id = n.account_id LEFT JOIN sessions s ON s.id = n.session_id
         LEFT JOIN sessions e ON e.id = n.ended_session_id
       WHERE n.id IS NOT NULL
       ORDER BY n.id
       ON CONFLICT (id) DO UPDATE SET times = sign_in_events.times + excluded.times,
         ${OF_THE_NEWEST.map((name) => newest(name)).join(', ')}
       WHERE excluded.kind IN (${[...COUNTED].map((kind) => `'${kind}'`).join(', ')})`,
    );
  }

  onModuleInit(): void {
    this.audit.declareSink((record) => this.take(record));
  }

  /** What waits is written before the database closes. */
  async onModuleDestroy(): Promise<void> {
    this.ending = true;
    clearTimeout(this.timer);
    await this.written();
    if (this.waiting.size > 0) await this.write();
  }

  /** Everything that has happened until now is in the table, or was given up. */
  async written(): Promise<void> {
    await (this.writing ?? this.begin());
  }

  private take(record: AuditRecord): void {
    const line = lineOf(record);
    if (line === undefined) return;
    if (!COUNTED.has(line.kind) && !this.limits.allows(line.accountId, line.kind, line.happenedAt)) return;
    this.put(rowOf(line));
    if (this.ending) void this.begin();
    else this.wake(COLLECT_MS);
  }

  /** No id twice in one statement: PostgreSQL refuses that. */
  private put(row: Row): void {
    const same = this.waiting.get(row.id);
    this.waiting.set(row.id, same === undefined ? row : { ...row, times: same.times + row.times });
    if (this.waiting.size > MOST_WAITING) this.waiting.delete(this.waiting.keys().next().value ?? '');
  }

  private wake(inMs: number): void {
    this.timer ??= setTimeout(() => void this.begin(), inMs).unref();
  }

  private begin(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing ??= this.write().finally(() => (this.writing = undefined));
    return this.writing;
  }

  private async write(): Promise<void> {
    while (this.waiting.size > 0) {
      const batch = [...this.waiting.values()].slice(0, AT_ONCE);
      for (const { id } of batch) this.waiting.delete(id);
      try {
        await this.database.run(this.insert, JSON.stringify(batch));
      } catch (error) {
        this.log.failure({ kind: 'sign_in_history', err: error, lines: batch.length }, 'the time line was not written');
        // What the database refuses it would refuse again, and all that comes after would wait for it.
        if (!isUnavailable(error)) continue;
        const since = this.waiting.values();
        this.waiting = new Map();
        for (const row of [...batch, ...since]) this.put(row);
        if (!this.ending) this.wake(RETRY_MS);
        return;
      }
    }
  }
}

function newest(column: (typeof OF_THE_NEWEST)[number]): string {
  const isNewer = 'excluded.happened_at >= sign_in_events.happened_at';
  return `${column} = CASE WHEN ${isNewer} THEN excluded.${column} ELSE sign_in_events.${column} END`;
}

/** The same on every node. */
function idOfHour(accountId: string, kind: HistoryKind, at: Date): string {
  const hour = Math.floor(at.getTime() / HOUR_MS);
  return createHash('sha256').update(`${accountId} ${kind} ${hour}`).digest('base64url');
}

function rowOf({ happenedAt, clientId, sessionId, endedSessionId, ...line }: HistoryLine): Row {
  return {
    id: COUNTED.has(line.kind) ? idOfHour(line.accountId, line.kind, happenedAt) : newIdentifier(),
    account_id: line.accountId,
    kind: line.kind,
    happened_at: happenedAt.getTime(),
    client_id: clientId ?? null,
    session_id: sessionId ?? null,
    ended_session_id: endedSessionId ?? null,
    method: line.method?.slice(0, LONGEST_TEXT.method) ?? null,
    address: line.address.slice(0, LONGEST_TEXT.address),
    user_agent: line.userAgent.slice(0, LONGEST_USER_AGENT),
    times: 1,
    expires_at: happenedAt.getTime() + KEEP_MS,
  };
}
