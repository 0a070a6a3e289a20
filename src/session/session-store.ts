import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
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
import { Settings } from '../settings/settings.js';

/** A session's row is rewritten at most once in this part of the idle lifetime, and once in five minutes. */
const TOUCHES_PER_IDLE_LIFETIME = 12;
const TOUCH_EVERY_MS = 5 * 60_000;

/** Where a session begins: what the browser says that it is, and its address. */
export interface Place {
  readonly userAgent: string;
  readonly address: string;
}

const NOWHERE: Place = { userAgent: '', address: '' };

/** One signed-in browser, as the flows see it. */
export interface Session {
  /** The `sid` of tokens. */
  readonly id: string;
  /** Of the first session that this person had in this browser; those of one chain end together. */
  readonly chainId: string;
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
  chain_id: string;
  last_used_at: number;
};

const PURPOSE = 'session';

const LONGEST_USER_AGENT = 400;

// One statement for both: every authorization and every redemption needs the session and its account. Both lifetimes are
// asked as they are now: what an operator shortens is shorter for those who are signed in already.
const SELECT = `SELECT s.id AS session_id, s.chain_id, s.auth_time, s.acr, s.amr, s.last_used_at,
  ${ACCOUNT_COLUMNS.map((name) => `a.${name}`).join(', ')}
  FROM sessions s JOIN accounts a ON a.id = s.account_id
  WHERE s.ended_at IS NULL AND s.expires_at > $2 AND s.started_at > $3 AND s.last_used_at > $4`;
// Whatever the lifetimes say: of a session that went idle the apps go on, so there is something to end.
const TO_END = `SELECT s.id AS session_id, s.chain_id, s.auth_time, s.acr, s.amr, s.last_used_at,
  ${ACCOUNT_COLUMNS.map((name) => `a.${name}`).join(', ')}
  FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.ended_at IS NULL`;
