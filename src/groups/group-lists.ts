import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { orderedPage } from '../admin/list-order.js';
import type { Page, PageRequest } from '../admin/list-page.js';
import { Database, statement, type Statement } from '../database/database.js';
import { isAmong } from '../database/json-rows.js';
import type { PathStep, RoleOfAccount } from '../directory/directory.js';
import { GroupEntity, type GroupKind } from './group.entity.js';
import { GROUP_ORDER, type GroupQuery } from './group-query.dto.js';
import { groupsOfPeople } from './groups-of-people.js';

/** A group with what stands around it. */
export interface GroupFacts {
  readonly group: GroupEntity;
  readonly departmentName: string | null;
  /** From the root down to the department; empty when it is gone. */
  readonly path: readonly PathStep[];
  readonly role: RoleOfAccount | undefined;
  /** People who are in it now. */
  readonly members: number;
}

export interface MemberOfGroup {
  readonly id: string;
  readonly username: string;
  readonly name: string | null;
  readonly status: string;
}

interface FactsRow {
  id: string;
  department_name: string | null;
  source_id: string | null;
  external_id: string;
  role_name: string;
  group_name: string;
  members: number;
}

// The same departments and roles count as in `groupsOfPeople`, from the group's end.
const BY_HAND = 'group_members m JOIN accounts a ON a.id = m.account_id';
const IN_DEPARTMENT = `department_ancestors t JOIN departments d ON d.id = t.department_id AND d.removed_at IS NULL
  JOIN department_members m ON m.department_id = t.department_id JOIN accounts a ON a.id = m.account_id`;
const WITH_ROLE = `directory_role_members m JOIN directory_roles r ON r.id = m.role_id AND r.removed_at IS NULL
  JOIN accounts a ON a.id = m.account_id`;

/** Deeper than any tree is: all departments below count. */
const WHOLE_SUBTREE = 1_000;

const PERSON = 'a.id, a.username, a.name, a.status';
const PAGES: Readonly<Record<GroupKind, Statement>> = {
  manual: statement(
    'group_members_by_hand_page',
    `SELECT ${PERSON} FROM ${BY_HAND} WHERE m.group_id = $1 AND m.account_id > $2 ORDER BY m.account_id LIMIT $3`,
  ),
  department: statement(
    'group_members_of_department_page',
    `SELECT DISTINCT ${PERSON} FROM ${IN_DEPARTMENT}
     WHERE t.ancestor_id = $1 AND m.account_id > $2 AND t.depth <= $4 ORDER BY a.id LIMIT $3`,
  ),
  directory_role: statement(
    'group_members_of_role_page',
    `SELECT ${PERSON} FROM ${WITH_ROLE} WHERE m.role_id = $1 AND m.account_id > $2 ORDER BY m.account_id LIMIT $3`,
  ),
};
const OF_PERSON = statement(
  'groups_of_person',
  `SELECT g.id, g.name, g.kind FROM (${groupsOfPeople((column) => `${column} = $1`)}) AS found
   JOIN groups g ON g.id = found.group_id ORDER BY g.name_key, g.id`,
);

/** Lists of groups and of people in them, for the admin API. */
@Injectable()
export class GroupLists {
  private readonly facts: Statement;
  private readonly paths: Statement;

  constructor(
    @InjectRepository(GroupEntity) private readonly repository: Repository<GroupEntity>,
    private readonly database: Database,
  ) {
    this.facts = statement(
      'group_facts',
      `SELECT g.id, origin.name AS department_name, held.source_id, held.external_id, held.name AS role_name,
         held.group_name, CASE g.kind
         WHEN 'manual' THEN (SELECT COUNT(*) FROM ${BY_HAND} WHERE m.group_id = g.id)
         WHEN 'department' THEN (SELECT COUNT(DISTINCT a.id) FROM ${IN_DEPARTMENT}
           WHERE t.ancestor_id = g.department_id AND (t.depth = 0 OR g.include_descendants))
         ELSE (SELECT COUNT(*) FROM ${WITH_ROLE} WHERE m.role_id = g.directory_role_id) END AS members
       FROM groups g LEFT JOIN departments origin ON origin.id = g.department_id
       LEFT JOIN directory_roles held ON held.id = g.directory_role_id
       WHERE ${isAmong(database.kind, 'g.id', '$1', 'id')}`,
    );
    this.paths = statement(
      'group_department_paths',
      `SELECT t.department_id, d.id, d.name FROM department_ancestors t JOIN departments d ON d.id = t.ancestor_id
       WHERE ${isAmong(database.kind, 't.department_id', '$1', 'id')} ORDER BY t.depth DESC`,
    );
  }

  async page(query: GroupQuery): Promise<Page<GroupFacts>> {
    const { items: groups, next_cursor } = await orderedPage(
      this.repository,
      GROUP_ORDER,
      query,
      (group) => group,
      (rows) => {
        if (query.kind !== undefined) rows.andWhere('row.kind = :kind', { kind: query.kind });
      },
    );
    return { items: await this.factsOf(groups), next_cursor };
  }

  /** What stands around each of them, in their order. */
  async factsOf(groups: readonly GroupEntity[]): Promise<GroupFacts[]> {
    const departments = groups.flatMap(({ departmentId }) => departmentId ?? []);
    const [rows, steps] = await Promise.all([
      this.database.all<FactsRow>(this.facts, asked(groups.map(({ id }) => id))),
      departments.length === 0
        ? []
        : this.database.all<PathStep & { department_id: string }>(this.paths, asked(departments)),
    ]);
    const known = new Map(rows.map((row) => [row.id, row]));
    return groups.map((group) => {
      const row = known.get(group.id);
      return {
        group,
        departmentName: row?.department_name ?? null,
        path: steps.filter((step) => step.department_id === group.departmentId).map(({ id, name }) => ({ id, name })),
        role: row === undefined ? undefined : roleOf(row, group.directoryRoleId),
        members: row?.members ?? 0,
      };
    });
  }

  /** Who is in the group now, whichever its kind: one more than the limit, in the order of their ids. */
  async members(group: GroupEntity, { limit, after = '' }: PageRequest): Promise<MemberOfGroup[]> {
    const { kind, id, departmentId, directoryRoleId, includeDescendants } = group;
    const origin = { manual: id, department: departmentId, directory_role: directoryRoleId }[kind];
    const depth = kind === 'department' ? [includeDescendants ? WHOLE_SUBTREE : 0] : [];
    return this.database.all<MemberOfGroup>(PAGES[kind], origin, after, limit + 1, ...depth);
  }

  /** The groups that a person is in, whichever way, in the order of their names. */
  async ofPerson(accountId: string): Promise<{ id: string; name: string; kind: GroupKind }[]> {
    return this.database.all(OF_PERSON, accountId);
  }
}

function asked(ids: readonly string[]): string {
  return JSON.stringify(ids.map((id) => ({ id })));
}

function roleOf(row: FactsRow, id: string | null): RoleOfAccount | undefined {
  if (id === null || row.source_id === null) return undefined;
  const { source_id: sourceId, external_id: externalId, role_name: name, group_name: groupName } = row;
  return { id, sourceId, externalId, name, groupName };
}
