import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '../../database/database.js';
import { isAmong, jsonRows, partsOf } from '../../database/json-rows.js';
import type { DepartmentRecord, OrganisationRecord, RoleRecord } from '../api/organisation-record.js';

/** Whether a part of a department could be read. */
export type Reading = 'open' | 'read' | 'failed';

export interface StagedDepartment {
  readonly id: number;
  readonly parentId: number | undefined;
  readonly name: string;
  readonly order: number | undefined;
  /** User ids; undefined while the department was not described. */
  readonly managers: readonly string[] | undefined;
  readonly subtree: Reading;
  readonly members: Reading;
}

/** A person with all that was read of them, wherever they were listed. */
export interface StagedPerson {
  readonly userid: string;
  readonly record: OrganisationRecord;
}

export interface StagedRole extends RoleRecord {
  /** User ids; undefined when they could not be read. */
  readonly members: readonly string[] | undefined;
}

interface DepartmentRow {
  department_id: number;
  parent_id: number | null;
  name: string;
  sort_order: number | null;
  managers: string | null;
  subtree: Reading;
  members: Reading;
}

interface PersonRow {
  userid: string;
  record: string;
}

interface RoleRow {
  role_id: number;
  name: string;
  group_name: string;
  members: string | null;
}

const DEPARTMENTS = statement(
  'staged_departments',
  `SELECT department_id, parent_id, name, sort_order, managers, subtree, members FROM directory_sync_departments
   WHERE run_id = $1 ORDER BY department_id`,
);
const DESCRIBE = statement(
  'staged_department_describe',
  `UPDATE directory_sync_departments SET name = $3, parent_id = COALESCE($4, parent_id), sort_order = $5, managers = $6
   WHERE run_id = $1 AND department_id = $2`,
);
const SUBTREE = statement(
  'staged_department_subtree',
  'UPDATE directory_sync_departments SET subtree = $3 WHERE run_id = $1 AND department_id = $2',
);
const MEMBERS = statement(
  'staged_department_members',
  'UPDATE directory_sync_departments SET members = $3 WHERE run_id = $1 AND department_id = $2',
);
const DROP_DEPARTMENT = statement(
  'staged_department_drop',
  'DELETE FROM directory_sync_departments WHERE run_id = $1 AND department_id = $2',
);
const PEOPLE = statement(
  'staged_people_page',
  `SELECT userid, record FROM directory_sync_people WHERE run_id = $1 AND userid > $2
   ORDER BY userid, department_id LIMIT $3`,
);
const COUNT = statement(
  'staged_people_count',
  'SELECT COUNT(DISTINCT userid) AS people FROM directory_sync_people WHERE run_id = $1',
);
// As JSON.stringify writes it; within a text the quotes would be escaped.
const DISABLED = statement(
  'staged_people_disabled',
  `SELECT userid, record FROM directory_sync_people WHERE run_id = $1 AND record LIKE '%"disable_status":true%'
   ORDER BY userid, department_id`,
);
const ROLES = statement(
  'staged_roles',
  'SELECT role_id, name, group_name, members FROM directory_sync_roles WHERE run_id = $1 ORDER BY role_id',
);
const ROLE = statement(
  'staged_role_members',
  'UPDATE directory_sync_roles SET members = $3 WHERE run_id = $1 AND role_id = $2',
);
const DETAILS = statement(
  'staged_details',
  'SELECT userid FROM directory_sync_details WHERE run_id = $1 ORDER BY userid LIMIT $2',
);

/** Rows in one statement; on SQLite the event loop waits for each. */
const DELETED_AT_ONCE = 500;
/** Rows of people that are read at once. */
const PAGE = 500;

const STAGED_TABLES = [
  ['directory_sync_departments', 'department_id'],
  ['directory_sync_people', 'userid'],
  ['directory_sync_roles', 'role_id'],
  ['directory_sync_details', 'userid'],
] as const;

