import { createPrivateKey, createPublicKey, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';

/** NIST SP 800-57: the shortest RSA key that is still fit. */
const MODULUS_BITS = 2048;

export interface NewKey {
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
}

/** A fresh RS256 key, made off the event loop. Its `kid` is its RFC 7638 thumbprint, so no two keys share one. */
export async function generateRsaKey(): Promise<NewKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const bare = publicKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(bare, 'sha256');
  return {
    kid,
    publicJwk: { ...bare, kid, use: 'sig', alg: 'RS256' },
    privateJwk: privateKey.export({ format: 'jwk' }),
  };
}

export function privateKeyFrom(jwk: string): KeyObject {
  return createPrivateKey({ key: JSON.parse(jwk), format: 'jwk' });
}

export function publicKeyFrom(jwk: string): KeyObject {
  return createPublicKey({ key: JSON.parse(jwk), format: 'jwk' });
}

/** RSASSA-PKCS1-v1_5 with SHA-256 on libuv's threads: the event loop goes on meanwhile. */
export function signRs256(input: string, key: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(input, 'ascii'), key, (error, signature) => {
      if (error === null) resolve(signature.toString('base64url'));
      else reject(error);
    });
  });
}
