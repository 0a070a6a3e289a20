import type { Account } from '../accounts/account-store.js';
import type { RequestedClaims } from '../protocol/requested-claims.js';

/**
 * The only thing that passes from "proved" to "minted". Every grant returns it; the issuer turns it into tokens.
 */
export interface Authorization {
  /** What was granted, once: all tokens that come of it carry this id, and die together. */
  readonly grantId: string;
  readonly clientId: string;
  /** Whom the tokens are about: an account's id, or the client's own id where no person is involved. Not yet the `sub`. */
  readonly subject: string;
  /** The person, as just read: the endpoint judges whether they may still be spoken of. Absent for client credentials. */
  readonly account?: Account;
  /** The `sub` that the grant's id_tokens had so far: it has no other (OpenID Connect Core 1.0 §12.2). */
  readonly keptSubject?: string;
  readonly scope: readonly string[];
  /** Of several names that the person has in the app, the one that was chosen at the sign-in. */
  readonly appAccountId?: string;
  /** Of a device that was let in: where it asked from. */
  readonly deviceAddress?: string;
  readonly authTime?: Date;
  readonly nonce?: string;
  /** OpenID Connect Front-/Back-Channel Logout: the session at the provider. */
  readonly sid?: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly requestedClaims: RequestedClaims;
  /** RFC 8707: the identifier of the API that the access token is for; absent: Clinch's own userinfo. */
  readonly resource?: string;
  /** Of a grant for an API: this one access token is for Clinch's own userinfo instead (RFC 8707 §2.2). */
  readonly forUserinfo?: boolean;
  /**
   * Replaces the refresh token that was presented, once the endpoint has made all its checks: what is refused costs
   * nothing. Absent in all other grants; the endpoint decides whether they bring a refresh token.
   *
   * @throws {OAuthError} invalid_grant when it has been spent or ended in between
   */
  readonly rotate?: () => Promise<string>;
}
