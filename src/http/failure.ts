import { HttpException } from '@nestjs/common';
import { isUnavailable, isUnstorableValue } from '../database/database-errors.js';
import { OAuthError } from '../protocol/oauth-error.js';

/** Seconds: a database that restarts is back within this time more often than not. */
const RETRY_AFTER = 2;

/**
 * What any error means to the outside, once for all surfaces. What is not known is a `server_error`: its reason is in
 * the log under the trace id, and nowhere else.
 */
export function asOAuthError(error: unknown): OAuthError {
  if (error instanceof OAuthError) return error;
  if (isUnavailable(error)) {
    return new OAuthError('temporarily_unavailable', 'the database is not available, try again in a moment', {
      cause: error,
      retryAfter: RETRY_AFTER,
    });
  }
  if (isUnstorableValue(error)) return new OAuthError('invalid_request', 'a value cannot be stored', { cause: error });
  if (error instanceof HttpException && error.getStatus() < 500) {
    return new OAuthError('invalid_request', undefined, { hint: hintOf(error), status: error.getStatus() });
  }
  return new OAuthError('server_error', undefined, { cause: error });
}

/** Nest's message for an unknown path repeats the whole address, whose query is not for the log (RFC 9700 §4.3). */
function hintOf(error: HttpException): string | undefined {
  return error.getStatus() === 404 ? undefined : error.message;
}
