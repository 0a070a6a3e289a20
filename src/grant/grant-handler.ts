import { applyDecorators, Injectable, SetMetadata } from '@nestjs/common';
import type { Client } from '../app-registry/client.js';
import type { Authorization } from './authorization.js';

/** What a grant is: the endpoint does every shared check, the grant proves only what is its own. */
export interface GrantHandler<P extends object = object> {
  /**
   * Decides whether what was presented is good, spends it, and says what it is worth.
   *
   * @throws {OAuthError} invalid_grant and its kin
   */
  authorize(params: P, client: Client): Promise<Authorization>;
}

export interface GrantOptions {
  /** The `grant_type` on the wire. */
  readonly type: string;
  /** A class-validator class with the wire's own names. */
  readonly params: new () => object;
  /** Who may use it: any client, or only those that can keep a secret. */
  readonly clients: 'any' | 'confidential';
  /** Endpoints that this grant brings to the discovery document: member name → path. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export const GRANT = Symbol('grant');

/** Declares a grant. The registry finds it by this alone; nothing else has to know of it. */
export function Grant(options: GrantOptions): ClassDecorator {
  return applyDecorators(Injectable(), SetMetadata(GRANT, options));
}
