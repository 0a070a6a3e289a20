import { createHash } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import { expect } from 'vitest';
import type { TestApp } from '../../support/builders.js';
import { nowInSeconds, type JsonObject, type Provider } from './provider.js';

/**
 * RFC 6749 §4.1.2.1 and §5.2: %x20-21 / %x23-5B / %x5D-7E, so no quote, no backslash, no other alphabet. The suite
 * also lets TAB, LF and CR pass, with a warning.
 */
const ERROR_TEXT = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;

/** Bits: the suite wants codes and tokens at least this long, with at least so much measured entropy. */
const LENGTH_BITS = 128;
const ENTROPY_BITS = 96;

/** What the app received is a code, and nothing that was not asked for. */
export function expectCode({ metadata }: Provider, received: JsonObject, state: string | undefined): string {
  expect(received).toEqual({
    code: expect.any(String),
    iss: metadata['issuer'],
    ...(state === undefined ? {} : { state }),
  });
  const code = String(received['code']);
  expectUnguessable(code);
  return code;
}

/** What the app received is an error: known parameters only, the state as it was sent, and no code. */
export function expectErrorResponse(
  { metadata }: Provider,
  received: JsonObject,
  state: string | undefined,
  errors: readonly string[],
): void {
  expect(errors).toContain(received['error']);
  expect(received['state']).toBe(state);
  expect(received['iss']).toBe(metadata['issuer']);
  const { error_description: description = 'none', error_uri: uri, ...others } = received;
  expect(Object.keys(others).sort()).toEqual(state === undefined ? ['error', 'iss'] : ['error', 'iss', 'state']);
  expect(description).toMatch(ERROR_TEXT);
  expect(uri).toBeUndefined();
}

/** RFC 6749 §5.2: an error of the token endpoint. */
export function expectTokenError(answer: JsonAnswer, error: string): void {
  expect(answer.status).toBe(error === 'invalid_client' ? 401 : 400);
  expectUncachedJson(answer);
  const { error_description: description = 'none', ...others } = answer.body;
  expect(others).toEqual({ error });
  expect(description).toMatch(ERROR_TEXT);
}

/** A JSON answer of an endpoint. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
}

function expectUncachedJson({ headers }: JsonAnswer): void {
  expect(headers.get('content-type')).toMatch(/^application\/json(; charset=utf-8)?$/);
  expect(headers.get('cache-control')).toBe('no-store');
}

export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  /** Where one was asked for. */
  readonly refreshToken: string | undefined;
}

/** RFC 6749 §5.1 and OpenID Connect Core 1.0 §3.1.3.3: a good answer of the token endpoint. */
export function expectTokens(answer: JsonAnswer): Tokens {
  expect(answer.body).not.toHaveProperty('error');
  expect(answer.status).toBe(200);
  expectUncachedJson(answer);
  expect(answer.headers.get('pragma')).toBe('no-cache');
  const { body } = answer;
  const members = Object.keys(body).filter((name) => name !== 'refresh_token');
  expect(members.sort()).toEqual(['access_token', 'expires_in', 'id_token', 'scope', 'token_type']);
  expect(body['token_type']).toBe('Bearer');
  expect(Number.isInteger(body['expires_in']) && Number(body['expires_in']) > 0).toBe(true);
  expect(body['scope']).toMatch(/^openid( |$)| openid( |$)/);
  expectUnguessable(String(body['access_token']));
  const refreshToken = body['refresh_token'] as string | undefined;
  if (refreshToken !== undefined) expectUnguessable(refreshToken);
  return { accessToken: String(body['access_token']), idToken: String(body['id_token']), refreshToken };
}

/** OpenID Connect Core 1.0 §2, §3.1.3.6 and §3.1.3.7. What is not in this list was not asked for. */
const ID_TOKEN_CLAIMS = 'acr amr at_hash aud auth_time azp exp iat iss nonce sid sub'.split(' ');

