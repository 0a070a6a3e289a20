import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import type { AccessReason, AccessRequest, Rights } from './access-decision.js';

/** What everybody who enters an app must meet beside being meant: its rule, and an app account where it wants one. */
@Injectable()
export class AccessConditions {
  /** @returns why the person is kept out; undefined when nothing is in the way */
  async fault(
    _account: Account,
    { metadata }: Client,
    _request: AccessRequest,
    _rights: Rights,
  ): Promise<AccessReason | undefined> {
    if (metadata.accessRule !== null) return { kind: 'rule_failed', failure: 'there is nobody to evaluate it' };
    return metadata.requireAccount ? { kind: 'no_app_account' } : undefined;
  }

  /** As `fault`, for one person and many apps. @returns one answer for each, in their order */
  async faultsOfApps(
    account: Account,
    apps: readonly (Rights & { readonly client: Client })[],
    request: AccessRequest,
  ): Promise<(AccessReason | undefined)[]> {
    return Promise.all(apps.map(async (app) => this.fault(account, app.client, request, app)));
  }
}
