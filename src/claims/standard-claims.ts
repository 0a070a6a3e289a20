import type { RequestedClaims } from '../protocol/requested-claims.js';
import type { ClaimsUse } from './claims-source.js';

/** Scopes of ours that release what a person may do in the app, and where they belong: each the claim of its name. */
export const MEMBERSHIP_SCOPES = ['roles', 'groups', 'entitlements'] as const;

/** OpenID Connect Core 1.0 §5.4: which scope-token releases which claims of the account itself. */
export const CLAIMS_OF_SCOPE: Readonly<Record<string, readonly string[]>> = {
  profile: [
    'name',
    'family_name',
    'given_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
};

/** All claims that scopes release, those of ours after those of the specification. */
export const CLAIMS_OF_ALL_SCOPES: Readonly<Record<string, readonly string[]>> = {
  ...CLAIMS_OF_SCOPE,
  ...Object.fromEntries(MEMBERSHIP_SCOPES.map((token) => [token, [token]])),
};

/** The standard claims that a scope releases, in the order of the specification. */
export function claimsOfScope(scope: readonly string[]): string[] {
  return Object.entries(CLAIMS_OF_SCOPE).flatMap(([token, claims]) => (scope.includes(token) ? claims : []));
}

/** The scopes that the named claims belong to. */
export function scopesOfClaims(names: readonly string[]): string[] {
  return Object.keys(CLAIMS_OF_ALL_SCOPES).filter((token) =>
    CLAIMS_OF_ALL_SCOPES[token]?.some((name) => names.includes(name)),
  );
}

/** What the `claims` parameter asked for at that place. It cannot ask for anything in an access token. */
export function wantedOf({ idToken, userinfo }: RequestedClaims, use: ClaimsUse): readonly string[] {
  if (use === 'access_token') return [];
  return use === 'id_token' ? idToken : userinfo;
}
