import { usernameKey } from '../accounts/account-store.js';

/** Characters of a name in an app. */
export const LONGEST_USERNAME = 200;

/** Control characters, halves of characters, and those that turn the reading direction: a name is compared by eye too. */
const UNSEEN = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** What is wrong with a name in an app. */
export function usernameFault(username: string): string | undefined {
  if (username === '' || username.length > LONGEST_USERNAME) return `must have 1 to ${LONGEST_USERNAME} characters`;
  if (username.trim() !== username) return 'may not begin or end with a blank';
  // One character can become many in the form that names are compared in.
  const key = usernameKey(username);
  if (key === '' || key.length > LONGEST_USERNAME) return `must have 1 to ${LONGEST_USERNAME} characters when compared`;
  return UNSEEN.test(username) ? 'may not hold control characters' : undefined;
}
