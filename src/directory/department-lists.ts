import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, MoreThan, Repository } from 'typeorm';
import type { PageRequest } from '../admin/list-page.js';
import { Problem } from '../admin/problem.js';
import { Database, statement, type Statement } from '../database/database.js';
import { DepartmentEntity } from './department.entity.js';
import type { DepartmentQuery } from './department.dto.js';
import { isAmong } from '../database/json-rows.js';

/** A person's place in a department, with who it is. */
export interface Member {
  readonly accountId: string;
  readonly departmentId: string;
  readonly username: string;
  readonly name: string | null;
  readonly status: string;
  readonly leader: boolean;
  readonly title: string;
  readonly main: boolean;
}

interface MemberRow {
  account_id: string;
  department_id: string;
  username: string;
  name: string | null;
  status: string;
  leader: boolean | number;
  title: string;
  main: boolean | number;
}

export interface DepartmentCounts {
  /** In the department itself. */
  readonly members: number;
  /** In it and all below it, each person once. */
  readonly membersOfSubtree: number;
  /** Directly below it. */
  readonly departments: number;
}

const COUNTS = statement(
  'department_counts',
  `SELECT
     (SELECT COUNT(*) FROM department_members m JOIN accounts a ON a.id = m.account_id WHERE m.department_id = $1) AS members,
     (SELECT COUNT(DISTINCT m.account_id) FROM department_ancestors t
        JOIN department_members m ON m.department_id = t.department_id JOIN accounts a ON a.id = m.account_id
        WHERE t.ancestor_id = $1) AS subtree,
     (SELECT COUNT(*) FROM departments d WHERE d.parent_id = $1 AND d.removed_at IS NULL) AS departments`,
);
const MEMBERS = statement(
  'department_member_page',
  `SELECT m.account_id, m.department_id, a.username, a.name, a.status, m.leader, m.title, m.main
   FROM department_members m JOIN accounts a ON a.id = m.account_id
   WHERE m.department_id = $1 AND (m.account_id, m.department_id) > ($2, $3)
   ORDER BY m.account_id, m.department_id LIMIT $4`,
);
const SUBTREE_MEMBERS = statement(
  'department_subtree_member_page',
  `SELECT m.account_id, m.department_id, a.username, a.name, a.status, m.leader, m.title, m.main
   FROM department_ancestors t JOIN department_members m ON m.department_id = t.department_id
   JOIN accounts a ON a.id = m.account_id
   WHERE t.ancestor_id = $1 AND (m.account_id, m.department_id) > ($2, $3)
   ORDER BY m.account_id, m.department_id LIMIT $4`,
);

/** Lists of the directory for the admin API. */
@Injectable()
export class DepartmentLists {
  private readonly names: Statement;

  constructor(
    @InjectRepository(DepartmentEntity) private readonly repository: Repository<DepartmentEntity>,
    private readonly database: Database,
  ) {
    this.names = statement(
      'accounts_named',
      `SELECT id, username, name FROM accounts
       WHERE ${isAmong(database.kind, 'id', '$1', 'id')}`,
    );
  }

  async departments({ limit, after }: PageRequest, { source, parent }: DepartmentQuery): Promise<DepartmentEntity[]> {
    return this.repository.find({
      where: {
        removedAt: IsNull(),
        ...(after === undefined ? {} : { id: MoreThan(after) }),
        ...(source === undefined ? {} : { sourceId: source }),
        ...(parent === undefined ? {} : { parentId: parent === 'none' ? IsNull() : parent }),
      },
      order: { id: 'ASC' },
      take: limit + 1,
    });
  }

  async counts(departmentId: string): Promise<DepartmentCounts> {
    const row = await this.database.first<{ members: number; subtree: number; departments: number }>(
      COUNTS,
      departmentId,
    );
    return {
      members: row?.members ?? 0,
      membersOfSubtree: row?.subtree ?? 0,
      departments: row?.departments ?? 0,
    };
  }

  /** One more than the limit, in the order of accounts; with the subtree somebody may be there several times. */
  async members(departmentId: string, { limit, after }: PageRequest, subtree: boolean): Promise<Member[]> {
    const [accountId, last] = after === undefined ? ['', ''] : memberOfKey(after);
    const query = subtree ? SUBTREE_MEMBERS : MEMBERS;
    const rows = await this.database.all<MemberRow>(query, departmentId, accountId, last, limit + 1);
    return rows.map((row) => ({
      accountId: row.account_id,
      departmentId: row.department_id,
      username: row.username,
      name: row.name,
      status: row.status,
      leader: Boolean(row.leader),
      title: row.title,
      main: Boolean(row.main),
    }));
  }

  /** Those of the accounts that exist, in the order in which they were asked for. */
  async named(ids: readonly string[]): Promise<{ id: string; username: string; name: string | null }[]> {
    const asked = JSON.stringify(ids.map((id) => ({ id })));
    const rows = await this.database.all<{ id: string; username: string; name: string | null }>(this.names, asked);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }
}

/** Ids have no dot. */
export function keyOfMember({ accountId, departmentId }: Member): string {
  return `${accountId}.${departmentId}`;
}

function memberOfKey(key: string): [accountId: string, departmentId: string] {
  const [, accountId, departmentId] = /^([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})$/.exec(key) ?? [];
  if (accountId === undefined || departmentId === undefined) {
    throw Problem.ofFields([{ field: 'cursor', problem: 'is not one of ours; take next_cursor of the page before' }]);
  }
  return [accountId, departmentId];
}
