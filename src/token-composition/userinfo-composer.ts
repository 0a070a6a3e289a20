import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { ClaimsPipeline } from '../claims/claims-pipeline.js';
import type { Claims } from '../claims/claims-source.js';
import type { ComposedClaims } from '../claims/composed-claims.js';
import { ClaimsContexts } from './claims-contexts.js';

/** What an access token says that decides what userinfo answers. */
export interface UserinfoToken {
  readonly subject: string;
  readonly scope: readonly string[];
  /** Claims asked for by the `claims` parameter. */
  readonly userinfoClaims: readonly string[];
  readonly authTime: Date | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[] | undefined;
  /** The name in the app that was chosen. */
  readonly appAccountId: string | undefined;
}

/** Says what userinfo answers (OpenID Connect Core 1.0 §5.3.2). */
@Injectable()
export class UserinfoComposer {
  constructor(
    private readonly contexts: ClaimsContexts,
    private readonly pipeline: ClaimsPipeline,
  ) {}

  /** @param use as with `TokenComposer` */
  async compose(
    token: UserinfoToken,
    account: Account,
    client: Client,
    use: 'told' | 'seen',
  ): Promise<{ readonly claims: Claims; readonly composed: ComposedClaims }> {
    const { subject, scope, userinfoClaims, authTime, acr, amr, appAccountId } = token;
    const context = this.contexts.of(account, client, {
      scope,
      requestedClaims: { idToken: [], userinfo: userinfoClaims },
      appAccountId,
      keeps: use === 'told',
      session: { auth_time: authTime, acr, amr },
    });
    const [composed] = await this.pipeline.compose(context, ['userinfo']);
    if (composed === undefined) throw new Error('nothing was composed');
    // `sub` last: no source can make it somebody else's.
    return { claims: { ...composed.claims, sub: subject }, composed };
  }
}
