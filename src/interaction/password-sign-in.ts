import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AccountStore, usernameKey } from '../accounts/account-store.js';
import { verifyPassword } from '../accounts/password.js';
import { AuditLog } from '../audit/audit-log.js';
import { clientAddress, loggedUserAgent, type ClinchRequest } from '../http/clinch-request.js';
import { visitorOf } from '../http/visitor.js';
import { KnownBrowser } from './known-browser.js';
import { SignInAttempts, SlowDownError, type Attempt } from './sign-in-attempts.js';
import type { ProvenPerson } from './sign-ins.js';

/** The authentication context class of one factor (OpenID Connect Core 1.0 §2, `acr`), as discovery publishes it. */
export const SINGLE_FACTOR_ACR = 'urn:clinch:acr:single-factor';

/** UTF-16 units; longer input is nobody's name. */
const LONGEST_USERNAME = 200;

/** The local sign-in, for installations that have no DingTalk yet: name and password. */
@Injectable()
export class PasswordSignIn {
  constructor(
    private readonly accounts: AccountStore,
    private readonly attempts: SignInAttempts,
    private readonly known: KnownBrowser,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @returns who it is, or undefined when name and password do not fit, or the account is disabled: one answer
   * for all, in the same time
   * @throws {SlowDownError} after too many failures
   * @throws {PasswordQueueFullError} when too many passwords are being checked
   */
  async prove(
    request: ClinchRequest,
    response: Response,
    username: string,
    password: string,
  ): Promise<ProvenPerson | undefined> {
    const key = usernameKey(username.slice(0, LONGEST_USERNAME));
    const attempt = {
      usernameKey: key,
      address: clientAddress(request),
      knownBrowser: this.known.isKnown(request, key),
    };
    await this.begin(attempt, request);
    // Taken before the password is read: one that is set meanwhile ends this sign-in.
    const authTime = new Date();
    const account = await this.accounts.findByUsername(key);
    const fits = await verifyPassword(account?.passwordHash ?? null, password);
    if (account === null || !fits || account.status !== 'active') {
      this.audit.record('sign_in.failed', visitorOf(request), {
        ...(account === null ? {} : { subject: account.id }),
        method: 'pwd',
        reason: account === null ? 'unknown_name' : fits ? 'account_disabled' : 'wrong_password',
        userAgent: loggedUserAgent(request),
      });
      return undefined;
    }
    await this.attempts.succeeded(attempt);
    this.known.remember(response, key);
    return { accountId: account.id, authTime, amr: ['pwd'], method: 'pwd' };
  }

  private async begin(attempt: Attempt, request: ClinchRequest): Promise<void> {
    try {
      await this.attempts.begin(attempt);
    } catch (error) {
      if (error instanceof SlowDownError) {
        this.audit.record('sign_in.slowed', visitorOf(request));
      }
      throw error;
    }
  }
}
