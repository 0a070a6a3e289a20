import { DingTalkError } from './dingtalk-error.js';
import type { DepartmentRecord, OrganisationRecord, RoleRecord } from './organisation-record.js';
import { nameOf, readPerson } from './person-record.js';
import { departmentIdOf, flagOf, idOf, listOf, numberOf, objectOf, parsedOf, textOf, type Json } from './values.js';

/** Characters of the name of a department or a role. */
const LONGEST_NAME = 200;

/** The part of an answer that the call was for. @throws {DingTalkError} refused */
export function resultOf(body: Json, path: string): Json {
  const result = objectOf(body['result']);
  if (result === undefined) throw unusable(path, 'the answer has no result');
  return result;
}

/** An answer that says that all went well, and does not hold what it must. */
export function unusable(path: string, words: string): DingTalkError {
  return new DingTalkError('refused', '', `${path}: ${words}`);
}

/** A page of a department's people, and how many rows there was no telling whom they are about. */
export interface PageOfPeople {
  readonly users: readonly OrganisationRecord[];
  readonly skipped: number;
  /** undefined on the last page. */
  readonly nextCursor: number | undefined;
}

/**
 * A page that does not say whether another one follows, or does not lead on, would make people seem to have left who
 * have not: it is no answer.
 *
 * @throws {DingTalkError} refused
 */
export function readPageOfPeople(body: Json, path: string, departmentId: number, cursor: number): PageOfPeople {
  const result = resultOf(body, path);
  const rows = listOf(result['list']);
  const hasMore = flagOf(result['has_more']);
  if (rows === undefined && hasMore !== false) throw unusable(path, 'the answer has no list');
  if (hasMore === undefined) throw unusable(path, 'the answer does not say whether there is more');
  const users = (rows ?? []).flatMap((row) => readPerson(row, departmentId) ?? []);
  const nextCursor = hasMore ? numberOf(result['next_cursor']) : undefined;
  if (hasMore && (nextCursor === undefined || nextCursor <= cursor)) {
    throw unusable(path, 'there is more, and the cursor does not lead on');
  }
  return { users, skipped: (rows?.length ?? 0) - users.length, nextCursor };
}

/** @returns undefined for what is no department: groups with ids below 1 */
export function readDepartment(value: unknown): DepartmentRecord | undefined {
  const row = objectOf(value);
  const id = departmentIdOf(row?.['dept_id']);
  if (row === undefined || id === undefined) return undefined;
  const parentId = departmentIdOf(row['parent_id']);
  const order = numberOf(row['order']);
  const managers = listOf(row['dept_manager_userid_list'])?.flatMap((each) => idOf(each) ?? []);
  return {
    id,
    name: nameOf(row['name'], LONGEST_NAME) ?? '',
    ...(parentId === undefined ? {} : { parentId }),
    ...(order === undefined ? {} : { order }),
    ...(managers === undefined ? {} : { managers }),
  };
}

/** A page of groups of roles, flattened. The old host's roles are in camel case. */
export function readRoles(result: Json): { readonly roles: readonly RoleRecord[]; readonly groups: number } {
  const groups = listOf(result['list']) ?? [];
  const roles = groups.flatMap((each) => {
    const group = objectOf(each);
    const groupName = nameOf(group?.['name'], LONGEST_NAME) ?? '';
    return (listOf(group?.['roles']) ?? []).flatMap((role) => {
      const id = numberOf(objectOf(role)?.['id']);
      const name = nameOf(objectOf(role)?.['name'], LONGEST_NAME);
      return id === undefined || name === undefined ? [] : [{ id, name, groupName }];
    });
  });
  return { roles, groups: groups.length };
}

/** An event from DingTalk's list of those that it could not deliver. */
export interface FailedEvent {
  readonly type: string;
  readonly time: Date;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The payload stands under the event's own name, or under one of two others. */
export function readFailedEvent(value: unknown): FailedEvent | undefined {
  const row = objectOf(value);
  const type = textOf(row?.['call_back_tag']);
  if (row === undefined || type === undefined || !/^[a-z][a-z_]{0,63}$/.test(type)) return undefined;
  const sent = row[type] ?? row['callbackData'] ?? row['roleLabelChange'];
  const payload = objectOf(typeof sent === 'string' ? parsedOf(sent) : sent) ?? {};
  return { type, time: new Date(numberOf(row['event_time']) ?? Date.now()), payload };
}
