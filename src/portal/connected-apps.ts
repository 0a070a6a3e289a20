import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { apiScope } from '../interaction/api-scope.js';
import { ConsentStore } from '../interaction/consent-store.js';
import { OPENID_SCOPES } from '../protocol/scope.js';
import { FamilyList, isAlive, lastUseOf, type ListedFamily } from '../refresh-token/family-list.js';
import { SessionClients } from '../session/session-clients.js';

/** An app that somebody agreed to, or that can go on while they are away. */
export interface ConnectedApp {
  readonly client: Client;
  /** What it may: as agreed to, scopes of APIs with the API's identifier. */
  readonly scope: readonly string[];
  readonly since: Date;
  readonly lastUsedAt: Date | undefined;
}

/** The apps that one person has let have something. */
@Injectable()
export class ConnectedApps {
  constructor(
    private readonly consents: ConsentStore,
    private readonly families: FamilyList,
    private readonly registry: ClientRegistry,
    private readonly used: SessionClients,
  ) {}

  /** By name. */
  async of(account: Account): Promise<ConnectedApp[]> {
    const [consents, families, used] = await Promise.all([
      this.consents.repository.findBy({ accountId: account.id }),
      this.families.of(account),
      this.used.lastUsed(account.id),
    ]);
    const agreedAt = new Map(consents.map(({ clientId, grantedAt }) => [clientId, grantedAt]));
    const found: ConnectedApp[] = [];
    for (const id of new Set([...agreedAt.keys(), ...families.map(({ clientId }) => clientId)])) {
      const client = await this.registry.find(id);
      if (client === undefined) continue;
      const offline = families.filter((family) => isOffline(family) && isAlive(family, client));
      const agreed = await this.consents.find(account.id, client);
      if (agreed.length === 0 && offline.length === 0) continue;
      const begun = offline.map(({ createdAt }) => createdAt);
      found.push({
        client,
        scope: [...new Set([...agreed, ...offline.flatMap(scopeOf)])],
        since: earliest([...begun, ...(agreed.length === 0 ? [] : [agreedAt.get(id) ?? new Date()])]),
        lastUsedAt: latest([...offline.map(lastUseOf), ...(used.has(id) ? [used.get(id) ?? new Date(0)] : [])]),
      });
    }
    return found.toSorted((one, other) => one.client.name.localeCompare(other.client.name));
  }
}

/** OpenID Connect Core 1.0 §11. Devices have a page of their own. */
function isOffline({ sessionId, scope }: ListedFamily): boolean {
  return sessionId !== undefined && scope.includes('offline_access');
}

/** As a consent has it. */
function scopeOf({ scope, resource }: ListedFamily): string[] {
  return scope.map((token) =>
    resource === undefined || OPENID_SCOPES.includes(token) ? token : apiScope(resource, token),
  );
}

function earliest(times: readonly Date[]): Date {
  return new Date(Math.min(...times.map((time) => time.getTime())));
}

function latest(times: readonly Date[]): Date | undefined {
  return times.length === 0 ? undefined : new Date(Math.max(...times.map((time) => time.getTime())));
}
