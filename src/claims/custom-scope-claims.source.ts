import { CustomScopes } from '../custom-scopes/custom-scopes.js';
import { OPENID_SCOPES } from '../protocol/scope.js';
import {
  ContributesClaims,
  type ClaimsContext,
  type ClaimsSource,
  type ClaimsUse,
  type Contribution,
} from './claims-source.js';

/** What scopes of the operator's own release, each claim made by an expression. */
@ContributesClaims({ order: 25 })
export class CustomScopeClaimsSource implements ClaimsSource {
  constructor(private readonly customScopes: CustomScopes) {}

  async contribute({ account, scope }: ClaimsContext, use: ClaimsUse): Promise<readonly Contribution[]> {
    if (account === undefined) return [];
    // Most apps ask for nothing else than what is known to everybody.
    const others = scope.filter((token) => !OPENID_SCOPES.includes(token));
    if (others.length === 0) return [];
    const granted = await this.customScopes.among(others);
    return granted.flatMap(({ name: token, claims }) =>
      claims
        .filter(({ in: places }) => places.includes(use))
        .map(({ name, value, on_error: onError }) => ({
          name,
          source: `custom scope ${token}`,
          expression: { text: value, onError },
        })),
    );
  }
}
