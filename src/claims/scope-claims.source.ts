import {
  ContributesClaims,
  type Claims,
  type ClaimsContext,
  type ClaimsSource,
  type ClaimsUse,
} from './claims-source.js';
import { claimsOfScope, pickClaims } from './standard-claims.js';

/**
 * The standard claims by scope. They are at userinfo and not in the id_token, because an access token is always issued
 * with it (OpenID Connect Core 1.0 §5.4).
 */
@ContributesClaims({ order: 10 })
export class ScopeClaimsSource implements ClaimsSource {
  contribute({ account, scope }: ClaimsContext, use: ClaimsUse): Claims {
    if (account === undefined || use !== 'userinfo') return {};
    return pickClaims(account.claims, claimsOfScope(scope));
  }
}
