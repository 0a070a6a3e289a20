import { Injectable } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { orderedPage } from '../admin/list-order.js';
import type { Page } from '../admin/list-page.js';
import { Problem } from '../admin/problem.js';
import { preconditionOf, useKey } from '../admin/request-terms.js';
import { ApiResources } from '../api-resource/api-resources.js';
import { AuditLog } from '../audit/audit-log.js';
import { changesBetween, madeOf } from '../audit/changes.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { MoreThan, type EntityManager } from 'typeorm';
import { newIdentifier } from '../protocol/opaque-token.js';
import { APP_ORDER, type AppQuery } from './app-query.dto.js';
import { AppJudge } from './app-judge.js';
import { AppReports } from './app-reports.js';
import { AppProtection } from './app-protection.js';
import { toApp, withFields } from './app-wire.js';
import type { App, AppChanges, AppWithSecret } from './app.dto.js';
import { clientIdFault } from './app-rules.js';
import { newClientEntity } from './client-defaults.js';
import { newClientSecret, usesSecret } from './client-secret.js';
import { ClientStore } from './client-store.js';
import { ClientEntity } from './client.entity.js';

/** What an administrator can do with apps. An app is judged as it would be, and changed whole or not at all. */
@Injectable()
export class AppAdministration {
  constructor(
    private readonly store: ClientStore,
    private readonly judge: AppJudge,
    private readonly protection: AppProtection,
    private readonly audit: AuditLog,
    private readonly apis: ApiResources,
    private readonly reports: AppReports,
  ) {}

  async list(query: AppQuery): Promise<Page<App>> {
    return orderedPage(this.store.repository, APP_ORDER, query, toApp, (rows) => {
      if (query.enabled !== undefined) rows.andWhere('row.enabled = :on', { on: query.enabled === 'true' });
    });
  }

  /** @throws {Problem} not-found */
  async find(clientId: string): Promise<ClientEntity> {
    const app = isId(clientId) ? await this.store.repository.findOneBy({ clientId }) : null;
    if (app === null) throw Problem.notFound('app');
    return app;
  }

  /**
   * @param registrationDigest of the registration access token, for an app that registers itself (RFC 7591)
   * @throws {Problem} when the app is not acceptable or the id is taken
   */
  async create(fields: AppChanges, actor: AdminActor, registrationDigest?: string): Promise<AppWithSecret> {
    const { client_id: wished } = fields;
    const idFault = wished === undefined ? undefined : clientIdFault(wished);
    const app = withFields(newClientEntity(wished ?? newClientId(), '', fields.template), fields);
    app.registrationDigest = registrationDigest ?? null;
    await this.protection.refuseEscalation(actor, app);
    await this.judge.judge(app, fields, { actor, idFault });
    const secret = usesSecret(app) ? newClientSecret() : undefined;
    const event = registrationDigest === undefined ? 'app.created' : 'app.registered';
    const details = { app: app.clientId, fields: Object.keys(fields), ...madeOf(toApp(app), fields) };
    const first = (manager: EntityManager) => useKey(manager, actor);
    await this.store.register(app, secret, first, this.audit.noting(event, actor, details)).catch((error: unknown) => {
      throw isUniqueViolation(error) ? idTaken(error) : error;
    });
    return withSecret(toApp(app), secret);
  }

  /** As `create` or `change`, but writes nothing. @throws {Problem} when they would refuse it */
  async rehearse(old: ClientEntity | undefined, fields: AppChanges, actor: AdminActor): Promise<void> {
    const { client_id: wished = old?.clientId ?? newClientId() } = fields;
    const app = withFields(old ?? newClientEntity(wished, '', fields.template), fields);
    await this.protection.refuseEscalation(actor, ...(old === undefined ? [app] : [old, app]));
    this.protection.refuseOperators(wished);
    const idFault = old === undefined ? clientIdFault(wished) : undefined;
    await this.judge.judge(app, fields, { actor, idFault, ...(old === undefined ? {} : { old }) });
    if (old !== undefined) this.protection.refuseOwnEnd(actor, app);
  }

  /** The app of that id, if there is one. */
  async findFor(clientId: unknown): Promise<ClientEntity | undefined> {
    if (typeof clientId !== 'string' || !isId(clientId)) return undefined;
    return (await this.store.repository.findOneBy({ clientId })) ?? undefined;
  }

