import { OAuthError } from './oauth-error.js';

/** Seconds. */
const RETRY_AFTER = 5;

/**
 * An answer that could not be come to, because the server had too much else to do: neither a yes nor a no. To be thrown
 * before anything is spent, so that the same request may be tried again.
 *
 * @param hint for the log
 */
export function notNow(hint: string): OAuthError {
  const description = 'this cannot be answered just now, try again in a moment';
  return new OAuthError('temporarily_unavailable', description, { hint, retryAfter: RETRY_AFTER });
}
