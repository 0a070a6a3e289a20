import { usernameKey } from './account-store.js';
import { isCommonPassword } from './common-passwords.js';

/** Characters, counted as a person counts: code points, whatever it takes to store them. */
export const SHORTEST_PASSWORD = 8;
export const LONGEST_PASSWORD = 256;

/** UTF-16 units that so many characters have at most, and with that 1,024 bytes: what has more need not be counted. */
const MOST_UNITS = 2 * LONGEST_PASSWORD;

/** Why a text is no password for somebody. */
export type PasswordFault = 'too_short' | 'too_long' | 'is_username' | 'common';

/** More than anybody can set. The one answer for who sets a password and for who types it: what can be set fits. */
export function isTooLong(password: string): boolean {
  return password.length > MOST_UNITS || Array.from(password).length > LONGEST_PASSWORD;
}

/** NIST SP 800-63B §5.1.1.2: long enough, and not what guessers try first. Nothing about sorts of characters. */
export function passwordFault(password: string, username: string): PasswordFault | undefined {
  if (isTooLong(password)) return 'too_long';
  if (Array.from(password).length < SHORTEST_PASSWORD) return 'too_short';
  if (usernameKey(password) === usernameKey(username)) return 'is_username';
  return isCommonPassword(password) ? 'common' : undefined;
}
