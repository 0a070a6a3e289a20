import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AccountStore, type Account } from '../../accounts/account-store.js';
import type { AccountEntity } from '../../accounts/account.entity.js';
import { AuditLog } from '../../audit/audit-log.js';
import { isUniqueViolation, isUnstorableValue } from '../../database/database-errors.js';
import { Departures } from '../../departures/departures.js';
import { newIdentifier } from '../../protocol/opaque-token.js';
import type { OrganisationRecord } from '../api/organisation-record.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IdentityStore, type Identity, type KnownPerson } from './identity-store.js';
import { Matching } from './matching.js';
import { Newcomers, type Newcomer } from './newcomers.js';
import { profileOf } from './profile-mapping.js';
import { mergedRecord, serialized, storedRecord } from './stored-record.js';

/**
 * Why somebody of the organisation is given no account. `left_meanwhile`: what was read is older than the departure.
 */
export type NotAdmitted =
  'new_people_refused' | 'ambiguous_match' | 'disabled_in_dingtalk' | 'account_disabled' | 'left_meanwhile';

export type Outcome = 'unchanged' | 'updated' | 'created' | 'matched' | 'returned';

/** What became of a record. */
export type Admission =
  | { readonly account: Account; readonly identityId: string; readonly outcome: Outcome }
  | { readonly refused: NotAdmitted };

/** How often a record is tried again when somebody else was faster. */
const TRIES = 3;

/** People made in one transaction: enough to save commits, too few to hold others up. */
const BATCH = 100;

