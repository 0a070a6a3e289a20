import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';

/**
 * Who may use an app. Asked before every code, and again at every token that is issued for a person.
 *
 * `everyone` opens an app to all active accounts. `assigned` opens it to those who were assigned; as long as there is
 * no way to assign anybody, that is nobody: a switch that promises less access must never give more.
 */
@Injectable()
export class AccessPolicy {
  mayUse(account: Account, client: Client): boolean {
    return account.status === 'active' && client.metadata.access === 'everyone';
  }
}
