import type { Client } from '../app-registry/client.js';
import { scopesOfClaims } from '../claims/standard-claims.js';
import type { AuthorizationRequest } from '../protocol/authorization-request.js';

/**
 * What a person is asked about: the scope, and each scope that single claims of the `claims` parameter reach into.
 * Otherwise an app could have by that parameter what its consent page does not show.
 */
export function scopeToAgreeTo(
  { scope, requestedClaims }: Pick<AuthorizationRequest, 'scope' | 'requestedClaims'>,
  client: Pick<Client, 'scope'>,
): string[] {
  const reached = scopesOfClaims([...requestedClaims.idToken, ...requestedClaims.userinfo]);
  return [...new Set([...scope, ...reached.filter((token) => client.scope.includes(token))])];
}
