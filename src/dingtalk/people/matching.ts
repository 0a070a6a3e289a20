import { Injectable } from '@nestjs/common';
import { Database, statement } from '../../database/database.js';
import type { IdentitySource } from '../source/identity-source.js';
import { profileToMatch } from './profile-mapping.js';
import type { StoredRecord } from './stored-record.js';

/** Accounts that a new person could be: none, exactly one, or too many to say. */
export type Match =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly accountId: string }
  | { readonly kind: 'ambiguous'; readonly accountIds: readonly string[] };

// Two rows are enough to know that it is ambiguous. Who has an identity in this source already is somebody else.
const UNTAKEN = `NOT EXISTS (SELECT 1 FROM federated_identities i WHERE i.account_id = a.id AND i.source_id = $3)`;
const BY_EMAIL = statement(
  'account_match_email',
  `SELECT a.id FROM accounts a WHERE a.email IN ($1, $2) AND a.email_verified = TRUE AND ${UNTAKEN} LIMIT 2`,
);
const BY_PHONE = statement(
  'account_match_phone',
  `SELECT a.id FROM accounts a WHERE a.phone_number IN ($1, $2) AND a.phone_number_verified = TRUE AND ${UNTAKEN} LIMIT 2`,
);

/**
 * Finds the account that a new person has already, by a value that is verified on both sides: here, and by the
 * organisation as far as the source trusts it. Anything less would let whoever notes somebody's address take their account.
 */
@Injectable()
export class Matching {
  constructor(private readonly database: Database) {}

  /** @param record as it was read: what it is matched by need not be kept */
  async find(source: IdentitySource, record: StoredRecord): Promise<Match> {
    const profile = profileToMatch(record, source.settings);
    const found = new Set<string>();
    for (const way of source.settings.matchBy) {
      const value = way === 'email' ? verified(profile.email, profile.emailVerified) : phoneOf(profile);
      if (value === undefined) continue;
      const query = way === 'email' ? BY_EMAIL : BY_PHONE;
      const rows = await this.database.all<{ id: string }>(query, value, value.toLowerCase(), source.id);
      for (const { id } of rows) found.add(id);
    }
    const [accountId, ...others] = found;
    if (accountId === undefined) return { kind: 'none' };
    return others.length === 0 ? { kind: 'one', accountId } : { kind: 'ambiguous', accountIds: [...found] };
  }
}

function phoneOf({ phoneNumber, phoneNumberVerified }: ReturnType<typeof profileToMatch>): string | undefined {
  return verified(phoneNumber, phoneNumberVerified);
}

function verified(value: string | null | undefined, isVerified: boolean | undefined): string | undefined {
  return value !== null && isVerified === true ? value : undefined;
}
