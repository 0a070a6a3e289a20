import { Injectable } from '@nestjs/common';
import { ClinchConfig } from '../config/clinch-config.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { RevokedTokens } from './revoked-tokens.js';
import { TokenSigningService } from './token-signing.service.js';

/** What one of our access tokens says (RFC 9068 §2.2). */
export interface AccessToken {
  readonly subject: string;
  readonly clientId: string;
  /** Where it is good: Clinch itself, or an API. */
  readonly audience: string;
  readonly scope: readonly string[];
  readonly jti: string;
  readonly grantId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** When the person signed in; absent where no person is involved. */
  readonly authTime: Date | undefined;
  /** How, by RFC 8176 and OpenID Connect Core 1.0 §2. */
  readonly amr: readonly string[] | undefined;
  readonly acr: string | undefined;
  /** Claims asked for by the `claims` parameter for userinfo. */
  readonly userinfoClaims: readonly string[];
  /** The name in the app that was chosen for the person. */
  readonly appAccountId: string | undefined;
}

/** Checks access tokens at Clinch's own endpoints (RFC 9068 §4): type, signature, issuer, audience, expiry, revocation. */
@Injectable()
export class AccessTokenVerifier {
  constructor(
    private readonly signing: TokenSigningService,
    private readonly revoked: RevokedTokens,
    private readonly config: ClinchConfig,
  ) {}

  /** The audience of tokens for the admin API. */
  get adminAudience(): string {
    return this.config.url('/admin/api/v1');
  }

  /** The audience of tokens for people's own data at /oidc/userinfo. */
  get userinfoAudience(): string {
    return this.config.issuer;
  }

  /**
   * Everything but revocation, for those who look that up together with something of theirs.
   *
   * @param audience undefined: any
   * @throws {OAuthError} invalid_token, which says no more than that
   */
  async read(token: string, audience?: string): Promise<AccessToken> {
    const claims = await this.signing.verify(token, 'at+jwt', audience === undefined ? {} : { audience });
    if (claims === undefined) throw invalidToken();
    const { jti, client_id: clientId, scope, grant_id: grantId, auth_time: authTime } = claims;
    const { acr, amr, userinfo_claims: userinfoClaims, app_account: appAccount } = claims;
    if (typeof jti !== 'string' || typeof clientId !== 'string') throw invalidToken();
    return {
      subject: claims.sub,
      clientId,
      audience: claims.aud,
      scope: typeof scope === 'string' ? scope.split(' ') : [],
      jti,
      grantId: typeof grantId === 'string' ? grantId : jti,
      issuedAt: new Date(claims.iat * 1000),
      expiresAt: new Date(claims.exp * 1000),
      authTime: typeof authTime === 'number' ? new Date(authTime * 1000) : undefined,
      amr: Array.isArray(amr) ? amr.map(String) : undefined,
      acr: typeof acr === 'string' ? acr : undefined,
      appAccountId: typeof appAccount === 'string' ? appAccount : undefined,
      userinfoClaims: Array.isArray(userinfoClaims) ? userinfoClaims.map(String) : [],
    };
  }

  /** Whether a text is an access token of ours, its time over or not. */
  async isOurs(token: string): Promise<boolean> {
    return (await this.signing.verify(token, 'at+jwt', { expired: 'accepted' })) !== undefined;
  }

  /** @throws {OAuthError} invalid_token */
  async verify(token: string, audience: string): Promise<AccessToken> {
    const read = await this.read(token, audience);
    if (await this.revoked.isRevoked(read.jti, read.grantId)) throw invalidToken();
    return read;
  }
}

function invalidToken(): OAuthError {
  return new OAuthError('invalid_token', 'the access token is expired, revoked, malformed, or for somewhere else');
}
