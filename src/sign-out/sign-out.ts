import { Injectable } from '@nestjs/common';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { LogoutNotices } from '../back-channel-logout/logout-notices.js';
import { Database } from '../database/database.js';
import { RefreshTokens } from '../refresh-token/refresh-tokens.js';
import { SessionList } from '../session/session-list.js';
import { SessionStore, type Session } from '../session/session-store.js';

/** Who asked for it, or what. */
export type SignOutCause = 'app' | 'person' | 'administrator' | 'password';

/** Where it was asked for. */
export interface AskedFrom {
  /** The session of the browser that asks; absent: no browser, or the one that is signed out. */
  readonly by?: Pick<Session, 'id' | 'chainId'>;
}

/** What a sign-out did. */
export interface SignedOut {
  /** Browsers that somebody was signed in with. */
  readonly sessions: number;
  /** Apps that are told. */
  readonly notices: number;
}

/**
 * Ends sessions, and what hangs on them: the apps are told, and grants without offline access end. All of it in one
 * transaction, so that nobody is half signed out. The session first: a code that is asked for in this moment is either
 * known to those that are told, or dies with the session.
 */
@Injectable()
export class SignOut {
  constructor(
    private readonly sessions: SessionStore,
    private readonly database: Database,
    private readonly list: SessionList,
    private readonly refreshTokens: RefreshTokens,
    private readonly notices: LogoutNotices,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Ends a session and the others of its chain. Of one that had run out by itself the apps are told all the same.
   *
   * @param live the person's chains that have not run out, where the caller has asked for them already
   * @returns how many apps are told
   */
  async end(
    { chainId, id, accountId }: Pick<Session, 'chainId' | 'id' | 'accountId'>,
    cause: SignOutCause,
    actor: Actor,
    { by }: AskedFrom = {},
    live?: ReadonlyMap<string, string>,
  ): Promise<number> {
    const liveId = (live ?? (await this.list.liveChainsOf(accountId))).get(chainId);
    const notices = await this.database.dataSource.transaction(async (manager) => {
      await this.sessions.end(chainId, manager);
      const grants = await this.refreshTokens.endAllOfChain(chainId, manager);
      const told = await this.notices.queueForChain(chainId, `sign_out ${cause}`, manager);
      const details = { sid: liveId ?? id, cause, grants, notices: told, live: liveId !== undefined };
      const from = by === undefined || by.chainId === chainId ? {} : { by: by.id };
      await this.audit.recordIn(manager, 'session.ended', { ...actor, accountId }, { ...details, ...from });
      return told;
    });
    this.notices.wake();
    return notices;
  }

  /**
   * Ends one of somebody's sessions by its id, as a form gives it: also one that went idle or ran out, for the apps that
   * were entered there go on.
   *
   * @returns the chain that has ended; undefined when it is not theirs, or was ended before
   */
  async endOne(
    accountId: string,
    sessionId: string,
    cause: SignOutCause,
    actor: Actor,
    from: AskedFrom = {},
  ): Promise<string | undefined> {
    const session = (await this.sessions.findToEndById(sessionId))?.session;
    if (session?.accountId !== accountId) return undefined;
    await this.end(session, cause, actor, from);
    return session.chainId;
  }

  /**
   * Ends all sessions of somebody. Apps with offline access, and devices, keep what they have: see `SignOutEverywhere`.
   *
   * @param from its session stays
   */
  async endAllOf(accountId: string, cause: SignOutCause, actor: Actor, from: AskedFrom = {}): Promise<SignedOut> {
    const chains = (await this.list.chainsOf(accountId)).filter((chain) => chain !== from.by?.chainId);
    const live = await this.list.liveChainsOf(accountId);
    let notices = 0;
    for (const chainId of chains)
      notices += await this.end({ chainId, id: chainId, accountId }, cause, actor, from, live);
    return { sessions: chains.length, notices };
  }
}
