import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '../database/database.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { jsonRows, partsOf } from '../database/json-rows.js';

/** A role as a directory describes it. */
export interface RoleFields {
  readonly externalId: string;
  readonly name: string;
  readonly groupName: string;
}

/** A role as it is kept. */
export interface StoredRole extends RoleFields {
  readonly id: string;
  readonly removed: boolean;
}

interface RoleRow {
  id: string;
  external_id: string;
  name: string;
  group_name: string;
  removed_at: number | null;
}

const OF_SOURCE = statement(
  'directory_roles_of_source',
  'SELECT id, external_id, name, group_name, removed_at FROM directory_roles WHERE source_id = $1',
);
const MEMBERS = statement(
  'directory_role_members_of_role',
  'SELECT account_id FROM directory_role_members WHERE role_id = $1',
);
const OF_ACCOUNT = statement(
  'directory_roles_of_account_in_source',
  `SELECT r.id FROM directory_role_members m JOIN directory_roles r ON r.id = m.role_id
   WHERE m.account_id = $1 AND r.source_id = $2`,
);
const REMOVE = statement(
  'directory_role_remove',
  'UPDATE directory_roles SET removed_at = $2, updated_at = $2 WHERE id = $1 AND removed_at IS NULL',
);
const DROP_ALL = statement('directory_role_members_drop_all', 'DELETE FROM directory_role_members WHERE role_id = $1');

/** The roles of a directory and who has them. Writes only what differs. */
@Injectable()
export class RoleStore {
  private readonly putRoles: Statement;
  private readonly addMembers: Statement;
  private readonly dropMembers: Statement;

  constructor(private readonly database: Database) {
    const role = { id: 'text', external_id: 'text', name: 'text', group_name: 'text' } as const;
    const pair = { role_id: 'text', account_id: 'text' } as const;
    this.putRoles = statement(
      'directory_roles_put',
      `INSERT INTO directory_roles (id, source_id, external_id, name, group_name, removed_at, created_at, updated_at)
       SELECT id, $1, external_id, name, group_name, NULL, $3, $3
       FROM ${jsonRows(database.kind, '$2', role)} AS put WHERE true
       ON CONFLICT (source_id, external_id) DO UPDATE SET name = excluded.name, group_name = excluded.group_name,
         removed_at = NULL, updated_at = excluded.updated_at`,
    );
    this.addMembers = statement(
      'directory_role_members_add',
      `INSERT INTO directory_role_members (role_id, account_id)
       SELECT role_id, account_id FROM ${jsonRows(database.kind, '$1', pair)} AS put WHERE true
       ON CONFLICT (role_id, account_id) DO NOTHING`,
    );
    this.dropMembers = statement(
      'directory_role_members_drop',
      `DELETE FROM directory_role_members
       WHERE (role_id, account_id) IN (SELECT role_id, account_id FROM ${jsonRows(database.kind, '$1', pair)} AS gone)`,
    );
  }

  /** All of a source by the directory's ids, those that were removed too. */
  async ofSource(sourceId: string): Promise<Map<string, StoredRole>> {
    const rows = await this.database.all<RoleRow>(OF_SOURCE, sourceId);
    return new Map(rows.map((row) => [row.external_id, roleOf(row)]));
  }

  /** @returns how many are new or changed */
  async put(sourceId: string, roles: readonly RoleFields[]): Promise<number> {
    const known = await this.ofSource(sourceId);
    const changed = roles.filter((role) => !isSame(known.get(role.externalId), role));
    for (const part of partsOf(changed)) {
      const rows = part.map(({ externalId, name, groupName }) => ({
        id: newIdentifier(),
        external_id: externalId,
        name,
        group_name: groupName,
      }));
      await this.database.run(this.putRoles, sourceId, JSON.stringify(rows), Date.now());
    }
    return changed.length;
  }

  /** @param ids ours @returns how many there were */
  async removeAll(ids: readonly string[]): Promise<number> {
    let removed = 0;
    for (const id of ids) {
      removed += await this.database.run(REMOVE, id, Date.now());
      await this.database.run(DROP_ALL, id);
    }
    return removed;
  }

  async membersOf(roleId: string): Promise<Set<string>> {
    const rows = await this.database.all<{ account_id: string }>(MEMBERS, roleId);
    return new Set(rows.map((row) => row.account_id));
  }

  /** Replaces the people who have a role. @returns how many were added or taken off */
  async putMembers(roleId: string, accountIds: ReadonlySet<string>): Promise<number> {
    const stored = await this.membersOf(roleId);
    const added = [...accountIds].filter((id) => !stored.has(id));
    const gone = [...stored].filter((id) => !accountIds.has(id));
    await this.write(
      added.map((accountId) => ({ role_id: roleId, account_id: accountId })),
      gone.map((accountId) => ({ role_id: roleId, account_id: accountId })),
    );
    return added.length + gone.length;
  }

  /** Replaces the roles that a person has in a source. @param roleIds ours @returns how many were added or taken off */
  async putRolesOf(sourceId: string, accountId: string, roleIds: ReadonlySet<string>): Promise<number> {
    const rows = await this.database.all<{ id: string }>(OF_ACCOUNT, accountId, sourceId);
    const stored = new Set(rows.map(({ id }) => id));
    const added = [...roleIds].filter((id) => !stored.has(id));
    const gone = [...stored].filter((id) => !roleIds.has(id));
    await this.write(
      added.map((roleId) => ({ role_id: roleId, account_id: accountId })),
      gone.map((roleId) => ({ role_id: roleId, account_id: accountId })),
    );
    return added.length + gone.length;
  }

  private async write(added: readonly object[], gone: readonly object[]): Promise<void> {
    for (const part of partsOf(added)) await this.database.run(this.addMembers, JSON.stringify(part));
    for (const part of partsOf(gone)) await this.database.run(this.dropMembers, JSON.stringify(part));
  }
}

function roleOf(row: RoleRow): StoredRole {
  return {
    id: row.id,
    externalId: row.external_id,
    name: row.name,
    groupName: row.group_name,
    removed: row.removed_at !== null,
  };
}

function isSame(stored: StoredRole | undefined, { name, groupName }: RoleFields): boolean {
  return stored !== undefined && !stored.removed && stored.name === name && stored.groupName === groupName;
}
