import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import { ClientList } from '../app-registry/client-list.js';
import type { Client } from '../app-registry/client.js';
import { apiScope } from '../interaction/api-scope.js';
import { ConsentStore, type Consent } from '../interaction/consent-store.js';
import { OPENID_SCOPES } from '../protocol/scope.js';
import { FamilyList, isAlive, lastUseOf, type ListedFamily } from '../refresh-token/family-list.js';
import { SessionClients } from '../session/session-clients.js';
import type { Locale } from '../ui/messages.js';
import { byName } from './by-name.js';

/** An app that somebody agreed to, or that can go on while they are away. */
export interface ConnectedApp {
  readonly client: Client;
  /** What it may: as agreed to, scopes of APIs with the API's identifier. */
  readonly scope: readonly string[];
  readonly since: Date;
  readonly lastUsedAt: Date | undefined;
  /** Devices were let in for it too: they have a page of their own, but lose what they have with the app. */
  readonly hasDevices: boolean;
}

/** The apps that one person has let have something. */
@Injectable()
export class ConnectedApps {
  constructor(
    private readonly consents: ConsentStore,
    private readonly families: FamilyList,
    private readonly clients: ClientList,
    private readonly used: SessionClients,
  ) {}

  /** By name. @param locale of whoever looks for them */
  async of(account: Account, locale: Locale): Promise<ConnectedApp[]> {
    const clients = await this.clients.byId();
    const [consents, families, used] = await Promise.all([
      this.consents.ofPerson(account.id, clients),
      this.families.of(account),
      this.used.lastUsed(account.id),
    ]);
    const ids = new Set([...consents.keys(), ...families.map(({ clientId }) => clientId)]);
    const order = byName(locale);
    return [...ids]
      .flatMap((id) => {
        const client = clients.get(id);
        const alive = client === undefined ? [] : families.filter((family) => isAlive(family, client));
        return client === undefined ? [] : (connected(client, alive, consents.get(id), used.get(id)) ?? []);
      })
      .toSorted((one, other) => order(one.client, other.client));
  }
}

/** @param families of that app that go on @returns undefined where it has nothing that can be withdrawn here */
function connected(
  client: Client,
  families: readonly ListedFamily[],
  consent: Consent | undefined,
  usedAt: Date | undefined,
): ConnectedApp | undefined {
  const offline = families.filter(isOffline);
  const agreed = consent?.scope ?? [];
  if (agreed.length === 0 && offline.length === 0) return undefined;
  const begun = offline.map(({ createdAt }) => createdAt);
  const entered = usedAt !== undefined && client.existedAt(usedAt) ? [usedAt] : [];
  return {
    client,
    scope: [...new Set([...agreed, ...offline.flatMap(scopeOf)])],
    since: earliest(consent === undefined || agreed.length === 0 ? begun : [...begun, consent.grantedAt]),
    lastUsedAt: latest([...offline.map(lastUseOf), ...entered]),
    hasDevices: families.some(({ sessionId }) => sessionId === undefined),
  };
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
