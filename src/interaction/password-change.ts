import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AccountStore } from '../accounts/account-store.js';
import { passwordFault, type PasswordFault } from '../accounts/password-rules.js';
import { hashPassword, PasswordQueueFullError, verifyPassword } from '../accounts/password.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { clientAddress, loggedUserAgent, type ClinchRequest } from '../http/clinch-request.js';
import { BrowserSession } from '../session/browser-session.js';
import type { Session, SignedIn } from '../session/session-store.js';
import { SignOut } from '../sign-out/sign-out.js';
import { LocalSignIn } from './local-sign-in.js';
import { PasswordChangeAttempts } from './password-change-attempts.js';
import { SINGLE_FACTOR_ACR } from './password-sign-in.js';
import { SlowDownError } from './sign-in-attempts.js';

/** Seconds that somebody is told to wait while the queue of password checks is full. */
const BUSY_RETRY_AFTER = 2;

/** Milliseconds for which a change has just been made. */
const JUST_NOW_MS = 5 * 60_000;

/** What came of it. */
export type PasswordChangeOutcome =
  | { readonly outcome: 'changed' }
  /** An operator has switched local sign-in off: a password is good for nothing. */
  | { readonly outcome: 'switched_off' }
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

/** A request of somebody who is signed in, and its answer. */
interface Visit {
  readonly request: ClinchRequest;
  readonly response: Response;
  readonly signedIn: SignedIn;
  readonly actor: Actor;
}

/** A person sets a new password for themselves. */
@Injectable()
export class PasswordChange {
  private readonly attempts = new PasswordChangeAttempts();

  constructor(
    private readonly accounts: AccountStore,
    private readonly localSignIn: LocalSignIn,
    private readonly sessions: BrowserSession,
    private readonly signOut: SignOut,
    private readonly audit: AuditLog,
  ) {}

  /** Whether there is a password to change, and it can be used. */
  async isPossible({ account }: SignedIn): Promise<boolean> {
    return this.localSignIn.isAllowed && (await this.accounts.passwordOf(account.id))?.passwordHash != null;
  }

  /** Whether this is the session that a change began, a few minutes ago at most. Nothing else begins one at its moment. */
  wasJustMade({ account, session }: SignedIn): boolean {
    const changedAt = account.signInsValidFrom?.getTime();
    return changedAt === session.authTime.getTime() && Date.now() - changedAt < JUST_NOW_MS;
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
    if (!this.localSignIn.isAllowed) return { outcome: 'switched_off' };
    const { account } = signedIn;
    const actor = { address: clientAddress(request), traceId: request.traceId, accountId: account.id };
    try {
      return await this.tryChange({ request, response, signedIn, actor }, form);
    } catch (error) {
      if (error instanceof SlowDownError) return { outcome: 'slow_down', retryAfterSeconds: error.retryAfter };
      if (error instanceof PasswordQueueFullError) return { outcome: 'busy', retryAfterSeconds: BUSY_RETRY_AFTER };
      throw error;
    }
  }

  private async tryChange(visit: Visit, { current, next }: PasswordChangeForm): Promise<PasswordChangeOutcome> {
    const { account, session } = visit.signedIn;
    const stored = await this.accounts.passwordOf(account.id);
    if (stored === null || stored.passwordHash === null) return { outcome: 'no_password' };
    const fields = [...(current === '' ? ['current' as const] : []), ...(next === '' ? ['next' as const] : [])];
    if (fields.length > 0) return { outcome: 'missing', fields };
    const fault = passwordFault(next, account.username);
    if (fault !== undefined) return { outcome: 'unacceptable', fault };
    await this.attempts.begin(session);
    if (!(await verifyPassword(stored.passwordHash, current))) return this.afterAnother(visit, next);
    await this.attempts.succeeded(session);
    const hash = await hashPassword(next);
    // Before, so that who dies half way has the apps told and the change can be made again; after, for who came between.
    const elsewhere = { by: session };
    await this.signOut.endAllOf(account.id, 'password', visit.actor, elsewhere);
    const changedAt = new Date();
    // Of two changes at once one is made: the other one's old password is not the old password any more.
    const note = this.audit.noting('account.password_changed', visit.actor, { sid: session.id });
    if (!(await this.accounts.changePassword(account.id, stored.passwordHash, hash, changedAt, note)))
      return this.afterAnother(visit, next);
    await this.signOut.endAllOf(account.id, 'password', visit.actor, elsewhere);
    await this.begin(visit, changedAt);
    return { outcome: 'changed' };
  }

  /**
   * The old password does not fit, or not any more. Of a form that was sent twice the browser shows the second answer
   * and keeps its cookies: where the first one has set this very password since the session was found, it is changed.
   */
  private async afterAnother(visit: Visit, next: string): Promise<PasswordChangeOutcome> {
    const { account, session } = visit.signedIn;
    const now = await this.accounts.passwordOf(account.id);
    const changedAt = now?.passwordChangedAt ?? null;
    // Only where the session is of before the change: otherwise this would be one more guess.
    const isNew = changedAt !== null && changedAt > session.authTime;
    if (now !== null && isNew && (await verifyPassword(now.passwordHash, next))) {
      // The moment of the change, read with the password: one that is set after that ends this session too.
      await this.begin(visit, changedAt);
      return { outcome: 'changed' };
    }
    const userAgent = loggedUserAgent(visit.request);
    this.audit.record('sign_in.failed', visit.actor, {
      subject: account.id,
      method: 'pwd',
      userAgent,
      sid: session.id,
    });
    return { outcome: 'wrong_password' };
  }

  private begin({ request, response, signedIn }: Visit, authTime: Date): Promise<Session> {
    const proof = { authTime, acr: SINGLE_FACTOR_ACR, amr: ['pwd'] };
    return this.sessions.signIn(request, response, signedIn.account.id, proof);
  }
}