/** What a run has fetched. All of it may be written again, so that whoever goes on after a crash need not ask what was. */
@Injectable()
export class Staging {
  private readonly insertDepartments: Statement;
  private readonly insertPeople: Statement;
  private readonly insertRoles: Statement;
  private readonly insertDetails: Statement;
  private readonly deleteDetails: Statement;
  private readonly discards: readonly Statement[];

  constructor(private readonly database: Database) {
    const rows = (columns: Parameters<typeof jsonRows>[2]) => jsonRows(database.kind, '$2', columns);
    this.insertDepartments = statement(
      'staged_departments_put',
      `INSERT INTO directory_sync_departments (run_id, department_id, parent_id, name, subtree, members)
       SELECT $1, department_id, parent_id, name, 'open', 'open'
       FROM ${rows({ department_id: 'bigint', parent_id: 'bigint', name: 'text' })} AS put WHERE true
       ON CONFLICT (run_id, department_id) DO UPDATE SET
         parent_id = COALESCE(excluded.parent_id, directory_sync_departments.parent_id)`,
    );
    this.insertPeople = statement(
      'staged_people_put',
      `INSERT INTO directory_sync_people (run_id, userid, department_id, unionid, record)
       SELECT $1, userid, department_id, unionid, record FROM ${rows({
         userid: 'text',
         department_id: 'bigint',
         unionid: 'text',
         record: 'text',
       })} AS put WHERE true
       ON CONFLICT (run_id, userid, department_id) DO UPDATE SET unionid = excluded.unionid, record = excluded.record`,
    );
    this.insertRoles = statement(
      'staged_roles_put',
      `INSERT INTO directory_sync_roles (run_id, role_id, name, group_name)
       SELECT $1, role_id, name, group_name FROM ${rows({ role_id: 'bigint', name: 'text', group_name: 'text' })} AS put
       WHERE true ON CONFLICT (run_id, role_id) DO NOTHING`,
    );
    this.insertDetails = statement(
      'staged_details_put',
      `INSERT INTO directory_sync_details (run_id, userid) SELECT $1, userid FROM ${rows({ userid: 'text' })} AS put
       WHERE true ON CONFLICT (run_id, userid) DO NOTHING`,
    );
    this.deleteDetails = statement(
      'staged_details_done',
      `DELETE FROM directory_sync_details WHERE run_id = $1 AND ${isAmong(database.kind, 'userid', '$2', 'userid')}`,
    );
    this.discards = STAGED_TABLES.map(([table, key]) =>
      statement(
        `discard_${table}`,
        `DELETE FROM ${table} WHERE run_id = $1
         AND ${key} IN (SELECT ${key} FROM ${table} WHERE run_id = $1 LIMIT ${DELETED_AT_ONCE})`,
      ),
    );
  }

  /** What is known already stays as it is. */
  async addDepartments(runId: string, departments: readonly Omit<DepartmentRecord, 'order'>[]): Promise<void> {
    const rows = departments.map(({ id, parentId, name }) => ({ department_id: id, parent_id: parentId, name }));
    for (const part of partsOf(rows)) await this.database.run(this.insertDepartments, runId, JSON.stringify(part));
  }

  async describe(runId: string, { id, name, parentId, order, managers }: DepartmentRecord): Promise<void> {
    const managerList = JSON.stringify(managers ?? []);
    await this.database.run(DESCRIBE, runId, id, name, parentId ?? null, order ?? null, managerList);
  }

  async markSubtree(runId: string, departmentId: number, reading: Reading): Promise<void> {
    await this.database.run(SUBTREE, runId, departmentId, reading);
  }

  async markMembers(runId: string, departmentId: number, reading: Reading): Promise<void> {
    await this.database.run(MEMBERS, runId, departmentId, reading);
  }

  /** It is gone at DingTalk meanwhile. */
  async dropDepartment(runId: string, departmentId: number): Promise<void> {
    await this.database.run(DROP_DEPARTMENT, runId, departmentId);
  }

