import {
  type JSONWebKeySet,
  type JWTPayload,
  compactVerify,
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
} from 'jose';
import type { OidcProvider } from './ram.js';
import { tokenRefusal } from './refusal.js';

/** What every example of Alibaba Cloud's is signed with; whether it takes others is not published. */
const ALGORITHMS = ['RS256'];

/** What remains of a token that was accepted. */
export interface AcceptedToken {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: readonly string[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/**
 * Verifies an id_token for a provider, in the order in which one error can be told from another.
 *
 * @param keysOf fetches the issuer's keys, once it is clear that the token claims to be of that issuer
 * @throws {Refusal} with the code of STS
 */
export async function verifyToken(
  token: string,
  provider: OidcProvider,
  keysOf: (provider: OidcProvider) => Promise<JSONWebKeySet>,
): Promise<AcceptedToken> {
  const claims = readClaims(token);
  if (claims.iss !== provider.issuer) {
    throw tokenRefusal('IssuerNotMatch', `The issuer of the token is not ${provider.issuer}.`);
  }
  await verifySignature(token, await keysOf(provider));
  const audience = [claims.aud ?? []].flat();
  if (!audience.some((each) => provider.clientIds.includes(each))) {
    throw tokenRefusal('AudienceNotMatch', 'Invalid audience.');
  }
  const { sub, iat, exp } = claims;
  if (sub === undefined || sub === '' || iat === undefined || exp === undefined) {
    throw tokenRefusal('Invalid', 'The token lacks sub, iat or exp.');
  }
  const now = Date.now() / 1000;
  if (exp <= now) throw tokenRefusal('Expired', 'This JsonWebToken is expired.');
  if (iat < now - provider.issuanceLimitHours * 3600) {
    throw tokenRefusal(
      'Expired',
      'This JsonWebToken is expired: it was issued longer ago than IssuanceLimitTime allows.',
    );
  }
  const dates = { issuedAt: new Date(iat * 1000), expiresAt: new Date(exp * 1000) };
  return { issuer: provider.issuer, subject: sub, audience, ...dates };
}

function readClaims(token: string): JWTPayload {
  if (token.split('.').length !== 3) throw tokenRefusal('Invalid', 'The JWT string must have 3 parts.');
  let algorithm: string | undefined;
  let claims: JWTPayload;
  try {
    algorithm = decodeProtectedHeader(token).alg;
    claims = decodeJwt(token);
  } catch {
    throw tokenRefusal('Invalid', 'The content of the token cannot be read.');
  }
  if (algorithm === undefined || !ALGORITHMS.includes(algorithm)) {
    throw tokenRefusal('Invalid', `Unknown signature algorithm: ${algorithm ?? 'none'}.`);
  }
  return claims;
}

async function verifySignature(token: string, keys: JSONWebKeySet): Promise<void> {
  try {
    await compactVerify(token, createLocalJWKSet(keys), { algorithms: ALGORITHMS });
  } catch {
    throw tokenRefusal('InvalidSignature', 'The signature of the token is invalid.');
  }
}
