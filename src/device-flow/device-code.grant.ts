import { IsOptional, IsString } from 'class-validator';
import { AccountStore } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { Grant, type GrantHandler } from '../grant/grant-handler.js';
import type { Authorization } from '../grant/authorization.js';
import { tokenResource } from '../grant/token-resource.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { NO_REQUESTED_CLAIMS } from '../protocol/requested-claims.js';
import { DEVICE_AUTHORIZATION_PATH, DEVICE_CODE_GRANT } from './device-authorization.controller.js';
import { DeviceCodeStore, type Poll } from './device-code-store.js';

/** RFC 8628 §3.4 and RFC 8707 §2.2. */
export class DeviceCodeParams {
  @IsString()
  device_code: string;

  @IsOptional()
  @IsString()
  resource?: string;
}

/** Where a device asks whether it was let in, and fetches its tokens (RFC 8628 §3.4 and §3.5). */
@Grant({
  type: DEVICE_CODE_GRANT,
  params: DeviceCodeParams,
  clients: 'any',
  metadata: { device_authorization_endpoint: DEVICE_AUTHORIZATION_PATH },
})
export class DeviceCodeGrant implements GrantHandler<DeviceCodeParams> {
  constructor(
    private readonly codes: DeviceCodeStore,
    private readonly accounts: AccountStore,
    private readonly config: ClinchConfig,
  ) {}

  async authorize(params: DeviceCodeParams, client: Client): Promise<Authorization> {
    const poll = await this.codes.poll(params.device_code, client.id);
    if (poll.outcome !== 'redeemed') throw REFUSAL[poll.outcome]();
    const { device } = poll;
    if (!client.existedAt(device.createdAt)) throw REFUSAL.refused();
    const account = await this.accounts.findActive(device.accountId);
    if (account === undefined) {
      throw new OAuthError('invalid_grant', 'the account is not active', { hint: `account ${device.accountId}` });
    }
    return {
      grantId: device.grantId,
      clientId: client.id,
      subject: account.id,
      account,
      scope: device.scope,
      deviceAddress: device.address,
      authTime: device.authTime,
      acr: device.acr,
      amr: device.amr,
      ...(device.appAccountId === undefined ? {} : { appAccountId: device.appAccountId }),
      // No sid: the session is that of the phone's browser, and the device goes on when it ends.
      requestedClaims: NO_REQUESTED_CLAIMS,
      ...tokenResource(params.resource, device.resource, this.config.issuer),
    };
  }
}

/** RFC 8628 §3.5. */
const REFUSAL: Record<Exclude<Poll['outcome'], 'redeemed'>, () => OAuthError> = {
  pending: () => new OAuthError('authorization_pending', 'the person has not answered yet'),
  too_early: () =>
    new OAuthError('slow_down', 'polled too early; wait five seconds more between two polls from now on'),
  denied: () => new OAuthError('access_denied', 'the person said no'),
  expired: () => new OAuthError('expired_token', 'the device code has expired, ask for a new one'),
  refused: () => new OAuthError('invalid_grant', 'the device code is unknown, used, or not of this client'),
};
