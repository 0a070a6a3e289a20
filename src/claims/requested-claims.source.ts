import {
  ContributesClaims,
  type ClaimsContext,
  type ClaimsSource,
  type ClaimsUse,
  type Contribution,
} from './claims-source.js';
import { claimsOfScope, wantedOf } from './standard-claims.js';

/**
 * Single claims asked for by the `claims` parameter (OpenID Connect Core 1.0 §5.5), as far as the app's registered
 * scope would let it have them: the parameter asks for less than a scope, never for more than the app may have.
 */
@ContributesClaims({ order: 20 })
export class RequestedClaimsSource implements ClaimsSource {
  async contribute(context: ClaimsContext, use: ClaimsUse): Promise<readonly Contribution[]> {
    const { account, requestedClaims, client, named } = context;
    const wanted = wantedOf(requestedClaims, use);
    if (account === undefined || wanted.length === 0) return [];
    const allowed = claimsOfScope(client.scope);
    const claims = wanted.includes('preferred_username') ? await named() : account.claims;
    return wanted
      .filter((name) => allowed.includes(name))
      .map((name) => ({ name, source: 'the claims parameter', value: claims[name] }));
  }
}
