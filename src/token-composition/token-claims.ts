import type { Client } from '../app-registry/client.js';
import type { Claims } from '../claims/claims-source.js';
import type { Authorization } from '../grant/authorization.js';
import type { AccessTokenTarget } from './access-token-target.js';

/** Who speaks of whom. */
export interface TokenNaming {
  readonly issuer: string;
  /** The `sub` of all tokens. */
  readonly subject: string;
  /** The name in the app that was chosen, which userinfo is to know of. */
  readonly appAccountId: string | undefined;
}

/**
 * What an access token says of itself (RFC 9068 §2.2), but for `iat`, `exp` and `jti`. It is stamped over the claims about
 * the person, so that no source can put others in their place.
 */
export function accessTokenClaims(
  authorization: Authorization,
  { audience, scope }: AccessTokenTarget,
  { issuer, subject, appAccountId }: TokenNaming,
): Claims {
  const { clientId, grantId, requestedClaims } = authorization;
  const forUserinfo = audience === issuer && requestedClaims.userinfo.length > 0;
  return {
    iss: issuer,
    sub: subject,
    aud: audience,
    client_id: clientId,
    grant_id: grantId,
    ...(scope.length === 0 ? {} : { scope: scope.join(' ') }),
    ...signInClaims(authorization),
    ...(appAccountId === undefined ? {} : { app_account: appAccountId }),
    ...(forUserinfo ? { userinfo_claims: requestedClaims.userinfo } : {}),
  };
}

/** The same of an id_token (OpenID Connect Core 1.0 §2), but for `iat`, `exp` and `at_hash`. */
export function idTokenClaims(authorization: Authorization, client: Client, { issuer, subject }: TokenNaming): Claims {
  const { nonce } = authorization;
  return {
    iss: issuer,
    sub: subject,
    aud: client.id,
    azp: client.id,
    ...(nonce === undefined ? {} : { nonce }),
    ...signInClaims(authorization),
  };
}

function signInClaims({ authTime, acr, amr, sid }: Authorization): Claims {
  return {
    ...(authTime === undefined ? {} : { auth_time: Math.floor(authTime.getTime() / 1000) }),
    ...(acr === undefined ? {} : { acr }),
    ...(amr === undefined ? {} : { amr }),
    ...(sid === undefined ? {} : { sid }),
  };
}
