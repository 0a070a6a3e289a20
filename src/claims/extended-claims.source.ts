import {
  ContributesClaims,
  type ClaimsContext,
  type ClaimsSource,
  type ClaimsUse,
  type Contribution,
} from './claims-source.js';

/** The claims of the app's own, each made by an expression. They are the operator's last word on a claim. */
@ContributesClaims({ order: 40 })
export class ExtendedClaimsSource implements ClaimsSource {
  contribute({ account, client }: ClaimsContext, use: ClaimsUse): readonly Contribution[] {
    const { idTokenClaims } = client.metadata;
    if (account === undefined || idTokenClaims.length === 0) return [];
    return idTokenClaims.flatMap(({ name, value, in: places, on_error: onError }, index) =>
      places.includes(use)
        ? [{ name, source: `extended claim ${index + 1}`, expression: { text: value, onError } }]
        : [],
    );
  }
}
