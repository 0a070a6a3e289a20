import { randomBytes } from 'node:crypto';
import type { SimulatorApp } from './app.js';

export const TOKEN_LIFETIME_SECONDS = 7200;
const REFRESH_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

/** What a user token is good for. */
export interface UserGrant {
  readonly clientId: string;
  readonly unionid: string;
  /** The organisation that was chosen, when the scope held `corpid`. */
  readonly corpId?: string;
  /** Whether the person agreed to hand over personal data, which only `prompt=consent` asks for. */
  readonly consented: boolean;
}

interface Held<T> {
  readonly value: T;
  readonly token: string;
  expiresAt: number;
}

/**
 * The tokens of apps and of people: two stores, because neither is good where the other is asked for. An app's token is
 * one for all three endpoints; asking again within its life gives the same one and extends it.
 */
export class Tokens {
  readonly #apps = new Map<string, Held<SimulatorApp>>();
  readonly #users = new Map<string, Held<UserGrant>>();
  readonly #refresh = new Map<string, Held<UserGrant>>();

  /** The app's token, made or extended. */
  forApp(app: SimulatorApp): string {
    const current = [...this.#apps.values()].find((held) => held.value === app && isAlive(held));
    if (current) {
      current.expiresAt = Date.now() + TOKEN_LIFETIME_SECONDS * 1000;
      return current.token;
    }
    return hold(this.#apps, app, TOKEN_LIFETIME_SECONDS * 1000);
  }

  /** Whose token this is, or undefined for one that is unknown or expired. */
  appOf(token: string): SimulatorApp | undefined {
    const held = this.#apps.get(token);
    return held && isAlive(held) ? held.value : undefined;
  }

  /** Ends the tokens of one app, or of all. */
  expireApps(clientId?: string): void {
    for (const held of this.#apps.values()) {
      if (clientId === undefined || held.value.clientId === clientId) held.expiresAt = 0;
    }
  }

  /** A user token and its refresh token; for the same grant within its life the same user token, extended. */
  forUser(grant: UserGrant): { accessToken: string; refreshToken: string } {
    const refreshToken = hold(this.#refresh, grant, REFRESH_LIFETIME_MS);
    const current = [...this.#users.values()].find((held) => isSame(held.value, grant) && isAlive(held));
    if (!current) return { accessToken: hold(this.#users, grant, TOKEN_LIFETIME_SECONDS * 1000), refreshToken };
    current.expiresAt = Date.now() + TOKEN_LIFETIME_SECONDS * 1000;
    return { accessToken: current.token, refreshToken };
  }

  /** What a user token is good for: a grant, 'expired', or undefined for one that never was. */
  userGrant(token: string): UserGrant | 'expired' | undefined {
    const held = this.#users.get(token);
    if (!held) return undefined;
    return isAlive(held) ? held.value : 'expired';
  }

  refreshGrant(token: string): UserGrant | undefined {
    const held = this.#refresh.get(token);
    return held && isAlive(held) ? held.value : undefined;
  }

  expireUsers(): void {
    for (const held of this.#users.values()) held.expiresAt = 0;
  }
}

function hold<T>(store: Map<string, Held<T>>, value: T, lifetimeMs: number): string {
  const token = randomBytes(16).toString('hex');
  store.set(token, { value, token, expiresAt: Date.now() + lifetimeMs });
  return token;
}

const isAlive = ({ expiresAt }: { expiresAt: number }): boolean => expiresAt > Date.now();

function isSame(one: UserGrant, other: UserGrant): boolean {
  return (
    one.clientId === other.clientId &&
    one.unionid === other.unionid &&
    one.corpId === other.corpId &&
    one.consented === other.consented
  );
}
