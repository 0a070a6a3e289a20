import { Injectable } from '@nestjs/common';
import { AccessEnds } from '../access-enforcement/access-ends.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { AuthorizationCodeStore } from '../authorization-code/authorization-code-store.js';
import { DeviceCodeStore } from '../device-flow/device-code-store.js';
import { ConsentStore } from '../interaction/consent-store.js';
import { RefreshTokens } from '../refresh-token/refresh-tokens.js';

/** Takes a consent back, and what the app still has of it. */
@Injectable()
export class ConsentWithdrawal {
  constructor(
    private readonly consents: ConsentStore,
    private readonly codes: AuthorizationCodeStore,
    private readonly devices: DeviceCodeStore,
    private readonly refreshTokens: RefreshTokens,
    private readonly ends: AccessEnds,
    private readonly audit: AuditLog,
  ) {}

  /**
   * The tokens first: if this ends half way, the consent still stands and can be withdrawn again.
   *
   * @returns whether there was a consent
   */
  async withdraw(accountId: string, clientId: string, actor: Actor): Promise<boolean> {
    // What could still become a family, then the families.
    await this.codes.endAllOf(accountId, clientId);
    await this.devices.endAllOf(accountId, clientId);
    const families = await this.refreshTokens.endAllOf(accountId, clientId);
    await this.ends.end(clientId, [accountId]);
    const details = { account: accountId, app: clientId, families };
    return this.consents.withdraw(accountId, clientId, this.audit.noting('consent.withdrawn', actor, details));
  }
}
