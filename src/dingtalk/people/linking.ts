import { Injectable } from '@nestjs/common';
import { AccountStore } from '../../accounts/account-store.js';
import type { EntityManager } from 'typeorm';
import { Problem } from '../../admin/problem.js';
import { useKey } from '../../admin/request-terms.js';
import { AuditLog, type Actor } from '../../audit/audit-log.js';
import { isUniqueViolation } from '../../database/database-errors.js';
import { OAuthError } from '../../protocol/oauth-error.js';
import { newIdentifier } from '../../protocol/opaque-token.js';
import { DingTalkClients } from '../api/dingtalk-clients.js';
import { DingTalkError } from '../api/dingtalk-error.js';
import type { OrganisationRecord } from '../api/organisation-record.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IdentitySources } from '../source/identity-sources.js';
import { IdentityStore, type Identity } from './identity-store.js';
import { mergedRecord, serialized } from './stored-record.js';

/** Seconds after which a caller may ask again while DingTalk is away. */
const RETRY_AFTER = 10;

/** Milliseconds that an administrator waits for DingTalk. */
const PATIENCE_MS = 5_000;

/** What administrators do by hand: saying who an account is in an organisation, and taking that back. */
@Injectable()
export class Linking {
  constructor(
    private readonly accounts: AccountStore,
    private readonly identities: IdentityStore,
    private readonly sources: IdentitySources,
    private readonly clients: DingTalkClients,
    private readonly audit: AuditLog,
  ) {}

  /** @throws {Problem} not-found */
  async identitiesOf(accountId: string): Promise<Identity[]> {
    if ((await this.accounts.find(accountId)) === undefined) throw Problem.notFound('person');
    return this.identities.allOf(accountId);
  }

  /**
   * The person is read at DingTalk first, so that a user id cannot be claimed that nobody has.
   *
   * @throws {Problem} not-found, invalid-field, or conflict: the person has another account, or the account is somebody
   * else of that organisation. Nobody is moved from one account to another by this.
   * @throws {OAuthError} temporarily_unavailable when DingTalk does not answer
   */
  async link(accountId: string, sourceId: string, userid: string, actor: Actor): Promise<Identity> {
    const known = await this.identitiesOf(accountId);
    const source = await this.sources.findEnabled(sourceId);
    if (source === undefined)
      throw Problem.ofFields([{ field: 'source', problem: 'is no source that is switched on' }]);
    if (known.some((identity) => identity.sourceId === source.id)) {
      throw new Problem('conflict', 'The account is somebody in that organisation already. Unlink that first.');
    }
    const record = await this.read(source, userid);
    const person = mergedRecord(undefined, record, source.settings);
    const { json, digest } = serialized(person);
    const identity = { id: newIdentifier(), userId: record.userid, unionId: record.unionid, accountId };
    const details = { account: accountId, source: source.id, userid, identity: identity.id, how: 'administrator' };
    const note = async (manager: EntityManager) => {
      await useKey(manager, actor);
      await this.audit.recordIn(manager, 'identity.linked', actor, details);
    };
    await this.identities
      .insert(source, { ...identity, record: json, recordDigest: digest }, note)
      .catch((error: unknown) => taken(error));
    return this.find(accountId, identity.id);
  }

  /** The account stays; the person begins with another one at the next sign-in, if the source makes new people. */
  async unlink(accountId: string, identityId: string, actor: Actor): Promise<void> {
    const identity = await this.find(accountId, identityId);
    const { sourceId: source, userId: userid } = identity;
    const details = { account: accountId, source, userid, identity: identityId };
    const note = this.audit.noting('identity.unlinked', actor, details);
    if (!(await this.identities.delete(identityId, accountId, note))) throw Problem.notFound('identity');
  }

  private async find(accountId: string, identityId: string): Promise<Identity> {
    const identity = (await this.identitiesOf(accountId)).find(({ id }) => id === identityId);
    if (identity === undefined) throw Problem.notFound('identity');
    return identity;
  }

  private async read(source: IdentitySource, userid: string): Promise<OrganisationRecord> {
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const record = await this.clients.of(source).user(userid, { signal, retries: 0 });
      if (record !== undefined) return record;
    } catch (error) {
      if (!(error instanceof DingTalkError)) throw error;
      const options = { cause: error, retryAfter: RETRY_AFTER };
      throw new OAuthError('temporarily_unavailable', `DingTalk could not be asked: ${error.message}`, options);
    }
    throw Problem.ofFields([{ field: 'user_id', problem: 'is nobody in that organisation' }]);
  }
}

function taken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  throw new Problem('conflict', 'That person of the organisation has an account already.', { cause: error });
}
