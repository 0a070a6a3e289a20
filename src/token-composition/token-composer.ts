import { Injectable } from '@nestjs/common';
import { undecided, type AccessDecision } from '../access/access-decision.js';
import { AccessPolicy } from '../access/access-policy.js';
import { isSignInValid, type Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { ClaimsPipeline } from '../claims/claims-pipeline.js';
import type { Claims, ClaimsUse } from '../claims/claims-source.js';
import type { ComposedClaims } from '../claims/composed-claims.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { SessionFacts } from '../expressions/expression-facts.js';
import type { Authorization } from '../grant/authorization.js';
import { notNow } from '../protocol/not-now.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { AccessTokenTargets, type AccessTokenTarget } from './access-token-target.js';
import { ClaimsContexts, type NamingContext } from './claims-contexts.js';
import { PermissionScopes } from './permission-scopes.js';
import { accessTokenClaims, idTokenClaims } from './token-claims.js';

/** What was proved, held against what holds now. */
export interface JudgedAuthorization {
  /** What of it still stands; its scope is what a refresh token is for. */
  readonly authorization: Authorization;
  readonly target: AccessTokenTarget;
  /** Absent where no person is involved, or none who may be spoken of. */
  readonly decision: AccessDecision | undefined;
  /** Why nothing may be issued; undefined when it may. */
  readonly refusal: OAuthError | undefined;
}

/** A token but for its signature, and for what only comes with that: `iat`, `exp`, `jti`, `at_hash`. */
export interface ComposedToken {
  readonly claims: Claims;
  /** Seconds. */
  readonly lifetime: number;
  /** What the claims about the person come from. */
  readonly composed: ComposedClaims;
}

/** Everything that a token request brings, but for the refresh token. */
export interface ComposedTokens {
  readonly accessToken: ComposedToken;
  /** Absent without a person, or without the scope `openid`. */
  readonly idToken: ComposedToken | undefined;
  /** Of the access token. */
  readonly scope: readonly string[];
  /** A claim that had to have a value has none: then nothing may be issued. */
  readonly refusal: OAuthError | undefined;
}

/**
 * Says what is in tokens. Nothing is signed or spent by it, and nothing stored where it is only looked at, so that whoever
 * asks what would be issued hears it from the same mouth as the token endpoint.
 */
@Injectable()
export class TokenComposer {
  constructor(
    private readonly targets: AccessTokenTargets,
    private readonly access: AccessPolicy,
    private readonly permissions: PermissionScopes,
    private readonly contexts: ClaimsContexts,
    private readonly pipeline: ClaimsPipeline,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * Between the proof and now the account may have been disabled, and the app closed to this person or narrowed.
   *
   * @param address that the token request came from
   * @throws {OAuthError} invalid_target when the API is not there any more, or not for this app
   */
  async judge(proven: Authorization, client: Client, address: string): Promise<JudgedAuthorization> {
    const { authorization, target } = await this.targets.of(proven, client);
    const { account, authTime, amr = [] } = authorization;
    if (account === undefined) return { authorization, target, decision: undefined, refusal: undefined };
    if (!isSignInValid(account, authTime ?? new Date())) {
      return { authorization, target, decision: undefined, refusal: refused('the account is not active', account) };
    }
    const decision = await this.access.decide(account, client, { endpoint: 'token', address, amr });
    const refusal = decision.allowed
      ? undefined
      : (undecided(decision) ?? refused('this person may not use this app', account));
    return { authorization, target, decision, refusal };
  }

  /**
   * @param subject the `sub`
   * @param use `told`: the app hears of it, so that its name for the person is kept; `seen`: nothing is stored
   */
  async compose(
    { authorization, target, decision }: Omit<JudgedAuthorization, 'refusal'>,
    client: Client,
    subject: string,
    use: 'told' | 'seen',
  ): Promise<ComposedTokens> {
    const { account, appAccountId } = authorization;
    const narrow = await this.permissions.narrowing(authorization.scope, client, decision);
    const scope = narrow(authorization.scope);
    const context = this.contextOf({ ...authorization, scope }, client, decision, use);
    const isAboutPerson = account !== undefined && scope.includes('openid');
    const uses: ClaimsUse[] = isAboutPerson ? ['access_token', 'id_token'] : ['access_token'];
    const composed = await this.pipeline.compose(context, uses);
    const aimed = { ...target, scope: narrow(target.scope) };
    const chosen = appAccountId === undefined ? undefined : (await context.appAccount()).id;
    const naming = { subject, appAccountId: chosen, issuer: this.config.issuer };
    const [ofAccessToken, ofIdToken] = composed;
    if (ofAccessToken === undefined) throw new Error('nothing was composed');
    return {
      accessToken: {
        claims: { ...ofAccessToken.claims, ...accessTokenClaims(authorization, aimed, naming) },
        lifetime: aimed.lifetime,
        composed: ofAccessToken,
      },
      idToken: ofIdToken && {
        claims: { ...ofIdToken.claims, ...idTokenClaims(authorization, client, naming) },
        lifetime: client.metadata.idTokenLifetime,
        composed: ofIdToken,
      },
      scope: aimed.scope,
      refusal: refusalOf(composed),
    };
  }

  /**
   * The id_token alone, for what takes one in the place of a sign-in.
   *
   * @param decision that was made of the person just now
   * @param subject the `sub`
   */
  async composeIdToken(
    authorization: Authorization,
    client: Client,
    decision: AccessDecision,
    subject: string,
  ): Promise<Pick<ComposedTokens, 'refusal'> & { readonly idToken: ComposedToken }> {
    const context = this.contextOf(authorization, client, decision, 'told');
    const [composed] = await this.pipeline.compose(context, ['id_token']);
    if (composed === undefined) throw new Error('nothing was composed');
    const naming = { subject, appAccountId: undefined, issuer: this.config.issuer };
    const claims = { ...composed.claims, ...idTokenClaims(authorization, client, naming) };
    const idToken = { claims, lifetime: client.metadata.idTokenLifetime, composed };
    return { idToken, refusal: refusalOf([composed]) };
  }

  private contextOf(
    authorization: Authorization,
    client: Client,
    decision: AccessDecision | undefined,
    use: 'told' | 'seen',
  ): NamingContext {
    const { account, scope, requestedClaims, appAccountId } = authorization;
    return this.contexts.of(account, client, {
      scope,
      requestedClaims,
      session: sessionOf(authorization),
      appAccountId,
      keeps: use === 'told',
      ...(decision === undefined ? {} : { rights: decision }),
    });
  }
}

/** In whole seconds, as tokens have it: userinfo, which knows only the token, must not come to another answer. */
function sessionOf({ authTime, amr, acr }: Authorization): SessionFacts {
  const seconds = authTime === undefined ? undefined : Math.floor(authTime.getTime() / 1_000);
  return { amr, acr, ...(seconds === undefined ? {} : { auth_time: new Date(seconds * 1_000) }) };
}

function refused(description: string, { id }: Account): OAuthError {
  return new OAuthError('invalid_grant', description, { hint: `account ${id}` });
}

/** A claim that must have a value stops the sign-in: better no token than one that an app reads wrongly. */
function refusalOf(composed: readonly ComposedClaims[]): OAuthError | undefined {
  const failing = composed.flatMap(({ refused: claims }) => claims).filter(({ fails }) => fails);
  // One that will not have a value in a moment either is the answer.
  const failed = failing.find(({ passing }) => passing !== true) ?? failing[0];
  if (failed === undefined) return undefined;
  if (failed.passing === true) return notNow(`${failed.source}: ${failed.why}`);
  const why = failed.refusal === 'too_large' ? 'does not fit into the token' : 'has no value for this person';
  const description = `the claim ${failed.name} ${why}`;
  return new OAuthError('invalid_grant', description, { hint: `${failed.source}: ${failed.why}` });
}
