import { tagged } from '../admin/entity-tag.js';
import { AccountEntity } from './account.entity.js';
import { usernameKey } from './account-store.js';
import { maskEmail, maskPhoneNumber } from './masking.js';
import type { User, UserFields } from './user.dto.js';

/** Where each field is kept. */
export const COLUMN_OF = {
  username: 'username',
  status: 'status',
  name: 'name',
  given_name: 'givenName',
  family_name: 'familyName',
  middle_name: 'middleName',
  nickname: 'nickname',
  preferred_username: 'preferredUsername',
  profile: 'profile',
  picture: 'picture',
  website: 'website',
  gender: 'gender',
  birthdate: 'birthdate',
  zoneinfo: 'zoneinfo',
  locale: 'locale',
  email: 'email',
  email_verified: 'emailVerified',
  phone_number: 'phoneNumber',
  phone_number_verified: 'phoneNumberVerified',
  address: 'address',
  custom: 'custom',
} as const satisfies Record<keyof UserFields, keyof AccountEntity>;

const FIELDS = Object.keys(COLUMN_OF) as (keyof UserFields)[];

/** The columns that the sent fields change. */
export function columnsOf(fields: UserFields): Partial<AccountEntity> {
  const sent = FIELDS.filter((field) => fields[field] !== undefined);
  const columns: Partial<AccountEntity> = Object.fromEntries(
    sent.map((field) => [COLUMN_OF[field], plain(fields[field])]),
  );
  return columns.username === undefined ? columns : { ...columns, usernameKey: usernameKey(columns.username) };
}

/** Nested objects leave their class behind: they are kept as JSON. */
function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? { ...value } : value;
}

/** A person of whom nothing was said but an id. */
export function newAccount(id: string): AccountEntity {
  const now = new Date();
  return Object.assign(new AccountEntity(), {
    id,
    username: '',
    usernameKey: '',
    passwordHash: null,
    passwordChangedAt: null,
    disabledBy: null,
    signedOutAt: null,
    ...blankFields(),
    createdAt: now,
    updatedAt: now,
  });
}

/** Every field that may be left out, as it is then. */
export function blankFields(): Partial<AccountEntity> {
  const nothing = Object.fromEntries(FIELDS.map((field) => [COLUMN_OF[field], null]));
  const { username: _, ...others } = nothing;
  return { ...others, status: 'active', emailVerified: false, phoneNumberVerified: false, custom: {} };
}

/** The person as read: every field, null where there is no value, never the password. */
export function toUser(account: AccountEntity): User {
  const stored = Object.fromEntries(FIELDS.map((field) => [field, account[COLUMN_OF[field]]]));
  const answer: User = {
    id: account.id,
    ...stored,
    has_password: account.passwordHash !== null,
    created_at: account.createdAt.toISOString(),
    updated_at: account.updatedAt.toISOString(),
  };
  return tagged(answer, account);
}

/** What a person can be reached by: shown in full only to those with the right to it. */
export const PERSONAL_FIELDS = ['email', 'phone_number'] as const satisfies readonly (keyof UserFields)[];

/** The person as in lists, and as read without the right to personal data. */
export function toMaskedUser(account: AccountEntity): User {
  const { email, phoneNumber } = account;
  return Object.assign(toUser(account), {
    email: email === null ? null : maskEmail(email),
    phone_number: phoneNumber === null ? null : maskPhoneNumber(phoneNumber),
  });
}
