import type { IncomingMessage } from 'node:http';
import { createRemoteJWKSet, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type * as oidc from 'openid-client';

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Bytes. A logout token has a few hundred. */
const LARGEST_BODY = 16_384;

/** Seconds that the clocks of provider and app may differ. */
const CLOCK_TOLERANCE = 30;

/** Who is signed out, by what the id_token said: the session, or the person with all their sessions. */
export interface SignedOut {
  readonly sid: string | undefined;
  readonly sub: string | undefined;
}

let keys: JWTVerifyGetKey | undefined;

/**
 * Validates a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6): the provider's signature, for this app, about a
 * sign-out and nothing else.
 *
 * @throws for anything that is not such a token
 */
export async function readLogoutToken(token: string, config: oidc.Configuration): Promise<SignedOut> {
  const { issuer, jwks_uri: jwksUri } = config.serverMetadata();
  if (!jwksUri) throw new Error('the provider publishes no keys');
  keys ??= createRemoteJWKSet(new URL(jwksUri));
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience: config.clientMetadata().client_id,
    algorithms: ['RS256'],
    typ: 'logout+jwt',
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
    clockTolerance: CLOCK_TOLERANCE,
  });
  const { sub, sid, events, nonce } = payload;
  const isLogout = typeof events === 'object' && events !== null && LOGOUT_EVENT in events;
  if (!isLogout) throw new Error('the token is about something else');
  // So that an id_token, which may look alike, never passes for one.
  if (nonce !== undefined) throw new Error('a logout token has no nonce');
  if (typeof sid !== 'string' && typeof sub !== 'string') throw new Error('the token names neither session nor person');
  return { sub, sid: typeof sid === 'string' ? sid : undefined };
}

/** The fields of a form that was posted. @throws when it is larger than such a form can be */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
