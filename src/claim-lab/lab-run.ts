import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import type { Claims } from '../claims/claims-source.js';
import type { ComposedClaims } from '../claims/composed-claims.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { Authorization } from '../grant/authorization.js';
import { SINGLE_FACTOR_ACR } from '../interaction/password-sign-in.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { NO_REQUESTED_CLAIMS } from '../protocol/requested-claims.js';
import { scopeTokens } from '../protocol/scope.js';
import { Subjects } from '../subjects/subjects.js';
import { TokenComposer, type ComposedTokens, type JudgedAuthorization } from '../token-composition/token-composer.js';
import { UserinfoComposer } from '../token-composition/userinfo-composer.js';
import type { LabResult } from './claim-lab.dto.js';
import { grantRefusal, type LabGrant } from './lab-grant.js';
import { labResult, type LabParts } from './lab-result.js';
import { UngrantedClaims } from './ungranted-claims.js';

/** A sign-in that did not happen. */
export interface ImaginedSignIn {
  readonly account: Account;
  readonly grant: LabGrant;
  readonly scope: string;
  readonly resource: string | undefined;
  readonly authTime: Date;
  readonly amr: readonly string[];
  readonly appAccountId: string | undefined;
  /** That the token request would come from. */
  readonly address: string;
}

/** Stands where there will be an identifier; it is shown to nobody. */
const LATER = '(later)';

/** Asks the composers what an app would be told, by the same calls as the token endpoint and userinfo. */
@Injectable()
export class LabRun {
  constructor(
    private readonly composer: TokenComposer,
    private readonly userinfos: UserinfoComposer,
    private readonly subjects: Subjects,
    private readonly ungranted: UngrantedClaims,
    private readonly config: ClinchConfig,
  ) {}

  /** @throws {OAuthError} invalid_target when there is no such API for the app */
  async of(client: Client, signIn: ImaginedSignIn): Promise<LabResult> {
    const judged = await this.composer.judge(this.proven(client, signIn), client, signIn.address);
    const { subject, fault } = await this.subjectOf(signIn.account, client);
    const tokens = subject === undefined ? undefined : await this.composer.compose(judged, client, subject, 'seen');
    const refusal = grantRefusal(client, signIn) ?? judged.refusal ?? fault ?? tokens?.refusal;
    const userinfo = tokens && (await this.userinfoOf(tokens, judged, client));
    const asked = scopeTokens(signIn.scope);
    return labResult({
      refusal,
      tokens,
      userinfo,
      dropped: asked.filter((token) => !judged.authorization.scope.includes(token)),
      lacking: judged.target.scope.filter((token) => tokens !== undefined && !tokens.scope.includes(token)),
      ungranted: await this.ungranted.of(asked, judged.authorization.scope),
    } satisfies LabParts);
  }

  private proven(client: Client, signIn: ImaginedSignIn): Authorization {
    const { account, grant, scope, resource, authTime, amr, appAccountId } = signIn;
    return {
      grantId: LATER,
      clientId: client.id,
      subject: account.id,
      account,
      scope: [...new Set(scopeTokens(scope))],
      authTime,
      acr: SINGLE_FACTOR_ACR,
      amr,
      requestedClaims: NO_REQUESTED_CLAIMS,
      // The session of a device is that of another browser.
      ...(grant === 'device' ? {} : { sid: LATER }),
      ...(appAccountId === undefined ? {} : { appAccountId }),
      ...(resource === undefined || resource === this.config.issuer ? {} : { resource }),
    };
  }

  private async subjectOf(
    account: Account,
    client: Client,
  ): Promise<{ readonly subject?: string; readonly fault?: OAuthError }> {
    try {
      return { subject: await this.subjects.peek(account, client) };
    } catch (error) {
      if (error instanceof OAuthError) return { fault: error };
      throw error;
    }
  }

  /** @returns undefined where the access token is for an API, or not for userinfo */
  private async userinfoOf(
    { accessToken: { claims }, scope }: ComposedTokens,
    { authorization }: JudgedAuthorization,
    client: Client,
  ): Promise<{ readonly claims: Claims; readonly composed: ComposedClaims } | undefined> {
    const { account, authTime, acr, amr } = authorization;
    if (account === undefined || claims['aud'] !== this.config.issuer || !scope.includes('openid')) return undefined;
    const chosen = claims['app_account'];
    const token = {
      subject: String(claims['sub']),
      scope,
      userinfoClaims: [],
      authTime: authTime && new Date(Math.floor(authTime.getTime() / 1_000) * 1_000),
      acr,
      amr,
      appAccountId: typeof chosen === 'string' ? chosen : undefined,
    };
    return this.userinfos.compose(token, account, client, 'seen');
  }
}
