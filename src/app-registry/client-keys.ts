import { Injectable } from '@nestjs/common';
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { OutboundError, OutboundHttp } from '../outbound/outbound-http.js';
import { usableKeys } from './app-keys.js';
import type { Client } from './client.js';

/** Milliseconds that a fetched key set is good for, and between two fetches for an unknown `kid`. */
const CACHE_MAX_AGE_MS = 300_000;
const COOLDOWN_MS = 30_000;

/** Milliseconds between two fetches of one address, whatever came of the first: strangers can make us ask. */
const FETCH_EVERY_MS = 5_000;

const HELD = 1_000;

/** Keys that an app may publish at once, old ones included. */
const MOST_FETCHED_KEYS = 100;

/** The public keys of clients that authenticate by signature: registered by value (`jwks`) or by address (`jwks_uri`). */
@Injectable()
export class ClientKeys {
  private readonly remote = new Map<string, JWTVerifyGetKey>();

  constructor(private readonly outbound: OutboundHttp) {}

  of(client: Client): JWTVerifyGetKey {
    const { jwks, jwksUri } = client.metadata;
    if (jwks !== null) return createLocalJWKSet(jwks);
    if (jwksUri !== null) return this.fetched(jwksUri);
    return () => Promise.reject(new errors.JWKSNoMatchingKey());
  }

  private fetched(uri: string): JWTVerifyGetKey {
    let keys = this.remote.get(uri);
    if (keys === undefined) {
      const set = createRemoteJWKSet(new URL(uri), {
        cooldownDuration: COOLDOWN_MS,
        cacheMaxAge: CACHE_MAX_AGE_MS,
        [customFetch]: this.patientFetch(),
      });
      keys = (header, token) => set(header, token).catch(asJoseError);
      this.remote.set(uri, keys);
      if (this.remote.size > HELD) this.remote.delete(this.remote.keys().next().value ?? '');
    }
    return keys;
  }

  private patientFetch(): (url: string) => Promise<Response> {
    let notBefore = -Infinity;
    return async (url) => {
      const now = performance.now();
      if (now < notBefore) throw new OutboundError(`${url} was asked a moment ago`);
      notBefore = now + FETCH_EVERY_MS;
      return withUsableKeys(await this.outbound.get(url), url);
    };
  }
}

async function withUsableKeys(answer: Response, url: string): Promise<Response> {
  if (answer.status !== 200) return answer;
  const { keys } = Object(await answer.json()) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new OutboundError(`${url} answered with something else than keys`);
  if (keys.length > MOST_FETCHED_KEYS)
    throw new OutboundError(`${url} answered with more than ${MOST_FETCHED_KEYS} keys`);
  return Response.json({ keys: usableKeys(keys) });
}

/** A key set that cannot be fetched is the same to the client as a key that is not in it. */
function asJoseError(error: unknown): never {
  throw error instanceof errors.JOSEError ? error : new errors.JWKSInvalid(String(error));
}
