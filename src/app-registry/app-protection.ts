import { Injectable } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { ADMIN_SCOPE, AdminScopeError, adminScopesOf, covers, neededScope } from '../admin/admin-scope.js';
import { Administrators } from '../admin/administrators.js';
import { Problem } from '../admin/problem.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClientEntity } from './client.entity.js';

type Rights = Pick<ClientEntity, 'scope' | 'apiAccess'>;

/** What it takes to give an app something on an API, or to have the secrets of one that has something there. */
const API_RIGHT = neededScope('api-resources', 'PATCH');

/**
 * Whoever may change apps must not come to more than that by way of them: neither by an app with more rights of its
 * own making, nor by the secrets of one that has them already.
 */
@Injectable()
export class AppProtection {
  constructor(
    private readonly administrators: Administrators,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * @param apps the app as it is, as it would be, or both
   * @throws {AdminScopeError} 403 when one of them has a scope of the admin API that the actor lacks
   */
  async refuseEscalation(actor: AdminActor, ...apps: readonly Rights[]): Promise<void> {
    const rights = [...new Set(apps.flatMap((app) => rightsOf(app)))];
    // By its token and by its registration: the token may say more than what is left, or less than there is.
    const has = await Promise.all(
      rights.map(async (scope) => actor.has(scope) && (await this.administrators.mayUse(actor.clientId, scope))),
    );
    const lacking = rights.filter((_, index) => has[index] !== true).join(' ');
    if (lacking === '') return;
    throw new AdminScopeError(lacking, `an app with ${lacking} is for those to make, change and delete who have that`);
  }

  /**
   * Nobody saws off the branch that they are sitting on: there may be no other way back in.
   *
   * @throws {Problem} conflict when the app is the actor's own and would lose the right by which it is changed
   */
  refuseOwnEnd(actor: AdminActor, app: Pick<ClientEntity, 'clientId' | 'enabled' | 'scope'>): void {
    if (app.clientId !== actor.clientId) return;
    const used = actor.has(ADMIN_SCOPE) ? ADMIN_SCOPE : neededScope('apps', 'PATCH');
    if (app.enabled && covers(adminScopesOf(app.scope), used)) return;
    throw new Problem('conflict', `An app cannot take the right that it is using from itself: ${used}.`);
  }

  /** @throws {Problem} conflict: the environment says what this client is, and would say it again at the next start */
  refuseOperators(clientId: string): void {
    if (clientId !== this.config.operatorClient?.clientId) return;
    throw new Problem(
      'conflict',
      'This app belongs to the environment: change CLINCH_ADMIN_CLIENT_ID and CLINCH_ADMIN_CLIENT_SECRET instead.',
    );
  }
}

/** An app that has something on an API is worth more than its registration: it can call that API. */
function rightsOf({ scope, apiAccess }: Rights): string[] {
  return [...adminScopesOf(scope), ...(apiAccess.length > 0 ? [API_RIGHT] : [])];
}
