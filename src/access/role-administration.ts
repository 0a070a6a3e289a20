import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { AdminActor } from '../admin/admin-actor.js';
import { orderedPage } from '../admin/list-order.js';
import type { Page } from '../admin/list-page.js';
import { Problem } from '../admin/problem.js';
import { preconditionOf, useKey } from '../admin/request-terms.js';
import { AppAdministration } from '../app-registry/app-administration.js';
import { AppProtection } from '../app-registry/app-protection.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { DeclaredPermissions } from '../app-registry/declared-permissions.js';
import { AuditLog } from '../audit/audit-log.js';
import { changesBetween, madeOf } from '../audit/changes.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { AppRoles } from './app-roles.js';
import { AssignmentEntity } from './assignment.entity.js';
import { ROLE_ORDER, type NewRole, type RoleChanges, type RoleFields, type RoleQuery } from './role.dto.js';
import { RoleEntity } from './role.entity.js';

/** The most roles that an app may have: every decision about it looks at them. */
export const MOST_ROLES = 200;

/** What an administrator can do with the roles of apps. */
@Injectable()
export class RoleAdministration {
  constructor(
    @InjectRepository(RoleEntity) private readonly repository: Repository<RoleEntity>,
    private readonly roles: AppRoles,
    private readonly apps: AppAdministration,
    private readonly protection: AppProtection,
    private readonly declared: DeclaredPermissions,
    private readonly audit: AuditLog,
  ) {}

  async list(query: RoleQuery): Promise<Page<RoleEntity>> {
    const { client_id: clientId } = query;
    return orderedPage(
      this.repository,
      ROLE_ORDER,
      query,
      (role) => role,
      (rows) => {
        if (clientId !== undefined) rows.andWhere('row.clientId = :clientId', { clientId });
      },
    );
  }

  /** @throws {Problem} not-found */
  async find(id: string): Promise<RoleEntity> {
    // What is no id of ours is nobody's, and some of it no database can be asked for.
    const role = /^[A-Za-z0-9_-]{1,64}$/.test(id) ? await this.repository.findOneBy({ id }) : null;
    if (role === null) throw Problem.notFound('role');
    return role;
  }

  /** @throws {Problem} when there is no such app, it has too many roles, or one of that name */
  async create({ client_id: clientId, ...fields }: NewRole, actor: AdminActor): Promise<RoleEntity> {
    const app = await this.protectedApp(clientId, actor);
    const errors = fields.name === undefined ? [{ field: 'name', problem: 'is required' }] : [];
    if (errors.length > 0) throw Problem.ofFields(errors);
    if ((await this.repository.countBy({ clientId })) >= MOST_ROLES) {
      throw new Problem('conflict', `The app has ${MOST_ROLES} roles; that is the most an app may have.`);
    }
    const now = new Date();
    const role = Object.assign(new RoleEntity(), {
      id: newIdentifier(),
      clientId,
      name: fields.name,
      description: fields.description ?? '',
      permissions: fields.permissions ?? [],
      createdAt: now,
      updatedAt: now,
    } satisfies RoleEntity);
    await this.declared.add(app, role.permissions);
    const details = { app: clientId, role: role.id, fields: Object.keys(fields), ...madeOf(role, fields) };
    await this.repository.manager
      .transaction(async (manager) => {
        await useKey(manager, actor);
        await manager.insert(RoleEntity, role);
        await this.audit.recordIn(manager, 'role.created', actor, details);
      })
      .catch(asNameTaken);
    this.roles.forget(clientId);
    return role;
  }

  /** Changes the fields that were sent, and no others: of two changes at once neither undoes the other. */
  async change(id: string, fields: RoleChanges, actor: AdminActor): Promise<RoleEntity> {
    const role = await this.find(id);
    const { clientId } = role;
    const app = await this.apps.find(clientId);
    await this.protection.refuseEscalation(actor, app);
    await this.declared.add(app, fields.permissions ?? []);
    const columns = columnsOf(fields);
    const changes = changesBetween(role, Object.assign({}, role, columns));
    const details = { app: clientId, role: id, fields: Object.keys(fields), ...changes };
    const done = await this.repository.manager
      .transaction(async (manager) => {
        await preconditionOf(actor).hold(manager, RoleEntity, { id });
        const { affected } = await manager.update(RoleEntity, { id }, { ...columns, updatedAt: new Date() });
        if (affected === 1) await this.audit.recordIn(manager, 'role.changed', actor, details);
        return affected === 1;
      })
      .catch(asNameTaken);
    this.roles.forget(clientId);
    if (!done) throw Problem.notFound('role');
    return this.find(id);
  }

  /** With the assignments that give it. */
  async delete(id: string, actor: AdminActor): Promise<void> {
    const { clientId, name } = await this.find(id);
    await this.protection.refuseEscalation(actor, await this.apps.find(clientId));
    const deleted = await this.repository.manager.transaction(async (manager) => {
      await preconditionOf(actor).hold(manager, RoleEntity, { id });
      const gone = await manager.delete(RoleEntity, { id });
      const { affected: assignments } = await manager.delete(AssignmentEntity, { clientId, roleId: id });
      const details = { app: clientId, role: id, name, assignments: assignments ?? 0 };
      if (gone.affected === 1) await this.audit.recordIn(manager, 'role.deleted', actor, details);
      return gone.affected === 1;
    });
    this.roles.forget(clientId);
    if (!deleted) throw Problem.notFound('role');
  }

  private async protectedApp(clientId: string | undefined, actor: AdminActor): Promise<ClientEntity> {
    const app = clientId === undefined ? undefined : await this.apps.find(clientId).catch(asUnknownApp);
    if (app === undefined) throw Problem.ofFields([{ field: 'client_id', problem: 'is required' }]);
    await this.protection.refuseEscalation(actor, app);
    return app;
  }
}

function columnsOf({ name, description, permissions }: RoleFields): Partial<RoleEntity> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(permissions === undefined ? {} : { permissions }),
  };
}

function asNameTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  const errors = [{ field: 'name', problem: 'is taken' }];
  throw new Problem('conflict', 'The app has a role of that name already.', { errors, cause: error });
}

function asUnknownApp(error: unknown): never {
  if (!(error instanceof Problem) || error.kind !== 'not-found') throw error;
  throw Problem.ofFields([{ field: 'client_id', problem: 'is no registered app' }]);
}
