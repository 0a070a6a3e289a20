import { displayName, type Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
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

/** What a page shows of the app. */
export function appIdentity({ name, metadata }: Client): AppIdentity {
  return { name, logoUri: metadata.logoUri, policyUri: metadata.policyUri, tosUri: metadata.tosUri };
}
