import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import { ClientList } from '../app-registry/client-list.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { FamilyList, isAlive, lastUseOf, type ListedFamily } from '../refresh-token/family-list.js';

/** A device that somebody let in by its code, and that can still go on. */
export interface OwnDevice {
  /** Of its grant: no secret. */
  readonly id: string;
  readonly app: string;
  readonly address: string;
  readonly since: Date;
  readonly lastUsedAt: Date;
}

/** The devices of one person. */
@Injectable()
export class OwnDevices {
  constructor(
    private readonly families: FamilyList,
    private readonly clients: ClientList,
    private readonly audit: AuditLog,
  ) {}

  async of(account: Account): Promise<OwnDevice[]> {
    const found: OwnDevice[] = [];
    const clients = await this.clients.byId();
    for (const family of await this.devicesOf(account)) {
      const client = clients.get(family.clientId);
      if (client === undefined || !isAlive(family, client)) continue;
      const { grantId: id, deviceAddress: address = '', createdAt: since } = family;
      found.push({ id, app: client.name, address, since, lastUsedAt: lastUseOf(family) });
    }
    return found;
  }

  /** Signs one device out, and nothing else. @returns false when it is none of that person's */
  async end(account: Account, id: string, actor: Actor): Promise<boolean> {
    const family = (await this.devicesOf(account)).find(({ grantId }) => grantId === id);
    if (family === undefined) return false;
    await this.families.end(family);
    this.audit.record('device.ended', { ...actor, clientId: family.clientId }, { grantId: id });
    return true;
  }

  private async devicesOf(account: Account): Promise<ListedFamily[]> {
    return (await this.families.of(account)).filter(({ sessionId }) => sessionId === undefined);
  }
}
