import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import { OWN_FIELDS, type OwnField } from '../accounts/own-profile.js';
import { ProfileSources } from '../dingtalk/people/profile-sources.js';
import type { ProfileField } from '../ui/messages.portal.js';

/** One line of the profile. */
export interface ProfileFact {
  readonly field: ProfileField;
  readonly value: string;
  /** It is taken from the organisation's directory, and changed there. */
  readonly isFromDingTalk: boolean;
  /** Of what can be verified: it was not. */
  readonly isUnverified: boolean;
}

const CLAIMS: readonly Exclude<ProfileField, 'username' | 'address'>[] = [
  'name',
  'nickname',
  'email',
  'phone_number',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'website',
  'profile',
];

/** What is known of a person, as they see it themselves. */
@Injectable()
export class ProfileFacts {
  constructor(private readonly sources: ProfileSources) {}

  /** What has a value, in the order of the page. */
  async of(account: Account): Promise<ProfileFact[]> {
    const { claims } = account;
    const mapped = await this.sources.mappedClaimsOf(account.id);
    const facts: ProfileFact[] = [fact('username', account.username, false)];
    for (const field of CLAIMS) {
      const value = claims[field];
      if (typeof value !== 'string') continue;
      facts.push({ ...fact(field, value, mapped.has(field)), isUnverified: claims[`${field}_verified`] === false });
    }
    const address = addressWords(claims['address']);
    return address === '' ? facts : [...facts, fact('address', address, false)];
  }

  /** What they may change themselves: what no directory would write over. */
  async editable({ id }: Account): Promise<OwnField[]> {
    const mapped = await this.sources.mappedClaimsOf(id);
    return OWN_FIELDS.filter((field) => !mapped.has(field));
  }
}

function fact(field: ProfileField, value: string, isFromDingTalk: boolean): ProfileFact {
  return { field, value, isFromDingTalk, isUnverified: false };
}

/** OpenID Connect Core 1.0 §5.1.1: the whole of it as one text, or its parts. */
function addressWords(address: unknown): string {
  if (typeof address !== 'object' || address === null) return '';
  const { formatted, ...parts } = address as Record<string, unknown>;
  if (typeof formatted === 'string' && formatted !== '') return formatted;
  return Object.values(parts)
    .filter((part) => typeof part === 'string' && part !== '')
    .join(', ');
}
