// Checks of signed tokens against the server's JWKS, with node:crypto alone.
import { createPublicKey, verify } from 'node:crypto';

export class TokenChecker {
  /** @type {Map<string, import('node:crypto').KeyObject>} */
  #keys = new Map();
  checked = 0;

  /** @param {{keys: any[]}} jwks */
  constructor(jwks) {
    for (const key of jwks.keys) this.#keys.set(key.kid, createPublicKey({ key, format: 'jwk' }));
  }

  /**
   * @param {string} token
   * @param {Record<string, unknown>} expected claims that must be exactly so
   * @returns {any} the claims
   */
  check(token, expected) {
    const [head, body, signature] = token.split('.');
    const { alg, kid } = parse(head);
    if (alg !== 'RS256') throw new Error(`signed with ${alg}, not RS256`);
    const key = this.#keys.get(kid);
    if (!key) throw new Error('signed with a key that is not in the JWKS');
    if (!verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) {
      throw new Error('the signature is wrong');
    }
    const claims = parse(body);
    for (const [name, value] of Object.entries(expected)) {
      const given =
        name === 'aud' && Array.isArray(claims.aud) && claims.aud.length === 1 ? claims.aud[0] : claims[name];
      if (given !== value) throw new Error(`claim ${name} is not what it should be`);
    }
    this.checked++;
    return claims;
  }
}

/** @param {string} part */
function parse(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

/** @param {string} token the claims, unchecked */
export function claimsOf(token) {
  return parse(token.split('.')[1]);
}
