import { createHash } from 'node:crypto';
import type { SigningAlgorithm } from './signing-algorithm.js';

/**
 * OpenID Connect Core 1.0 §3.1.3.6, `at_hash`: the left half of the hash of the token's ASCII octets, with the hash
 * of the algorithm that signs the id_token: SHA-256, but for Ed25519, which has SHA-512 inside (RFC 8032 §5.1).
 */
export function tokenHash(token: string, algorithm: SigningAlgorithm): string {
  const hash = createHash(algorithm === 'EdDSA' ? 'sha512' : 'sha256')
    .update(token, 'ascii')
    .digest();
  return hash.subarray(0, hash.length / 2).toString('base64url');
}
