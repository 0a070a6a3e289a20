import type { Request } from 'express';
import { OAuthError } from '../protocol/oauth-error.js';

/**
 * The Authorization header. Two of them are two claims about who is asking (RFC 9110 §5.3); Node would quietly keep the
 * first.
 *
 * @throws {OAuthError} invalid_request when there are several
 */
export function soleAuthorization(request: Request): string | undefined {
  const names = request.rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'authorization');
  if (names.length > 1) throw new OAuthError('invalid_request', 'more than one Authorization header');
  return request.headers.authorization;
}
