import { randomBytes } from 'node:crypto';

/** Bytes of randomness in everything that is guessed against: RFC 6749 §10.10 asks for at least 128 bits. */
const TOKEN_BYTES = 32;

/** A fresh value of 256 bits, 43 base64url characters. */
export function newOpaqueToken(prefix = ''): string {
  return prefix + randomBytes(TOKEN_BYTES).toString('base64url');
}

/** A fresh identifier of 128 bits, 22 base64url characters: not a secret, but nobody else's either. */
export function newIdentifier(): string {
  return randomBytes(16).toString('base64url');
}

/** The shape of newOpaqueToken's values, to turn away nonsense before it costs a hash or a query. */
export function isOpaqueToken(text: string, prefix = ''): boolean {
  return text.length === prefix.length + 43 && text.startsWith(prefix) && /^[A-Za-z0-9_-]+$/.test(text);
}
