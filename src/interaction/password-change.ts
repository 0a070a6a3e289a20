import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AccountStore, usernameKey } from '../accounts/account-store.js';
import { passwordFault, type PasswordFault } from '../accounts/password-rules.js';
import { hashPassword, PasswordQueueFullError, verifyPassword } from '../accounts/password.js';
import { AuditLog } from '../audit/audit-log.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { BrowserSession } from '../session/browser-session.js';
import type { SignedIn } from '../session/session-store.js';
import { SignOut } from '../sign-out/sign-out.js';
import { SINGLE_FACTOR_ACR } from './password-sign-in.js';
import { SignInAttempts, SlowDownError } from './sign-in-attempts.js';

/** Seconds that somebody is told to wait while the queue of password checks is full. */
const BUSY_RETRY_AFTER = 2;

/** What came of it. */
export type PasswordChangeOutcome =
  | { readonly outcome: 'changed' }
  /** There is no local password to change: the person signs in elsewhere. */
  | { readonly outcome: 'no_password' }
  | { readonly outcome: 'missing'; readonly fields: readonly ('current' | 'next')[] }
  | { readonly outcome: 'wrong_password' }
  | { readonly outcome: 'unacceptable'; readonly fault: PasswordFault }
  /** Too many wrong ones, or too many at once. */
  | { readonly outcome: 'slow_down' | 'busy'; readonly retryAfterSeconds: number };

/** As the form says it. */
export interface PasswordChangeForm {
  readonly current: string;
  readonly next: string;
}

/** A person sets a new password for themselves. */
@Injectable()
export class PasswordChange {
  constructor(
    private readonly accounts: AccountStore,
    private readonly attempts: SignInAttempts,
    private readonly sessions: BrowserSession,
    private readonly signOut: SignOut,
    private readonly audit: AuditLog,
  ) {}

  /** Whether there is a password to change. */
  async isPossible({ account }: SignedIn): Promise<boolean> {
    return (await this.accounts.findByUsername(account.username))?.passwordHash != null;
  }

  /**
   * Sets the password, signs the person out everywhere else, and begins a new session in this browser: what came of the
   * old password is worth nothing any more, refresh tokens neither.
   */
  async change(
    request: ClinchRequest,
    response: Response,
    signedIn: SignedIn,
    form: PasswordChangeForm,
  ): Promise<PasswordChangeOutcome> {
    try {
      return await this.tryChange(request, response, signedIn, form);
    } catch (error) {
      if (error instanceof SlowDownError) return { outcome: 'slow_down', retryAfterSeconds: error.retryAfter };
      if (error instanceof PasswordQueueFullError) return { outcome: 'busy', retryAfterSeconds: BUSY_RETRY_AFTER };
      throw error;
    }
  }

  private async tryChange(
    request: ClinchRequest,
    response: Response,
    { account, session }: SignedIn,
    { current, next }: PasswordChangeForm,
  ): Promise<PasswordChangeOutcome> {
    const stored = (await this.accounts.findByUsername(account.username))?.passwordHash ?? null;
    if (stored === null) return { outcome: 'no_password' };
    const fields = [...(current === '' ? ['current' as const] : []), ...(next === '' ? ['next' as const] : [])];
    if (fields.length > 0) return { outcome: 'missing', fields };
    const fault = passwordFault(next, account.username);
    if (fault !== undefined) return { outcome: 'unacceptable', fault };
    const actor = { address: clientAddress(request), traceId: request.traceId, accountId: account.id };
    if (!(await this.isRight(account.username, stored, current, actor.address))) {
      this.audit.record('sign_in.failed', actor, { subject: account.id, method: 'pwd' });
      return { outcome: 'wrong_password' };
    }
    const hash = await hashPassword(next);
    // Before, so that who dies half way has the apps told and the change can be made again; after, for who came between.
    const elsewhere = { except: session.chainId };
    await this.signOut.endAllOf(account.id, 'password', actor, elsewhere);
    const changedAt = new Date();
    // Of two changes at once one is made: the other one's old password is not the old password any more.
    if (!(await this.accounts.changePassword(account.id, stored, hash, changedAt)))
      return { outcome: 'wrong_password' };
    await this.signOut.endAllOf(account.id, 'password', actor, elsewhere);
    const proof = { authTime: changedAt, acr: SINGLE_FACTOR_ACR, amr: ['pwd'] };
    const { id: sid } = await this.sessions.signIn(request, response, account.id, proof);
    this.audit.record('account.password_changed', actor, { sid });
    return { outcome: 'changed' };
  }

  /** With the limits of the sign-in page, of which these guesses are a part: whoever found a browser open guesses too. */
  private async isRight(username: string, stored: string, password: string, address: string): Promise<boolean> {
    const attempt = { usernameKey: usernameKey(username), address, knownBrowser: false };
    await this.attempts.begin(attempt);
    const fits = await verifyPassword(stored, password);
    if (fits) await this.attempts.succeeded(attempt);
    return fits;
  }
}
