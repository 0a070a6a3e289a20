import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';
import { Keyring } from '../keyring/keyring.js';
import { isOpaqueToken, newIdentifier, newOpaqueToken } from '../protocol/opaque-token.js';

/** Seconds: a session ends after this, whatever happens… */
export const ABSOLUTE_LIFETIME = 10 * 3600;
/** …and after this without a request. */
export const IDLE_LIFETIME = 2 * 3600;

/** Milliseconds between two notes that a session is in use: the row is not rewritten on every request. */
const TOUCH_EVERY_MS = 5 * 60_000;

/** One signed-in browser, as the flows see it. */
export interface Session {
  /** The `sid` of tokens. */
  readonly id: string;
  readonly accountId: string;
  readonly authTime: Date;
  readonly acr: string;
  readonly amr: readonly string[];
}

interface SessionRow {
  id: string;
  account_id: string;
  auth_time: number;
  acr: string;
  amr: string;
  idle_expires_at: number;
}

const PURPOSE = 'session';

const COLUMNS = 'id, account_id, auth_time, acr, amr, idle_expires_at';
const LIVE = 'ended_at IS NULL AND expires_at > $2 AND idle_expires_at > $2';
const FIND = statement('session_find', `SELECT ${COLUMNS} FROM sessions WHERE digest = $1 AND ${LIVE}`);
const FIND_BY_ID = statement('session_find_by_id', `SELECT ${COLUMNS} FROM sessions WHERE id = $1 AND ${LIVE}`);
const INSERT = statement(
  'session_insert',
  `INSERT INTO sessions (id, digest, account_id, auth_time, acr, amr, idle_expires_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
);
const TOUCH = statement('session_touch', 'UPDATE sessions SET idle_expires_at = $1 WHERE id = $2 AND ended_at IS NULL');
const END = statement('session_end', 'UPDATE sessions SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL');
const END_ALL = statement(
  'session_end_all',
  'UPDATE sessions SET ended_at = $1 WHERE account_id = $2 AND ended_at IS NULL',
);

/** Sessions, found by the cookie's digest: the cookie itself is kept nowhere but in the browser. */
@Injectable()
export class SessionStore {
  constructor(
    private readonly database: Database,
    private readonly keyring: Keyring,
  ) {}

  /** @returns the new session and the secret for its cookie */
  async start(accountId: string, acr: string, amr: readonly string[]): Promise<{ session: Session; token: string }> {
    const now = Date.now();
    const token = newOpaqueToken();
    const session = { id: newIdentifier(), accountId, authTime: new Date(now), acr, amr };
    await this.database.run(
      INSERT,
      session.id,
      this.keyring.digest(PURPOSE, token),
      accountId,
      now,
      acr,
      amr.join(' '),
      now + IDLE_LIFETIME * 1000,
      now + ABSOLUTE_LIFETIME * 1000,
    );
    return { session, token };
  }

  /** The live session of that cookie. Using it keeps it from going idle. */
  async find(token: string): Promise<Session | undefined> {
    if (!isOpaqueToken(token)) return undefined;
    for (const digest of this.keyring.digests(PURPOSE, token)) {
      const row = await this.database.first<SessionRow>(FIND, digest, Date.now());
      if (row === undefined) continue;
      await this.touch(row);
      return fromRow(row);
    }
    return undefined;
  }

  async isLive(id: string): Promise<boolean> {
    return (await this.database.first(FIND_BY_ID, id, Date.now())) !== undefined;
  }

  async end(id: string): Promise<void> {
    await this.database.run(END, Date.now(), id);
  }

  async endAllOf(accountId: string): Promise<void> {
    await this.database.run(END_ALL, Date.now(), accountId);
  }

  private async touch(row: SessionRow): Promise<void> {
    const idleExpiresAt = Date.now() + IDLE_LIFETIME * 1000;
    if (idleExpiresAt - row.idle_expires_at < TOUCH_EVERY_MS) return;
    await this.database.run(TOUCH, idleExpiresAt, row.id);
  }
}

function fromRow(row: SessionRow): Session {
  return {
    id: row.id,
    accountId: row.account_id,
    authTime: new Date(row.auth_time),
    acr: row.acr,
    amr: row.amr.split(' '),
  };
}
