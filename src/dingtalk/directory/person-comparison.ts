import { maskEmail, maskPhoneNumber } from '../../accounts/masking.js';
import type { Place } from '../../directory/membership-store.js';
import type { OrganisationRecord } from '../api/organisation-record.js';
import { mergedRecord, serialized, storedRecord } from '../people/stored-record.js';
import type { FieldChange } from './findings.js';
import type { KnownIdentity } from './known-people.js';

/**
 * What a person of the organisation's lists is, compared with what is known here.
 *
 * - `disabled`: is known here and in the organisation, which has switched the account off
 * - `nobody`: is switched off, and was never here
 */
export type Verdict = 'new' | 'changed' | 'returned' | 'unchanged' | 'disabled' | 'nobody';

type SourceSettings = Parameters<typeof mergedRecord>[2];

/** Values that tell how to reach somebody: whoever looks at a sync need not know. */
const MASKS: Readonly<Record<string, (value: string) => string>> = {
  mobile: maskPhoneNumber,
  telephone: maskPhoneNumber,
  email: maskEmail,
  org_email: maskEmail,
};
const LONGEST_SHOWN = 500;

/** Compares a record with what would be kept of it: what a list's row does not say is no difference. */
export function verdictOn(
  record: OrganisationRecord,
  identity: KnownIdentity | undefined,
  settings: SourceSettings,
): Verdict {
  const isKnown = identity?.isPresent === true;
  if (record.disable_status === true) return isKnown ? 'disabled' : 'nobody';
  if (identity === undefined) return 'new';
  if (!identity.isPresent) return 'returned';
  const { digest } = serialized(mergedRecord(storedRecord(identity.record), record, settings));
  return digest === identity.digest && identity.userid === record.userid ? 'unchanged' : 'changed';
}

/** The fields that differ. */
export function changesTo(
  record: OrganisationRecord,
  identity: KnownIdentity | undefined,
  settings: SourceSettings,
): FieldChange[] {
  const known = storedRecord(identity?.record ?? null);
  const merged = mergedRecord(known, record, settings);
  const [before, after] = [{ ...known } as Record<string, unknown>, { ...merged } as Record<string, unknown>];
  return Object.keys(after)
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: shown(field, before[field]), after: shown(field, after[field]) }));
}

function shown(field: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (MASKS[field]?.(text) ?? text).slice(0, LONGEST_SHOWN);
}

/** @param idOf our ids of departments by the directory's; those that are not known are left out */
export function placesOf(record: OrganisationRecord, idOf: ReadonlyMap<string, string>): Place[] {
  return (record.departments ?? []).flatMap(({ id, order, leader, title, main }) => {
    const departmentId = idOf.get(String(id));
    return departmentId === undefined ? [] : [{ departmentId, order, leader, title, main }];
  });
}
