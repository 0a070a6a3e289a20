import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';

/** A department in a list, with as much as fits a line. */
export interface DepartmentSummary {
  readonly id: string;
  readonly sourceId: string;
  readonly externalId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly order: number | null;
  /** Ids of accounts. */
  readonly managers: readonly string[];
}

/** A department on somebody's way to the root. */
export interface PathStep {
  readonly id: string;
  readonly name: string;
}

/** A department of a person, with the person's place in it. */
export interface DepartmentOfPerson {
  readonly department: DepartmentSummary;
  /** From the root down to the department itself. */
  readonly path: readonly PathStep[];
  readonly order: number | null;
  readonly leader: boolean;
  readonly title: string;
  readonly main: boolean;
}

export interface RoleOfAccount {
  readonly id: string;
  readonly sourceId: string;
  readonly externalId: string;
  readonly name: string;
  readonly groupName: string;
}

interface SummaryRow {
  id: string;
  source_id: string;
  external_id: string;
  parent_id: string | null;
  name: string;
  sort_order: number | null;
  managers: string;
}

type PlaceRow = SummaryRow & {
  place_order: number | null;
  leader: boolean | number;
  title: string;
  main: boolean | number;
};

interface RoleRow {
  id: string;
  source_id: string;
  external_id: string;
  name: string;
  group_name: string;
}

const SUMMARY = 'd.id, d.source_id, d.external_id, d.parent_id, d.name, d.sort_order, d.managers';
const FIND = statement(
  'department_find',
  `SELECT ${SUMMARY} FROM departments d WHERE d.id = $1 AND d.removed_at IS NULL`,
);
const OF_PERSON = statement(
  'departments_of_person',
  `SELECT ${SUMMARY}, m.sort_order AS place_order, m.leader, m.title, m.main FROM department_members m
   JOIN departments d ON d.id = m.department_id
   WHERE m.account_id = $1 AND d.removed_at IS NULL ORDER BY m.main DESC, d.name, d.id`,
);
const PATHS_OF_PERSON = statement(
  'department_paths_of_person',
  `SELECT a.department_id, d.id, d.name FROM department_members m
   JOIN department_ancestors a ON a.department_id = m.department_id JOIN departments d ON d.id = a.ancestor_id
   WHERE m.account_id = $1 ORDER BY a.depth DESC`,
);
const PATH = statement(
  'department_path',
  `SELECT a.department_id, d.id, d.name FROM department_ancestors a JOIN departments d ON d.id = a.ancestor_id
   WHERE a.department_id = $1 ORDER BY a.depth DESC`,
);
const ROLES = statement(
  'directory_roles_of_account',
  `SELECT r.id, r.source_id, r.external_id, r.name, r.group_name FROM directory_role_members m
   JOIN directory_roles r ON r.id = m.role_id WHERE m.account_id = $1 AND r.removed_at IS NULL ORDER BY r.name, r.id`,
);
const ROLE = statement(
  'directory_role_find',
  'SELECT id, source_id, external_id, name, group_name FROM directory_roles WHERE id = $1 AND removed_at IS NULL',
);
const COVERS = statement(
  'department_covers',
  `SELECT 1 AS covered FROM department_members m JOIN department_ancestors a ON a.department_id = m.department_id
   WHERE m.account_id = $1 AND a.ancestor_id = $2 LIMIT 1`,
);

/** What the organisations' directories say about people here: read by claims, policies and the admin API. */
@Injectable()
export class Directory {
  constructor(private readonly database: Database) {}

  /** @returns undefined also for a department that was removed */
  async findDepartment(id: string): Promise<DepartmentSummary | undefined> {
    const row = await this.database.first<SummaryRow>(FIND, id);
    return row === undefined ? undefined : summaryOf(row);
  }

  /** From the root down to the department itself. */
  async pathOf(departmentId: string): Promise<PathStep[]> {
    const rows = await this.database.all<PathStep>(PATH, departmentId);
    return rows.map(({ id, name }) => ({ id, name }));
  }

  /** The departments of a person in all directories, the main one first. */
  async departmentsOf(accountId: string): Promise<DepartmentOfPerson[]> {
    const [places, steps] = await Promise.all([
      this.database.all<PlaceRow>(OF_PERSON, accountId),
      this.database.all<PathStep & { department_id: string }>(PATHS_OF_PERSON, accountId),
    ]);
    return places.map((row) => ({
      department: summaryOf(row),
      path: steps.filter((step) => step.department_id === row.id).map(({ id, name }) => ({ id, name })),
      order: row.place_order,
      leader: Boolean(row.leader),
      title: row.title,
      main: Boolean(row.main),
    }));
  }

  /** The roles of a person in all directories. */
  async rolesOf(accountId: string): Promise<RoleOfAccount[]> {
    const rows = await this.database.all<RoleRow>(ROLES, accountId);
    return rows.map((row) => roleOf(row));
  }

  /** @returns undefined also for a role that was removed */
  async findRole(id: string): Promise<RoleOfAccount | undefined> {
    const row = await this.database.first<RoleRow>(ROLE, id);
    return row === undefined ? undefined : roleOf(row);
  }

  /** Whether a person is in that department or in one below it. */
  async isWithin(accountId: string, departmentId: string): Promise<boolean> {
    return (await this.database.first(COVERS, accountId, departmentId)) !== undefined;
  }
}

function roleOf(row: RoleRow): RoleOfAccount {
  return {
    id: row.id,
    sourceId: row.source_id,
    externalId: row.external_id,
    name: row.name,
    groupName: row.group_name,
  };
}

export function summaryOf(row: SummaryRow): DepartmentSummary {
  return {
    id: row.id,
    sourceId: row.source_id,
    externalId: row.external_id,
    parentId: row.parent_id,
    name: row.name,
    order: row.sort_order,
    managers: JSON.parse(row.managers) as string[],
  };
}
