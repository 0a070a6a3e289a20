import { Injectable } from '@nestjs/common';
import type { Account } from '../../accounts/account-store.js';
import type { OrganisationRecord } from '../api/organisation-record.js';
import type { IdentitySource } from '../source/identity-source.js';

/** Why somebody of the organisation is given no account. */
export type NotAdmitted = 'new_people_refused' | 'ambiguous_match' | 'disabled_in_dingtalk' | 'account_disabled';

/** What became of a record. */
export type Admission =
  | {
      readonly account: Account;
      readonly identityId: string;
      readonly outcome: 'unchanged' | 'updated' | 'created' | 'matched' | 'returned';
    }
  | { readonly refused: NotAdmitted };

/** Who a person of an organisation is here. */
@Injectable()
export class People {
  /**
   * Finds or makes the account of a person by the organisation's record, and keeps both up to date: profile, identity,
   * coming back after a departure. A known user id with another union id is a new person.
   *
   * @param by what led to it, for the audit: `sign_in`, `event ID`, `sync ID`
   */
  async admit(_source: IdentitySource, _record: OrganisationRecord, _by: string): Promise<Admission> {
    throw new Error('not built yet');
  }

  /** The person of that user id is not in the organisation any more. @returns whether somebody left by this */
  async depart(_source: IdentitySource, _userid: string, _by: string): Promise<boolean> {
    throw new Error('not built yet');
  }

  /** Everybody of the source that is known and has not left, by user id: what a sync compares with. */
  async present(_source: IdentitySource): Promise<ReadonlyMap<string, KnownPerson>> {
    throw new Error('not built yet');
  }
}

export interface KnownPerson {
  readonly identityId: string;
  readonly accountId: string;
  readonly unionId: string;
  readonly recordDigest: string | null;
}
