import { createHash } from 'node:crypto';

/**
 * OpenID Connect Core 1.0 §3.1.3.6, `at_hash`: the left half of the hash of the token's ASCII octets, with the hash
 * of the signing algorithm, which is SHA-256 for RS256.
 */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token, 'ascii').digest().subarray(0, 16).toString('base64url');
}