/** Who a person of an organisation is here. */
@Injectable()
export class People {
  constructor(
    private readonly identities: IdentityStore,
    private readonly newcomers: Newcomers,
    private readonly matching: Matching,
    private readonly accounts: AccountStore,
    private readonly departures: Departures,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Finds or makes the account of a person by the organisation's record, and keeps both up to date: profile, identity,
   * coming back after a departure. A known user id with another union id is a new person.
   *
   * @param by what led to it, for the audit: `sign_in`, `event ID`, `sync ID`
   * @param readAt before the record was read: who has left since then stays away
   */
  async admit(source: IdentitySource, record: OrganisationRecord, by: string, readAt = new Date()): Promise<Admission> {
    if (record.disable_status === true) {
      await this.depart(source, record.userid, by, readAt);
      return { refused: 'disabled_in_dingtalk' };
    }
    for (let tried = 1; ; tried++) {
      try {
        return await this.admitOnce(source, record, by, readAt);
      } catch (error) {
        if (!isUniqueViolation(error) || tried === TRIES) throw error;
      }
    }
  }

  /**
   * As `admit`, for many: those of whom nothing is known are made in batches. A person who cannot be stored stops
   * nobody else.
   */
  async admitMany(
    source: IdentitySource,
    records: readonly OrganisationRecord[],
    by: string,
    readAt?: Date,
  ): Promise<ReadonlyMap<string, Outcome | NotAdmitted | 'failed'>> {
    const results = new Map<string, Outcome | NotAdmitted | 'failed'>();
    for (let start = 0; start < records.length; start += BATCH) {
      const batch = records.slice(start, start + BATCH);
      for (const userid of await this.createBatch(source, batch, by)) results.set(userid, 'created');
      for (const record of batch.filter(({ userid }) => !results.has(userid))) {
        results.set(record.userid, await this.admitQuietly(source, record, by, readAt));
      }
    }
    return results;
  }

  /**
   * The person of that user id is not in the organisation any more.
   *
   * @param readAt when that was found out, if it is a while ago: who has been seen since then stays
   * @returns whether somebody left by this
   */
  async depart(source: IdentitySource, userid: string, by: string, readAt?: Date): Promise<boolean> {
    const identity = await this.identities.findByUser(source, userid);
    if (identity === undefined || (readAt !== undefined && identity.updatedAt > readAt)) return false;
    return this.leave(source, identity, by);
  }

  /** Everybody of the source that is known and has not left, by user id: what a sync compares with. */
  async present(source: IdentitySource): Promise<ReadonlyMap<string, KnownPerson>> {
    return this.identities.present(source);
  }

  /** @returns the user ids of whom accounts were made; none when the batch has to be looked at one by one */
  private async createBatch(
    source: IdentitySource,
    records: readonly OrganisationRecord[],
    by: string,
  ): Promise<readonly string[]> {
    const { matchBy, newPeople } = source.settings;
    if (matchBy.length > 0 || newPeople !== 'create') return [];
    const candidates = records.filter((record) => record.disable_status !== true);
    const fresh = await this.identities.unknown(source, candidates);
    if (fresh.length === 0) return [];
    const made = await this.newcomers
      .create(
        source,
        fresh.map((record) => mergedRecord(undefined, record, source.settings)),
        this.notingCreated(source, by),
      )
      .catch(refusedByDatabase);
    return made.map(({ userid }) => userid);
  }

  private notingCreated(source: IdentitySource, by: string) {
    return async (manager: EntityManager, { userid, accountId, identityId }: Newcomer): Promise<void> => {
      const details = { source: source.id, userid, by, identity: identityId, how: 'created' };
      await this.audit.recordIn(manager, 'identity.linked', { accountId }, details);
    };
  }

  private async admitQuietly(
    source: IdentitySource,
    record: OrganisationRecord,
    by: string,
    readAt: Date | undefined,
  ): Promise<Outcome | NotAdmitted | 'failed'> {
    try {
      const admission = await this.admit(source, record, by, readAt);
      return 'refused' in admission ? admission.refused : admission.outcome;
    } catch (error) {
      if (!isUnstorableValue(error) && !isUniqueViolation(error)) throw error;
      return 'failed';
    }
  }

  private async admitOnce(
    source: IdentitySource,
    record: OrganisationRecord,
    by: string,
    readAt: Date,
  ): Promise<Admission> {
    await this.takeUserIdFromAnother(source, record, by);
    const identity = await this.identities.findByUnion(source, record.unionid);
    if (identity === undefined) return this.admitNew(source, record, by);
    const account = await this.accounts.repository.findOneBy({ id: identity.accountId });
    if (account === null) {
      // An administrator has deleted the account; what is left of it leads nowhere.
      await this.identities.delete(identity.id, identity.accountId);
      return this.admitNew(source, record, by);
    }
    if (identity.leftAt !== undefined && identity.leftAt > readAt) return { refused: 'left_meanwhile' };
    return this.keep(source, identity, account, record, by, readAt);
  }

  /** DingTalk may give a user id to somebody else later. Their account stays theirs; it is just not in use any more. */
  private async takeUserIdFromAnother(source: IdentitySource, record: OrganisationRecord, by: string): Promise<void> {
    const holder = await this.identities.findByUser(source, record.userid);
    if (holder === undefined || holder.unionId === record.unionid) return;
    await this.leave(source, holder, by);
    const details = { source: source.id, userid: record.userid, identity: holder.id, by };
    const note = this.audit.noting('identity.reassigned', { accountId: holder.accountId }, details);
    await this.identities.releaseUserId(source, holder, note);
  }

  private async keep(
    source: IdentitySource,
    identity: Identity,
    account: AccountEntity,
    record: OrganisationRecord,
    by: string,
    readAt: Date,
  ): Promise<Admission> {
    const merged = mergedRecord(storedRecord(identity.record), record, source.settings);
    const { json, digest } = serialized(merged);
    const same = digest === identity.recordDigest && identity.userId === record.userid && identity.holdsUserId;
    const present = identity.leftAt === undefined && account.disabledBy !== 'departure';
    // What an older mapping made of the same record is put right as well.
    const updated = await this.updateProfile(account, profileOf(merged, source.settings, account.custom));
    // Both only unless the person has left since: that may happen between any two of these lines.
    if (!same || !present) await this.identities.keep(source, identity.id, record.userid, json, digest, readAt);
    if (!present) await this.departures.bringBack(account.id, { source: source.id, by }, readAt);
    const outcome = !present ? 'returned' : same && !updated ? 'unchanged' : 'updated';
    return this.admitted(account.id, identity.id, outcome);
  }

  private async admitNew(source: IdentitySource, record: OrganisationRecord, by: string): Promise<Admission> {
    const person = mergedRecord(undefined, record, source.settings);
    const match = await this.matching.find(source, record);
    const details = { source: source.id, userid: record.userid, by };
    if (match.kind === 'ambiguous') {
      this.audit.record('identity.match_ambiguous', {}, { ...details, accounts: match.accountIds });
      return { refused: 'ambiguous_match' };
    }
    if (match.kind === 'one') {
      const identityId = newIdentifier();
      const { json, digest } = serialized(person);
      const { accountId } = match;
      const identity = { id: identityId, userId: record.userid, unionId: record.unionid, accountId };
      const matched = { ...details, identity: identityId, how: 'matched' };
      const note = this.audit.noting('identity.linked', { accountId }, matched);
      await this.identities.insert(source, { ...identity, record: json, recordDigest: digest }, note);
      const account = await this.accounts.repository.findOneBy({ id: accountId });
      if (account !== null) await this.updateProfile(account, profileOf(person, source.settings, account.custom));
      return this.admitted(accountId, identityId, 'matched');
    }
    if (source.settings.newPeople === 'refuse') {
      this.audit.record('identity.refused', {}, { ...details, reason: 'new_people_refused' });
      return { refused: 'new_people_refused' };
    }
    const [newcomer] = await this.newcomers.create(source, [person], this.notingCreated(source, by));
    if (newcomer === undefined) throw new Error('nobody was made');
    const { accountId, identityId } = newcomer;
    return this.admitted(accountId, identityId, 'created');
  }

  /** @returns whether there was something to change */
  private async updateProfile(account: AccountEntity, profile: Partial<AccountEntity>): Promise<boolean> {
    const changed = Object.entries(profile).filter(
      ([column, value]) => JSON.stringify(account[column as keyof AccountEntity]) !== JSON.stringify(value),
    );
    if (changed.length === 0) return false;
    const columns = { ...Object.fromEntries(changed), updatedAt: new Date() };
    await this.accounts.repository.update({ id: account.id }, columns);
    return true;
  }

  private async admitted(accountId: string, identityId: string, outcome: Outcome): Promise<Admission> {
    const account = await this.accounts.findActive(accountId);
    return account === undefined ? { refused: 'account_disabled' } : { account, identityId, outcome };
  }

  /** The account first: if this ends half way, the identity still says that there is something to do. */
  private async leave(source: IdentitySource, identity: Identity, by: string): Promise<boolean> {
    // Whoever belongs to another organisation as well keeps the account, for that one.
    if (!(await this.identities.isPresentElsewhere(identity)))
      await this.departures.depart(identity.accountId, { source: source.id, by });
    return this.identities.leave(identity.id);
  }
}

/** Somebody of the batch exists meanwhile, or has a value that the database does not take: nobody was made. */
function refusedByDatabase(error: unknown): Newcomer[] {
  if (isUniqueViolation(error) || isUnstorableValue(error)) return [];
  throw error;
}
