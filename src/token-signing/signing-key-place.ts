/** What the private half of a key is sealed to: it opens nowhere else. */
export function signingKeyPlace(kid: string): string {
  return `signing_keys.sealed_private_jwk.${kid}`;
}
