import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, MoreThan, Repository, type EntityManager } from 'typeorm';
import type { AdminActor } from '../admin/admin-actor.js';
import type { PageRequest } from '../admin/list-page.js';
import { Problem, type FieldProblem } from '../admin/problem.js';
import { preconditionOf, useKey } from '../admin/request-terms.js';
import { AppAdministration } from '../app-registry/app-administration.js';
import { AppProtection } from '../app-registry/app-protection.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { AuditLog, type AuditEvent } from '../audit/audit-log.js';
import { changesBetween } from '../audit/changes.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import type { AssignmentBatch, AssignmentFields, AssignmentQuery, NewAssignment } from './assignment.dto.js';
import { AssignmentStore } from './assignment-store.js';
import { AssignmentEntity } from './assignment.entity.js';
import { RoleEntity } from './role.entity.js';
import { subjectKey, SubjectNames, type Subject } from './subject-names.js';

/** An assignment with the names of what it names. */
export interface NamedAssignment {
  readonly assignment: AssignmentEntity;
  readonly subjectName: string | null;
  readonly role: string | null;
}

/** What an administrator can do with the assignments of an app. */
@Injectable()
export class AssignmentAdministration {
  constructor(
    @InjectRepository(AssignmentEntity) private readonly repository: Repository<AssignmentEntity>,
    private readonly store: AssignmentStore,
    private readonly names: SubjectNames,
    private readonly apps: AppAdministration,
    private readonly protection: AppProtection,
    private readonly audit: AuditLog,
  ) {}

