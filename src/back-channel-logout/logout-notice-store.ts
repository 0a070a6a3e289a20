import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '../database/database.js';

/** Milliseconds that a notice stays in the log when there is nothing to do for it any more. */
export const LOGGED_MS = 14 * 24 * 3_600_000;

/** Apps of one look. */
const MOST_APPS = 1_000;

/** A notice that a worker has. */
export interface ClaimedNotice {
  readonly id: string;
  readonly claim: string;
  readonly accountId: string;
  readonly sessionId: string | undefined;
  readonly clientId: string;
  readonly cause: string;
  /** Those that are over. */
  readonly attempts: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** How an attempt went. */
export interface Attempt {
  readonly status: number | undefined;
  readonly error: string | undefined;
}

interface Row {
  id: string;
  account_id: string;
  session_id: string | null;
  client_id: string;
  cause: string;
  attempts: number;
  created_at: number | string;
  expires_at: number | string;
}

const COLUMNS = 'id, account_id, session_id, client_id, cause, attempts, created_at, expires_at';

// Between: by that SQLite searches for what is due, and does not read the whole log, of which most has no time at all.
const DUE_APPS = statement(
  'logout_notice_due_apps',
  `SELECT client_id FROM logout_notices WHERE next_attempt_at BETWEEN 0 AND $1
   GROUP BY client_id ORDER BY MIN(next_attempt_at) LIMIT ${MOST_APPS}`,
);
const DUE_OF_APP = `SELECT id FROM logout_notices WHERE client_id = $1 AND next_attempt_at <= $2
  ORDER BY next_attempt_at LIMIT $5`;
const SETTLE = statement(
  'logout_notice_settle',
  `UPDATE logout_notices SET state = $3, claim = NULL, next_attempt_at = NULL, attempts = attempts + 1,
     delivered_at = $4, last_status = $5, last_error = $6, expires_at = $7
   WHERE id = $1 AND claim = $2`,
);
const POSTPONE = statement(
  'logout_notice_postpone',
  `UPDATE logout_notices SET claim = NULL, next_attempt_at = $3, attempts = attempts + 1, last_status = $4, last_error = $5
   WHERE id = $1 AND claim = $2`,
);
// Whatever became of it, and also while somebody has it: who has lost the claim changes nothing any more.
const REPLAY = statement(
  'logout_notice_replay',
  `UPDATE logout_notices SET state = 'pending', claim = NULL, next_attempt_at = $2, attempts = 0, delivered_at = NULL,
     expires_at = $3
   WHERE id = $1`,
);

const COUNT_PENDING = statement(
  'logout_notice_count_pending',
  `SELECT COUNT(*) AS pending
   FROM (SELECT 1 FROM logout_notices WHERE next_attempt_at IS NOT NULL LIMIT CAST($1 AS integer)) AS waiting`,
);

/** The queue as the worker sees it: a notice is claimed, and then settled or put off, by statements that only its claimer wins. */
@Injectable()
export class LogoutNoticeStore {
  private readonly claims: Statement;

  constructor(private readonly database: Database) {
    // On PostgreSQL nobody waits for a row that another node is taking, and nobody takes it twice.
    const due =
      database.kind === 'postgres' ? `= ANY(ARRAY(${DUE_OF_APP} FOR UPDATE SKIP LOCKED))` : `IN (${DUE_OF_APP})`;
    this.claims = statement(
      'logout_notice_claim',
      `UPDATE logout_notices SET claim = $3, next_attempt_at = $4 WHERE id ${due} RETURNING ${COLUMNS}`,
    );
  }

  /** The apps that are to be told something now; the one that has waited longest is the first. */
  async dueApps(): Promise<string[]> {
    const rows = await this.database.all<{ client_id: string }>(DUE_APPS, Date.now());
    return rows.map(({ client_id: clientId }) => clientId);
  }

  /**
   * Takes due notices of an app, so that nobody else has them for a while.
   *
   * @param most how many
   * @param leaseMs milliseconds after which whoever has died over them has lost them
   */
  async claim(clientId: string, claim: string, most: number, leaseMs: number): Promise<ClaimedNotice[]> {
    const now = Date.now();
    const rows = await this.database.all<Row>(this.claims, clientId, now, claim, now + leaseMs, most);
    return rows.map((row) => ({
      id: row.id,
      claim,
      accountId: row.account_id,
      sessionId: row.session_id ?? undefined,
      clientId: row.client_id,
      cause: row.cause,
      attempts: row.attempts,
      createdAt: new Date(Number(row.created_at)),
      expiresAt: new Date(Number(row.expires_at)),
    }));
  }

  /** There is nothing to do any more. @returns false when somebody else has it by now */
  async settle(
    { id, claim }: ClaimedNotice,
    state: 'delivered' | 'failed',
    { status, error }: Attempt,
  ): Promise<boolean> {
    const now = Date.now();
    const deliveredAt = state === 'delivered' ? now : null;
    const values = [state, deliveredAt, status ?? null, error ?? null, now + LOGGED_MS] as const;
    return (await this.database.run(SETTLE, id, claim, ...values)) === 1;
  }

  /** It is tried again then. @returns false when somebody else has it by now */
  async postpone({ id, claim }: ClaimedNotice, until: Date, { status, error }: Attempt): Promise<boolean> {
    return (await this.database.run(POSTPONE, id, claim, until.getTime(), status ?? null, error ?? null)) === 1;
  }

  /** It is due at once, as if it were new. @returns false when it is not there any more */
  async replay(id: string, expiresAt: Date): Promise<boolean> {
    return (await this.database.run(REPLAY, id, Date.now(), expiresAt.getTime())) === 1;
  }

  /** How many wait, counted up to `most`. */
  async countPending(most: number): Promise<number> {
    const row = await this.database.first<{ pending: number | string }>(COUNT_PENDING, most);
    return Number(row?.pending ?? 0);
  }
}
