import type { GrantedResource } from '../app-registry/resource-access.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { narrowScope } from '../protocol/scope.js';

/** What a client is given for itself. */
export interface ClientScope {
  readonly scope: readonly string[];
  /** The identifier of the API that it is for; absent: Clinch itself. */
  readonly resource?: string;
}

/**
 * RFC 6749 §3.3 and RFC 8707 §2: what was asked for on that API, or all that the client has on it.
 *
 * @param requested undefined when the request has no `scope`
 * @throws {OAuthError} invalid_scope
 */
export function scopeOn({ resource, scope }: GrantedResource, requested: readonly string[] | undefined): ClientScope {
  return { scope: within(requested ?? scope, scope), resource: resource.identifier };
}

/** @throws {OAuthError} invalid_scope when more was asked for than there is */
export function within(requested: readonly string[], available: readonly string[]): string[] {
  const granted = narrowScope(requested, available);
  if (granted.length < requested.length) {
    throw new OAuthError('invalid_scope', 'this client may not have all of that scope');
  }
  return granted;
}

/**
 * What a request without `resource` means. A client that deals with one API only need not name it; where the scope
 * does not say which one is meant, nobody guesses, because a token is for one audience.
 *
 * @param own what the client has outside of all APIs
 * @throws {OAuthError} invalid_scope, or invalid_target when the scope fits no single API
 */
export function scopeWithoutResource(
  requested: readonly string[] | undefined,
  own: readonly string[],
  apis: readonly GrantedResource[],
): ClientScope {
  const [only] = apis;
  if (requested === undefined) {
    return only !== undefined && apis.length === 1 && own.length === 0 ? scopeOn(only, undefined) : { scope: own };
  }
  const [first, ...others] = apis.filter(({ scope }) => requested.every((token) => scope.includes(token)));
  if (first !== undefined && others.length === 0) return scopeOn(first, requested);
  if (first !== undefined) {
    throw new OAuthError('invalid_target', 'that scope is of more than one API: say which one by resource');
  }
  if (requested.every((token) => own.includes(token))) return { scope: requested };
  within(requested, [...own, ...apis.flatMap(({ scope }) => scope)]);
  throw new OAuthError('invalid_target', 'a token is for one API: ask for the scope of each with its own resource');
}
