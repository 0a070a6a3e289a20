import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, MoreThan, Repository, type EntityManager } from 'typeorm';
import { AccountStore, usernameKey } from '../accounts/account-store.js';
import type { AdminActor } from '../admin/admin-actor.js';
import type { PageRequest } from '../admin/list-page.js';
import { neededScope } from '../admin/admin-scope.js';
import { Administrators } from '../admin/administrators.js';
import { Problem } from '../admin/problem.js';
import { preconditionOf, useKey } from '../admin/request-terms.js';
import { AppAdministration } from '../app-registry/app-administration.js';
import { AppProtection } from '../app-registry/app-protection.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { AuditLog, type AuditEvent } from '../audit/audit-log.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import type { AppAccountChanges, NewAppAccount } from './app-account.dto.js';
import { AppAccountEntity } from './app-account.entity.js';
import { keptRule } from './app-account-rule-name.js';
import { AppAccountStore } from './app-account-store.js';

/** What people are called is for those who may read people. */
const READ_PEOPLE = neededScope('users', 'GET');

/** Names that a person can have in one app: more than anybody can choose from. */
const MOST_OF_PERSON = 20;

/** What an administrator can do with people's names in an app. */
@Injectable()
export class AppAccountAdministration {
  constructor(
    @InjectRepository(AppAccountEntity) private readonly repository: Repository<AppAccountEntity>,
    private readonly store: AppAccountStore,
    private readonly apps: AppAdministration,
    private readonly protection: AppProtection,
    private readonly administrators: Administrators,
    private readonly people: AccountStore,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @throws {Problem} not-found, when there is no such app
   * @throws {AdminScopeError} 403 for whoever may not read people
   */
  async list(
    clientId: string,
    { limit, after }: PageRequest,
    user: string | undefined,
    actor: AdminActor,
  ): Promise<AppAccountEntity[]> {
    const rule = keptRule(await this.apps.find(clientId));
    await this.administrators.require(actor, READ_PEOPLE);
    const wanted = {
      clientId,
      ...(user === undefined ? {} : { accountId: user }),
      ...(after === undefined ? {} : { id: MoreThan(after) }),
    };
    return this.repository.find({
      // What another rule made before is nobody's name any more.
      where: [{ ...wanted, rule: IsNull() }, ...(rule === undefined ? [] : [{ ...wanted, rule }])],
      order: { id: 'ASC' },
      take: limit + 1,
    });
  }

  /**
   * @throws {Problem} not-found
   * @throws {AdminScopeError} 403 for whoever may not read people
   */
  async read(clientId: string, id: string, actor: AdminActor): Promise<AppAccountEntity> {
    const found = await this.find(clientId, id);
    await this.administrators.require(actor, READ_PEOPLE);
    return found;
  }

  /** @throws {Problem} not-found */
  private async find(clientId: string, id: string): Promise<AppAccountEntity> {
    await this.apps.find(clientId);
    // What is no id of ours is nobody's, and some of it no database can be asked for.
    const found = /^[A-Za-z0-9_-]{1,64}$/.test(id) ? await this.repository.findOneBy({ id, clientId }) : null;
    if (found === null) throw Problem.notFound('app account');
    return found;
  }

  /** @throws {Problem} when there is no such person, they have too many names there, or the name is taken */
  async create(clientId: string, { user, username }: NewAppAccount, actor: AdminActor): Promise<AppAccountEntity> {
    const app = await this.protect(clientId, actor);
    if ((await this.people.find(user)) === undefined) {
      throw Problem.ofFields([{ field: 'user', problem: 'is the id of nobody here' }]);
    }
    if ((await this.repository.countBy({ clientId, accountId: user, rule: IsNull() })) >= MOST_OF_PERSON) {
      throw new Problem('conflict', `The person has ${MOST_OF_PERSON} names in this app already.`);
    }
    const now = new Date();
    const made = Object.assign(new AppAccountEntity(), {
      id: newIdentifier(),
      clientId,
      accountId: user,
      username,
      usernameKey: usernameKey(username),
      rule: null,
      chosenAt: null,
      createdAt: now,
      updatedAt: now,
    });
    await this.makeRoom(username, user, app);
    const details = { app: clientId, account: user, appAccount: made.id, after: { username } };
    await this.noted('app_account.created', actor, details, async (manager) => {
      await useKey(manager, actor);
      return manager.insert(AppAccountEntity, made);
    });
    this.store.forget(clientId);
    return made;
  }

  /** @throws {Problem} not-found; conflict, when the name is taken */
  async change(clientId: string, id: string, changes: AppAccountChanges, actor: AdminActor): Promise<AppAccountEntity> {
    await this.protect(clientId, actor);
    const found = await this.find(clientId, id);
    const { username = found.username } = changes;
    const updatedAt = new Date();
    const changed = { username, usernameKey: usernameKey(username), rule: null, updatedAt };
    const names = { before: { username: found.username }, after: { username } };
    const details = { app: clientId, account: found.accountId, appAccount: id, ...names };
    await this.noted('app_account.changed', actor, details, async (manager) => {
      await preconditionOf(actor).hold(manager, AppAccountEntity, { id, clientId });
      const { affected } = await manager.update(AppAccountEntity, { id, clientId }, changed);
      if (affected !== 1) throw Problem.notFound('app account');
    });
    this.store.forget(clientId);
    return Object.assign(found, changed);
  }

  async delete(clientId: string, id: string, actor: AdminActor): Promise<void> {
    await this.protect(clientId, actor);
    const { accountId, username } = await this.find(clientId, id);
    const details = { app: clientId, account: accountId, appAccount: id, before: { username } };
    await this.noted('app_account.deleted', actor, details, async (manager) => {
      await preconditionOf(actor).hold(manager, AppAccountEntity, { id, clientId });
      const { affected } = await manager.delete(AppAccountEntity, { id, clientId });
      if (affected !== 1) throw Problem.notFound('app account');
    });
    this.store.forget(clientId);
  }

  /** One transaction of a change and its event. */
  private async noted(
    event: AuditEvent,
    actor: AdminActor,
    details: Readonly<Record<string, unknown>>,
    change: (manager: EntityManager) => Promise<unknown>,
  ): Promise<void> {
    await this.audit.recordWith(this.repository.manager, event, actor, details, change).catch(translated);
  }

  /** A name can be what lets somebody into an app: in one that can administer Clinch it is for those who have its rights. */
  private async protect(clientId: string, actor: AdminActor): Promise<ClientEntity> {
    const app = await this.apps.find(clientId);
    await this.protection.refuseEscalation(actor, app);
    return app;
  }

  /** What the person is called by rule may become what they are called by hand. */
  private async makeRoom(username: string, accountId: string, app: ClientEntity): Promise<void> {
    await this.store.release({ username, rule: keptRule(app) ?? '', accountId, clientId: app.clientId });
  }
}

function translated(cause: unknown): never {
  if (!isUniqueViolation(cause)) throw cause;
  const errors = [{ field: 'username', problem: 'is taken in this app' }];
  throw new Problem('conflict', 'Somebody has that name in this app already.', { errors, cause });
}
