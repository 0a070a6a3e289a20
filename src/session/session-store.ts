import { Injectable } from '@nestjs/common';
import {
  ACCOUNT_COLUMNS,
  accountFromRow,
  isSignInValid,
  type Account,
  type AccountRow,
} from '../accounts/account-store.js';
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

/** How and when somebody proved who they are. */
export type Proof = Pick<Session, 'authTime' | 'acr' | 'amr'>;

/** Somebody is signed in: the session, and the account that is still good for it. */
export interface SignedIn {
  readonly session: Session;
  readonly account: Account;
}

type SessionRow = AccountRow & {
  session_id: string;
  auth_time: number;
  acr: string;
  amr: string;
  idle_expires_at: number;
};

const PURPOSE = 'session';

// One statement for both: every authorization and every redemption needs the session and its account.
const SELECT = `SELECT s.id AS session_id, s.auth_time, s.acr, s.amr, s.idle_expires_at,
  ${ACCOUNT_COLUMNS.map((name) => `a.${name}`).join(', ')}
  FROM sessions s JOIN accounts a ON a.id = s.account_id
  WHERE s.ended_at IS NULL AND s.expires_at > $2 AND s.idle_expires_at > $2`;
const FIND = statement('session_find', `${SELECT} AND s.digest = $1`);
const FIND_BY_ID = statement('session_find_by_id', `${SELECT} AND s.id = $1`);
const INSERT = statement(
  'session_insert',
  `INSERT INTO sessions (id, digest, account_id, auth_time, acr, amr, idle_expires_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
);
const TOUCH = statement('session_touch', 'UPDATE sessions SET idle_expires_at = $1 WHERE id = $2 AND ended_at IS NULL');
const FORGET_COOKIE = statement('session_forget_cookie', 'UPDATE sessions SET digest = $1 WHERE id = $2');
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
  async start(accountId: string, { authTime, acr, amr }: Proof): Promise<{ session: Session; token: string }> {
    const now = Date.now();
    const token = newOpaqueToken();
    const session = { id: newIdentifier(), accountId, authTime, acr, amr };
    await this.database.run(
      INSERT,
      session.id,
      this.keyring.digest(PURPOSE, token),
      accountId,
      authTime.getTime(),
      acr,
      amr.join(' '),
      now + IDLE_LIFETIME * 1000,
      now + ABSOLUTE_LIFETIME * 1000,
    );
    return { session, token };
  }

  /** Who is signed in with that cookie. Using the session keeps it from going idle. */
  async find(token: string): Promise<SignedIn | undefined> {
    if (!isOpaqueToken(token)) return undefined;
    for (const digest of this.keyring.digests(PURPOSE, token)) {
      const row = await this.database.first<SessionRow>(FIND, digest, Date.now());
      if (row === undefined) continue;
      await this.touch(row);
      return fromRow(row);
    }
    return undefined;
  }

  /** The same by the session's id, for those who come without the browser. It does not count as use. */
  async findById(id: string): Promise<SignedIn | undefined> {
    const row = await this.database.first<SessionRow>(FIND_BY_ID, id, Date.now());
    return row === undefined ? undefined : fromRow(row);
  }

  /** The session goes on for what came of it, but no browser can come back to it. */
  async forgetCookie(id: string): Promise<void> {
    await this.database.run(FORGET_COOKIE, this.keyring.digest(PURPOSE, newOpaqueToken()), id);
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
    await this.database.run(TOUCH, idleExpiresAt, row.session_id);
  }
}

/** Nobody, when the account has been disabled, or its password set, since the sign-in. */
function fromRow(row: SessionRow): SignedIn | undefined {
  const account = accountFromRow(row);
  const authTime = new Date(row.auth_time);
  if (!isSignInValid(account, authTime)) return undefined;
  const { session_id: id, acr, amr } = row;
  return { account, session: { id, accountId: account.id, authTime, acr, amr: amr.split(' ') } };
}
