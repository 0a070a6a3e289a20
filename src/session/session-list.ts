import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '../database/database.js';
import { isAmong } from '../database/json-rows.js';
import { Settings } from '../settings/settings.js';
import type { Session } from './session-store.js';

/** A session as it is listed. */
export interface ListedSession extends Session {
  /** What the browser said that it is. */
  readonly userAgent: string;
  /** Where it came from when it began. */
  readonly address: string;
  readonly startedAt: Date;
  /** Not to the second: it is not written at every use. */
  readonly lastUsedAt: Date;
  /** When it ends at the latest; without use it ends sooner. */
  readonly expiresAt: Date;
  /** The apps that were entered in it, and in those of its chain before it. */
  readonly clientIds: readonly string[];
}

/** One that its own person can end. */
export interface OwnSession extends ListedSession {
  /** Nobody is signed in with it any more, but refresh tokens that came of it go on. */
  readonly isOver: boolean;
}

interface Row {
  id: string;
  chain_id: string;
  account_id: string;
  auth_time: number | string;
  acr: string;
  amr: string;
  user_agent: string;
  address: string;
  started_at: number | string;
  last_used_at: number | string;
  expires_at: number | string;
}

type OwnRow = Row & { is_over: number };

const COLUMNS = `s.id, s.chain_id, s.account_id, s.auth_time, s.acr, s.amr, s.user_agent, s.address, s.started_at,
    s.last_used_at, s.expires_at`;
const IS_IN_TIME = 's.expires_at > $1 AND s.started_at > $2 AND s.last_used_at > $3';
const IS_OF_VALID_SIGN_IN = `s.ended_at IS NULL AND s.replaced_at IS NULL AND a.status = 'active'
    AND s.auth_time >= COALESCE(a.password_changed_at, 0) AND s.auth_time >= COALESCE(a.signed_out_at, 0)`;
// What `SessionStore` would find by a cookie. One that another of its chain took the place of has none any more.
const SELECT = `SELECT ${COLUMNS} FROM sessions s JOIN accounts a ON a.id = s.account_id
  WHERE ${IS_OF_VALID_SIGN_IN} AND ${IS_IN_TIME}`;
// What a refresh would still be answered for, and a sign-out would end: with offline access it has a list of its own.
const GOES_ON = `EXISTS (SELECT 1 FROM sessions o JOIN refresh_tokens f ON f.session_id = o.id
      JOIN clients c ON c.client_id = f.client_id
    WHERE o.chain_id = s.chain_id AND f.auth_time >= COALESCE(a.password_changed_at, 0)
      AND f.auth_time >= COALESCE(a.signed_out_at, 0) AND f.expires_at > $1 AND f.created_at + 999 >= c.created_at
      AND f.created_at + c.refresh_token_lifetime * CAST(1000 AS bigint) > $1
      AND (c.refresh_token_idle_lifetime IS NULL OR c.refresh_token_rotation = 'reuse'
        OR COALESCE(f.rotated_at, f.created_at) + c.refresh_token_idle_lifetime * CAST(1000 AS bigint) > $1)
      AND REPLACE(' ' || f.scope || ' ', ' offline_access ', '') = ' ' || f.scope || ' '
      AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.id = f.grant_id))`;
const OF_ACCOUNT = statement(
  'session_list_of_account',
  `SELECT ${COLUMNS}, CASE WHEN ${IS_IN_TIME} THEN 0 ELSE 1 END AS is_over
   FROM sessions s JOIN accounts a ON a.id = s.account_id
   WHERE ${IS_OF_VALID_SIGN_IN} AND s.account_id = $4 AND ((${IS_IN_TIME}) OR ${GOES_ON})
   ORDER BY is_over, s.last_used_at DESC, s.started_at DESC, s.id`,
);
// By any `sid` that an app may have: that of a session that another of its chain took the place of leads to that one.
const BY_ID = statement(
  'session_list_by_id',
  `${SELECT} AND s.chain_id = (SELECT chain_id FROM sessions WHERE id = $4) ORDER BY s.last_used_at DESC LIMIT 1`,
);
const PAGE = statement('session_list_page', `${SELECT} AND s.id > $4 ORDER BY s.id LIMIT $5`);
const PAGE_OF_ACCOUNT = statement(
  'session_list_page_of_account',
  `${SELECT} AND s.id > $4 AND s.account_id = $6 ORDER BY s.id LIMIT $5`,
);
const CHAINS = statement(
  'session_chains_of_account',
  'SELECT DISTINCT chain_id FROM sessions WHERE account_id = $1 AND ended_at IS NULL',
);

