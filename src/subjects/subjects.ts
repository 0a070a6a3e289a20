import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { Keyring } from '../keyring/keyring.js';
import { notNow } from '../protocol/not-now.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { SubjectExpressions } from './subject-expressions.js';
import { subjectFault, subjectRule, type SubjectRule } from './subject-rule.js';
import { SubjectStore } from './subject-store.js';

type KeptRule = Exclude<SubjectRule, { readonly kind: 'public' }>;

/**
 * The `sub` of people in apps (OpenID Connect Core 1.0 §8): the account's id, which costs nothing; or a value of its own
 * for every sector; or what the app's expression makes. A value is kept from its first use on, so it never changes by
 * itself, not even with the master key (§12.2), and is never somebody else's.
 */
@Injectable()
export class Subjects {
  constructor(
    private readonly store: SubjectStore,
    private readonly expressions: SubjectExpressions,
    private readonly registry: ClientRegistry,
    private readonly keyring: Keyring,
    private readonly audit: AuditLog,
  ) {}

  /**
   * The person's subject in the app; made and kept if there is none yet.
   *
   * @throws {OAuthError} invalid_grant when there is no value for this person, or it is somebody else's;
   *   temporarily_unavailable when its expression cannot be evaluated just now
   */
  async of(account: Account, client: Client): Promise<string> {
    const rule = subjectRule(client.metadata);
    if (rule.kind === 'public') return account.id;
    const kept = await this.store.find(rule.sector, rule.name, account.id);
    if (kept !== undefined) return kept;
    const subject = await this.make(account, client, rule);
    const row = { subject, accountId: account.id, rule: rule.name };
    await this.store.keep(rule.sector, row);
    // Whoever was faster with another value for this person has won.
    const first = await this.store.find(rule.sector, rule.name, account.id);
    if (first !== undefined) return first;
    if (await this.store.adopt(rule.sector, row)) return subject;
    throw this.refused(account, client, 'the subject is somebody else’s');
  }

  /**
   * As `of`, but nothing is kept: what the subject is, or would be.
   *
   * @throws {OAuthError} invalid_grant, as `of`
   */
  async peek(account: Account, client: Client): Promise<string> {
    const rule = subjectRule(client.metadata);
    if (rule.kind === 'public') return account.id;
    const kept = await this.store.find(rule.sector, rule.name, account.id);
    if (kept !== undefined) return kept;
    const subject = await this.make(account, client, rule);
    const holder = await this.store.holderOf(rule.sector, subject);
    if (holder === undefined || holder === account.id) return subject;
    throw this.refused(account, client, 'the subject is somebody else’s');
  }

  /** The subject that the app was told of the person, who may be gone; undefined where it was told none. */
  async known(accountId: string, client: Client): Promise<string | undefined> {
    const rule = subjectRule(client.metadata);
    return rule.kind === 'public' ? accountId : this.store.find(rule.sector, rule.name, accountId);
  }

  /** The account that a subject of an app is; undefined where the app is not there or has given none like it. */
  async accountOf(clientId: string, subject: string): Promise<string | undefined> {
    const client = await this.registry.find(clientId);
    if (client === undefined) return undefined;
    const rule = subjectRule(client.metadata);
    return rule.kind === 'public' ? subject : this.store.holderOf(rule.sector, subject);
  }

  private async make(account: Account, client: Client, rule: KeptRule): Promise<string> {
    if (rule.kind === 'pairwise') return this.keyring.digest('pairwise-subject', `${rule.sector} ${account.id}`);
    const { value, failure, passing } = await this.expressions.of(account, client);
    if (passing === true) throw notNow(`the subject: ${failure ?? ''}`);
    const fault = failure ?? subjectFault(value, client.id);
    if (fault !== undefined || value === undefined) throw this.refused(account, client, `the subject ${fault ?? ''}`);
    // An API that hears from several apps must not take one person for another.
    if (await this.store.isForeign(value, account.id)) {
      throw this.refused(account, client, 'the subject is somebody else’s, or the id of somebody else');
    }
    return value;
  }

  private refused(account: Account, client: Client, reason: string): OAuthError {
    this.audit.record('subject.refused', { clientId: client.id, accountId: account.id }, { reason });
    const hint = `account ${account.id}: ${reason}`;
    return new OAuthError('invalid_grant', 'this person cannot be named to this app', { hint });
  }
}
