/** Why the other side did not let somebody in, as far as it can be told from its answer. Each has words on the page. */
export const FEDERATION_CAUSES = [
  /** The trust policy of the role does not match the token. */
  'trust_policy',
  /** Nobody has registered this issuer there. */
  'unknown_provider',
  'unknown_role',
  'audience_refused',
  'issuer_refused',
  'token_expired',
  'signature_refused',
  /** Not a token that it understands. */
  'token_refused',
  /** It could not fetch the issuer's discovery document or keys. */
  'issuer_unreachable',
  /** The chain of the issuer's certificate is not one that it accepts. */
  'certificate_refused',
  'thumbprint_mismatch',
  'throttled',
  /** The role was taken, but no session in the browser came of it. */
  'session_refused',
  /** The session that was asked for is longer than the role allows. */
  'session_too_long',
  /** Nothing came back in time. */
  'timeout',
  'unreachable',
  /** An answer that is in no list. */
  'unexpected',
] as const;

export type FederationCause = (typeof FEDERATION_CAUSES)[number];

export interface FederationFacts {
  /** The request that was not answered as it should: `sts`, `signin`; `open` where the time was over for all of them. */
  readonly leg: string;
  /** The other side's own word for it. */
  readonly code?: string | undefined;
  /** What its support asks for. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** The other side refused, or did not answer. Its message is for the log: it holds no token, no credential, no answer as it came. */
export class FederationError extends Error {
  override readonly name = 'FederationError';

  constructor(
    readonly why: FederationCause,
    readonly facts: FederationFacts,
  ) {
    super(`${facts.leg}: ${why}${facts.code === undefined ? '' : ` (${facts.code})`}`, { cause: facts.cause });
  }
}
