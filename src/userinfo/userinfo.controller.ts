import { Controller, Get, Header, HttpCode, Post, Req, UseFilters } from '@nestjs/common';
import { AccessTokenStandings, isAboutItsApp } from '../access-token/access-token-standings.js';
import { ClaimsLog } from '../claims/claims-log.js';
import type { Claims } from '../claims/claims-source.js';
import { TokenMissingError } from '../http/bearer.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { CrossOrigin } from '../http/cross-origin.js';
import { Direct } from '../http/direct-routes.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { UserinfoComposer } from '../token-composition/userinfo-composer.js';
import { AccessTokenVerifier } from '../token-signing/access-token-verifier.js';
import { BearerErrorFilter } from './bearer-error.filter.js';
import { bearerToken } from './bearer-token.js';

/** /oidc/userinfo (OpenID Connect Core 1.0 §5.3): the person's claims, as far as the access token's scope goes. */
@Controller()
@UseFilters(BearerErrorFilter)
export class UserinfoController {
  constructor(
    private readonly verifier: AccessTokenVerifier,
    private readonly standings: AccessTokenStandings,
    private readonly composer: UserinfoComposer,
    private readonly claimsLog: ClaimsLog,
  ) {}

  @Direct()
  @Get('/oidc/userinfo')
  @Header('Cache-Control', 'no-store')
  @CrossOrigin('registered')
  async get(@Req() request: ClinchRequest): Promise<Claims> {
    return this.userinfo(request);
  }

  @Direct()
  @Post('/oidc/userinfo')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @CrossOrigin('registered')
  async post(@Req() request: ClinchRequest): Promise<Claims> {
    return this.userinfo(request);
  }

  private async userinfo(request: ClinchRequest): Promise<Claims> {
    const presented = await bearerToken(request);
    if (presented === undefined) throw new TokenMissingError();
    const token = await this.verifier.read(presented, this.verifier.userinfoAudience);
    // RFC 9068 §5: a token that is about the app itself never speaks of a person, whatever the two ids are.
    if (isAboutItsApp(token)) throw new OAuthError('invalid_token', 'the token is about no person');
    if (!token.scope.includes('openid')) throw new OAuthError('insufficient_scope', 'the scope openid is needed');
    const standing = await this.standings.of(token);
    if (standing?.account === undefined) {
      throw new OAuthError('invalid_token', 'the token, the account, its sign-in or the client is not active');
    }
    const { account, client } = standing;
    const { claims, composed } = await this.composer.compose(token, account, client, 'told');
    this.claimsLog.note(client, [composed]);
    return claims;
  }
}
