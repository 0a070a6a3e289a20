import { Injectable } from '@nestjs/common';
import type { Account } from '../../accounts/account-store.js';
import { ServerLog } from '../../audit/server-log.js';
import type { DingTalkClient, Patience } from '../api/dingtalk-client.js';
import { DingTalkClients } from '../api/dingtalk-clients.js';
import type { OrganisationRecord } from '../api/organisation-record.js';
import { DirectoryUpdates } from '../directory/directory-updates.js';
import { People } from '../people/people.js';
import type { IdentitySource } from '../source/identity-source.js';
import { failed, notAdmitted, refused } from './refusal.js';

/** Milliseconds for all calls of a sign-in together: whoever waits is told within five seconds, our own work included. */
const LIMIT_MS = 4_000;

/**
 * From a code to an account. Both ways end at the organisation's own record, read with the app's token: what DingTalk
 * says of a person by itself (name, e-mail, phone, openId) makes nobody a member, and joins no accounts.
 *
 * All methods throw {@link PageError} with the reason, for the person to read.
 */
@Injectable()
export class OrganisationSignIn {
  constructor(
    private readonly clients: DingTalkClients,
    private readonly people: People,
    private readonly updates: DirectoryUpdates,
    private readonly log: ServerLog,
  ) {}

  /** @param code what DingTalk's sign-in page sent back with the browser */
  async byBrowserCode(source: IdentitySource, code: string): Promise<Account> {
    return this.within(source, async (client, patience) => {
      const { accessToken, corpId } = await client.userToken(code, patience);
      // Absent where DingTalk leaves it out; that the person is a member is found out below either way.
      if (corpId !== undefined && corpId !== source.corpId) throw refused(source, 'members_only', { hint: 'corpId' });
      const unionId = await client.unionIdOf(accessToken, patience);
      const member = await client.findByUnionId(unionId, patience);
      if (member === undefined) throw refused(source, 'members_only', { hint: 'not in the organisation' });
      if (member.external) throw refused(source, 'members_only', { hint: 'an external contact' });
      return this.recordOf(source, client, member.userid, unionId, patience);
    });
  }

  /** @param code what the bridge inside DingTalk gave to our page */
  async byInAppCode(source: IdentitySource, code: string): Promise<Account> {
    return this.within(source, async (client, patience) => {
      const { userid, unionid } = await client.userOfInAppCode(code, patience);
      return this.recordOf(source, client, userid, unionid, patience);
    });
  }

  private async within(
    source: IdentitySource,
    read: (client: DingTalkClient, patience: Patience) => Promise<OrganisationRecord>,
  ): Promise<Account> {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const readAt = new Date();
    let record: OrganisationRecord;
    try {
      record = await read(this.clients.of(source), { signal, retries: 0 });
    } catch (error) {
      throw failed(source, error);
    }
    return this.admit(source, record, readAt, signal);
  }

  /** @param unionId of whoever proved to be there; the record must be that person's */
  private async recordOf(
    source: IdentitySource,
    client: DingTalkClient,
    userid: string,
    unionId: string | undefined,
    patience: Patience,
  ): Promise<OrganisationRecord> {
    const record = await client.user(userid, patience);
    if (record === undefined) throw refused(source, 'members_only', { hint: 'the user id is gone' });
    if (unionId !== undefined && record.unionid !== unionId)
      throw refused(source, 'members_only', { hint: 'the user id belongs to another union id' });
    return record;
  }

  private async admit(
    source: IdentitySource,
    record: OrganisationRecord,
    readAt: Date,
    signal: AbortSignal,
  ): Promise<Account> {
    const admission = await this.people.admit(source, record, 'sign_in', readAt);
    if ('refused' in admission) throw notAdmitted(source, admission.refused);
    // Who is known and unchanged has their departments already; events and syncs keep them.
    if (admission.outcome !== 'unchanged') await this.place(source, record, readAt, signal);
    return admission.account;
  }

  /** Departments and roles, as far as there is time: a sign-in does not fail for them. */
  private async place(
    source: IdentitySource,
    record: OrganisationRecord,
    readAt: Date,
    signal: AbortSignal,
  ): Promise<void> {
    const placed = this.updates.apply(source, record, 'sign_in', readAt).catch((error: unknown) => {
      this.log.warning({ kind: 'dingtalk', source: source.id, hint: 'departments not kept at a sign-in', err: error });
    });
    await Promise.race([placed, aborted(signal)]);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
