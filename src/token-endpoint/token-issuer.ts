import { Injectable } from '@nestjs/common';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { ClaimsLog } from '../claims/claims-log.js';
import type { Authorization } from '../grant/authorization.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { OAuthError } from '../protocol/oauth-error.js';
import type { SigningAlgorithm } from '../protocol/signing-algorithm.js';
import { tokenHash } from '../protocol/token-hash.js';
import { RefreshTokens } from '../refresh-token/refresh-tokens.js';
import { Subjects } from '../subjects/subjects.js';
import { TokenComposer, type ComposedToken, type ComposedTokens } from '../token-composition/token-composer.js';
import { TokenSigningService, type TokenType } from '../token-signing/token-signing.service.js';

/** RFC 6749 §5.1 and OpenID Connect Core 1.0 §3.1.3.3. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly id_token?: string;
}

/** Turns an Authorization into tokens: spends what was presented, signs what was composed. */
@Injectable()
export class TokenIssuer {
  constructor(
    private readonly composer: TokenComposer,
    private readonly subjects: Subjects,
    private readonly signing: TokenSigningService,
    private readonly refreshTokens: RefreshTokens,
    private readonly claimsLog: ClaimsLog,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @param address that the token request came from
   * @throws {OAuthError} invalid_grant when the person may not be spoken of any more, or a claim that must be there has no
   *   value; invalid_target when the API is not there any more, or not for this app; temporarily_unavailable when an
   *   expression cannot be evaluated just now, with which no refresh token is spent
   */
  async issue(proven: Authorization, client: Client, address: string): Promise<TokenResponse> {
    const { tokens, authorization, subject } = await this.compose(proven, client, address);
    // Spent first, minted after: who comes too late gets nothing.
    const refreshToken = await this.refreshToken(authorization, client, subject);
    const issuedAt = Math.floor(Date.now() / 1000);
    const access_token = await this.sign('at+jwt', tokens.accessToken, issuedAt, { jti: newIdentifier() });
    const scope = tokens.scope.join(' ');
    return {
      access_token,
      token_type: 'Bearer',
      expires_in: tokens.accessToken.lifetime,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      ...(scope === '' ? {} : { scope }),
      ...(await this.idToken(tokens, client, issuedAt, access_token)),
    };
  }

  private async compose(
    proven: Authorization,
    client: Client,
    address: string,
  ): Promise<{ readonly tokens: ComposedTokens; readonly authorization: Authorization; readonly subject: string }> {
    const judged = await this.composer.judge(proven, client, address);
    const { authorization, decision, refusal } = judged;
    // Where the rule could not be asked, nobody was refused.
    if (decision?.allowed === false && refusal?.code !== 'temporarily_unavailable') {
      const actor = { clientId: client.id, accountId: authorization.account?.id, address };
      this.audit.record('access.refused', actor, { endpoint: 'token' });
    }
    if (refusal !== undefined) throw refusal;
    const subject = await this.subjectOf(authorization, client);
    const tokens = await this.composer.compose(judged, client, subject, 'told');
    const { accessToken, idToken } = tokens;
    this.claimsLog.note(client, [accessToken.composed, ...(idToken === undefined ? [] : [idToken.composed])]);
    if (tokens.refusal !== undefined) throw tokens.refusal;
    return { tokens, authorization, subject };
  }

  /** OpenID Connect Core 1.0 §12.2: a grant keeps its `sub`, so it ends where the app has come to name people otherwise. */
  private async subjectOf(authorization: Authorization, client: Client): Promise<string> {
    const { account, keptSubject } = authorization;
    if (account === undefined) return authorization.subject;
    const subject = await this.subjects.of(account, client);
    if (keptSubject === undefined || keptSubject === subject) return subject;
    throw new OAuthError('invalid_grant', 'the person has another subject in this app now: they must sign in again');
  }

  /** The one in the place of that which was presented, or the first of a grant that brings one (OpenID Connect Core 1.0 §11). */
  private async refreshToken(
    authorization: Authorization,
    client: Client,
    subject: string,
  ): Promise<string | undefined> {
    if (authorization.rotate !== undefined) return authorization.rotate();
    if (authorization.account === undefined || !client.mayUseGrant('refresh_token')) return undefined;
    const wanted = client.metadata.refreshTokenIssuance === 'always' || authorization.scope.includes('offline_access');
    return wanted ? this.refreshTokens.begin(authorization, client, subject) : undefined;
  }

  /** OpenID Connect Core 1.0 §3.1.3.6: the id_token vouches for the access token beside it. */
  private async idToken(
    { idToken }: ComposedTokens,
    { metadata }: Client,
    issuedAt: number,
    accessToken: string,
  ): Promise<{ id_token: string } | undefined> {
    if (idToken === undefined) return undefined;
    const { idTokenSignedResponseAlg: algorithm } = metadata;
    const last = { at_hash: tokenHash(accessToken, algorithm) };
    return { id_token: await this.sign('JWT', idToken, issuedAt, last, algorithm) };
  }

  private async sign(
    type: TokenType,
    { claims, lifetime }: ComposedToken,
    issuedAt: number,
    last: Readonly<Record<string, string>>,
    algorithm?: SigningAlgorithm,
  ): Promise<string> {
    return this.signing.sign(type, { ...claims, iat: issuedAt, exp: issuedAt + lifetime, ...last }, algorithm);
  }
}
