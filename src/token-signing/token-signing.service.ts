import { Injectable } from '@nestjs/common';
import { ClinchConfig } from '../config/clinch-config.js';
import { claimsOf, keyIdOf, takeApart, type TokenClaims, type TokenParts } from './own-token.js';
import { DEFAULT_SIGNING_ALGORITHM, type SigningAlgorithm } from '../protocol/signing-algorithm.js';
import { isSignedWith, signWith } from './key-algorithms.js';
import { SigningKeyStore, type UsableKey } from './signing-key-store.js';

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
  private readonly signed = new Map<string, { readonly key: UsableKey; readonly claims: TokenClaims }>();

  constructor(
    private readonly keys: SigningKeyStore,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * RFC 7515 compact serialization, with `kid` and `typ` in the header.
   *
   * @param algorithm of the app, for what the app itself verifies; access tokens have the one that every API can verify
   */
  async sign(
    typ: TokenType,
    claims: Readonly<Record<string, unknown>>,
    algorithm: SigningAlgorithm = DEFAULT_SIGNING_ALGORITHM,
  ): Promise<string> {
    const signing = this.keys.current(algorithm);
    const input = `${this.header(signing, typ)}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return `${input}.${await signWith(algorithm, signing.key, input)}`;
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
    const use = checks.expired === 'accepted' ? 'hint' : 'token';
    const parts = token.length > LONGEST_TOKEN ? undefined : takeApart(token);
    const kid = parts === undefined ? undefined : keyIdOf(parts.header);
    const key = kid === undefined ? undefined : await this.keys.verifying(kid, use);
    if (parts === undefined || key === undefined || parts.header !== this.header(key, typ)) return undefined;
    const claims = this.verified(token, parts, key);
    if (claims?.iss !== this.config.issuer) return undefined;
    if (checks.audience !== undefined && claims.aud !== checks.audience) return undefined;
    return checks.expired === 'accepted' || claims.exp * 1000 > Date.now() ? claims : undefined;
  }

  /** An app shows one token again and again, so what was verified is remembered for a while. It is never believed longer than its key. */
  private verified(token: string, parts: TokenParts, key: UsableKey): TokenClaims | undefined {
    const known = this.signed.get(token);
    if (known !== undefined && known.key === key) return known.claims;
    const input = `${parts.header}.${parts.payload}`;
    const isGood = isSignedWith(key.algorithm, key.key, input, parts.signature);
    const claims = isGood ? claimsOf(parts.payload) : undefined;
    if (claims === undefined) return undefined;
    this.signed.set(token, { key, claims });
    if (this.signed.size > REMEMBERED) this.signed.delete(this.signed.keys().next().value ?? '');
    return claims;
  }

  private header({ kid, algorithm: alg }: UsableKey, typ: TokenType): string {
    const name = `${kid} ${typ}`;
    let encoded = this.headers.get(name);
    if (encoded === undefined) {
      encoded = Buffer.from(JSON.stringify({ alg, typ, kid })).toString('base64url');
      this.headers.set(name, encoded);
    }
    return encoded;
  }
}
