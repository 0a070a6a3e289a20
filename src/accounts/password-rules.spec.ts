import { describe, expect, it } from 'vitest';
import { passwordFault } from './password-rules.js';
import { hashPassword, verifyPassword } from './password.js';

/** One character of CJK extension B: two UTF-16 units, four bytes. */
const EXTENSION_B = '\u{20BB7}';
const varied = (character: string, length: number) => `abc${character.repeat(length - 3)}`;

describe('the length of a password', () => {
  it.each([
    ['150 characters of two units', varied(EXTENSION_B, 150)],
    ['256 characters of two units', varied(EXTENSION_B, 256)],
    ['256 characters of one unit', varied('x', 256)],
    ['256 characters that are many in their compatibility form', varied('\uFDFA', 256)],
  ])('is counted the same where it is set and where it is typed: %s', async (_, password) => {
    expect(passwordFault(password, 'lihua')).toBeUndefined();
    const stored = await hashPassword(password);
    expect(await verifyPassword(stored, password)).toBe(true);
    expect(await verifyPassword(stored, `${password}x`)).toBe(false);
  });

  it.each([varied(EXTENSION_B, 257), varied('x', 257), 'ab'.repeat(1_000_000)])(
    'ends at 256 characters, and what is longer is never the password',
    async (password) => {
      expect(passwordFault(password, 'lihua')).toBe('too_long');
      // Even where it got into the table by another way.
      expect(await verifyPassword(await hashPassword(password), password)).toBe(false);
    },
  );

  it('counts four characters of two units as four', () => {
    expect(passwordFault(`${EXTENSION_B}abc`, 'lihua')).toBe('too_short');
  });
});
