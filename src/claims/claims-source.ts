import { applyDecorators, Injectable, SetMetadata } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import type { PersonFacts, SessionFacts } from '../expressions/expression-facts.js';
import type { RequestedClaims } from '../protocol/requested-claims.js';

/** Where the claims go. One pipeline serves all of them, so that they cannot drift apart. */
export type ClaimsUse = 'access_token' | 'id_token' | 'userinfo';

export type Claims = Record<string, unknown>;

/** What a person is in the app that the claims are for. */
export interface PersonInApp {
  /** The app account; absent where there is none. */
  readonly account?: string;
  /** Names of the app's roles that the person has. */
  readonly roles: readonly string[];
  /** `resource:action`. */
  readonly permissions: readonly string[];
}

/** What a source may look at. What costs a query is asked for when somebody needs it, and then once. */
export interface ClaimsContext {
  readonly scope: readonly string[];
  readonly requestedClaims: RequestedClaims;
  /** The app; a claim outside of the scope-tokens that it may have at all is not for it. */
  readonly client: Client;
  /** Absent where no person is involved. */
  readonly account: Account | undefined;
  readonly session: SessionFacts;
  /** The person's claims as the app may have them: in it, `preferred_username` is the app account. */
  readonly named: () => Promise<Account['claims']>;
  readonly facts: () => Promise<PersonFacts>;
  readonly inApp: () => Promise<PersonInApp>;
}

/** An expression, and what becomes of its claim when it has no value. */
export interface ClaimExpression {
  readonly text: string;
  readonly onError: 'omit' | 'fail';
}

/** A claim as a source would have it: a value, undefined where there is none, or an expression that makes one. */
export interface Contribution {
  readonly name: string;
  /** For operators: what made it, such as `scope email`. */
  readonly source: string;
  readonly value?: unknown;
  readonly expression?: ClaimExpression;
}

/** Contributes claims about a person; declared with {@link ContributesClaims} and found by the pipeline. */
export interface ClaimsSource {
  contribute(context: ClaimsContext, use: ClaimsUse): Promise<readonly Contribution[]> | readonly Contribution[];
}

export const CLAIMS_SOURCE = Symbol('claims source');

/** @param options.order lower comes first; a later source wins where two name the same claim */
export function ContributesClaims(options: { readonly order: number }): ClassDecorator {
  return applyDecorators(Injectable(), SetMetadata(CLAIMS_SOURCE, options));
}
