import { randomUUID } from 'node:crypto';
import { CompactSign, exportJWK, generateKeyPair, type CompactJWSHeaderParameters, type JWK } from 'jose';
import type { ClientEntity } from '../../../src/app-registry/client.entity.js';
import { anApp, type TestApp } from '../../support/builders.js';
import type { TestClinch } from '../../support/start-clinch.js';
import { postToken, type TokenAnswer } from '../../support/user-agent.js';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface Key {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  /** The public key, with `kid` and `alg`. */
  readonly jwk: JWK;
}

export async function aKey(alg = 'ES256', kid: string = randomUUID()): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** An app that authenticates by signature, and may have tokens of its own. */
export async function aKeyedApp(
  clinch: TestClinch,
  key: Key,
  differences: Partial<ClientEntity> = {},
): Promise<TestApp> {
  return anApp(clinch, {
    tokenEndpointAuthMethod: 'private_key_jwt',
    grantTypes: ['client_credentials'],
    jwks: { keys: [{ ...key.jwk }] },
    ...differences,
  });
}

/** The claims of a good assertion of that app. */
export function goodClaims(clinch: TestClinch, app: TestApp): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  const aud = `${clinch.url}/oidc/token`;
  return { iss: app.clientId, sub: app.clientId, aud, jti: randomUUID(), iat: now, exp: now + 60 };
}

/** Signs any text as the payload, also one that JSON.stringify would not write. */
export async function signed(
  payload: Record<string, unknown> | string,
  key: Pick<Key, 'alg' | 'privateKey' | 'jwk'>,
  header: Partial<CompactJWSHeaderParameters> = {},
): Promise<string> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: key.alg, kid: key.jwk.kid ?? '', ...header })
    .sign(key.privateKey);
}

/** Asks for a client credentials token with that assertion. */
export function present(
  clinch: TestClinch,
  assertion: string,
  more: Readonly<Record<string, string>> = {},
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const form = { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
  return postToken(clinch.url, { ...form, ...more }, headers);
}