const FIND_TO_END = statement('session_find_to_end', `${TO_END} AND s.digest = $1`);
const FIND_TO_END_BY_ID = statement('session_find_to_end_by_id', `${TO_END} AND s.id = $1`);
const FIND = statement('session_find', `${SELECT} AND s.digest = $1 AND s.replaced_at IS NULL`);
const FIND_BY_ID = statement('session_find_by_id', `${SELECT} AND s.id = $1`);
const INSERT = statement(
  'session_insert',
  `INSERT INTO sessions (id, digest, chain_id, account_id, auth_time, acr, amr, user_agent, address, started_at,
     last_used_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)`,
);
const TOUCH = statement('session_touch', 'UPDATE sessions SET last_used_at = $1 WHERE id = $2 AND ended_at IS NULL');
const REPLACE = statement('session_replace', 'UPDATE sessions SET replaced_at = $1 WHERE id = $2');
const EARLIER = statement(
  'session_find_earlier',
  'SELECT id, chain_id FROM sessions WHERE digest = $1 AND account_id = $2 AND ended_at IS NULL',
);
const END = statement('session_end', 'UPDATE sessions SET ended_at = $1 WHERE chain_id = $2 AND ended_at IS NULL');
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
    private readonly settings: Settings,
  ) {}

  /**
   * @param chainId of the session of the same person in the same browser that this one takes the place of
   * @returns the new session and the secret for its cookie
   */
  async start(
    accountId: string,
    { authTime, acr, amr }: Proof,
    { userAgent, address }: Place = NOWHERE,
    chainId?: string,
  ): Promise<{ session: Session; token: string }> {
    const now = Date.now();
    const token = newOpaqueToken();
    const id = newIdentifier();
    const session = { id, chainId: chainId ?? id, accountId, authTime, acr, amr };
    await this.database.run(
      INSERT,
      id,
      this.keyring.digest(PURPOSE, token),
      session.chainId,
      accountId,
      authTime.getTime(),
      acr,
      amr.join(' '),
      userAgent.slice(0, LONGEST_USER_AGENT),
      address,
      now,
      now + this.settings.current.sessionAbsoluteLifetime * 1000,
    );
    return { session, token };
  }

  /**
   * Who is signed in with that cookie.
   *
   * @param isUse whether it keeps the session from going idle
   */
  async find(token: string, isUse = true): Promise<SignedIn | undefined> {
    if (!isOpaqueToken(token)) return undefined;
    for (const digest of this.keyring.digests(PURPOSE, token)) {
      const row = await this.database.first<SessionRow>(FIND, digest, ...this.limits());
      if (row === undefined) continue;
      if (isUse) await this.touch(row);
      return fromRow(row);
    }
    return undefined;
  }

  /** The same by the session's id, for those who come without the browser. It does not count as use. */
  async findById(id: string): Promise<SignedIn | undefined> {
    const row = await this.database.first<SessionRow>(FIND_BY_ID, id, ...this.limits());
    return row === undefined ? undefined : fromRow(row);
  }

  /**
   * The session of that cookie, also after it went idle or ran out: nobody is signed in with it then, but what came of it
   * goes on in the apps until it is ended.
   */
  async findToEnd(token: string): Promise<SignedIn | undefined> {
    if (!isOpaqueToken(token)) return undefined;
    for (const digest of this.keyring.digests(PURPOSE, token)) {
      const row = await this.database.first<SessionRow>(FIND_TO_END, digest);
      if (row !== undefined) return fromRow(row);
    }
    return undefined;
  }

  /** The same by the session's id. */
  async findToEndById(id: string): Promise<SignedIn | undefined> {
    const row = await this.database.first<SessionRow>(FIND_TO_END_BY_ID, id);
    return row === undefined ? undefined : fromRow(row);
  }

  /**
   * A session of that person, of whatever age, that nobody has ended: idle, or replaced in this moment by a sign-in in
   * another tab, nobody is signed in with it, but whoever proves anew who they are goes on from it.
   */
  async findEarlier(token: string, accountId: string): Promise<Pick<Session, 'id' | 'chainId'> | undefined> {
    if (!isOpaqueToken(token)) return undefined;
    for (const digest of this.keyring.digests(PURPOSE, token)) {
      const row = await this.database.first<{ id: string; chain_id: string }>(EARLIER, digest, accountId);
      if (row !== undefined) return { id: row.id, chainId: row.chain_id };
    }
    return undefined;
  }

  /** Another session of its chain takes its place: it goes on for what came of it, but no browser can come back to it. */
  async replace(id: string): Promise<void> {
    await this.database.run(REPLACE, Date.now(), id);
  }

  /**
   * Ends the sessions of a chain, and nothing else: see `sign-out` for what hangs on them.
   *
   * @param manager of the transaction that ends that too
   */
  async end(chainId: string, manager: EntityManager): Promise<void> {
    await this.database.runIn(manager, END, Date.now(), chainId);
  }

  async endAllOf(accountId: string): Promise<void> {
    await this.database.run(END_ALL, Date.now(), accountId);
  }

  /** Now, and the earliest start and last use of a session that is still good. */
  private limits(): [now: number, startedAfter: number, usedAfter: number] {
    const now = Date.now();
    const { sessionAbsoluteLifetime, sessionIdleLifetime } = this.settings.current;
    return [now, now - sessionAbsoluteLifetime * 1000, now - sessionIdleLifetime * 1000];
  }

  private async touch(row: SessionRow): Promise<void> {
    const now = Date.now();
    const idleMs = this.settings.current.sessionIdleLifetime * 1000;
    if (now - row.last_used_at < Math.min(TOUCH_EVERY_MS, idleMs / TOUCHES_PER_IDLE_LIFETIME)) return;
    await this.database.run(TOUCH, now, row.session_id);
  }
}

/** Nobody, when the account has been disabled, or its password set, since the sign-in. */
function fromRow(row: SessionRow): SignedIn | undefined {
  const account = accountFromRow(row);
  const authTime = new Date(row.auth_time);
  if (!isSignInValid(account, authTime)) return undefined;
  const { session_id: id, chain_id: chainId, acr, amr } = row;
  return { account, session: { id, chainId, accountId: account.id, authTime, acr, amr: amr.split(' ') } };
}