// Whatever of the account: what was set there a moment ago ends those sessions in this moment.
const LIVE = statement(
  'session_live_of_account',
  `SELECT chain_id, id FROM sessions WHERE ended_at IS NULL AND replaced_at IS NULL AND expires_at > $1
     AND started_at > $2 AND last_used_at > $3 AND account_id = $4 ORDER BY started_at`,
);

/** Sessions for those who look at them: the person, and operators. Looking at one is no use of it. */
@Injectable()
export class SessionList {
  private readonly apps: Statement;

  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
  ) {
    this.apps = statement(
      'session_list_apps',
      `SELECT DISTINCT s.chain_id, u.client_id FROM session_clients u JOIN sessions s ON s.id = u.session_id
       WHERE ${isAmong(database.kind, 's.chain_id', '$1', 'chain')} ORDER BY u.client_id`,
    );
  }

  /**
   * Where somebody is signed in, the one used last first; one for each browser. Then those that went idle or ran out
   * while apps that were entered there go on.
   */
  async ofAccount(accountId: string): Promise<OwnSession[]> {
    const rows = await this.database.all<OwnRow>(OF_ACCOUNT, ...this.limits(), accountId);
    // Two sign-ins at once can leave two of one chain. They end together, so one stands for both.
    const chains = new Set<string>();
    const first = rows.filter(({ chain_id: chain }) => !chains.has(chain) && chains.add(chain));
    const over = new Set(first.flatMap(({ id, is_over: isOver }) => (isOver === 1 ? [id] : [])));
    return (await this.withApps(first)).map((session) => Object.assign(session, { isOver: over.has(session.id) }));
  }

  /** The session of that id, or the one that took its place, if somebody is signed in with it. */
  async find(id: string): Promise<ListedSession | undefined> {
    return (await this.withApps(await this.database.all<Row>(BY_ID, ...this.limits(), id)))[0];
  }

  /**
   * In the order of their ids.
   *
   * @param after the id of the one before; absent: from the first
   * @param accountId absent: everybody's
   */
  async page(limit: number, after = '', accountId?: string): Promise<ListedSession[]> {
    const values = [...this.limits(), after, limit] as const;
    return this.withApps(
      accountId === undefined
        ? await this.database.all<Row>(PAGE, ...values)
        : await this.database.all<Row>(PAGE_OF_ACCOUNT, ...values, accountId),
    );
  }

  /** The chains of somebody that have not been ended, those too that have run out by themselves. */
  async chainsOf(accountId: string): Promise<string[]> {
    const rows = await this.database.all<{ chain_id: string }>(CHAINS, accountId);
    return rows.map(({ chain_id: chain }) => chain);
  }

  /** The chains of somebody that have neither been ended nor run out: of each the session that a browser has. */
  async liveChainsOf(accountId: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.all<{ chain_id: string; id: string }>(LIVE, ...this.limits(), accountId);
    return new Map(rows.map(({ chain_id: chain, id }) => [chain, id]));
  }

  /** Now, and the earliest start and last use of a session that is still good. */
  private limits(): [now: number, startedAfter: number, usedAfter: number] {
    const now = Date.now();
    const { sessionAbsoluteLifetime, sessionIdleLifetime } = this.settings.current;
    return [now, now - sessionAbsoluteLifetime * 1000, now - sessionIdleLifetime * 1000];
  }

  private async withApps(rows: readonly Row[]): Promise<ListedSession[]> {
    if (rows.length === 0) return [];
    const asked = JSON.stringify(rows.map(({ chain_id: chain }) => ({ chain })));
    const entered = await this.database.all<{ chain_id: string; client_id: string }>(this.apps, asked);
    const longestMs = this.settings.current.sessionAbsoluteLifetime * 1000;
    return rows.map((row) => ({
      id: row.id,
      chainId: row.chain_id,
      accountId: row.account_id,
      authTime: new Date(Number(row.auth_time)),
      acr: row.acr,
      amr: row.amr.split(' '),
      userAgent: row.user_agent,
      address: row.address,
      startedAt: new Date(Number(row.started_at)),
      lastUsedAt: new Date(Number(row.last_used_at)),
      expiresAt: new Date(Math.min(Number(row.expires_at), Number(row.started_at) + longestMs)),
      clientIds: entered.filter(({ chain_id: chain }) => chain === row.chain_id).map(({ client_id: id }) => id),
    }));
  }
}
