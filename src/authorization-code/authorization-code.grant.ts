import { IsOptional, IsString } from 'class-validator';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { Grant, type GrantHandler } from '../grant/grant-handler.js';
import type { Authorization } from '../grant/authorization.js';
import { tokenResource } from '../grant/token-resource.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { verifierMatches } from '../protocol/pkce.js';
import { SessionStore } from '../session/session-store.js';
import { lastAccessTokenExpiry, RevokedTokens } from '../token-signing/revoked-tokens.js';
import { AuthorizationCodeStore, type AuthorizationCode } from './authorization-code-store.js';

/** RFC 6749 §4.1.3, RFC 7636 §4.5 and RFC 8707 §2.2. */
export class AuthorizationCodeParams {
  @IsString()
  code: string;

  @IsString()
  redirect_uri: string;

  @IsOptional()
  @IsString()
  code_verifier?: string;

  @IsOptional()
  @IsString()
  resource?: string;
}

/** Where an authorization code is redeemed (RFC 6749 §4.1.3, OpenID Connect Core 1.0 §3.1.3.2). */
@Grant({ type: 'authorization_code', params: AuthorizationCodeParams, clients: 'any' })
export class AuthorizationCodeGrant implements GrantHandler<AuthorizationCodeParams> {
  constructor(
    private readonly codes: AuthorizationCodeStore,
    private readonly revoked: RevokedTokens,
    private readonly sessions: SessionStore,
    private readonly audit: AuditLog,
    private readonly config: ClinchConfig,
  ) {}

  async authorize(params: AuthorizationCodeParams, client: Client): Promise<Authorization> {
    const redemption = await this.codes.redeem(params.code, client.id);
    if (redemption.outcome === 'replayed') await this.endGrant(redemption.grantId, client);
    // The code is spent before it is judged: a wrong verifier or redirect URI costs the code, and nothing can be tried out on it.
    if (redemption.outcome !== 'redeemed') throw refused(`code ${redemption.outcome}`);
    const { code } = redemption;
    if (code.redirectUri !== params.redirect_uri) throw refused('redirect_uri differs from the authorization request');
    checkVerifier(code, params.code_verifier, client);
    const target = tokenResource(params.resource, code.resource, this.config.issuer);
    const account = await this.signedIn(code);
    return {
      grantId: code.grantId,
      clientId: client.id,
      subject: account.id,
      account,
      scope: code.scope,
      authTime: code.authTime,
      ...(code.nonce === undefined ? {} : { nonce: code.nonce }),
      sid: code.sessionId,
      acr: code.acr,
      amr: code.amr,
      requestedClaims: code.requestedClaims,
      ...(code.appAccountId === undefined ? {} : { appAccountId: code.appAccountId }),
      ...target,
    };
  }

  /** RFC 6749 §4.1.2: on a second use, all tokens that the code has brought SHOULD be revoked. */
  private async endGrant(grantId: string, client: Client): Promise<void> {
    // Noted even where there is no refresh token yet: the winner of a race may begin its family a moment later.
    const familyEnds = Date.now() + client.metadata.refreshTokenLifetime * 1000;
    await this.revoked.revoke(grantId, new Date(Math.max(familyEnds, lastAccessTokenExpiry().getTime())));
    this.audit.record('code.replayed', { clientId: client.id }, { grantId });
  }

  /** A code is good as long as the session that it came from: whoever signed out takes their codes along. */
  private async signedIn(code: AuthorizationCode): Promise<Account> {
    const signedIn = await this.sessions.findById(code.sessionId);
    if (signedIn === undefined) throw refused('the session has ended, or its account is not active any more');
    return signedIn.account;
  }
}

/** RFC 7636 §4.6, and RFC 9700 §4.8.2: a verifier without a challenge is refused too, or a downgrade would go unseen. */
function checkVerifier(code: AuthorizationCode, verifier: string | undefined, client: Client): void {
  const { codeChallenge, codeChallengeMethod } = code;
  if (codeChallenge === undefined || codeChallengeMethod === undefined) {
    if (verifier !== undefined) throw refused('code_verifier without a code_challenge');
    if (client.isPublic) throw refused('a public client without a code_challenge');
    return;
  }
  if (verifier === undefined) throw refused('code_verifier is missing');
  if (!verifierMatches(verifier, codeChallenge, codeChallengeMethod)) throw refused('code_verifier does not fit');
}

/** One answer for every reason; the log says which. */
function refused(hint: string): OAuthError {
  return new OAuthError('invalid_grant', 'the code is unknown, expired, used, or not for this request', { hint });
}
