import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { AdminActor } from '../admin/admin-actor.js';
import type { Page } from '../admin/list-page.js';
import { Problem } from '../admin/problem.js';
import { preconditionOf, useKey } from '../admin/request-terms.js';
import { AuditLog } from '../audit/audit-log.js';
import { changesBetween } from '../audit/changes.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { Directory } from '../directory/directory.js';
import { GroupBelongings } from './group-belongings.js';
import type { GroupQuery } from './group-query.dto.js';
import { ID, type GroupChanges } from './group.dto.js';
import { GroupEntity } from './group.entity.js';
import { GroupLists, type GroupFacts } from './group-lists.js';
import { GroupProtection } from './group-protection.js';
import { groupProblems } from './group-rules.js';
import { blankColumns, columnsOf, newGroup } from './group-wire.js';

/** What an administrator can do with groups. A change is one statement: it is there, or it is not. */
@Injectable()
export class GroupAdministration {
  constructor(
    @InjectRepository(GroupEntity) private readonly repository: Repository<GroupEntity>,
    private readonly lists: GroupLists,
    private readonly directory: Directory,
    private readonly belongings: GroupBelongings,
    private readonly protection: GroupProtection,
    private readonly audit: AuditLog,
  ) {}

  async list(query: GroupQuery): Promise<Page<GroupFacts>> {
    return this.lists.page(query);
  }

  /** @throws {Problem} not-found */
  async find(id: string): Promise<GroupEntity> {
    const group = ID.test(id) ? await this.repository.findOneBy({ id }) : null;
    if (group === null) throw Problem.notFound('group');
    return group;
  }

  /** @throws {Problem} not-found */
  async read(id: string): Promise<GroupFacts> {
    return this.facts(await this.find(id));
  }

  /** @throws {Problem} when the group is not acceptable or the name is taken */
  async create(fields: GroupChanges, actor: AdminActor): Promise<GroupFacts> {
    const group = Object.assign(newGroup(fields.kind), columnsOf(fields));
    await this.judge(group, undefined, fields);
    const details = { group: group.id, fields: Object.keys(fields), ...changesBetween(undefined, group) };
    await this.repository.manager
      .transaction(async (manager) => {
        await useKey(manager, actor);
        await manager.insert(GroupEntity, group);
        await this.audit.recordIn(manager, 'group.created', actor, details);
      })
      .catch(asNameTaken);
    return this.facts(group);
  }

  /** Changes the fields that were sent. */
  async change(id: string, fields: GroupChanges, actor: AdminActor): Promise<GroupFacts> {
    return this.save(await this.find(id), columnsOf(fields), fields, actor);
  }

  /** Replaces the group, but for its kind and its members; fields that were not sent are as they are by default. */
  async replace(id: string, fields: GroupChanges, actor: AdminActor): Promise<GroupFacts> {
    const group = await this.find(id);
    return this.save(group, { ...blankColumns(group.kind), ...columnsOf(fields) }, fields, actor);
  }

  /** With its members and whatever it may enter. */
  async delete(id: string, actor: AdminActor): Promise<void> {
    const { name } = await this.find(id);
    await this.protection.refuseEscalation(id, actor);
    const deleted = await this.repository.manager.transaction(async (manager) => {
      await preconditionOf(actor).hold(manager, GroupEntity, { id });
      await this.belongings.remove(manager, id);
      if ((await manager.delete(GroupEntity, { id })).affected !== 1) return false;
      await this.audit.recordIn(manager, 'group.deleted', actor, { group: id, before: { name } });
      return true;
    });
    if (!deleted) throw Problem.notFound('group');
  }

  private async save(
    old: GroupEntity,
    columns: Partial<GroupEntity>,
    fields: GroupChanges,
    actor: AdminActor,
  ): Promise<GroupFacts> {
    await this.protection.refuseEscalation(old.id, actor);
    const next = Object.assign(new GroupEntity(), old, columns);
    await this.judge(next, old, fields);
    const changed = { ...columns, updatedAt: new Date() };
    const details = { group: old.id, fields: Object.keys(fields), ...changesBetween(old, next) };
    const done = await this.repository.manager
      .transaction(async (manager) => {
        await preconditionOf(actor).hold(manager, GroupEntity, { id: old.id });
        if ((await manager.update(GroupEntity, { id: old.id }, changed)).affected !== 1) return false;
        await this.audit.recordIn(manager, 'group.changed', actor, details);
        return true;
      })
      .catch(asNameTaken);
    if (!done) throw Problem.notFound('group');
    return this.facts(Object.assign(next, changed));
  }

  private async judge(group: GroupEntity, old: GroupEntity | undefined, fields: GroupChanges): Promise<void> {
    const errors = await groupProblems(group, old, fields, {
      isDepartment: async (id) => (await this.directory.findDepartment(id)) !== undefined,
      isDirectoryRole: async (id) => (await this.directory.findRole(id)) !== undefined,
    });
    if (errors.length > 0) throw Problem.ofFields(errors);
  }

  /** @throws {Problem} not-found when it was deleted meanwhile */
  private async facts(group: GroupEntity): Promise<GroupFacts> {
    const [facts] = await this.lists.factsOf([group]);
    if (facts === undefined) throw Problem.notFound('group');
    return facts;
  }
}

function asNameTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  const errors = [{ field: 'name', problem: 'is taken' }];
  throw new Problem('conflict', 'There is a group of that name already.', { errors, cause: error });
}
