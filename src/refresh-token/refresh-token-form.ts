import { Injectable } from '@nestjs/common';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Keyring } from '../keyring/keyring.js';

/** So that scanners for leaked secrets can tell one. */
const PREFIX = 'clinch_rt_';
/** Bytes: the grant's id, 256 random bits, and a tag of 128 bits that only we can make. */
const [ID_BYTES, SECRET_BYTES, TAG_BYTES] = [16, 32, 16] as const;
const TOKEN_BYTES = ID_BYTES + SECRET_BYTES + TAG_BYTES;

const TAG_PURPOSE = 'refresh-token-tag';
const DIGEST_PURPOSE = 'refresh-token';

/**
 * The form of refresh tokens. A token names its family, and its tag proves that we issued it: so a spent token of any
 * generation is told from a guess without a row for each (RFC 9700 §4.14.2), and nonsense costs no query.
 */
@Injectable()
export class RefreshTokenForm {
  constructor(private readonly keyring: Keyring) {}

  /** @returns a fresh token of that grant, 96 characters */
  make(grantId: string): string {
    const body = Buffer.concat([Buffer.from(grantId, 'base64url'), randomBytes(SECRET_BYTES)]);
    const tag = tagOf(this.keyring.digest(TAG_PURPOSE, body.toString('base64url')));
    return PREFIX + Buffer.concat([body, tag]).toString('base64url');
  }

  /** The grant of a token that we issued at some time; undefined for everything else. */
  grantOf(token: string): string | undefined {
    const text = token.startsWith(PREFIX) ? token.slice(PREFIX.length) : '';
    const bytes = Buffer.from(text, 'base64url');
    // Encoded again, because several texts decode to the same bytes.
    if (bytes.length !== TOKEN_BYTES || bytes.toString('base64url') !== text) return undefined;
    const body = bytes.subarray(0, ID_BYTES + SECRET_BYTES).toString('base64url');
    const tag = bytes.subarray(ID_BYTES + SECRET_BYTES);
    const genuine = this.keyring.digests(TAG_PURPOSE, body).some((digest) => timingSafeEqual(tagOf(digest), tag));
    return genuine ? bytes.subarray(0, ID_BYTES).toString('base64url') : undefined;
  }

  /** What is stored instead of the token. */
  digest(token: string): string {
    return this.keyring.digest(DIGEST_PURPOSE, token);
  }

  /** Whether a stored digest is that of this token, under whichever master key it was made. */
  matches(token: string, stored: string | null): boolean {
    return stored !== null && this.keyring.digests(DIGEST_PURPOSE, token).includes(stored);
  }
}

function tagOf(digest: string): Buffer {
  return Buffer.from(digest, 'base64url').subarray(0, TAG_BYTES);
}
