import type { Account } from '../accounts/account-store.js';

/**
 * What the CSRF token of a form is about: the waiting request, and the person whom the page named. When somebody else
 * has signed in with this browser since, the button that the first one was shown does nothing for the second.
 *
 * @param account absent on the sign-in form, which names nobody, and on the choice, which names everybody
 */
export function formSubject(interactionId: string | undefined, account?: Pick<Account, 'id'>): string {
  return account === undefined ? (interactionId ?? '') : `${interactionId ?? ''} ${account.id}`;
}
