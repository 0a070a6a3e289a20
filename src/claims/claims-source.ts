import { applyDecorators, Injectable, SetMetadata } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { RequestedClaims } from '../protocol/requested-claims.js';

/** Where the claims go. One pipeline serves all of them, so that they cannot drift apart. */
export type ClaimsUse = 'access_token' | 'id_token' | 'userinfo';

export type Claims = Record<string, unknown>;

/** What a source may look at. */
export interface ClaimsContext {
  readonly scope: readonly string[];
  readonly requestedClaims: RequestedClaims;
  readonly clientId: string;
  /** The scope-tokens that the app may have at all; a claim outside of them is not for it. */
  readonly clientScope: readonly string[];
  /** Absent where no person is involved. */
  readonly account: Account | undefined;
}

/** Contributes claims about a person; declared with {@link ContributesClaims} and found by the pipeline. */
export interface ClaimsSource {
  contribute(context: ClaimsContext, use: ClaimsUse): Promise<Claims> | Claims;
}

export const CLAIMS_SOURCE = Symbol('claims source');

/** @param options.order lower comes first; a later source wins where two name the same claim */
export function ContributesClaims(options: { readonly order: number }): ClassDecorator {
  return applyDecorators(Injectable(), SetMetadata(CLAIMS_SOURCE, options));
}
