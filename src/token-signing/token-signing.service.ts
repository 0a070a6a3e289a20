import { Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { ClinchConfig } from '../config/clinch-config.js';
import { claimsOf, isSignedBy, keyIdOf, takeApart, type TokenClaims, type TokenParts } from './own-token.js';
import { signRs256 } from './rsa-key.js';
import { SigningKeyStore } from './signing-key-store.js';

/** RFC 8725 §3.11: tokens of different kinds say so in `typ`, so that none passes for another. */
export type TokenType = 'JWT' | 'at+jwt' | 'logout+jwt';

/** No token of ours is longer; a longer one is not worth decoding (bytes). */
const LONGEST_TOKEN = 16_384;

/** Tokens: some two megabytes. */
const REMEMBERED = 1_000;

/** The one place where tokens are signed, and where our own tokens are checked. It only signs: what is in a token, and for how long, others decide. */
@Injectable()
export class TokenSigningService {
  /** The encoded header never changes for a key and a type. */
  private readonly headers = new Map<string, string>();

  /** Tokens whose signature was good, with the key that it was good for; the oldest makes room. */
  private readonly signed = new Map<string, { readonly key: KeyObject; readonly claims: TokenClaims }>();

  constructor(
    private readonly keys: SigningKeyStore,
    private readonly config: ClinchConfig,
  ) {}

  /** RFC 7515 compact serialization, RS256, with `kid` and `typ` in the header. */
  async sign(typ: TokenType, claims: Readonly<Record<string, unknown>>): Promise<string> {
    const { kid, key } = this.keys.current();
    const input = `${this.header(kid, typ)}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return `${input}.${await signRs256(input, key)}`;
  }

  /**
   * Checks that a token is one of ours: its header is to the letter what we write for that key and that type, so that
   * no other algorithm and no other type is ever considered (RFC 8725 §3.1, §3.11); then signature, issuer, audience
   * and expiry.
   *
   * @param checks `expired: 'accepted'` for hints, which stay good after their time (OpenID Connect Core 1.0 §3.1.2.1)
   * @returns the claims, or undefined when it is not a good token of that type
   */
  async verify(
    token: string,
    typ: TokenType,
    checks: { readonly audience?: string; readonly expired?: 'accepted' } = {},
  ): Promise<TokenClaims | undefined> {
    const parts = token.length > LONGEST_TOKEN ? undefined : takeApart(token);
    const kid = parts === undefined ? undefined : keyIdOf(parts.header);
    const key = kid === undefined ? undefined : await this.keys.verifying(kid);
    if (parts === undefined || kid === undefined || key === undefined) return undefined;
    if (parts.header !== this.header(kid, typ)) return undefined;
    const claims = this.verified(token, parts, key);
    if (claims?.iss !== this.config.issuer) return undefined;
    if (checks.audience !== undefined && claims.aud !== checks.audience) return undefined;
    return checks.expired === 'accepted' || claims.exp * 1000 > Date.now() ? claims : undefined;
  }

  /** An app shows one token again and again, so what was verified is remembered for a while. It is never believed longer than its key. */
  private verified(token: string, parts: TokenParts, key: KeyObject): TokenClaims | undefined {
    const known = this.signed.get(token);
    if (known !== undefined && known.key === key) return known.claims;
    const claims = isSignedBy(parts, key) ? claimsOf(parts.payload) : undefined;
    if (claims === undefined) return undefined;
    this.signed.set(token, { key, claims });
    if (this.signed.size > REMEMBERED) this.signed.delete(this.signed.keys().next().value ?? '');
    return claims;
  }

  private header(kid: string, typ: TokenType): string {
    const name = `${kid} ${typ}`;
    let encoded = this.headers.get(name);
    if (encoded === undefined) {
      encoded = Buffer.from(JSON.stringify({ alg: 'RS256', typ, kid })).toString('base64url');
      this.headers.set(name, encoded);
    }
    return encoded;
  }
}
