import type { AccountEntity } from '../../accounts/account.entity.js';
import {
  birthdateFault,
  customFault,
  emailFault,
  localeFault,
  phoneNumberFault,
  webPageFault,
  zoneinfoFault,
  type Format,
} from '../../accounts/claim-formats.js';
import { COLUMN_OF } from '../../accounts/user-wire.js';
import type { IdentitySourceEntity } from '../source/identity-source.entity.js';
import type { StoredRecord } from './stored-record.js';

/** Claim → fields of the organisation's record; the first field with a value is taken. */
export type ProfileMapping = Readonly<Record<string, readonly string[]>>;

/**
 * What a source maps unless it says otherwise. `custom.NAME` fields are for extended claims. No phone number: most apps
 * need none, and what is not here cannot get out of here.
 */
export const DEFAULT_MAPPING: ProfileMapping = {
  username: ['userid'],
  name: ['name'],
  nickname: ['nickname'],
  picture: ['avatar'],
  email: ['org_email', 'email'],
  'custom.title': ['title'],
  'custom.job_number': ['job_number'],
  'custom.work_place': ['work_place'],
  'custom.manager_userid': ['manager_userid'],
};

/** Fields of a record that can be mapped; `extension.NAME` too. */
export const RECORD_FIELDS: readonly string[] = [
  'userid',
  'unionid',
  'name',
  'nickname',
  'avatar',
  'mobile',
  'telephone',
  'email',
  'org_email',
  'title',
  'job_number',
  'work_place',
  'remark',
  'manager_userid',
  'hired_date',
];

/** Fields of a person that a text of the record cannot be. `username` is for new accounts, and is kept apart. */
const NOT_MAPPED = new Set(['username', 'status', 'email_verified', 'phone_number_verified', 'address', 'custom']);

const MAPPED_COLUMNS: Readonly<Record<string, keyof AccountEntity>> = Object.fromEntries(
  Object.entries(COLUMN_OF).filter(([claim]) => !NOT_MAPPED.has(claim)),
);

/** What values can be mapped to, beside `custom.NAME`. `username` counts when an account is made, and never after. */
export const MAPPED_CLAIMS: readonly string[] = ['username', ...Object.keys(MAPPED_COLUMNS)];

const FAULT_OF: Readonly<Record<string, Format>> = {
  email: emailFault,
  phone_number: phoneNumberFault,
  picture: webPageFault,
  profile: webPageFault,
  website: webPageFault,
  birthdate: birthdateFault,
  zoneinfo: zoneinfoFault,
  locale: localeFault,
};

/** Characters, as for the same fields in the admin API. */
const LONGEST_OF: Readonly<Record<string, number>> = { name: 200, given_name: 200, family_name: 200, nickname: 200 };
const LONGEST = 1_000;

/** Fields of a record that are kept only where the mapping takes them. */
const PHONE_FIELDS = ['mobile', 'telephone'] as const;

type Settings = Pick<IdentitySourceEntity, 'mapping' | 'trustedEmail' | 'trustedPhone'>;

/** The fields of an account that a record speaks of, as they would be. A value that is none is left out. */
export function profileOf(record: StoredRecord, settings: Settings, custom: object): Partial<AccountEntity> {
  const mapping = settings.mapping ?? DEFAULT_MAPPING;
  const columns: Record<string, unknown> = {};
  const customFields: Record<string, unknown> = { ...custom };
  for (const [claim, fields] of Object.entries(mapping)) {
    const found = firstValue(record, fields);
    if (found === undefined) continue;
    if (claim.startsWith('custom.')) setCustom(customFields, claim.slice('custom.'.length), found.value);
    else Object.assign(columns, columnsOf(claim, found, settings));
  }
  if (customFault(customFields) === undefined) columns['custom'] = customFields;
  return columns;
}

/** The record without phone numbers that nothing is made of. */
export function withoutUnmappedPhones<Kept extends StoredRecord>(
  record: Kept,
  { mapping }: Pick<Settings, 'mapping'>,
): Kept {
  const mapped = new Set(Object.values(mapping ?? DEFAULT_MAPPING).flat());
  const kept: Kept = { ...record };
  for (const field of PHONE_FIELDS) if (!mapped.has(field)) delete kept[field];
  return kept;
}

/** The profile by which newcomers are matched: a phone number too that is compared here, and kept nowhere. */
export function profileToMatch(record: StoredRecord, settings: Settings): Partial<AccountEntity> {
  const mapping = { phone_number: ['mobile'], ...(settings.mapping ?? DEFAULT_MAPPING) };
  return profileOf(record, { ...settings, mapping }, {});
}

/** What the new account is called, before it is known whether the name is free. */
export function usernameOf(record: StoredRecord, { mapping }: Pick<IdentitySourceEntity, 'mapping'>): string {
  const fields = (mapping ?? DEFAULT_MAPPING)['username'] ?? ['userid'];
  const name = firstValue(record, fields)?.value ?? '';
  return name === '' ? record.userid : name;
}

interface Found {
  readonly field: string;
  readonly value: string;
}

/** The first field with a value; an empty one when all that came were empty; undefined when none came. */
function firstValue(record: StoredRecord, fields: readonly string[]): Found | undefined {
  const present = fields
    .map((field) => ({ field, value: valueOf(record, field) }))
    .filter((found): found is Found => found.value !== undefined);
  return present.find(({ value }) => value !== '') ?? present[0];
}

function valueOf(record: StoredRecord, field: string): string | undefined {
  const value = field.startsWith('extension.')
    ? record.extension?.[field.slice('extension.'.length)]
    : (record as unknown as Record<string, unknown>)[field];
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : undefined;
}

function setCustom(custom: Record<string, unknown>, name: string, value: string): void {
  if (value === '') delete custom[name];
  else custom[name] = value;
}

/** The organisation vouches for its own records only, and only as far as the source's setting goes. */
function columnsOf(claim: string, { field, value }: Found, settings: Settings): Record<string, unknown> {
  const column = MAPPED_COLUMNS[claim];
  if (column === undefined || value.length > (LONGEST_OF[claim] ?? LONGEST)) return {};
  if (value !== '' && FAULT_OF[claim]?.(value) !== undefined) return {};
  const columns: Record<string, unknown> = { [column]: value === '' ? null : value };
  if (claim === 'email') columns['emailVerified'] = value !== '' && isTrustedEmail(field, settings);
  if (claim === 'phone_number') {
    columns['phoneNumberVerified'] = value !== '' && field === 'mobile' && settings.trustedPhone;
  }
  return columns;
}

function isTrustedEmail(field: string, { trustedEmail }: Settings): boolean {
  if (trustedEmail === 'none') return false;
  return field === 'org_email' || (field === 'email' && trustedEmail === 'org_email_or_email');
}
