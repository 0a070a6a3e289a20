import { Injectable } from '@nestjs/common';
import { decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { ClinchConfig } from '../config/clinch-config.js';
import { signRs256 } from './rsa-key.js';
import { SigningKeyStore } from './signing-key-store.js';

/** RFC 8725 §3.11: tokens of different kinds say so in `typ`, so that none passes for another. */
export type TokenType = 'JWT' | 'at+jwt';

/** No token of ours is longer; a longer one is not worth decoding (bytes). */
const LONGEST_TOKEN = 16_384;

/** The one place where tokens are signed, and where our own tokens are checked. It only signs: what is in a token, and for how long, others decide. */
@Injectable()
export class TokenSigningService {
  /** The encoded header never changes for a key and a type. */
  private readonly headers = new Map<string, string>();

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
   * Checks the signature and the issuer of one of our own tokens.
   *
   * @param checks `expired: 'accepted'` for hints, which stay good after their time (OpenID Connect Core 1.0 §3.1.2.1)
   * @returns the claims, or undefined when it is not a good token of that type
   */
  async verify(
    token: string,
    typ: TokenType,
    checks: { readonly audience?: string; readonly expired?: 'accepted' } = {},
  ): Promise<JWTPayload | undefined> {
    if (token.length > LONGEST_TOKEN) return undefined;
    try {
      const { kid } = decodeProtectedHeader(token);
      const key = kid === undefined ? undefined : await this.keys.verifying(kid);
      if (key === undefined) return undefined;
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['RS256'],
        typ,
        issuer: this.config.issuer,
        requiredClaims: ['sub', 'iat', 'exp'],
        ...(checks.audience === undefined ? {} : { audience: checks.audience }),
        ...(checks.expired === undefined ? {} : { clockTolerance: Number.MAX_SAFE_INTEGER }),
      });
      return payload;
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_J')) return undefined;
      if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
      throw error;
    }
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
