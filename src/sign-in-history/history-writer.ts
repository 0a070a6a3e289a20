import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AuditLog, type AuditRecord } from '../audit/audit-log.js';
import { ServerLog } from '../audit/server-log.js';
import { Database, statement, type Statement } from '../database/database.js';
import { isUnavailable } from '../database/database-errors.js';
import { jsonRows } from '../database/json-rows.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { KEEP_MS, lineOf, type HistoryLine } from './history-line.js';
import { LineLimits } from './line-limits.js';

/** Milliseconds for which lines are collected before they are written. */
const COLLECT_MS = 200;
/** Milliseconds to the next try, where the database is away. */
const RETRY_MS = 5_000;

const AT_ONCE = 200;
/** Lines that wait at most. A database that is away for long must not cost the memory. */
const MOST_WAITING = 10_000;

const LONGEST_USER_AGENT = 400;
const LONGEST_TEXT = { address: 64, method: 32 } as const;

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly kind: string;
  readonly happened_at: number;
  readonly client_id: string | null;
  readonly session_id: string | null;
  readonly method: string | null;
  readonly address: string;
  readonly user_agent: string;
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
  private waiting: Row[] = [];
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
      method: 'text',
      address: 'text',
      user_agent: 'text',
      expires_at: 'bigint',
    });
    // Only of people who are there. A session knows its browser, so its events need not carry that about.
    this.insert = statement(
      'sign_in_event_insert',
      `INSERT INTO sign_in_events (id, account_id, kind, happened_at, client_id, session_id, method, address, user_agent,
         expires_at)
       SELECT n.id, n.account_id, n.kind, n.happened_at, n.client_id, n.session_id, n.method, n.address,
         CASE WHEN n.user_agent = '' THEN COALESCE(s.user_agent, '') ELSE n.user_agent END, n.expires_at
       FROM ${given} AS n JOIN accounts a ON a.id = n.account_id LEFT JOIN sessions s ON s.id = n.session_id
       WHERE n.id IS NOT NULL
       ON CONFLICT (id) DO NOTHING`,
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
    if (this.waiting.length > 0) await this.write();
  }

  /** Everything that has happened until now is in the table, or was given up. */
  async written(): Promise<void> {
    await (this.writing ?? this.begin());
  }

  private take(record: AuditRecord): void {
    const line = lineOf(record);
    if (line === undefined || !this.limits.allows(line.accountId, line.kind, line.happenedAt)) return;
    this.waiting.push(rowOf(line));
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
    if (this.ending) void this.begin();
    else this.wake(COLLECT_MS);
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
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, AT_ONCE);
      try {
        await this.database.run(this.insert, JSON.stringify(batch));
      } catch (error) {
        this.log.failure({ kind: 'sign_in_history', err: error, lines: batch.length }, 'the time line was not written');
        // What the database refuses it would refuse again, and all that comes after would wait for it.
        if (!isUnavailable(error)) continue;
        this.waiting = [...batch, ...this.waiting].slice(-MOST_WAITING);
        if (!this.ending) this.wake(RETRY_MS);
        return;
      }
    }
  }
}

function rowOf({ happenedAt, clientId, sessionId, ...line }: HistoryLine): Row {
  return {
    id: newIdentifier(),
    account_id: line.accountId,
    kind: line.kind,
    happened_at: happenedAt.getTime(),
    client_id: clientId ?? null,
    session_id: sessionId ?? null,
    method: line.method?.slice(0, LONGEST_TEXT.method) ?? null,
    address: line.address.slice(0, LONGEST_TEXT.address),
    user_agent: line.userAgent.slice(0, LONGEST_USER_AGENT),
    expires_at: happenedAt.getTime() + KEEP_MS,
  };
}
