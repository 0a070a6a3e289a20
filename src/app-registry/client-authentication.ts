import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { timingSafeEqual } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AuditLog } from '../audit/audit-log.js';
import { Database, statement } from '../database/database.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { soleAuthorization } from '../http/sole-authorization.js';
import { Keyring } from '../keyring/keyring.js';
import { OAuthError } from '../protocol/oauth-error.js';
import type { Parameters } from '../protocol/parameters.js';
import { parseBasicCredentials } from './basic-credentials.js';
import { ClientAssertions } from './client-assertions.js';
import { CLIENT_SECRET_PURPOSE } from './client-secret.js';
import { ClientRegistry } from './client-registry.js';
import type { Client } from './client.js';

/** RFC 6749 §2.3.1 asks for protection against guessing: so many failures for a client from one address… */
const FAILURES = 20;
/** …within so many seconds. Other addresses and other clients are not touched. */
const FAILURE_WINDOW = 60;

/** Milliseconds between two notes of a secret's last use. */
const LAST_USED_EVERY_MS = 60_000;

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const TOUCH = statement(
  'client_secret_touch',
  'UPDATE client_secrets SET last_used_at = $1, digest = $3, digest_key_id = $4 WHERE id = $2',
);

/** How a request says which client it is from: exactly one of these. */
type Presented =
  | {
      readonly method: 'client_secret_basic' | 'client_secret_post';
      readonly clientId: string;
      readonly secret: string;
    }
  | { readonly method: 'private_key_jwt'; readonly clientId: string | undefined; readonly assertion: string }
  | { readonly method: 'none'; readonly clientId: string };

/** Tells which client a request is from (RFC 6749 §2.3, OpenID Connect Core 1.0 §9). */
@Injectable()
export class ClientAuthentication {
  private readonly failures = new RateLimiterMemory({ points: FAILURES, duration: FAILURE_WINDOW });

