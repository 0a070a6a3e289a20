/** RFC 6749 §5.2, the token endpoint. */
type TokenErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope';

/** RFC 6749 §4.1.2.1 and OpenID Connect Core 1.0 §3.1.2.6, the authorization endpoint. */
type AuthorizationErrorCode =
  | 'access_denied'
  | 'unsupported_response_type'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'interaction_required'
  | 'login_required'
  | 'account_selection_required'
  | 'consent_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'registration_not_supported';

/** RFC 6750 §3.1, protected resources. */
type BearerErrorCode = 'invalid_token' | 'insufficient_scope';

/** RFC 8628 §3.5, the token endpoint while a device waits for its person. */
type DeviceErrorCode = 'authorization_pending' | 'slow_down' | 'expired_token';

/** RFC 8707 §2, resource indicators. */
type ResourceErrorCode = 'invalid_target';

/** RFC 7591 §3.2.2, client registration. */
export type RegistrationErrorCode = 'invalid_redirect_uri' | 'invalid_client_metadata';

export type OAuthErrorCode =
  | TokenErrorCode
  | AuthorizationErrorCode
  | BearerErrorCode
  | DeviceErrorCode
  | ResourceErrorCode
  | RegistrationErrorCode;

const STATUS: Partial<Record<OAuthErrorCode, number>> = {
  invalid_client: 401,
  invalid_token: 401,
  insufficient_scope: 403,
  server_error: 500,
  temporarily_unavailable: 503,
};

export interface OAuthErrorOptions {
  /** What went wrong underneath; for the log, never the wire. */
  readonly cause?: unknown;
  /** What the operator should know; for the log, never the wire. */
  readonly hint?: string;
  /** Instead of the status that belongs to the code. */
  readonly status?: number;
  /** Seconds, for `Retry-After`. */
  readonly retryAfter?: number;
}

/**
 * A rule of a specification was broken. `code` and `description` reach the client; `cause` and `hint` reach the log.
 *
 * Descriptions keep to the characters of RFC 6749 §5.2 (no double quote, no backslash, ASCII): whatever else is in the
 * text is taken out, so that no message of a library can break an answer.
 */
export class OAuthError extends Error {
  readonly description: string | undefined;
  readonly hint: string | undefined;
  readonly status: number;
  readonly retryAfter: number | undefined;

  constructor(
    readonly code: OAuthErrorCode,
    description?: string,
    options: OAuthErrorOptions = {},
  ) {
    super(description ?? code, { cause: options.cause });
    this.name = 'OAuthError';
    this.description = description?.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '');
    this.hint = options.hint;
    this.status = options.status ?? STATUS[code] ?? 400;
    this.retryAfter = options.retryAfter;
  }

  /** The members of the answer, for a JSON body, a query or a form. */
  toParameters(): Record<string, string> {
    return this.description === undefined
      ? { error: this.code }
      : { error: this.code, error_description: this.description };
  }
}
