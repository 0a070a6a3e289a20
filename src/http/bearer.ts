import type { Request } from 'express';
import { OAuthError } from '../protocol/oauth-error.js';
import { soleAuthorization } from './sole-authorization.js';

/** No token was presented at all: the challenge says so without an error (RFC 6750 §3.1). */
export class TokenMissingError extends OAuthError {
  constructor() {
    super('invalid_token', 'an access token is required');
  }
}

/**
 * The access token in the Authorization header (RFC 6750 §2.1).
 *
 * @returns undefined when there is none
 * @throws {OAuthError} invalid_token when it cannot be one, invalid_request when there are several headers
 */
export function bearerFromHeader(request: Request): string | undefined {
  const authorization = soleAuthorization(request);
  if (authorization === undefined || !/^bearer /i.test(authorization)) return undefined;
  const token = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new OAuthError('invalid_token', 'the access token is malformed');
  return token;
}

/**
 * The value of `WWW-Authenticate` (RFC 6750 §3).
 *
 * @param scope what would do, for a token that reaches too short
 */
export function bearerChallenge(error: OAuthError, scope?: string): string {
  if (error instanceof TokenMissingError) return 'Bearer realm="clinch"';
  const wanted = error.code === 'insufficient_scope' && scope !== undefined ? { scope } : {};
  const attributes = Object.entries({ realm: 'clinch', ...error.toParameters(), ...wanted });
  return `Bearer ${attributes.map(([name, value]) => `${name}="${value}"`).join(', ')}`;
}
