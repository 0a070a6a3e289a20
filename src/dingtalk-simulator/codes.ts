import { randomBytes } from 'node:crypto';
import type { UserGrant } from './tokens.js';

const LIFETIME_MS = 5 * 60 * 1000;

/** What a code from inside DingTalk stands for. */
export interface InAppGrant {
  readonly clientId: string;
  readonly corpId: string;
  readonly userid: string;
}

interface Held<T> {
  readonly value: T;
  readonly expiresAt: number;
}

/** Codes of one kind: five minutes, one use, good for the app that they were made for. */
export class CodeBook<T extends { readonly clientId: string }> {
  readonly #codes = new Map<string, Held<T>>();

  issue(value: T): string {
    const code = randomBytes(16).toString('hex');
    this.#codes.set(code, { value, expiresAt: Date.now() + LIFETIME_MS });
    return code;
  }

  /** What the code stands for, once. Another app's attempt does not spend it. */
  redeem(code: string, clientId: string): T | undefined {
    const held = this.#codes.get(code);
    if (!held || held.value.clientId !== clientId) return undefined;
    this.#codes.delete(code);
    return held.expiresAt > Date.now() ? held.value : undefined;
  }

  expireAll(): void {
    this.#codes.clear();
  }
}

/** The two kinds of code. They are not interchangeable: each is unknown where the other is asked for. */
export class Codes {
  readonly browser = new CodeBook<UserGrant>();
  readonly inApp = new CodeBook<InAppGrant>();
}
