import { IsOptional, IsString } from 'class-validator';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { Authorization } from '../grant/authorization.js';
import { Grant, type GrantHandler } from '../grant/grant-handler.js';
import { tokenResource } from '../grant/token-resource.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { narrowScope, parseScope } from '../protocol/scope.js';
import { RefreshTokens } from './refresh-tokens.js';

/** RFC 6749 §6 and RFC 8707 §2.2. */
export class RefreshTokenParams {
  @IsString()
  refresh_token: string;

  @IsOptional()
  @IsString()
  scope?: string;

  @IsOptional()
  @IsString()
  resource?: string;
}

/** Where a refresh token is exchanged (RFC 6749 §6, OpenID Connect Core 1.0 §12). */
@Grant({ type: 'refresh_token', params: RefreshTokenParams, clients: 'any' })
export class RefreshTokenGrant implements GrantHandler<RefreshTokenParams> {
  constructor(
    private readonly tokens: RefreshTokens,
    private readonly config: ClinchConfig,
  ) {}

  async authorize(params: RefreshTokenParams, client: Client): Promise<Authorization> {
    const presented = await this.tokens.present(params.refresh_token, client);
    const { family } = presented;
    return {
      grantId: family.grantId,
      clientId: client.id,
      subject: family.account.id,
      account: family.account,
      scope: narrowed(family.scope, params.scope),
      authTime: family.authTime,
      requestedClaims: family.requestedClaims,
      keptSubject: family.subject,
      rotate: () => this.tokens.rotate(params.refresh_token, presented, client),
      ...(family.sessionId === undefined ? {} : { sid: family.sessionId }),
      ...(family.acr === undefined ? {} : { acr: family.acr }),
      ...(family.amr === undefined ? {} : { amr: family.amr }),
      ...(family.appAccountId === undefined ? {} : { appAccountId: family.appAccountId }),
      ...tokenResource(params.resource, family.resource, this.config.issuer),
    };
  }
}

/** RFC 6749 §6: the scope MUST NOT include any that was not originally granted. The family keeps what it has. */
function narrowed(granted: readonly string[], wanted: string | undefined): readonly string[] {
  if (wanted === undefined) return granted;
  const requested = parseScope(wanted);
  const scope = narrowScope(requested, granted);
  if (scope.length < requested.length)
    throw new OAuthError('invalid_scope', 'the scope is wider than what was granted');
  return scope;
}
