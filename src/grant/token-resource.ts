import { OAuthError } from '../protocol/oauth-error.js';
import type { Authorization } from './authorization.js';

/**
 * RFC 8707 §2.2: what was granted for an API brings a token for that API, or, when the token request names the issuer,
 * for Clinch's own userinfo; for an API that nobody was asked about it brings none.
 *
 * @param wished the `resource` of the token request
 * @param granted the API that the grant is for; undefined for none
 * @throws {OAuthError} invalid_target
 */
export function tokenResource(
  wished: string | undefined,
  granted: string | undefined,
  issuer: string,
): Pick<Authorization, 'resource' | 'forUserinfo'> {
  const isElsewhere = wished !== undefined && wished !== granted && wished !== issuer;
  if (isElsewhere) throw new OAuthError('invalid_target', 'resource differs from what was granted');
  if (granted === undefined) return {};
  return wished === issuer ? { resource: granted, forUserinfo: true } : { resource: granted };
}
