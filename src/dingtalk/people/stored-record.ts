import { createHash } from 'node:crypto';
import type { OrganisationRecord } from '../api/organisation-record.js';
import type { IdentitySourceEntity } from '../source/identity-source.entity.js';
import { withoutUnmappedPhones } from './profile-mapping.js';

/**
 * What is kept of a record: the person, without places and roles, which the directory keeps, and without what was of no
 * use in one answer, which may differ from answer to answer.
 */
export type StoredRecord = Omit<OrganisationRecord, 'departments' | 'roles' | 'dropped'>;

/** The record as it was kept, if it can be read. */
export function storedRecord(json: string | null): StoredRecord | undefined {
  if (json === null) return undefined;
  return JSON.parse(json) as StoredRecord;
}

/**
 * What is known after reading a record: a field that the answer lacks stays as it was, because the app may only have
 * lost the permission to read it; a field that came empty is empty. Phone numbers that the source does not map are left
 * out, those from before too.
 */
export function mergedRecord(
  known: StoredRecord | undefined,
  fresh: OrganisationRecord,
  settings: Pick<IdentitySourceEntity, 'mapping'>,
): StoredRecord {
  const { departments: _departments, roles: _roles, dropped: _dropped, ...person } = fresh;
  // Of a person whose user id or union id changed nothing old is worth keeping: it is about somebody else's.
  const base = known?.unionid === fresh.unionid ? known : undefined;
  const merged: Record<string, unknown> = { ...base };
  for (const [field, value] of Object.entries(person)) if (value !== undefined) merged[field] = value;
  return withoutUnmappedPhones(merged as unknown as StoredRecord, settings);
}

/** The record in one spelling, so that its digest changes only when it does. */
export function serialized(record: StoredRecord): { readonly json: string; readonly digest: string } {
  const json = JSON.stringify(sorted(record));
  return { json, digest: createHash('sha256').update(json).digest('base64url') };
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
