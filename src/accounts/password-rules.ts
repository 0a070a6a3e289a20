import { usernameKey } from './account-store.js';
import { isCommonPassword } from './common-passwords.js';

/** Characters, counted as a person counts. */
export const SHORTEST_PASSWORD = 8;
export const LONGEST_PASSWORD = 256;

/** Why a text is no password for somebody. */
export type PasswordFault = 'too_short' | 'too_long' | 'is_username' | 'common';

/** NIST SP 800-63B §5.1.1.2: long enough, and not what guessers try first. Nothing about sorts of characters. */
export function passwordFault(password: string, username: string): PasswordFault | undefined {
  const { length } = Array.from(password);
  if (length < SHORTEST_PASSWORD) return 'too_short';
  if (length > LONGEST_PASSWORD) return 'too_long';
  if (usernameKey(password) === usernameKey(username)) return 'is_username';
  return isCommonPassword(password) ? 'common' : undefined;
}
