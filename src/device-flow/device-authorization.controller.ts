import { Controller, Header, HttpCode, Post, Req, UseFilters } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { ClientAuthentication } from '../app-registry/client-authentication.js';
import { AuditLog } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { CrossOrigin } from '../http/cross-origin.js';
import { Direct } from '../http/direct-routes.js';
import { OAuthErrorFilter } from '../http/oauth-error.filter.js';
import { readForm } from '../http/read-form.js';
import { OAuthError } from '../protocol/oauth-error.js';
import type { Parameters } from '../protocol/parameters.js';
import { DEVICE_CODE_LIFETIME, DeviceCodeStore, POLL_INTERVAL } from './device-code-store.js';
import { DeviceScopes } from './device-scopes.js';
import { DEVICE_PATH } from './device-pages.js';
import { shownUserCode } from './user-code.js';

export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
export const DEVICE_AUTHORIZATION_PATH = '/oidc/device_authorization';

/** Requests that public clients may make from one address: anybody can be a public client, and each leaves a row… */
const FROM_ONE_ADDRESS = 300;
/** …until it has expired (seconds). Clients that prove who they are have no limit. */
const WINDOW = DEVICE_CODE_LIFETIME;

/** RFC 8628 §3.2, and `expires_at` beside it, which clients of Alibaba Cloud IDaaS read. */
export interface DeviceAuthorizationResponse {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Seconds since 1970. */
  readonly expires_at: number;
  /** Seconds. */
  readonly interval: number;
}

/** POST /oidc/device_authorization (RFC 8628 §3.1). */
@Controller()
@UseFilters(OAuthErrorFilter)
export class DeviceAuthorizationController {
  private readonly requests = new RateLimiterMemory({ points: FROM_ONE_ADDRESS, duration: WINDOW });

  constructor(
    private readonly authentication: ClientAuthentication,
    private readonly codes: DeviceCodeStore,
    private readonly scopes: DeviceScopes,
    private readonly audit: AuditLog,
    private readonly config: ClinchConfig,
  ) {}

  @Direct()
  @Post(DEVICE_AUTHORIZATION_PATH)
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @CrossOrigin('registered')
  async begin(@Req() request: ClinchRequest): Promise<DeviceAuthorizationResponse> {
    const parameters = (await readForm(request)).refuseRepeats();
    requireNamedClient(request, parameters);
    const client = await this.authentication.authenticate(request, parameters);
    if (!client.mayUseGrant(DEVICE_CODE_GRANT)) {
      throw new OAuthError('unauthorized_client', 'this client may not use the device flow');
    }
    const target = await this.scopes.read(parameters, client);
    const address = clientAddress(request);
    if (client.isPublic) await this.count(address);
    const { deviceCode, userCode, grantId } = await this.codes.begin({ clientId: client.id, address, ...target });
    const actor = { clientId: client.id, address, traceId: request.traceId };
    this.audit.record('device.requested', actor, { grantId, scope: target.scope });
    const verification_uri = this.config.url(DEVICE_PATH);
    return {
      device_code: deviceCode,
      user_code: shownUserCode(userCode),
      verification_uri,
      verification_uri_complete: `${verification_uri}?user_code=${shownUserCode(userCode)}`,
      expires_in: DEVICE_CODE_LIFETIME,
      expires_at: Math.floor(Date.now() / 1000) + DEVICE_CODE_LIFETIME,
      interval: POLL_INTERVAL,
    };
  }

  private async count(address: string): Promise<void> {
    try {
      await this.requests.consume(address);
    } catch (refusal) {
      const { msBeforeNext } = refusal as RateLimiterRes;
      throw new OAuthError('temporarily_unavailable', 'too many requests from this address, try again later', {
        status: 429,
        retryAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)),
      });
    }
  }
}

/** RFC 8628 §3.1: `client_id` is REQUIRED of a client that does not authenticate. Who sends neither has forgotten it. */
function requireNamedClient(request: ClinchRequest, parameters: Parameters): void {
  const authenticates = request.headers.authorization !== undefined || parameters.has('client_assertion');
  if (!authenticates && !parameters.has('client_id')) throw new OAuthError('invalid_request', 'client_id is missing');
}
