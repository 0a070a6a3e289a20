import type { Client } from '../app-registry/client.js';
import { scopesOfClaims } from '../claims/standard-claims.js';
import type { AuthorizationRequest } from '../protocol/authorization-request.js';
import { OPENID_SCOPES } from '../protocol/scope.js';
import { apiScope } from './api-scope.js';

/**
 * What a person is asked about: the scope, and each scope that single claims of the `claims` parameter reach into.
 * Otherwise an app could have by that parameter what its consent page does not show. What is asked for on an API
 * carries its name.
 */
export function scopeToAgreeTo(
  { scope, requestedClaims, resource }: Pick<AuthorizationRequest, 'scope' | 'requestedClaims' | 'resource'>,
  client: Pick<Client, 'scope'>,
): string[] {
  const reached = scopesOfClaims([...requestedClaims.idToken, ...requestedClaims.userinfo]);
  const asked = scope.map((token) =>
    resource === undefined || OPENID_SCOPES.includes(token) ? token : apiScope(resource, token),
  );
  return [...new Set([...asked, ...reached.filter((token) => client.scope.includes(token))])];
}
