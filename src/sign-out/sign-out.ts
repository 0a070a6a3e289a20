import { Injectable } from '@nestjs/common';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { LogoutNotices } from '../back-channel-logout/logout-notices.js';
import { RefreshTokens } from '../refresh-token/refresh-tokens.js';
import { SessionStore, type Session } from '../session/session-store.js';

/** Who asked for it, or what. */
export type SignOutCause = 'app' | 'person' | 'administrator' | 'password';

/** Ends sessions, and what hangs on them: grants without offline access end, and the apps are told. */
@Injectable()
export class SignOut {
  constructor(
    private readonly sessions: SessionStore,
    private readonly refreshTokens: RefreshTokens,
    private readonly notices: LogoutNotices,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Ends a session and the others of its chain. Again is harmless, so whoever was interrupted half way does it again.
   *
   * @returns how many apps are told
   */
  async end(
    { chainId, id, accountId }: Pick<Session, 'chainId' | 'id' | 'accountId'>,
    cause: SignOutCause,
    actor: Actor,
  ): Promise<number> {
    // The apps are found by what ends here, so they come first.
    const notices = await this.notices.queueForChain(chainId, `sign_out ${cause}`);
    const grants = await this.refreshTokens.endAllOfChain(chainId);
    await this.sessions.end(chainId);
    this.audit.record('session.ended', { ...actor, accountId }, { sid: id, cause, grants, notices });
    return notices;
  }
}
