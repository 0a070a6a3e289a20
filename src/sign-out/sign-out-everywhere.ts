import { Injectable } from '@nestjs/common';
import { AccountStore } from '../accounts/account-store.js';
import type { Actor } from '../audit/audit-log.js';
import { LogoutNotices } from '../back-channel-logout/logout-notices.js';
import { RefreshTokens } from '../refresh-token/refresh-tokens.js';
import { SignOut, type SignedOut, type SignOutCause } from './sign-out.js';

/** Signs somebody out of everything: sessions, apps with offline access, devices. */
@Injectable()
export class SignOutEverywhere {
  constructor(
    private readonly accounts: AccountStore,
    private readonly signOut: SignOut,
    private readonly refreshTokens: RefreshTokens,
    private readonly notices: LogoutNotices,
  ) {}

  /**
   * What came of a sign-in until now is worth nothing from here on. Again is harmless, and goes on where an earlier one
   * was interrupted.
   *
   * @returns undefined when there is no such account
   */
  async end(accountId: string, cause: SignOutCause, actor: Actor): Promise<SignedOut | undefined> {
    // First, so that nobody enters an app that is not told any more.
    if (!(await this.accounts.signOut(accountId))) return undefined;
    // Of sessions, of devices, and of offline access that outlived its session; those below find only what is left.
    const told = await this.notices.queueForAccount(accountId, `sign_out ${cause}`);
    const { sessions, notices } = await this.signOut.endAllOf(accountId, cause, actor);
    await this.refreshTokens.endAllOfPerson(accountId);
    return { sessions, notices: told + notices };
  }
}
