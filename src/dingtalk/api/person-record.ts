import type { DepartmentPlace, OrganisationRecord, RoleOfPerson } from './organisation-record.js';
import {
  departmentIdOf,
  flagOf,
  idOf,
  listOf,
  numberOf,
  objectOf,
  parsedOf,
  seen,
  textOf,
  type Json,
} from './values.js';

/** Characters. What is longer is cut: it is read by people, and they still know what is meant. */
const NAMES = { name: 200, nickname: 200, title: 200 } as const;

/** Characters. What is longer is dropped: half of it would be another value. */
const TEXTS = {
  avatar: 1_000,
  telephone: 50,
  email: 254,
  org_email: 254,
  job_number: 100,
  work_place: 500,
  remark: 2_000,
} as const;

const FLAGS = ['active', 'admin', 'boss', 'exclusive_account', 'disable_status'] as const;

/** The organisation's own fields: how many, and characters of a name and of a value. */
const EXTENSION = { fields: 100, name: 100, value: 2_000 } as const;
const LONGEST_JSON = 20_000;

/** Names that reach behind an object instead of into it. */
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * A person as `user/get` or a row of `user/list` describes them.
 *
 * @param listedIn the department whose list the row is from: a row says of that one only what place it is
 * @returns undefined when there is no telling who it is
 */
export function readPerson(row: unknown, listedIn?: number): OrganisationRecord | undefined {
  const person = objectOf(row);
  const userid = idOf(person?.['userid']);
  const unionid = idOf(person?.['unionid']);
  if (person === undefined || userid === undefined || unionid === undefined) return undefined;
  const found = new Fields(person);
  for (const field of Object.keys(NAMES) as (keyof typeof NAMES)[])
    found.add(field, nameOf(person[field], NAMES[field]));
  for (const field of Object.keys(TEXTS) as (keyof typeof TEXTS)[])
    found.add(field, shortOf(person[field], TEXTS[field]));
  for (const field of FLAGS) found.add(field, flagOf(person[field]));
  found.add('mobile', phoneOf(person['mobile'], person['state_code']));
  found.add('manager_userid', person['manager_userid'] === '' ? '' : idOf(person['manager_userid']));
  found.add('hired_date', numberOf(person['hired_date']));
  found.add('extension', extensionOf(person['extension']));
  const { fields, dropped } = found;
  const departments = placesOf(person, listedIn);
  const roles = rolesOf(person);
  return {
    name: '',
    ...fields,
    userid,
    unionid,
    ...(departments === undefined ? {} : { departments }),
    ...(roles === undefined ? {} : { roles }),
    ...(dropped.length === 0 ? {} : { dropped }),
  };
}

/** What was found of the fields; a field that came and is of no use is dropped, and named. */
class Fields {
  readonly fields: Record<string, unknown> = {};
  readonly dropped: string[] = [];

  constructor(private readonly row: Json) {}

  add(field: keyof OrganisationRecord, value: unknown): void {
    const sent = this.row[field];
    if (sent === undefined || sent === null) return;
    if (value === undefined && sent === '') return;
    if (value === undefined) this.dropped.push(field);
    else this.fields[field] = value;
  }
}

/** What people read, cut to a length; never in the middle of a character. */
export function nameOf(value: unknown, longest: number): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : Array.from(seen(text).trim()).slice(0, longest).join('');
}

function shortOf(value: unknown, longest: number): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const clean = seen(text).trim();
  return clean.length > longest ? undefined : clean;
}

/** E.164. A number without a country is Chinese when it looks like a mobile one there; a masked one is none. */
function phoneOf(mobile: unknown, stateCode: unknown): string | undefined {
  const number = textOf(mobile)?.replace(/[\s-]/g, '');
  if (number === undefined || number === '') return number;
  const country = textOf(stateCode)?.replace(/^\+/, '') ?? '';
  const code = country === '' && /^1\d{10}$/.test(number) ? '86' : country;
  const whole = number.startsWith('+') ? number : `+${code}${number}`;
  return (number.startsWith('+') || code !== '') && /^\+[1-9]\d{5,14}$/.test(whole) ? whole : undefined;
}

/** The organisation's own fields come as JSON within JSON. */
function extensionOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === '') return {};
  const isReadable = typeof value === 'string' && value.length <= LONGEST_JSON;
  const fields = objectOf(isReadable ? parsedOf(value) : value);
  if (fields === undefined) return undefined;
  const texts = Object.entries(fields).flatMap(([name, each]) => {
    const text = typeof each === 'boolean' ? String(each) : shortOf(each, EXTENSION.value);
    const isName = seen(name) === name && name.length <= EXTENSION.name && !FORBIDDEN_NAMES.has(name);
    return text === undefined || !isName ? [] : [[name, text] as const];
  });
  return Object.fromEntries(texts.slice(0, EXTENSION.fields));
}

function placesOf(person: Json, listedIn: number | undefined): DepartmentPlace[] | undefined {
  const ids = listOf(person['dept_id_list'])?.flatMap((id) => departmentIdOf(id) ?? []);
  if (ids === undefined && listedIn === undefined) return undefined;
  const all = new Set([...(ids ?? []), ...(listedIn === undefined ? [] : [listedIn])]);
  const orders = byDepartment(person['dept_order_list']);
  const leaders = byDepartment(person['leader_in_dept']);
  const positions = byDepartment(person['dept_position_list']);
  return [...all].map((id) => {
    const isOfList = id === listedIn;
    return definedOf({
      id,
      order: numberOf(orders.get(id)?.['order'] ?? (isOfList ? person['dept_order'] : undefined)),
      leader: flagOf(leaders.get(id)?.['leader'] ?? (isOfList ? person['leader'] : undefined)),
      title: nameOf(positions.get(id)?.['title'], NAMES.title),
      main: flagOf(positions.get(id)?.['is_main']),
    });
  });
}

/** Without the members that have no value. */
function definedOf(place: {
  readonly [Name in keyof DepartmentPlace]: DepartmentPlace[Name] | undefined;
}): DepartmentPlace {
  return Object.fromEntries(
    Object.entries(place).filter(([, value]) => value !== undefined),
  ) as unknown as DepartmentPlace;
}

function byDepartment(value: unknown): ReadonlyMap<number, Json> {
  const entries = (listOf(value) ?? []).flatMap((each) => {
    const entry = objectOf(each);
    const id = departmentIdOf(entry?.['dept_id']);
    return entry === undefined || id === undefined ? [] : [[id, entry] as const];
  });
  return new Map(entries);
}

function rolesOf(person: Json): RoleOfPerson[] | undefined {
  return listOf(person['role_list'])?.flatMap((each) => {
    const role = objectOf(each);
    const id = numberOf(role?.['id']);
    const name = nameOf(role?.['name'], NAMES.name);
    const group = nameOf(role?.['group_name'], NAMES.name);
    if (id === undefined || name === undefined) return [];
    return [{ id, name, ...(group === undefined ? {} : { group_name: group }) }];
  });
}
