import { constants, createPrivateKey, createPublicKey, generateKeyPair, sign, verify } from 'node:crypto';
import type { KeyObject, SignKeyObjectInput } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { SigningAlgorithm } from '../protocol/signing-algorithm.js';

/** NIST SP 800-57: the shortest RSA key that is still fit. */
const MODULUS_BITS = 2048;

export interface NewKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
}

/** RFC 8725 §3.1: a key is made for one algorithm, says so, and is used for no other. */
interface KeyAlgorithm {
  readonly generate: () => Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }>;
  /** For node: null where the algorithm has its hash inside. */
  readonly hash: string | null;
  readonly options: Omit<SignKeyObjectInput, 'key'>;
}

const generateRsa = () => promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });

const ALGORITHMS: Readonly<Record<SigningAlgorithm, KeyAlgorithm>> = {
  // RFC 7518 §3.3
  RS256: { generate: generateRsa, hash: 'sha256', options: {} },
  // RFC 7518 §3.5: the salt is as long as the hash.
  PS256: {
    generate: generateRsa,
    hash: 'sha256',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  // RFC 7518 §3.4: R and S, one behind the other.
  ES256: {
    generate: () => promisify(generateKeyPair)('ec', { namedCurve: 'P-256' }),
    hash: 'sha256',
    options: { dsaEncoding: 'ieee-p1363' },
  },
  // RFC 8037 §3.1
  EdDSA: { generate: () => promisify(generateKeyPair)('ed25519'), hash: null, options: {} },
};

/** A fresh key, made off the event loop. Its `kid` is its RFC 7638 thumbprint, so no two keys share one. */
export async function generateKey(algorithm: SigningAlgorithm): Promise<NewKey> {
  const { publicKey, privateKey } = await ALGORITHMS[algorithm].generate();
  const bare = publicKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(bare, 'sha256');
  return {
    kid,
    algorithm,
    publicJwk: { ...bare, kid, use: 'sig', alg: algorithm },
    privateJwk: privateKey.export({ format: 'jwk' }),
  };
}

export function privateKeyFrom(jwk: string): KeyObject {
  return createPrivateKey({ key: JSON.parse(jwk), format: 'jwk' });
}

export function publicKeyFrom(jwk: string): KeyObject {
  return createPublicKey({ key: JSON.parse(jwk), format: 'jwk' });
}

/** On libuv's threads: the event loop goes on meanwhile. @returns the signature in base64url */
export function signWith(algorithm: SigningAlgorithm, key: KeyObject, input: string): Promise<string> {
  const { hash, options } = ALGORITHMS[algorithm];
  return new Promise((resolve, reject) => {
    sign(hash, Buffer.from(input, 'ascii'), { key, ...options }, (error, signature) => {
      if (error === null) resolve(signature.toString('base64url'));
      else reject(error);
    });
  });
}

/** It takes a fraction of a millisecond, so it stays on this thread. */
export function isSignedWith(algorithm: SigningAlgorithm, key: KeyObject, input: string, signature: Buffer): boolean {
  const { hash, options } = ALGORITHMS[algorithm];
  return verify(hash, Buffer.from(input, 'latin1'), { key, ...options }, signature);
}
