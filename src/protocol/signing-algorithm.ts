/**
 * The algorithms that tokens are signed with (RFC 7518 §3.1, RFC 8037 §3.1). RS256 comes first: it is what every app can
 * verify (OpenID Connect Core 1.0 §15.1), and the one of all access tokens.
 */
export const SIGNING_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** What an app has that does not say (OpenID Connect Registration 1.0 §2), and what access tokens have. */
export const DEFAULT_SIGNING_ALGORITHM: SigningAlgorithm = 'RS256';