  constructor(
    private readonly registry: ClientRegistry,
    private readonly assertions: ClientAssertions,
    private readonly keyring: Keyring,
    private readonly database: Database,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @throws {OAuthError} invalid_client, the same for an unknown client and a wrong secret; invalid_request when the
   * request uses two methods at once; 429 after too many failures
   */
  async authenticate(request: Request, parameters: Parameters): Promise<Client> {
    return this.authenticatePresented(readPresented(request, parameters), request);
  }

  /**
   * For somebody in front of a form who shows an app's secret as a program would.
   *
   * @throws {OAuthError} invalid_client, as for programs; 429 after too many failures
   */
  async authenticateHolder(request: Request, clientId: string, secret: string): Promise<Client> {
    const registered = (await this.registry.findEnabled(clientId))?.metadata.tokenEndpointAuthMethod;
    const method = registered === 'client_secret_post' ? registered : 'client_secret_basic';
    return this.authenticatePresented({ method, clientId, secret }, request);
  }

  private async authenticatePresented(presented: Presented, request: Request): Promise<Client> {
    const clientId = this.claimed(presented).slice(0, 64);
    const key = `${clientId} ${clientAddress(request)}`;
    // Where there is no secret there is nothing to guess: nobody can be kept out of a public app by failures of others.
    const guessable = presented.method !== 'none';
    if (guessable) await this.refuseIfBlocked(key);
    const client = await this.prove(presented);
    // Once more, because guesses that arrive together have all passed the first look before one of them was counted.
    if (guessable) await this.refuseIfBlocked(key);
    if (client !== undefined) return client;
    if (guessable) await this.failures.consume(key).catch(() => undefined);
    this.audit.record('client_authentication.failed', {
      clientId,
      address: clientAddress(request),
      traceId: (request as ClinchRequest).traceId,
    });
    throw new OAuthError('invalid_client', 'client authentication failed');
  }

  /** RFC 7521 §4.2: an assertion names its client itself and needs no client_id beside it. */
  private claimed(presented: Presented): string {
    if (presented.method !== 'private_key_jwt') return presented.clientId;
    return presented.clientId ?? this.assertions.claimedClient(presented.assertion) ?? '';
  }

  private async refuseIfBlocked(key: string): Promise<void> {
    const state: RateLimiterRes | null = await this.failures.get(key);
    if (state === null || state.consumedPoints < FAILURES) return;
    throw new OAuthError('invalid_client', 'too many failed attempts, try again later', {
      status: 429,
      retryAfter: Math.max(1, Math.ceil(state.msBeforeNext / 1000)),
    });
  }

  private async prove(presented: Presented): Promise<Client | undefined> {
    if (presented.method === 'private_key_jwt') {
      return this.assertions.prove(presented.assertion, presented.clientId);
    }
    const client = await this.registry.findEnabled(presented.clientId);
    // CVE-2026-16093: only the method that the client is registered with.
    const registered = client?.metadata.tokenEndpointAuthMethod === presented.method;
    if (presented.method === 'none') return registered ? client : undefined;
    const proven = this.secretMatches(client, presented.secret);
    return registered && proven ? client : undefined;
  }

  /** Does the same work for an unknown client, so that the time tells nothing. */
  private secretMatches(client: Client | undefined, secret: string): boolean {
    const given = this.keyring.digests(CLIENT_SECRET_PURPOSE, secret).map((digest) => Buffer.from(digest));
    const live = client?.liveSecrets() ?? [];
    const stored = live.length > 0 ? live : [{ id: '', digest: 'x'.repeat(43), lastUsedAt: null }];
    const match = stored.find(({ digest }) => given.some((candidate) => equal(candidate, Buffer.from(digest))));
    if (match === undefined) return false;
    if (Date.now() - (match.lastUsedAt?.getTime() ?? 0) > LAST_USED_EVERY_MS) {
      this.touch(match, this.keyring.digest(CLIENT_SECRET_PURPOSE, secret));
    }
    return true;
  }

  /**
   * Noted beside the request: a token is not kept waiting for it, and it may be lost. The digest becomes that of the current
   * master key, so that an old key is not needed for apps that are in use.
   */
  private touch(secret: { id: string; lastUsedAt: Date | null }, digest: string): void {
    secret.lastUsedAt = new Date();
    const { currentKeyId } = this.keyring;
    this.database.run(TOUCH, secret.lastUsedAt.getTime(), secret.id, digest, currentKeyId).catch(() => undefined);
  }
}

function equal(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** RFC 6749 §2.3: the client MUST NOT use more than one authentication method in each request. */
function readPresented(request: Request, parameters: Parameters): Presented {
  const basic = parseBasicCredentials(soleAuthorization(request));
  const clientId = parameters.get('client_id');
  const secret = parameters.get('client_secret');
  const assertion = parameters.get('client_assertion');
  const assertionType = parameters.get('client_assertion_type');
  const methods = [basic, secret, assertion ?? assertionType].filter((value) => value !== undefined).length;
  if (methods > 1) throw new OAuthError('invalid_request', 'more than one way of client authentication was used');
  if (basic !== undefined) {
    if (clientId !== undefined && clientId !== basic.clientId) {
      throw new OAuthError('invalid_request', 'client_id differs from the Authorization header');
    }
    return { method: 'client_secret_basic', clientId: basic.clientId, secret: basic.clientSecret };
  }
  if (assertion !== undefined || assertionType !== undefined) {
    if (assertion === undefined || assertionType !== ASSERTION_TYPE) {
      throw new OAuthError('invalid_client', 'client_assertion or client_assertion_type is missing or unknown');
    }
    return { method: 'private_key_jwt', clientId, assertion };
  }
  if (clientId === undefined) throw new OAuthError('invalid_client', 'no client authentication and no client_id');
  return secret === undefined ? { method: 'none', clientId } : { method: 'client_secret_post', clientId, secret };
}
