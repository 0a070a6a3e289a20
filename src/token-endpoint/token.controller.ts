import { Controller, Header, HttpCode, Post, Req, UseFilters } from '@nestjs/common';
import { validateSync } from 'class-validator';
import { ClientAuthentication } from '../app-registry/client-authentication.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { GrantRegistry, type RegisteredGrant } from '../grant/grant-registry.js';
import { clientAddress, exactAddress, type ClinchRequest } from '../http/clinch-request.js';
import { CrossOrigin } from '../http/cross-origin.js';
import { Direct } from '../http/direct-routes.js';
import { OAuthErrorFilter } from '../http/oauth-error.filter.js';
import { readForm } from '../http/read-form.js';
import { Measurements, type Counter } from '../measurements/measurements.js';
import { OAuthError } from '../protocol/oauth-error.js';
import type { Parameters } from '../protocol/parameters.js';
import { TokenIssuer, type TokenResponse } from './token-issuer.js';

/**
 * POST /oidc/token. Every check that grants share is here, once, in this order; a grant proves only what is its own.
 */
@Controller()
@UseFilters(OAuthErrorFilter)
export class TokenController {
  private readonly issued: Counter;

  constructor(
    private readonly grants: GrantRegistry,
    private readonly authentication: ClientAuthentication,
    private readonly issuer: TokenIssuer,
    private readonly audit: AuditLog,
    measurements: Measurements,
  ) {
    this.issued = measurements.counter('clinch_tokens_issued_total', 'Access tokens that were issued, by grant type');
  }

  @Direct()
  @Post('/oidc/token')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @CrossOrigin('registered')
  async token(@Req() request: ClinchRequest): Promise<TokenResponse> {
    const parameters = (await readForm(request)).refuseRepeats();
    const grant = this.findGrant(parameters);
    const client = await this.authentication.authenticate(request, parameters);
    requireAllowed(client, grant);
    const params = readParams(grant, parameters);
    const authorization = await grant.handler.authorize(params, client);
    const address = clientAddress(request);
    const response = await this.issuer.issue(authorization, client, exactAddress(request));
    this.issued.add({ grant_type: grant.type });
    this.audit.record(
      'token.issued',
      {
        clientId: client.id,
        ...(authorization.account === undefined ? {} : { accountId: authorization.account.id }),
        address,
        traceId: request.traceId,
      },
      { grantType: grant.type, grantId: authorization.grantId },
    );
    return response;
  }

  private findGrant(parameters: Parameters): RegisteredGrant {
    const grantType = parameters.get('grant_type');
    if (grantType === undefined) throw new OAuthError('invalid_request', 'grant_type is missing');
    const grant = this.grants.find(grantType);
    if (grant === undefined) throw new OAuthError('unsupported_grant_type', 'this grant_type is not supported');
    return grant;
  }
}

/** RFC 6749 §5.2, unauthorized_client: the authenticated client is not authorized to use this grant type. */
function requireAllowed(client: Client, grant: RegisteredGrant): void {
  const kind = grant.clients === 'any' || !client.isPublic;
  if (!kind || !client.mayUseGrant(grant.type)) {
    throw new OAuthError('unauthorized_client', 'this client may not use this grant_type');
  }
}

/** The parameters of the grant, checked by its class. Those it does not name are ignored (RFC 6749 §3.2). */
function readParams(grant: RegisteredGrant, parameters: Parameters): object {
  const params = Object.assign(new grant.params(), parameters.pick(grant.parameterNames));
  for (const { property, value, constraints } of validateSync(params, { stopAtFirstError: true })) {
    const problem = value === undefined ? `${property} is missing` : Object.values(constraints ?? {})[0];
    throw new OAuthError('invalid_request', problem ?? `${property} is malformed`);
  }
  return params;
}
