import { IsOptional, IsString } from 'class-validator';
import { adminScopesOf } from '../admin/admin-scope.js';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { Grant, type GrantHandler } from '../grant/grant-handler.js';
import type { Authorization } from '../grant/authorization.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { NO_REQUESTED_CLAIMS } from '../protocol/requested-claims.js';
import { narrowScope, parseScope } from '../protocol/scope.js';

/** Scope-tokens that speak of a person; there is none here. */
const PERSONAL = new Set(['openid', 'profile', 'email', 'phone', 'address', 'offline_access']);

/** RFC 6749 §4.4.2. */
export class ClientCredentialsParams {
  @IsOptional()
  @IsString()
  scope?: string;
}

/** RFC 6749 §4.4: the client acts for itself. No id_token, no refresh token. */
@Grant({ type: 'client_credentials', params: ClientCredentialsParams, clients: 'confidential' })
export class ClientCredentialsGrant implements GrantHandler<ClientCredentialsParams> {
  constructor(private readonly config: ClinchConfig) {}

  async authorize({ scope }: ClientCredentialsParams, client: Client): Promise<Authorization> {
    const available = client.scope.filter((token) => !PERSONAL.has(token));
    const requested = scope === undefined ? available : parseScope(scope);
    const granted = narrowScope(requested, available);
    if (granted.length < requested.length) {
      throw new OAuthError('invalid_scope', 'this client may not have all of that scope');
    }
    return {
      grantId: newIdentifier(),
      clientId: client.id,
      // RFC 9068 §5: the registry refuses client ids that are an account's id, so this is never a person.
      subject: client.id,
      scope: granted,
      requestedClaims: NO_REQUESTED_CLAIMS,
      ...(adminScopesOf(granted.join(' ')).length > 0 ? { resource: this.config.url('/admin/api/v1') } : {}),
    };
  }
}
