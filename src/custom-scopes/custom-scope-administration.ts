import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository } from 'typeorm';
import type { PageRequest } from '../admin/list-page.js';
import { Problem } from '../admin/problem.js';
import { preconditionOf, useKey } from '../admin/request-terms.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { changesBetween, madeOf } from '../audit/changes.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { Expressions } from '../expressions/expressions.js';
import { isScopeToken } from '../protocol/scope.js';
import type { ScopeChanges } from './custom-scope.dto.js';
import { CustomScopeEntity } from './custom-scope.entity.js';
import { LONGEST_SCOPE, scopeProblems } from './custom-scope-rules.js';
import { columnsOf, newScope, toScope } from './custom-scope-wire.js';
import { CustomScopes } from './custom-scopes.js';

/** They are all held in memory, and all stand in the discovery document. */
const MOST = 200;

/** What an administrator can do with scopes. A scope is judged as it would be, and changed whole or not at all. */
@Injectable()
export class CustomScopeAdministration {
  constructor(
    @InjectRepository(CustomScopeEntity) private readonly repository: Repository<CustomScopeEntity>,
    private readonly scopes: CustomScopes,
    private readonly expressions: Expressions,
    private readonly audit: AuditLog,
  ) {}

  async list({ limit, after }: PageRequest): Promise<CustomScopeEntity[]> {
    return this.repository.find({
      ...(after === undefined ? {} : { where: { name: MoreThan(after) } }),
      order: { name: 'ASC' },
      take: limit + 1,
    });
  }

  /** @throws {Problem} not-found */
  async find(name: string): Promise<CustomScopeEntity> {
    const possible = name.length <= LONGEST_SCOPE && isScopeToken(name);
    const scope = possible ? await this.repository.findOneBy({ name }) : null;
    if (scope === null) throw new Problem('not-found', 'There is no scope of that name.');
    return scope;
  }

  /** @throws {Problem} when the scope is not acceptable, its name is taken, or there are too many */
  async create(fields: ScopeChanges, actor: Actor): Promise<CustomScopeEntity> {
    const scope = Object.assign(newScope(fields.name ?? ''), columnsOf(fields));
    this.judge(scope);
    if ((await this.repository.count()) >= MOST) {
      throw new Problem('conflict', `There are ${MOST} scopes already, which is the limit.`);
    }
    const details = { scope: scope.name, fields: Object.keys(fields), ...madeOf(toScope(scope), fields) };
    await this.repository.manager
      .transaction(async (manager) => {
        await useKey(manager, actor);
        await manager.insert(CustomScopeEntity, scope);
        await this.audit.recordIn(manager, 'scope.created', actor, details);
      })
      .catch((error: unknown) => {
        throw isUniqueViolation(error) ? nameTaken(error) : error;
      });
    this.scopes.forget();
    return scope;
  }

  /** Changes the fields that were sent. */
  async change(name: string, fields: ScopeChanges, actor: Actor): Promise<CustomScopeEntity> {
    return this.save(await this.find(name), columnsOf(fields), fields, actor);
  }

  /** Replaces the scope; fields that were not sent are as they are by default. */
  async replace(name: string, fields: ScopeChanges, actor: Actor): Promise<CustomScopeEntity> {
    const blank = { descriptionZhCn: '', descriptionEn: '', claims: [] };
    return this.save(await this.find(name), { ...blank, ...columnsOf(fields) }, fields, actor);
  }

  async delete(name: string, actor: Actor): Promise<void> {
    await this.find(name);
    const deleted = await this.repository.manager.transaction(async (manager) => {
      await preconditionOf(actor).hold(manager, CustomScopeEntity, { name });
      if ((await manager.delete(CustomScopeEntity, { name })).affected !== 1) return false;
      await this.audit.recordIn(manager, 'scope.deleted', actor, { scope: name });
      return true;
    });
    this.scopes.forget();
    if (!deleted) throw new Problem('not-found', 'There is no scope of that name.');
  }

  private async save(
    old: CustomScopeEntity,
    columns: Partial<CustomScopeEntity>,
    fields: ScopeChanges,
    actor: Actor,
  ): Promise<CustomScopeEntity> {
    const next = Object.assign(new CustomScopeEntity(), old, columns);
    this.judge(next, fields.name !== undefined && fields.name !== old.name);
    const now = new Date();
    const changed = { ...columns, updatedAt: now, ...(saysTheSame(old, next) ? {} : { consentSince: now }) };
    const details = { scope: old.name, fields: Object.keys(fields), ...changesBetween(toScope(old), toScope(next)) };
    const done = await this.repository.manager.transaction(async (manager) => {
      await preconditionOf(actor).hold(manager, CustomScopeEntity, { name: old.name });
      if ((await manager.update(CustomScopeEntity, { name: old.name }, changed)).affected !== 1) return false;
      await this.audit.recordIn(manager, 'scope.changed', actor, details);
      return true;
    });
    this.scopes.forget();
    if (!done) throw new Problem('not-found', 'There is no scope of that name.');
    return Object.assign(next, changed);
  }

  private judge(scope: CustomScopeEntity, renamed = false): void {
    const errors = [
      ...(renamed ? [{ field: 'name', problem: 'cannot be changed; make another scope' }] : []),
      ...scopeProblems(scope, this.expressions),
    ];
    if (errors.length > 0) throw Problem.ofFields(errors);
  }
}

/** Whether people who agreed to the one agreed to the other. */
function saysTheSame(one: CustomScopeEntity, other: CustomScopeEntity): boolean {
  const said = ({ descriptionZhCn, descriptionEn, claims }: CustomScopeEntity) =>
    JSON.stringify([descriptionZhCn, descriptionEn, claims.map((claim) => [claim.name, claim.value, claim.in])]);
  return said(one) === said(other);
}

function nameTaken(cause: unknown): Problem {
  const errors = [{ field: 'name', problem: 'is taken' }];
  return new Problem('conflict', 'There is a scope of that name already.', { errors, cause });
}