  async departments(runId: string): Promise<StagedDepartment[]> {
    return (await this.database.all<DepartmentRow>(DEPARTMENTS, runId)).map((row) => ({
      id: row.department_id,
      parentId: row.parent_id ?? undefined,
      name: row.name,
      order: row.sort_order ?? undefined,
      managers: row.managers === null ? undefined : (JSON.parse(row.managers) as string[]),
      subtree: row.subtree,
      members: row.members,
    }));
  }

  /** @param departmentId whose list they are on; 0 for people who were read one by one */
  async addPeople(runId: string, departmentId: number, people: readonly OrganisationRecord[]): Promise<void> {
    const rows = people.map((record) => ({
      userid: record.userid,
      department_id: departmentId,
      unionid: record.unionid,
      record: JSON.stringify(record),
    }));
    for (const part of partsOf(rows)) await this.database.run(this.insertPeople, runId, JSON.stringify(part));
  }

  async countPeople(runId: string): Promise<number> {
    return (await this.database.first<{ people: number }>(COUNT, runId))?.people ?? 0;
  }

  /** People in the order of their user ids, some hundred at a time; none at the end. */
  async people(runId: string, after: string): Promise<StagedPerson[]> {
    const rows = await this.database.all<PersonRow>(PEOPLE, runId, after, PAGE);
    const people = joined(rows);
    // The last one may go on behind the page.
    return rows.length === PAGE && people.length > 1 ? people.slice(0, -1) : people;
  }

  /** Those of whom DingTalk says that their account is switched off. */
  async disabledPeople(runId: string): Promise<StagedPerson[]> {
    return joined(await this.database.all<PersonRow>(DISABLED, runId));
  }

  async addRoles(runId: string, roles: readonly RoleRecord[]): Promise<void> {
    const rows = roles.map(({ id, name, groupName }) => ({ role_id: id, name, group_name: groupName }));
    for (const part of partsOf(rows)) await this.database.run(this.insertRoles, runId, JSON.stringify(part));
  }

  async putRoleMembers(runId: string, roleId: number, userids: readonly string[]): Promise<void> {
    await this.database.run(ROLE, runId, roleId, JSON.stringify(userids));
  }

  async roles(runId: string): Promise<StagedRole[]> {
    return (await this.database.all<RoleRow>(ROLES, runId)).map((row) => ({
      id: row.role_id,
      name: row.name,
      groupName: row.group_name,
      members: row.members === null ? undefined : (JSON.parse(row.members) as string[]),
    }));
  }

  /** These people are to be read one by one later. */
  async wantDetails(runId: string, userids: readonly string[]): Promise<void> {
    for (const part of partsOf(userids)) {
      await this.database.run(this.insertDetails, runId, JSON.stringify(part.map((userid) => ({ userid }))));
    }
  }

  async wantedDetails(runId: string, limit: number): Promise<string[]> {
    return (await this.database.all<{ userid: string }>(DETAILS, runId, limit)).map(({ userid }) => userid);
  }

  async detailsDone(runId: string, userids: readonly string[]): Promise<void> {
    await this.database.run(this.deleteDetails, runId, JSON.stringify(userids.map((userid) => ({ userid }))));
  }

  /** Deletes all that the run has fetched, in parts. */
  async discard(runId: string): Promise<void> {
    for (const command of this.discards) {
      while ((await this.database.run(command, runId)) > 0);
    }
  }
}

/** Rows of one person, one for each list, as one record: the person's places are those of all lists. */
function joined(rows: readonly PersonRow[]): StagedPerson[] {
  const people = new Map<string, OrganisationRecord>();
  for (const { userid, record } of rows) {
    const read = JSON.parse(record) as OrganisationRecord;
    const earlier = people.get(userid);
    people.set(userid, earlier === undefined ? read : joinedRecord(earlier, read));
  }
  return [...people].map(([userid, record]) => ({ userid, record }));
}

function joinedRecord(one: OrganisationRecord, other: OrganisationRecord): OrganisationRecord {
  const places = new Map((one.departments ?? []).map((place) => [place.id, place]));
  for (const place of other.departments ?? []) places.set(place.id, { ...places.get(place.id), ...place });
  return { ...one, ...other, departments: [...places.values()] };
}
