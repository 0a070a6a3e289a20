/** OpenID Connect Core 1.0 §5.4: which scope-token releases which claims. */
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

/** The standard claims that a scope releases, in the order of the specification. */
export function claimsOfScope(scope: readonly string[]): string[] {
  return Object.entries(CLAIMS_OF_SCOPE).flatMap(([token, claims]) => (scope.includes(token) ? claims : []));
}

/** The scopes that the named claims belong to. */
export function scopesOfClaims(names: readonly string[]): string[] {
  return Object.keys(CLAIMS_OF_SCOPE).filter((token) => CLAIMS_OF_SCOPE[token]?.some((name) => names.includes(name)));
}

/** Those of the named claims that the account has a value for: one without a value is left out, never null (§5.3.2). */
export function pickClaims(
  claims: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    if (Object.hasOwn(claims, name) && claims[name] !== undefined) picked[name] = claims[name];
  }
  return picked;
}
