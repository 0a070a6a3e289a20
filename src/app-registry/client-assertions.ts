import { Injectable } from '@nestjs/common';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { ClinchConfig } from '../config/clinch-config.js';
import { Database, statement } from '../database/database.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { Keyring } from '../keyring/keyring.js';
import { ClientKeys } from './client-keys.js';
import { ClientRegistry } from './client-registry.js';
import type { Client } from './client.js';

/** RFC 8725 §3.1: asymmetric signatures only, named one by one. Ed25519 is what RFC 9864 §2.2 calls EdDSA with that curve. */
export const ASSERTION_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

/** Bytes. */
const LONGEST_ASSERTION = 16_384;
/** Seconds: an assertion is made for one request. */
const LONGEST_LIFETIME = 300;
/** Seconds by which the app's clock may be off. */
const CLOCK_TOLERANCE = 10;
const FUTURE_TOLERANCE = 60;

const SPEND = statement('used_assertion_insert', 'INSERT INTO used_assertions (digest, expires_at) VALUES ($1, $2)');
const FIND_SPENT = statement('used_assertion_find', 'SELECT digest FROM used_assertions WHERE digest = $1');

/** `private_key_jwt` (OpenID Connect Core 1.0 §9, RFC 7523 §3): a JWT that the client signed for this one request. */
@Injectable()
export class ClientAssertions {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly keys: ClientKeys,
    private readonly keyring: Keyring,
    private readonly database: Database,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * @param clientId the `client_id` parameter, when there was one: it must agree
   * @returns the client, or undefined whatever the fault was
   */
  async prove(assertion: string, clientId: string | undefined): Promise<Client | undefined> {
    const claimed = this.claimedClient(assertion);
    if (claimed === undefined || (clientId !== undefined && clientId !== claimed)) return undefined;
    const client = await this.registry.findEnabled(claimed);
    if (client === undefined || client.metadata.tokenEndpointAuthMethod !== 'private_key_jwt') return undefined;
    const payload = await this.verified(assertion, client);
    return payload !== undefined && (await this.spend(client.id, payload)) ? client : undefined;
  }

  /** Who the assertion says it is from; nothing is proven by that. */
  claimedClient(assertion: string): string | undefined {
    if (assertion.length > LONGEST_ASSERTION) return undefined;
    try {
      const { sub }: { sub?: unknown } = decodeJwt(assertion);
      return typeof sub === 'string' ? sub : undefined;
    } catch {
      return undefined;
    }
  }

  private async verified(assertion: string, client: Client): Promise<JWTPayload | undefined> {
    try {
      const header = decodeProtectedHeader(assertion);
      // RFC 8725 §3.10: keys come from the registration, never from the token.
      if (['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64'].some((name) => name in header)) return undefined;
      const { payload } = await jwtVerify(assertion, this.keys.of(client), {
        algorithms: ASSERTION_ALGORITHMS,
        issuer: client.id,
        subject: client.id,
        audience: [this.config.issuer, this.config.url('/oidc/token')],
        requiredClaims: ['exp', 'iat', 'jti', 'aud'],
        clockTolerance: CLOCK_TOLERANCE,
      });
      return isTimely(payload) && isSoleAudience(payload) && isIdentifier(payload.jti) ? payload : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof SyntaxError)
        return undefined;
      throw error;
    }
  }

  /** Single use: the insert decides who was first. */
  private async spend(clientId: string, payload: JWTPayload): Promise<boolean> {
    const [digest = '', ...older] = this.keyring.digests('client-assertion', `${clientId} ${String(payload.jti)}`);
    // Spent before the master key changed is spent.
    for (const each of older) if ((await this.database.first(FIND_SPENT, each)) !== undefined) return false;
    try {
      await this.database.run(SPEND, digest, Math.ceil(Number(payload.exp) + CLOCK_TOLERANCE) * 1000);
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }
}

/** jose takes 1e999 for a date; we take whole seconds, near enough. */
function isTimely({ exp, iat, nbf }: JWTPayload): boolean {
  const now = Math.floor(Date.now() / 1000);
  const finite = [exp, iat, nbf ?? 0].every((value) => Number.isFinite(value));
  return finite && Number(exp) <= now + LONGEST_LIFETIME + CLOCK_TOLERANCE && Number(iat) <= now + FUTURE_TOLERANCE;
}

/** An assertion for several audiences could be passed on by one of them. */
function isSoleAudience({ aud }: JWTPayload): boolean {
  return typeof aud === 'string' || aud?.length === 1;
}

function isIdentifier(jti: unknown): boolean {
  return typeof jti === 'string' && /^[\x20-\x7e]{1,256}$/.test(jti);
}
