import { OAuthError, type OAuthErrorCode, type OAuthErrorOptions } from '../protocol/oauth-error.js';
import type { ErrorSituation } from '../ui/messages.js';

const CODE: Partial<Record<ErrorSituation, OAuthErrorCode>> = {
  access_denied: 'access_denied',
  account_disabled: 'access_denied',
  form_not_ours: 'access_denied',
  server_error: 'server_error',
};

const STATUS: Partial<Record<ErrorSituation, number>> = {
  access_denied: 403,
  account_disabled: 403,
  form_not_ours: 403,
  not_found: 404,
  too_many_requests: 429,
};

/** Something that a person is told on a page of ours, because it may not (or cannot) be told to an app. */
export class PageError extends OAuthError {
  constructor(
    readonly situation: ErrorSituation,
    options: OAuthErrorOptions = {},
  ) {
    super(CODE[situation] ?? 'invalid_request', undefined, { status: STATUS[situation] ?? 400, ...options });
    this.name = 'PageError';
  }
}

/** The words that fit an error which was not thrown for a page. */
export function situationOf(error: OAuthError): ErrorSituation {
  if (error instanceof PageError) return error.situation;
  if (error.status >= 500) return 'server_error';
  if (error.status === 404) return 'not_found';
  if (error.status === 429) return 'too_many_requests';
  return 'invalid_request';
}
