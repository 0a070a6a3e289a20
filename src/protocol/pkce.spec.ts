import { describe, expect, it } from 'vitest';
import { isCodeChallenge, verifierMatches } from './pkce.js';

// The example of RFC 7636 appendix B.
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

describe('PKCE (RFC 7636)', () => {
  it('accepts the verifier of appendix B', () => {
    expect(verifierMatches(VERIFIER, CHALLENGE, 'S256')).toBe(true);
  });

  it.each([`${VERIFIER}x`, VERIFIER.toLowerCase(), CHALLENGE, '', 'short', 'a'.repeat(129)])(
    'refuses %s',
    (verifier) => {
      expect(verifierMatches(verifier, CHALLENGE, 'S256')).toBe(false);
    },
  );

  it('compares plain as it stands (§4.6)', () => {
    expect(verifierMatches(VERIFIER, VERIFIER, 'plain')).toBe(true);
    expect(verifierMatches(VERIFIER, CHALLENGE, 'plain')).toBe(false);
  });

  it.each([
    ['a'.repeat(42), false],
    ['a'.repeat(43), true],
    ['a'.repeat(44), false],
    [`${'a'.repeat(42)}=`, false],
    [`${'a'.repeat(42)}+`, false],
  ])('takes an S256 challenge of exactly 43 base64url characters: %s', (challenge, valid) => {
    expect(isCodeChallenge(challenge, 'S256')).toBe(valid);
  });
});