  /** All of them, page by page, in the order of their ids. */
  async *pages(size: number): AsyncGenerator<readonly App[]> {
    for (let after: string | undefined; ;) {
      const rows = await this.store.repository.find({
        ...(after === undefined ? {} : { where: { clientId: MoreThan(after) } }),
        order: { clientId: 'ASC' },
        take: size,
      });
      if (rows.length > 0) yield rows.map((row) => toApp(row));
      after = rows.at(-1)?.clientId;
      if (rows.length < size) return;
    }
  }

  /** Changes the fields that were sent. */
  async change(clientId: string, fields: AppChanges, actor: AdminActor): Promise<AppWithSecret> {
    const app = await this.find(clientId);
    return this.save(app, withFields(app, fields), fields, actor);
  }

  /** Replaces the app; fields that were not sent are as they are by default. */
  async replace(clientId: string, fields: AppChanges, actor: AdminActor): Promise<AppWithSecret> {
    const app = await this.find(clientId);
    const { version, createdAt, registrationDigest } = app;
    const fresh = newClientEntity(clientId, '', fields.template);
    Object.assign(fresh, { version, createdAt, registrationDigest });
    return this.save(app, withFields(fresh, fields), fields, actor);
  }

  async delete(clientId: string, actor: AdminActor): Promise<void> {
    const app = await this.find(clientId);
    if (clientId === actor.clientId) throw new Problem('conflict', 'An app cannot delete itself.');
    await this.remove(app, actor);
  }

  /**
   * As whoever registered the app wishes it (RFC 7592 §2.3).
   *
   * @param actor without rights, so that an app which was given some since is not for them to delete
   */
  async deregister(app: ClientEntity, actor: AdminActor): Promise<void> {
    await this.remove(app, actor);
  }

  private async remove(app: ClientEntity, actor: AdminActor): Promise<void> {
    const { clientId } = app;
    await this.protection.refuseEscalation(actor, app);
    this.protection.refuseOperators(clientId);
    const details = { app: clientId, before: { client_name: app.clientName, scope: toApp(app).scope } };
    const unchanged = (manager: EntityManager) => preconditionOf(actor).hold(manager, ClientEntity, { clientId });
    const note = this.audit.noting('app.deleted', actor, details);
    if (!(await this.store.delete(clientId, unchanged, note))) throw Problem.notFound('app');
    await this.apis.release(clientId);
  }

  private async save(
    old: ClientEntity,
    app: ClientEntity,
    fields: AppChanges,
    actor: AdminActor,
  ): Promise<AppWithSecret> {
    await this.protection.refuseEscalation(actor, old, app);
    preconditionOf(actor).judge(old);
    this.protection.refuseOperators(old.clientId);
    const renamed = fields.client_id !== undefined && fields.client_id !== old.clientId;
    const idFault = renamed ? 'cannot be changed' : undefined;
    await this.judge.judge(app, fields, { old, actor, idFault });
    this.protection.refuseOwnEnd(actor, app);
    const details = { app: app.clientId, fields: Object.keys(fields), ...changesBetween(toApp(old), toApp(app)) };
    const saved = Object.assign(app, { updatedAt: new Date() });
    const secret = newClientSecret();
    const replacement = await this.store.replace(saved, secret, async (manager, { secretId }) => {
      await this.audit.recordIn(manager, 'app.changed', actor, details);
      if (secretId !== undefined)
        await this.audit.recordIn(manager, 'app.secret_added', actor, { app: app.clientId, secretId });
    });
    if (replacement === undefined) throw preconditionOf(actor).lost('the app');
    const answer = Object.assign(toApp(saved), await this.reports.of(old, saved, actor));
    if (replacement.secretId === undefined) return answer;
    return withSecret(answer, secret);
  }
}

/** An id that nobody wished for. */
export function newClientId(): string {
  return `app_${newIdentifier()}`;
}

function withSecret(app: App, secret: string | undefined): AppWithSecret {
  return secret === undefined ? app : Object.assign(app, { client_secret: secret });
}

/** What is no id of ours is nobody's: it is not worth a query, and some of it no database can be asked for. */
export function isId(text: string): boolean {
  return /^[\x21-\x7e]{1,64}$/.test(text);
}

function idTaken(cause: unknown): Problem {
  const errors = [{ field: 'client_id', problem: 'is taken' }];
  return new Problem('conflict', 'There is an app of that client_id already.', { errors, cause });
}
