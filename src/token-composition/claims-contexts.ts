import { Injectable } from '@nestjs/common';
import type { Rights } from '../access/access-decision.js';
import { AccessPolicy } from '../access/access-policy.js';
import type { Account } from '../accounts/account-store.js';
import { AppAccounts, namedInApp, type AppAccount } from '../app-accounts/app-accounts.js';
import type { Client } from '../app-registry/client.js';
import type { ClaimsContext, PersonInApp } from '../claims/claims-source.js';
import { PeopleFacts } from '../person-facts/people-facts.js';

/** What claims are made for: a sign-in, and what was granted with it. */
export type ClaimsRequest = Pick<ClaimsContext, 'scope' | 'requestedClaims' | 'session'> & {
  /** Roles and permissions, where they are known already. */
  readonly rights?: Rights;
  /** Of several names that the person has in the app, the one that was chosen. */
  readonly appAccountId?: string | undefined;
  /** The app is told: a name there that a rule makes is kept, and is nobody else's from now on. */
  readonly keeps: boolean;
};

/** And the app account itself, for a token that names it. */
export type NamingContext = ClaimsContext & { readonly appAccount: () => Promise<AppAccount> };

/** Puts together what the sources of claims may look at. What costs a query waits until a source asks for it. */
@Injectable()
export class ClaimsContexts {
  constructor(
    private readonly people: PeopleFacts,
    private readonly access: AccessPolicy,
    private readonly appAccounts: AppAccounts,
  ) {}

  of(account: Account | undefined, client: Client, request: ClaimsRequest): NamingContext {
    const { rights, appAccountId, keeps, ...about } = request;
    if (account === undefined) {
      return { ...about, client, account, named: nobody, facts: nobody, inApp: nobody, appAccount: nobody };
    }
    const appAccount = once(() => this.appAccounts.of(account, client, { chosenId: appAccountId, keeps }));
    return {
      ...about,
      client,
      account,
      appAccount,
      named: async () => namedInApp(account, client, await appAccount()).claims,
      facts: once(() => this.people.of(account)),
      inApp: once(async (): Promise<PersonInApp> => {
        const { roles, permissions } = rights ?? (await this.access.rightsOf(account, client));
        const { username } = await appAccount();
        return { roles, permissions, ...(username === undefined ? {} : { account: username }) };
      }),
    };
  }
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}

function nobody(): Promise<never> {
  return Promise.reject(new Error('there is no person to ask about'));
}
