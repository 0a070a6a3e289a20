import type { Client } from '../app-registry/client.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { scopeTokens } from '../protocol/scope.js';
import type { LAB_GRANTS } from './claim-lab.dto.js';

export type LabGrant = (typeof LAB_GRANTS)[number];

const GRANT_TYPES: Readonly<Record<LabGrant, string>> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  device: 'urn:ietf:params:oauth:grant-type:device_code',
};

/** What stops the app before anybody looks at the person, as at the endpoints. */
export function grantRefusal(
  client: Client,
  { grant, scope }: { readonly grant: LabGrant; readonly scope: string },
): OAuthError | undefined {
  if (!client.enabled) return new OAuthError('invalid_client', 'the app is switched off');
  if (!client.mayUseGrant(GRANT_TYPES[grant])) {
    return new OAuthError('unauthorized_client', `the app may not use the grant ${GRANT_TYPES[grant]}`);
  }
  if (grant !== 'authorization_code') return undefined;
  if (!scopeTokens(scope).includes('openid')) return new OAuthError('invalid_scope', 'scope must hold openid');
  return client.scope.includes('openid')
    ? undefined
    : new OAuthError('invalid_scope', 'this client may not ask for openid');
}
