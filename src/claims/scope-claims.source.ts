import {
  ContributesClaims,
  type ClaimsContext,
  type ClaimsSource,
  type ClaimsUse,
  type Contribution,
} from './claims-source.js';
import { CLAIMS_OF_SCOPE } from './standard-claims.js';

/** The scopes of people's standard claims, with the words for where a claim comes from. */
const SCOPES = Object.entries(CLAIMS_OF_SCOPE).map(([token, names]) => ({ token, names, source: `scope ${token}` }));

/**
 * The standard claims by scope. They are at userinfo and not in the id_token, because an access token is always issued
 * with it (OpenID Connect Core 1.0 §5.4).
 */
@ContributesClaims({ order: 10 })
export class ScopeClaimsSource implements ClaimsSource {
  async contribute({ account, scope, named }: ClaimsContext, use: ClaimsUse): Promise<readonly Contribution[]> {
    if (account === undefined || use !== 'userinfo') return [];
    const claims = scope.includes('profile') ? await named() : account.claims;
    const found: Contribution[] = [];
    for (const { token, names, source } of SCOPES) {
      if (!scope.includes(token)) continue;
      for (const name of names) found.push({ name, source, value: claims[name] });
    }
    return found;
  }
}
