import { Injectable } from '@nestjs/common';
import { undecided } from '../access/access-decision.js';
import { AccessPolicy } from '../access/access-policy.js';
import type { AppAccountChoice } from '../app-accounts/app-account-store.js';
import { AppAccounts } from '../app-accounts/app-accounts.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { exactAddress, type ClinchRequest } from '../http/clinch-request.js';
import { visitorOf } from '../http/visitor.js';
import type { AuthorizationRequest } from '../protocol/authorization-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import type { SignedIn } from '../session/session-store.js';
import { Subjects } from '../subjects/subjects.js';

/** The browser's request that a question is about. */
export interface Asking {
  /** That it came from. */
  readonly address: string;
  readonly traceId: string;
  readonly userAgent?: string | undefined;
  readonly flowId?: string | undefined;
}

export function askingOf(request: ClinchRequest): Asking {
  return { ...visitorOf(request), address: exactAddress(request) };
}

/** Somebody who is signed in, as the app that asks would see them. */
export interface PersonSeen {
  readonly mayUse: boolean;
  /** The `sub`. Of a person who may not use the app it is not looked up. */
  readonly subject: string;
  /** The names by hand that the person has there, the one chosen last first. */
  readonly appAccounts: readonly AppAccountChoice[];
}

/** Looks at a person through an app: may they in, how are they named there? */
@Injectable()
export class PersonAtApp {
  constructor(
    private readonly access: AccessPolicy,
    private readonly subjects: Subjects,
    private readonly appAccounts: AppAccounts,
    private readonly audit: AuditLog,
  ) {}

  /** @throws {OAuthError} temporarily_unavailable, when a rule of the app cannot be asked just now */
  async look(
    { account, session }: SignedIn,
    client: Client,
    from: Asking,
    { hintedSubject }: Pick<AuthorizationRequest, 'hintedSubject'>,
  ): Promise<PersonSeen> {
    const asking = { endpoint: 'authorize', address: from.address, amr: session.amr } as const;
    const decision = await this.access.decide(account, client, asking);
    const { allowed } = decision;
    const notNow = undecided(decision);
    if (notNow !== undefined) throw notNow;
    if (!allowed) this.audit.record('access.refused', { ...from, clientId: client.id, accountId: account.id });
    // Whether they are the one whom the app asks for is a question before the one whether they may in.
    const needed = allowed || hintedSubject !== undefined;
    const subject = needed ? await this.subjectOf(account, client) : account.id;
    const mayUse = allowed && subject !== undefined;
    const appAccounts = mayUse ? await this.appAccounts.choicesOf(account, client) : [];
    return { mayUse, subject: subject ?? '', appAccounts };
  }

  /** Whether the app asks for this person (`id_token_hint`). Where it asks for nobody, it may be anybody. */
  async isAskedFor(
    { account }: SignedIn,
    client: Client,
    { hintedSubject }: Pick<AuthorizationRequest, 'hintedSubject'>,
  ): Promise<boolean> {
    if (hintedSubject === undefined) return true;
    try {
      return (await this.subjectOf(account, client)) === hintedSubject;
    } catch (error) {
      // Who cannot be told just now is not known to be the one; the dispatcher tells the app, if it comes to that.
      if (error instanceof OAuthError) return false;
      throw error;
    }
  }

  /** @returns undefined for somebody who would get no token: there is no value for them */
  private async subjectOf(account: SignedIn['account'], client: Client): Promise<string | undefined> {
    try {
      return await this.subjects.peek(account, client);
    } catch (error) {
      if (error instanceof OAuthError && error.code === 'invalid_grant') return undefined;
      throw error;
    }
  }
}