  /** One more than the limit, in the order of their ids. */
  async list(clientId: string, { limit, after }: PageRequest, query: AssignmentQuery): Promise<NamedAssignment[]> {
    await this.apps.find(clientId);
    const { subject_type: subjectType, subject_id: subjectId } = query;
    const rows = await this.repository.find({
      where: {
        clientId,
        ...(after === undefined ? {} : { id: MoreThan(after) }),
        ...(subjectType === undefined ? {} : { subjectType }),
        ...(subjectId === undefined ? {} : { subjectId }),
      },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    return this.named(rows);
  }

  /** @throws {Problem} not-found, also for one of another app */
  async find(clientId: string, id: string): Promise<NamedAssignment> {
    await this.apps.find(clientId);
    const row = /^[A-Za-z0-9_-]{1,64}$/.test(id) ? await this.repository.findOneBy({ clientId, id }) : null;
    const [found] = await this.named(row === null ? [] : [row]);
    if (found === undefined) throw Problem.notFound('assignment');
    return found;
  }

  /** @throws {Problem} when it names what there is not, or is there already */
  async create(clientId: string, { subject, ...fields }: NewAssignment, actor: AdminActor): Promise<NamedAssignment> {
    const app = await this.protectedApp(clientId, actor);
    if (subject === undefined) throw Problem.ofFields([{ field: 'subject', problem: 'is required' }]);
    const errors = await this.subjectProblems([subject], () => 'subject');
    const row = newAssignment(app, subject, await this.columnsOf(clientId, fields, errors));
    const details = { app: clientId, assignment: row.id, subject: plain(subject), ...changesBetween(undefined, row) };
    await this.noted('assignment.created', actor, details, async (manager) => {
      await useKey(manager, actor);
      return manager.insert(AssignmentEntity, row);
    });
    return this.find(clientId, row.id);
  }

  /** Those who are assigned so already stay as they are. @returns how many were added */
  async createAll(
    clientId: string,
    { subjects, ...fields }: AssignmentBatch,
    actor: AdminActor,
  ): Promise<{ added: number; alreadyAssigned: number }> {
    const app = await this.protectedApp(clientId, actor);
    if (subjects === undefined) throw Problem.ofFields([{ field: 'subjects', problem: 'is required' }]);
    const errors = await this.subjectProblems(subjects, (index) => `subjects.${index}`);
    const columns = await this.columnsOf(clientId, fields, errors);
    const rows = subjects.map((subject) => newAssignment(app, subject, columns));
    const added = await this.store.insertAll(rows, async (manager, count) => {
      const details = { app: clientId, subjects: rows.length, added: count };
      await this.audit.recordIn(manager, 'assignment.created', actor, details);
    });
    return { added, alreadyAssigned: rows.length - added };
  }

  /** Changes the fields that were sent, and no others: of two changes at once neither undoes the other. */
  async change(clientId: string, id: string, fields: AssignmentFields, actor: AdminActor): Promise<NamedAssignment> {
    await this.protectedApp(clientId, actor);
    const before = await this.find(clientId, id);
    const columns = await this.columnsOf(clientId, fields, []);
    const { assignment } = before;
    const changes = changesBetween(assignment, Object.assign({}, assignment, columns));
    const details = { app: clientId, assignment: id, fields: Object.keys(fields), ...changes };
    await this.noted('assignment.changed', actor, details, async (manager) => {
      await preconditionOf(actor).hold(manager, AssignmentEntity, { clientId, id });
      const { affected } = await manager.update(
        AssignmentEntity,
        { clientId, id },
        { ...columns, updatedAt: new Date() },
      );
      if (affected !== 1) throw Problem.notFound('assignment');
    });
    return this.find(clientId, id);
  }

  async delete(clientId: string, id: string, actor: AdminActor): Promise<void> {
    await this.protectedApp(clientId, actor);
    const { assignment } = await this.find(clientId, id);
    const subject = { type: assignment.subjectType, id: assignment.subjectId };
    const details = { app: clientId, assignment: id, subject };
    await this.noted('assignment.deleted', actor, details, async (manager) => {
      await preconditionOf(actor).hold(manager, AssignmentEntity, { clientId, id });
      const { affected } = await manager.delete(AssignmentEntity, { clientId, id });
      if (affected !== 1) throw Problem.notFound('assignment');
    });
  }

  /** One transaction of a change and its event. */
  private async noted(
    event: AuditEvent,
    actor: AdminActor,
    details: Readonly<Record<string, unknown>>,
    change: (manager: EntityManager) => Promise<unknown>,
  ): Promise<void> {
    await this.audit.recordWith(this.repository.manager, event, actor, details, change).catch(asDouble);
  }

  /** An app that can administer Clinch is worth more than its registration: who enters it is for those who have its rights. */
  private async protectedApp(clientId: string, actor: AdminActor): Promise<ClientEntity> {
    const app = await this.apps.find(clientId);
    await this.protection.refuseEscalation(actor, app);
    return app;
  }

  private async subjectProblems(
    subjects: readonly Partial<Subject>[],
    field: (index: number) => string,
  ): Promise<FieldProblem[]> {
    const whole = subjects.filter(
      (subject): subject is Subject => subject.type !== undefined && subject.id !== undefined,
    );
    const names = await this.names.of(whole);
    return subjects.flatMap(({ type, id }, index) => {
      if (type === undefined) return [{ field: `${field(index)}.type`, problem: 'is required' }];
      if (id === undefined) return [{ field: `${field(index)}.id`, problem: 'is required' }];
      return names.has(subjectKey({ type, id }))
        ? []
        : [{ field: `${field(index)}.id`, problem: `is no ${type} here` }];
    });
  }

  /** @throws {Problem} with what is wrong already, and with the role if it is none of the app's */
  private async columnsOf(
    clientId: string,
    { role, include_descendants: includeDescendants, enabled, ends_at: endsAt }: AssignmentFields,
    errors: FieldProblem[],
  ): Promise<Partial<AssignmentEntity>> {
    const found = typeof role === 'string' ? await this.roleOf(clientId, role) : undefined;
    if (typeof role === 'string' && found === undefined)
      errors.push({ field: 'role', problem: 'is no role of this app' });
    if (errors.length > 0) throw Problem.ofFields(errors);
    return {
      ...(role === undefined ? {} : { roleId: found?.id ?? '' }),
      ...(includeDescendants === undefined ? {} : { includeDescendants }),
      ...(enabled === undefined ? {} : { enabled }),
      ...(endsAt === undefined ? {} : { endsAt: endsAt === null ? null : new Date(endsAt) }),
    };
  }

  private async roleOf(clientId: string, name: string): Promise<RoleEntity | undefined> {
    return (await this.repository.manager.findOneBy(RoleEntity, { clientId, name })) ?? undefined;
  }

  /** Those whose role is gone are good for nothing, and are not shown. */
  private async named(rows: readonly AssignmentEntity[]): Promise<NamedAssignment[]> {
    const roleIds = [...new Set(rows.map(({ roleId }) => roleId).filter((id) => id !== ''))];
    const [names, roles] = await Promise.all([
      this.names.of(rows.map(({ subjectType: type, subjectId: id }) => ({ type, id }))),
      roleIds.length === 0 ? [] : this.repository.manager.findBy(RoleEntity, { id: In(roleIds) }),
    ]);
    const nameOf = new Map(roles.map(({ id, name }) => [id, name]));
    return rows.map((assignment) => ({
      assignment,
      subjectName: names.get(subjectKey({ type: assignment.subjectType, id: assignment.subjectId })) ?? null,
      role: nameOf.get(assignment.roleId) ?? null,
    }));
  }
}

/** Never older than the app: what is, was assigned to an earlier one of the same id. Clocks of two nodes may differ. */
function newAssignment(app: ClientEntity, subject: Subject, columns: Partial<AssignmentEntity>): AssignmentEntity {
  const now = new Date(Math.max(Date.now(), app.createdAt.getTime()));
  return Object.assign(new AssignmentEntity(), {
    id: newIdentifier(),
    clientId: app.clientId,
    subjectType: subject.type,
    subjectId: subject.id,
    includeDescendants: true,
    roleId: '',
    enabled: true,
    endsAt: null,
    createdAt: now,
    updatedAt: now,
    ...columns,
  } satisfies AssignmentEntity);
}

/** Without the class that it came with: it goes into a log line. */
function plain({ type, id }: Subject): Subject {
  return { type, id };
}

function asDouble(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  throw new Problem('conflict', 'It is assigned in this way already.', { cause: error });
}
