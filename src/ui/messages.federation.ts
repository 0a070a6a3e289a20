import type { ErrorWords } from './messages.js';

/** Why somebody does not come into an app that gives roles of its own: each has words of its own for the page. */
export type FederationFailure =
  | 'trust_policy'
  | 'unknown_provider'
  | 'unknown_role'
  | 'audience_refused'
  | 'issuer_refused'
  | 'token_expired'
  | 'signature_refused'
  | 'token_refused'
  | 'issuer_unreachable'
  | 'certificate_refused'
  | 'thumbprint_mismatch'
  | 'throttled'
  | 'session_refused'
  | 'session_too_long'
  | 'timeout'
  | 'unreachable'
  | 'unexpected'
  | 'no_identity';

/** The words of apps that give roles of their own for an id_token. */
export interface FederationMessages {
  readonly heading: string;
  readonly documentTitle: (app: string) => string;
  readonly question: (app: string) => string;
  /** On the page of a failure. */
  readonly again: string;
  readonly otherRole: string;
  readonly failures: Readonly<Record<FederationFailure, (app: string, role: string) => ErrorWords>>;
}
