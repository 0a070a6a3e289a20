import {
  ContributesClaims,
  type Claims,
  type ClaimsContext,
  type ClaimsSource,
  type ClaimsUse,
} from './claims-source.js';
import { claimsOfScope, pickClaims } from './standard-claims.js';

/**
 * Single claims asked for by the `claims` parameter (OpenID Connect Core 1.0 §5.5), as far as the app's registered
 * scope would let it have them: the parameter asks for less than a scope, never for more than the app may have.
 */
@ContributesClaims({ order: 20 })
export class RequestedClaimsSource implements ClaimsSource {
  contribute({ account, requestedClaims, clientScope }: ClaimsContext, use: ClaimsUse): Claims {
    if (account === undefined || use === 'access_token') return {};
    const wanted = use === 'id_token' ? requestedClaims.idToken : requestedClaims.userinfo;
    if (wanted.length === 0) return {};
    const allowed = claimsOfScope(clientScope);
    return pickClaims(
      account.claims,
      wanted.filter((name) => allowed.includes(name)),
    );
  }
}
