import { Injectable } from '@nestjs/common';
import { AccessPolicy } from '../access/access-policy.js';
import { isSignInValid } from '../accounts/account-store.js';
import { AppAccounts, namedInApp } from '../app-accounts/app-accounts.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { ClaimsPipeline } from '../claims/claims-pipeline.js';
import type { ClaimsContext } from '../claims/claims-source.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { Authorization } from '../grant/authorization.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { tokenHash } from '../protocol/token-hash.js';
import { Subjects } from '../subjects/subjects.js';
import { RefreshTokens } from '../refresh-token/refresh-tokens.js';
import { TokenSigningService } from '../token-signing/token-signing.service.js';
import type { AccessTokenTarget } from './access-token-target.js';

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

/** Whom the tokens speak of, in the app's own terms. */
interface Naming {
  /** The `sub` of all of them. */
  readonly subject: string;
  /** The name by hand that was chosen, which userinfo is to know of. */
  readonly appAccountId: string | undefined;
}

/** Turns an Authorization into tokens: which ones, how long they live, and the claims of the token itself. */
@Injectable()
export class TokenIssuer {
  constructor(
    private readonly signing: TokenSigningService,
    private readonly pipeline: ClaimsPipeline,
    private readonly access: AccessPolicy,
    private readonly refreshTokens: RefreshTokens,
    private readonly subjects: Subjects,
    private readonly appAccounts: AppAccounts,
    private readonly audit: AuditLog,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * @param address that the token request came from
   * @throws {OAuthError} invalid_grant when the person may not be spoken of any more
   */
  async issue(
    authorization: Authorization,
    client: Client,
    target: AccessTokenTarget,
    address: string,
  ): Promise<TokenResponse> {
    const { context, naming } = await this.contextOf(authorization, client, address);
    // Spent first, minted after: who comes too late gets nothing.
    const refreshToken = await this.refreshToken(authorization, client);
    const issuedAt = Math.floor(Date.now() / 1000);
    const access_token = await this.accessToken(authorization, naming, target, context, issuedAt);
    const scope = target.scope.join(' ');
    return {
      access_token,
      token_type: 'Bearer',
      expires_in: target.lifetime,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      ...(scope === '' ? {} : { scope }),
      ...(await this.idToken(authorization, naming, client, context, issuedAt, access_token)),
    };
  }

  /** Between the proof and now the account may have been disabled, and the app closed to this person. */
  private async contextOf(
    authorization: Authorization,
    client: Client,
    address: string,
  ): Promise<{ context: ClaimsContext; naming: Naming }> {
    const { account, authTime, amr = [], scope, requestedClaims, clientId } = authorization;
    if (account !== undefined && !isSignInValid(account, authTime ?? new Date())) {
      throw new OAuthError('invalid_grant', 'the account is not active', { hint: `account ${account.id}` });
    }
    const request = { endpoint: 'token', address, amr } as const;
    if (account !== undefined && !(await this.access.decide(account, client, request)).allowed) {
      this.audit.record('access.refused', { clientId: client.id, accountId: account.id });
      throw new OAuthError('invalid_grant', 'this person may not use this app', { hint: `account ${account.id}` });
    }
    const context = { account, scope, requestedClaims, clientId, clientScope: client.scope };
    if (account === undefined) return { context, naming: { subject: authorization.subject, appAccountId: undefined } };
    const subject = await this.subjects.of(account, client);
    const appAccount = await this.appAccounts.of(account, client, undefined, authorization.appAccountId);
    return {
      context: { ...context, account: namedInApp(account, client, appAccount) },
      naming: { subject, appAccountId: appAccount.id },
    };
  }

  /** The one in the place of that which was presented, or the first of a grant that brings one (OpenID Connect Core 1.0 §11). */
  private async refreshToken(authorization: Authorization, client: Client): Promise<string | undefined> {
    if (authorization.rotate !== undefined) return authorization.rotate();
    if (authorization.account === undefined || !client.mayUseGrant('refresh_token')) return undefined;
    const wanted = client.metadata.refreshTokenIssuance === 'always' || authorization.scope.includes('offline_access');
    return wanted ? this.refreshTokens.begin(authorization, client) : undefined;
  }

  /** RFC 9068 §2.2. Our own claims are stamped last, so that no source can put others in their place. */
  private async accessToken(
    authorization: Authorization,
    { subject, appAccountId }: Naming,
    { audience, scope, lifetime }: AccessTokenTarget,
    context: ClaimsContext,
    issuedAt: number,
  ): Promise<string> {
    const { clientId, grantId, authTime, acr, amr, sid, requestedClaims } = authorization;
    const forUserinfo = audience === this.config.issuer && requestedClaims.userinfo.length > 0;
    return this.signing.sign('at+jwt', {
      ...(await this.pipeline.claims({ ...context, scope }, 'access_token')),
      iss: this.config.issuer,
      sub: subject,
      aud: audience,
      client_id: clientId,
      iat: issuedAt,
      exp: issuedAt + lifetime,
      jti: newIdentifier(),
      grant_id: grantId,
      ...(scope.length === 0 ? {} : { scope: scope.join(' ') }),
      ...(authTime === undefined ? {} : { auth_time: seconds(authTime) }),
      ...(acr === undefined ? {} : { acr }),
      ...(amr === undefined ? {} : { amr }),
      ...(sid === undefined ? {} : { sid }),
      ...(appAccountId === undefined ? {} : { app_account: appAccountId }),
      ...(forUserinfo ? { userinfo_claims: requestedClaims.userinfo } : {}),
    });
  }

  /** OpenID Connect Core 1.0 §2 and §3.1.3.6. */
  private async idToken(
    authorization: Authorization,
    { subject }: Naming,
    client: Client,
    context: ClaimsContext,
    issuedAt: number,
    accessToken: string,
  ): Promise<{ id_token: string } | undefined> {
    const { account, scope, nonce, authTime, acr, amr, sid } = authorization;
    if (account === undefined || !scope.includes('openid')) return undefined;
    const id_token = await this.signing.sign('JWT', {
      ...(await this.pipeline.claims(context, 'id_token')),
      iss: this.config.issuer,
      sub: subject,
      aud: client.id,
      azp: client.id,
      iat: issuedAt,
      exp: issuedAt + client.metadata.idTokenLifetime,
      at_hash: tokenHash(accessToken),
      ...(nonce === undefined ? {} : { nonce }),
      ...(authTime === undefined ? {} : { auth_time: seconds(authTime) }),
      ...(acr === undefined ? {} : { acr }),
      ...(amr === undefined ? {} : { amr }),
      ...(sid === undefined ? {} : { sid }),
    });
    return { id_token };
  }
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
