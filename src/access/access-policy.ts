import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';

/** What somebody is doing when they are asked for: rules may depend on it. */
export interface AccessRequest {
  /** Where the question comes up. At `token` the address is that of the app's server, not of the person. */
  readonly endpoint: 'authorize' | 'device' | 'launch' | 'token' | 'portal';
  /** The IP address that the request came from. */
  readonly address: string;
  /** RFC 8176: how the person proved who they are. */
  readonly amr: readonly string[];
}

/** Whether somebody may enter. */
export interface AccessDecision {
  readonly allowed: boolean;
}

/**
 * Who may use an app. Asked before every code, and again at every token that is issued for a person.
 *
 * `everyone` opens an app to all active accounts. `assigned` opens it to those who were assigned; as long as there is
 * no way to assign anybody, that is nobody: a switch that promises less access must never give more.
 */
@Injectable()
export class AccessPolicy {
  async decide(account: Account, client: Client, _request: AccessRequest): Promise<AccessDecision> {
    return { allowed: account.status === 'active' && client.metadata.access === 'everyone' };
  }
}
