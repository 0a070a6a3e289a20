import { Injectable } from '@nestjs/common';
import { AccountStore } from '../accounts/account-store.js';
import type { AdminActor } from '../admin/admin-actor.js';
import { Problem } from '../admin/problem.js';
import { AuditLog } from '../audit/audit-log.js';
import { Database, statement, type Statement } from '../database/database.js';
import { isAmong } from '../database/json-rows.js';
import { GroupAdministration } from './group-administration.js';
import { ID } from './group.dto.js';
import { GroupProtection } from './group-protection.js';
import type { GroupEntity } from './group.entity.js';

const REMOVE = statement('group_member_remove', 'DELETE FROM group_members WHERE group_id = $1 AND account_id = $2');

/** Who is put into groups by hand. */
@Injectable()
export class GroupMembers {
  private readonly known: Statement;
  private readonly insert: Statement;

  constructor(
    private readonly groups: GroupAdministration,
    private readonly protection: GroupProtection,
    private readonly accounts: AccountStore,
    private readonly database: Database,
    private readonly audit: AuditLog,
  ) {
    const among = isAmong(database.kind, 'id', '$1', 'id');
    this.known = statement('group_members_known', `SELECT id FROM accounts WHERE ${among}`);
    // From the people and the group that are there at this moment: neither may have been deleted meanwhile.
    this.insert = statement(
      'group_members_add',
      `INSERT INTO group_members (group_id, account_id)
       SELECT g.id, a.id FROM accounts a JOIN groups g ON g.id = $2 WHERE ${isAmong(database.kind, 'a.id', '$1', 'id')}
       ON CONFLICT (group_id, account_id) DO NOTHING`,
    );
  }

  /**
   * Puts people into a group; who is in it already stays.
   *
   * @returns how many are new
   * @throws {Problem} when somebody is unknown, or the group is not one by hand
   */
  async add(groupId: string, users: readonly string[], actor: AdminActor): Promise<number> {
    const group = await this.byHand(groupId, actor);
    // What is no id of ours no database need be asked for.
    const asked = JSON.stringify(users.filter((id) => ID.test(id)).map((id) => ({ id })));
    const rows = await this.database.all<{ id: string }>(this.known, asked);
    refuseUnknown(users, new Set(rows.map(({ id }) => id)));
    return this.database.dataSource.transaction(async (manager) => {
      const added = await this.database.runIn(manager, this.insert, asked, group.id);
      const details = { group: group.id, accounts: [...users] };
      if (added > 0) await this.audit.recordIn(manager, 'group.members_added', actor, details);
      return added;
    });
  }

  /** @throws {Problem} not-found when there is no such person, conflict when the group is not one by hand */
  async put(groupId: string, accountId: string, actor: AdminActor): Promise<void> {
    const group = await this.byHand(groupId, actor);
    if (!ID.test(accountId) || (await this.accounts.find(accountId)) === undefined) throw Problem.notFound('person');
    await this.add(group.id, [accountId], actor);
  }

  /** @throws {Problem} not-found when the person is not in it, conflict when the group is not one by hand */
  async remove(groupId: string, accountId: string, actor: AdminActor): Promise<void> {
    const group = await this.byHand(groupId, actor);
    if (!ID.test(accountId)) throw Problem.notFound('member');
    const details = { group: group.id, account: accountId };
    await this.database.dataSource.transaction(async (manager) => {
      if ((await this.database.runIn(manager, REMOVE, group.id, accountId)) !== 1) throw Problem.notFound('member');
      await this.audit.recordIn(manager, 'group.member_removed', actor, details);
    });
  }

  private async byHand(groupId: string, actor: AdminActor): Promise<GroupEntity> {
    const group = await this.groups.find(groupId);
    await this.protection.refuseEscalation(group.id, actor);
    if (group.kind === 'manual') return group;
    throw new Problem('conflict', 'Who is in this group comes from the directory: change it there.');
  }
}

function refuseUnknown(users: readonly string[], known: ReadonlySet<string>): void {
  const errors = users.flatMap((id, index) =>
    known.has(id) ? [] : [{ field: `users.${index}`, problem: 'is no person' }],
  );
  if (errors.length > 0) throw Problem.ofFields(errors);
}
