import { Injectable } from '@nestjs/common';
import { AccountStore, type Account } from '../accounts/account-store.js';
import type { AdminActor } from '../admin/admin-actor.js';
import { neededScope } from '../admin/admin-scope.js';
import { Administrators } from '../admin/administrators.js';
import { Problem } from '../admin/problem.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';

/** What it takes to be told about people in particular. */
export const READ_PEOPLE = neededScope('users', 'GET');

/** And about apps. */
const READ_APPS = neededScope('apps', 'GET');

/** Finds whom and what a question of the admin API is about, if whoever asks may be told. */
@Injectable()
export class PersonInApp {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly accounts: AccountStore,
    private readonly administrators: Administrators,
  ) {}

  /** @throws {Problem} not-found */
  async app(clientId: string): Promise<Client> {
    const client = await this.registry.find(clientId);
    if (client === undefined) throw Problem.notFound('app');
    return client;
  }

  /** @throws {Problem} not-found */
  async person(id: string): Promise<Account> {
    const account = await this.personIfAny(id);
    if (account === undefined) throw Problem.notFound('person');
    return account;
  }

  async personIfAny(id: string): Promise<Account | undefined> {
    // What is no id of ours is nobody's, and some of it no database can be asked for.
    return /^[A-Za-z0-9_-]{1,64}$/.test(id) ? this.accounts.find(id) : undefined;
  }

  /**
   * Whoever may read apps alone learns nothing about people: a rule of their own making would say anything about anybody.
   *
   * @throws {AdminScopeError} 403
   */
  async requirePeople(actor: AdminActor): Promise<void> {
    await this.administrators.require(actor, READ_PEOPLE);
  }

  /**
   * Whoever may read people alone learns nothing about apps.
   *
   * @throws {AdminScopeError} 403
   */
  async requireApps(actor: AdminActor): Promise<void> {
    await this.administrators.require(actor, READ_APPS);
  }

  async mayReadPeople(actor: AdminActor): Promise<boolean> {
    return this.administrators.has(actor, READ_PEOPLE);
  }
}
