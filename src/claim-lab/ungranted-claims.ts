import { Injectable } from '@nestjs/common';
import type { ClaimsUse } from '../claims/claims-source.js';
import { CLAIMS_OF_SCOPE, MEMBERSHIP_SCOPES } from '../claims/standard-claims.js';
import { CustomScopes } from '../custom-scopes/custom-scopes.js';

/** A claim of a scope that was asked for and not granted. */
export interface UngrantedClaim {
  readonly name: string;
  readonly in: ClaimsUse;
  readonly source: string;
  readonly rule: string | null;
}

/** Which claims an app misses because it may not have their scope. */
@Injectable()
export class UngrantedClaims {
  constructor(private readonly customScopes: CustomScopes) {}

  async of(asked: readonly string[], granted: readonly string[]): Promise<UngrantedClaim[]> {
    const missing = asked.filter((token) => !granted.includes(token));
    const standard = missing.flatMap((token) =>
      (CLAIMS_OF_SCOPE[token] ?? []).map((name) => ({
        name,
        in: 'userinfo' as const,
        source: `scope ${token}`,
        rule: null,
      })),
    );
    const memberships = MEMBERSHIP_SCOPES.filter((name) => missing.includes(name)).flatMap((name) =>
      EVERYWHERE.map((place) => ({ name, in: place, source: `scope ${name}`, rule: null })),
    );
    const custom = (await this.customScopes.among(missing)).flatMap(({ name: token, claims }) =>
      claims.flatMap(({ name, value, in: places }) =>
        places.map((place) => ({ name, in: place, source: `custom scope ${token}`, rule: value })),
      ),
    );
    return [...standard, ...memberships, ...custom];
  }
}

const EVERYWHERE: readonly ClaimsUse[] = ['access_token', 'id_token', 'userinfo'];
