/** The claims of one of our own tokens. */
export type TokenClaims = Readonly<Record<string, unknown>> & {
  readonly iss: string;
  readonly sub: string;
  /** Always one (RFC 7519 §4.1.3 would allow several). */
  readonly aud: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
};

/** A compact JWS (RFC 7515 §7.1), taken apart and not yet believed. */
export interface TokenParts {
  readonly header: string;
  readonly payload: string;
  readonly signature: Buffer;
}

/** @returns undefined for what is not three parts of canonical base64url */
export function takeApart(token: string): TokenParts | undefined {
  const [header = '', payload = '', encoded = '', more] = token.split('.');
  if (header === '' || payload === '' || encoded === '' || more !== undefined) return undefined;
  const signature = Buffer.from(encoded, 'base64url');
  // Several texts decode to the same bytes; only the one that we wrote is ours.
  return signature.toString('base64url') === encoded ? { header, payload, signature } : undefined;
}

/** The `kid` that a header names. It only finds the key; nothing else in the header is believed. */
export function keyIdOf(header: string): string | undefined {
  const kid = parseObject(header)?.['kid'];
  return typeof kid === 'string' ? kid : undefined;
}

/** The claims of a payload whose signature was checked; undefined when one that every token of ours has is missing. */
export function claimsOf(payload: string): TokenClaims | undefined {
  const claims = parseObject(payload);
  if (claims === undefined) return undefined;
  const { iss, sub, aud, iat, exp } = claims;
  const isOurs =
    typeof iss === 'string' &&
    typeof sub === 'string' &&
    typeof aud === 'string' &&
    Number.isFinite(iat) &&
    Number.isFinite(exp);
  return isOurs ? (claims as TokenClaims) : undefined;
}

function parseObject(encoded: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
