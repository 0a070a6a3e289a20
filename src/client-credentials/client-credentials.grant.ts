import { IsOptional, IsString } from 'class-validator';
import { ADMIN_SCOPE_PREFIX } from '../admin/admin-scope.js';
import type { Client } from '../app-registry/client.js';
import { ResourceAccess } from '../app-registry/resource-access.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { Grant, type GrantHandler } from '../grant/grant-handler.js';
import type { Authorization } from '../grant/authorization.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { NO_REQUESTED_CLAIMS } from '../protocol/requested-claims.js';
import { OPENID_SCOPES, parseScope } from '../protocol/scope.js';
import { scopeOn, scopeWithoutResource, within, type ClientScope } from './client-scope.js';

/** RFC 6749 §4.4.2 and RFC 8707 §2. */
export class ClientCredentialsParams {
  @IsOptional()
  @IsString()
  scope?: string;

  @IsOptional()
  @IsString()
  resource?: string;
}

/** RFC 6749 §4.4: the client acts for itself. No id_token, no refresh token. */
@Grant({ type: 'client_credentials', params: ClientCredentialsParams, clients: 'confidential' })
export class ClientCredentialsGrant implements GrantHandler<ClientCredentialsParams> {
  constructor(
    private readonly access: ResourceAccess,
    private readonly config: ClinchConfig,
  ) {}

  async authorize(params: ClientCredentialsParams, client: Client): Promise<Authorization> {
    return {
      grantId: newIdentifier(),
      clientId: client.id,
      // RFC 9068 §5: the registry refuses client ids that look like an account's, so this is never a person.
      subject: client.id,
      requestedClaims: NO_REQUESTED_CLAIMS,
      ...(await this.decide(params, client)),
    };
  }

  private async decide({ scope, resource }: ClientCredentialsParams, client: Client): Promise<ClientScope> {
    const requested = scope === undefined ? undefined : parseScope(scope);
    const own = client.scope.filter((token) => !OPENID_SCOPES.includes(token) && !token.startsWith(ADMIN_SCOPE_PREFIX));
    if (resource === undefined) return scopeWithoutResource(requested, own, await this.access.all(client));
    if (resource === this.config.issuer) return { scope: requested === undefined ? own : within(requested, own) };
    return scopeOn(await this.access.resolve(resource, client), requested);
  }
}
