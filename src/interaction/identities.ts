import { displayName, type Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { PageError } from '../http/page-error.js';
import type { AccountIdentity, AppIdentity } from '../ui/controls.js';

/** What a page shows of the person. */
export function accountIdentity(account: Account): AccountIdentity {
  const { email } = account.claims;
  return {
    displayName: displayName(account),
    username: account.username,
    ...(typeof email === 'string' ? { email } : {}),
  };
}

/** Whom a page names to those who are refused; undefined: nobody was named, so it is the administrator. */
export function whomToAsk({ metadata }: Client): string | undefined {
  const { accessContact, contacts } = metadata;
  const named = accessContact?.trim() ?? '';
  if (named !== '') return named;
  return contacts.length === 0 ? undefined : contacts.join(', ');
}

/** The end of what is not an app's request, for somebody whom the app is not open to. */
export function refusedPage(client: Client, { id }: Pick<Account, 'id'>): PageError {
  const hint = `account ${id} may not use client ${client.id}`;
  return new PageError('access_denied', { hint, contact: whomToAsk(client), appName: client.name });
}

/** What a page shows of the app. */
export function appIdentity({ name, metadata }: Client): AppIdentity {
  return { name, logoUri: metadata.logoUri, policyUri: metadata.policyUri, tosUri: metadata.tosUri };
}
