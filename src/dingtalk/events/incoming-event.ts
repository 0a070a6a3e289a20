import { createHash } from 'node:crypto';
import type { EventChannelKind, SubjectKind } from './directory-event.entity.js';

/** An event as it came, by whatever channel. */
export interface IncomingEvent {
  /** DingTalk's own; absent in the list of those that it could not deliver. */
  readonly eventId: unknown;
  readonly type: unknown;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly via: EventChannelKind;
  readonly bornAt: Date | undefined;
}

/** Whom or what an event is about. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly key: string;
}

/** An event that can be stored: one row for each of its subjects. */
export interface ReadEvent {
  readonly eventId: string;
  readonly type: string;
  readonly subjects: readonly Subject[];
}

/** Who is in these lists is read again. A change of administrators too: the directory's record says who is one. */
const ABOUT_PEOPLE = new Set([
  'user_add_org',
  'user_modify_org',
  'user_active_org',
  'user_leave_org',
  'label_user_change',
  'org_admin_add',
  'org_admin_remove',
]);
const ABOUT_DEPARTMENTS = new Set(['org_dept_create', 'org_dept_modify', 'org_dept_remove']);
const ABOUT_ROLES = new Set(['label_conf_add', 'label_conf_modify', 'label_conf_del']);

/** Their names by spelling: older events and the list of undelivered ones write them in other cases. */
const USER_IDS = ['userid', 'useridlist'];
const DEPARTMENT_IDS = ['deptid', 'deptidlist'];
const ROLE_IDS = ['labelidlist', 'labelid'];

const NOBODY: Subject = { kind: 'none', key: '' };

/** Finds out what an event is, and whom it is about. Nothing in it can make this fail. */
export function readEvent({ eventId, type, payload }: IncomingEvent): ReadEvent {
  const name = typeof type === 'string' && /^[\w.:-]{1,64}$/.test(type) ? type : 'unknown';
  const own = typeof eventId === 'string' && /^[\x21-\x7e]{1,128}$/.test(eventId) ? eventId : undefined;
  return { eventId: own ?? digestOf([name, payload]), type: name, subjects: subjectsOf(name, payload) };
}

/**
 * What is kept of an event for operators: what it says of that one subject, and of a person's fields only the names.
 * The values are nobody's business here: the person is read again.
 */
export function noteOf(payload: IncomingEvent['payload'], { key }: Subject): Record<string, unknown> {
  const plain = Object.entries(payload).filter(
    ([, value]) => typeof value === 'number' || typeof value === 'boolean' || isShortText(value),
  );
  const difference = differenceOf(payload['diffInfo'], key);
  return { ...Object.fromEntries(plain.slice(0, 20)), ...difference };
}

/** Of the same content the same text, in whatever order its members came. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('base64url');
}

function subjectsOf(type: string, payload: IncomingEvent['payload']): readonly Subject[] {
  const subjects = ABOUT_PEOPLE.has(type)
    ? listed(payload, USER_IDS, 'person', /^[^\p{Cc}\p{Cs}]{1,128}$/u)
    : ABOUT_DEPARTMENTS.has(type)
      ? listed(payload, DEPARTMENT_IDS, 'department', /^[1-9]\d{0,15}$/)
      : ABOUT_ROLES.has(type)
        ? listed(payload, ROLE_IDS, 'role', /^[1-9]\d{0,15}$/)
        : [];
  return subjects.length === 0 ? [NOBODY] : subjects;
}

/** The ids of a list, or the one that stands alone, without those that can be none. */
function listed(
  payload: IncomingEvent['payload'],
  names: readonly string[],
  kind: SubjectKind,
  form: RegExp,
): readonly Subject[] {
  const values = Object.entries(payload).flatMap(([name, value]: [string, unknown]) =>
    names.includes(name.toLowerCase()) ? [value].flat() : [],
  );
  const keys = values.map((value) => (typeof value === 'number' ? String(value) : value));
  const good = keys.filter((key): key is string => typeof key === 'string' && form.test(key));
  return [...new Set(good)].map((key) => ({ kind, key }));
}

/** Which of the person's fields are another now, and which are gone: a field that was emptied vanishes from `curr`. */
function differenceOf(diffInfo: unknown, key: string): { changed?: string[]; emptied?: string[] } {
  const ours = [diffInfo]
    .flat()
    .filter(isRecord)
    .find(({ userid }) => userid === undefined || userid === key);
  if (ours === undefined) return {};
  const [previous, current] = [ours['prev'], ours['curr']].map((each) => (isRecord(each) ? each : {}));
  const names = (record: Record<string, unknown> | undefined) => Object.keys(record ?? {}).filter(isShortText);
  return {
    changed: names(current),
    emptied: names(previous).filter((name) => !(name in (current ?? {}))),
  };
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 100;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value).toSorted();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}
