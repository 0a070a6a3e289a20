import { Controller, Header, HttpCode, Post, Req, UseFilters } from '@nestjs/common';
import { ClientAuthentication } from '../app-registry/client-authentication.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog, type Note } from '../audit/audit-log.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { CrossOrigin } from '../http/cross-origin.js';
import { Direct } from '../http/direct-routes.js';
import { OAuthErrorFilter } from '../http/oauth-error.filter.js';
import { readForm } from '../http/read-form.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { RefreshTokens } from '../refresh-token/refresh-tokens.js';
import { AccessTokenVerifier } from '../token-signing/access-token-verifier.js';
import { RevokedTokens } from '../token-signing/revoked-tokens.js';

/**
 * POST /oidc/revoke (RFC 7009): an app gives back a token. A refresh token takes its whole grant along, access tokens
 * included; an access token goes alone. What is not this app's, or nobody's, is answered with 200 as well and nothing
 * happens: the answer tells nothing about the tokens of others (RFC 7009 §2.2).
 */
@Controller()
@UseFilters(OAuthErrorFilter)
export class RevocationController {
  constructor(
    private readonly authentication: ClientAuthentication,
    private readonly refreshTokens: RefreshTokens,
    private readonly accessTokens: AccessTokenVerifier,
    private readonly revoked: RevokedTokens,
    private readonly audit: AuditLog,
  ) {}

  @Direct()
  @Post('/oidc/revoke')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @CrossOrigin('registered')
  async revoke(@Req() request: ClinchRequest): Promise<void> {
    const parameters = (await readForm(request)).refuseRepeats();
    const client = await this.authentication.authenticate(request, parameters);
    const token = parameters.get('token');
    if (token === undefined) throw new OAuthError('invalid_request', 'token is missing');
    // `token_type_hint` may be wrong (RFC 7009 §2.1), and the two kinds are told apart by their form.
    const actor = { clientId: client.id, address: clientAddress(request), traceId: request.traceId };
    const note = this.audit.noting('token.revoked', actor);
    if (this.refreshTokens.isGenuine(token)) await this.refreshTokens.revoke(token, client, note);
    else await this.revokeAccessToken(token, client, note);
  }

  private async revokeAccessToken(presented: string, client: Client, note: Note): Promise<void> {
    const token = await this.accessTokens.read(presented).catch((error: unknown) => {
      if (error instanceof OAuthError) return undefined;
      throw error;
    });
    if (token?.clientId === client.id) await this.revoked.revoke(token.jti, token.expiresAt, note);
  }
}