/** The suite's standard checks of an id_token, and that the claims of scopes are elsewhere. */
export async function expectIdToken(
  { jwks, metadata }: Provider,
  app: TestApp,
  { idToken, accessToken }: Tokens,
  nonce: string | undefined,
): Promise<JWTPayload> {
  const header = decodeProtectedHeader(idToken);
  const kids = (jwks['keys'] as JsonObject[]).map(({ kid }) => kid);
  expect(header.alg).toBe('RS256');
  expect(kids.filter((kid) => kid === header.kid)).toHaveLength(1);
  const { payload } = await jwtVerify(idToken, createLocalJWKSet(jwks as unknown as JSONWebKeySet), {
    algorithms: ['RS256'],
    issuer: String(metadata['issuer']),
    audience: app.clientId,
    requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
  });
  expect([payload.aud].flat()).toEqual([app.clientId]);
  expect(payload['azp'] ?? app.clientId).toBe(app.clientId);
  expect(payload.sub).toMatch(/^[\x20-\x7e]{1,255}$/);
  expect(payload['nonce']).toBe(nonce);
  expectTimes(payload);
  const hash = createHash('sha256').update(accessToken, 'ascii').digest();
  expect(payload['at_hash']).toBe(hash.subarray(0, hash.length / 2).toString('base64url'));
  expect(Object.keys(payload).filter((name) => !ID_TOKEN_CLAIMS.includes(name))).toEqual([]);
  return payload;
}

function expectTimes(payload: JWTPayload): void {
  const { exp = 0, iat = 0, auth_time: authTime } = payload;
  for (const time of [exp, iat, authTime]) expect(Number.isInteger(time)).toBe(true);
  expect(exp).toBeGreaterThan(iat);
  expect(iat).toBeLessThanOrEqual(nowInSeconds());
  expect(iat).toBeGreaterThan(nowInSeconds() - 300);
  expect(Number(authTime)).toBeLessThanOrEqual(iat);
  expect(Number(authTime)).toBeGreaterThan(iat - 24 * 3600);
}

const TEXT = expect.stringMatching(/./) as unknown;
const WEB_ADDRESS = expect.stringMatching(/^https?:\/\/[^/]+/) as unknown;
const BOOLEAN = expect.any(Boolean) as unknown;

/** OpenID Connect Core 1.0 §5.1 and §5.4: what each scope brings, and the JSON type of it. */
const CLAIMS_OF_SCOPE: Readonly<Record<string, JsonObject>> = {
  profile: {
    name: TEXT,
    given_name: TEXT,
    family_name: TEXT,
    middle_name: TEXT,
    nickname: TEXT,
    preferred_username: TEXT,
    profile: WEB_ADDRESS,
    picture: WEB_ADDRESS,
    website: WEB_ADDRESS,
    gender: TEXT,
    birthdate: expect.stringMatching(/^\d{4}(-\d{2}-\d{2})?$/) as unknown,
    zoneinfo: expect.stringMatching(/^[A-Za-z_]+\/[A-Za-z_/]+$/) as unknown,
    locale: expect.stringMatching(/^[A-Za-z]{2,3}([-_][A-Za-z]{2,4})*$/) as unknown,
    updated_at: expect.any(Number) as unknown,
  },
  email: { email: expect.stringMatching(/^[^@\s]+@[^@\s]+$/) as unknown, email_verified: BOOLEAN },
  address: { address: expect.objectContaining({ formatted: TEXT }) as unknown },
  phone: { phone_number: TEXT, phone_number_verified: BOOLEAN },
};

/** Userinfo holds `sub` as the id_token has it, all claims of the scope with the right types, and no others. */
export function expectUserinfo(
  answer: JsonAnswer,
  sub: string | undefined,
  scope: readonly string[],
  others: JsonObject = {},
): void {
  expect(answer.status).toBe(200);
  expectUncachedJson(answer);
  const expected = scope.flatMap((token) => Object.entries(CLAIMS_OF_SCOPE[token] ?? {}));
  expect(answer.body).toEqual({ ...Object.fromEntries(expected), ...others, sub });
  const { updated_at: updatedAt = 1 } = answer.body;
  // Seconds: milliseconds would be far in the future.
  expect(Number.isInteger(updatedAt) && Number(updatedAt) > 0).toBe(true);
  expect(Number(updatedAt)).toBeLessThanOrEqual(nowInSeconds());
}

/** RFC 6750 §3.1: what userinfo says to a token that is worth nothing any more. */
export function expectTokenRefused(answer: JsonAnswer): void {
  expect(answer.status).toBe(401);
  expectUncachedJson(answer);
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
  expect(answer.body).toMatchObject({ error: 'invalid_token' });
}

/** Long enough, and not of one pattern: the suite takes the Shannon entropy of the characters as the measure. */
function expectUnguessable(secret: string): void {
  // A character of base64url stands for 6 bits.
  expect(secret.length * 6).toBeGreaterThanOrEqual(LENGTH_BITS);
  expect(shannonEntropy(secret) * secret.length).toBeGreaterThanOrEqual(ENTROPY_BITS);
}

function shannonEntropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const shares = [...counts.values()].map((count) => count / text.length);
  return shares.reduce((sum, share) => sum - share * Math.log2(share), 0);
}
