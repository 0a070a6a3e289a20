import { calculateJwkThumbprint, importJWK, type JWK } from 'jose';

const MOST_KEYS = 20;

/** RFC 7518 §6: members that only a private or a shared key has. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const SMALLEST_MODULUS_BITS = 2_048;
const LARGEST_MODULUS_BITS = 8_192;

/** What is wrong with a `jwks` that can be seen without looking into the keys. */
export function keySetFault(value: object): string | undefined {
  const { keys, ...others } = value as { keys?: unknown };
  if (!Array.isArray(keys) || Object.keys(others).length > 0) return 'must be a key set: { "keys": [ … ] }';
  if (keys.length === 0) return 'must hold at least one key';
  if (keys.length > MOST_KEYS) return `may hold at most ${MOST_KEYS} keys`;
  const problems = keys.map((key) => memberFault(key));
  return problems.find((problem) => problem !== undefined);
}

function memberFault(key: unknown): string | undefined {
  if (typeof key !== 'object' || key === null || Array.isArray(key)) return 'must hold keys that are objects';
  // A private key that was sent to us is private no longer.
  if (PRIVATE_MEMBERS.some((name) => name in key)) {
    return 'holds a private or shared key; send public keys only, and replace the one that was sent';
  }
  const { kid, use } = key as { kid?: unknown; use?: unknown };
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 256)) return 'holds a kid that is no short text';
  if (use !== undefined && use !== 'sig') return 'holds a key whose use is not sig';
  return undefined;
}

/** What is wrong with the keys themselves, as the library sees them that will check signatures with them. */
export async function keysFault(jwks: { keys: Record<string, unknown>[] }): Promise<string | undefined> {
  const problems = await Promise.all(jwks.keys.map((key) => keyFault(key)));
  const at = problems.findIndex((problem) => problem !== undefined);
  return at === -1 ? repeatFault(jwks.keys) : `holds a key, number ${at + 1}, that ${problems[at] ?? ''}`;
}

async function keyFault(jwk: Record<string, unknown>): Promise<string | undefined> {
  const algorithm = algorithmOf(jwk);
  if (algorithm === undefined) return 'is none of RSA, EC with P-256, OKP with Ed25519';
  const { alg } = jwk;
  if (alg !== undefined && (typeof alg !== 'string' || !algorithm.includes(alg))) {
    return `has an alg other than ${algorithm.join(', ')}`;
  }
  try {
    const key = await importJWK(jwk as JWK, algorithm[0]);
    return key instanceof Uint8Array ? 'is a shared key' : modulusFault(jwk);
  } catch {
    return 'cannot be read: a member is missing or malformed';
  }
}

/**
 * Those of a published key set that signatures may be checked with. What is there beside them is not for us: keys of
 * kinds that we do not know (RFC 7517 §5), and RSA keys so large that a check would take too long.
 */
export function usableKeys(keys: readonly unknown[]): Record<string, unknown>[] {
  return keys.filter((key): key is Record<string, unknown> => {
    if (typeof key !== 'object' || key === null || Array.isArray(key)) return false;
    const jwk = key as Record<string, unknown>;
    return algorithmOf(jwk) !== undefined && modulusFault(jwk) === undefined;
  });
}

/** The algorithms that such a key is used with, the usual one first. */
function algorithmOf({ kty, crv }: Record<string, unknown>): readonly [string, ...string[]] | undefined {
  if (kty === 'RSA') return ['RS256', 'PS256'];
  if (kty === 'EC' && crv === 'P-256') return ['ES256'];
  if (kty === 'OKP' && crv === 'Ed25519') return ['EdDSA', 'Ed25519'];
  return undefined;
}

function modulusFault({ kty, n }: Record<string, unknown>): string | undefined {
  if (kty !== 'RSA') return undefined;
  const modulus = Buffer.from(String(n), 'base64url');
  const bits = BigInt(`0x${modulus.toString('hex') || '0'}`).toString(2).length;
  if (bits < SMALLEST_MODULUS_BITS) return `has ${bits} bits; RSA keys need ${SMALLEST_MODULUS_BITS}`;
  return bits > LARGEST_MODULUS_BITS ? `has more than ${LARGEST_MODULUS_BITS} bits` : undefined;
}

/** Two keys of one name: which of them is meant, chance would decide. */
async function repeatFault(keys: readonly Record<string, unknown>[]): Promise<string | undefined> {
  const names = keys.flatMap(({ kid }) => (typeof kid === 'string' ? [kid] : []));
  const prints = await Promise.all(keys.map((key) => calculateJwkThumbprint(key as JWK)));
  const repeats = new Set(names).size < names.length || new Set(prints).size < prints.length;
  return repeats ? 'holds a key or a kid twice' : undefined;
}
