import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import type { PersonFacts } from '../expressions/expression-facts.js';
import { AppAccountRules, type MadeName, type PersonOfApp } from './app-account-rules.js';
import { keptRule } from './app-account-rule-name.js';
import { AppAccountStore, type AppAccountChoice, type NamesOfPerson } from './app-account-store.js';

/** What a person is called inside an app. */
export interface AppAccount {
  /** The `preferred_username` there; undefined: by hand and by rule there is none. */
  readonly username: string | undefined;
  /** There would be a name by the rule, but somebody else has it. */
  readonly taken: boolean;
  /** Of the name that was given by hand; undefined where a rule made it. */
  readonly id: string | undefined;
  /** The names by hand that the person may choose from, the one chosen last first. */
  readonly choices: readonly AppAccountChoice[];
  /** There is no name only because the rule could not be asked just now. */
  readonly isUnsettled: boolean;
}

/** What `of` is to go by, and whether it leaves a trace. */
export interface NamingOptions {
  /** Of the person, where they are at hand; they are read only for a rule that needs them. */
  readonly facts?: PersonFacts | undefined;
  /**
   * The name by hand that was chosen at the sign-in. If it is not the person's any more, it is as if none had been chosen:
   * it is never somebody else's.
   */
  readonly chosenId?: string | undefined;
  /**
   * The app is told the name now, so a name by rule becomes the person's: whoever comes after with the same one has none.
   * Otherwise it is only looked at.
   */
  readonly keeps?: boolean;
}

/** Says what people are called inside apps: as somebody said by hand, else by the app's rule. */
@Injectable()
export class AppAccounts {
  constructor(
    private readonly store: AppAccountStore,
    private readonly rules: AppAccountRules,
  ) {}

  async of(
    account: Account,
    client: Client,
    { facts, chosenId, keeps = false }: NamingOptions = {},
  ): Promise<AppAccount> {
    const { choices, byRule } = await this.store.ofPerson(account.id, client.id);
    const named = choices.find(({ id }) => id === chosenId) ?? choices[0];
    if (named !== undefined) return byHand(named, choices);
    const [made] = await this.rules.namesOf([{ account, client, facts }]);
    return this.byRule({ account, client }, made, byRule, keeps);
  }

  /** As `of`, for many at once and without a trace: what rules make is made together. One for each, in their order. */
  async ofMany(asked: readonly PersonOfApp[]): Promise<AppAccount[]> {
    const stored = await Promise.all(asked.map(({ account, client }) => this.store.ofPerson(account.id, client.id)));
    const unnamed = asked.filter((_, index) => stored[index]?.choices[0] === undefined);
    const made = await this.rules.namesOf(unnamed);
    const names = new Map(unnamed.map((each, index) => [each, made[index]]));
    return Promise.all(
      asked.map(async (each, index) => {
        const { choices, byRule } = stored[index] ?? { choices: [], byRule: [] };
        const [named] = choices;
        return named === undefined ? this.byRule(each, names.get(each), byRule, false) : byHand(named, choices);
      }),
    );
  }

  private async byRule(
    { account, client }: PersonOfApp,
    made: MadeName | undefined,
    held: NamesOfPerson['byRule'],
    keeps: boolean,
  ): Promise<AppAccount> {
    const { username, isUnsettled } = made ?? { username: undefined, isUnsettled: false };
    // A name that is somebody's in the app is theirs, whatever a rule makes of somebody else.
    const free = username === undefined || (await this.isTheirs(username, held, account, client, keeps));
    return { username: free ? username : undefined, id: undefined, choices: [], taken: !free, isUnsettled };
  }

  /** A rule may come to no name for a moment: then what the person was called by it stays theirs. */
  private async isTheirs(
    username: string,
    byRule: NamesOfPerson['byRule'],
    account: Account,
    client: Client,
    keeps: boolean,
  ): Promise<boolean> {
    const rule = keptRule(client.metadata);
    if (byRule.some((each) => each.username === username && each.rule === rule)) return true;
    if (keeps && rule !== undefined) {
      return this.store.keep({ username, rule, accountId: account.id, clientId: client.id });
    }
    const holder = await this.store.holderOf(username, client.id, rule);
    return holder === undefined || holder === account.id;
  }

  /** The names by hand that a person has in the app, the one chosen last first. With more than one they choose. */
  async choicesOf(account: Account, client: Client): Promise<readonly AppAccountChoice[]> {
    return (await this.store.ofPerson(account.id, client.id)).choices;
  }

  /** Notes a choice that was made. */
  async chosen(id: string, account: Account, client: Client): Promise<void> {
    await this.store.chosen(id, account.id, client.id);
  }
}

function byHand({ id, username }: AppAccountChoice, choices: readonly AppAccountChoice[]): AppAccount {
  return { username, id, choices, taken: false, isUnsettled: false };
}

/**
 * The account as an app may speak of it. Its `preferred_username` is the name that it has there. Where the app has a rule
 * and the person no name by it, there is none: an app that takes it for a login must not be given another one.
 */
export function namedInApp(account: Account, client: Client, { username }: Pick<AppAccount, 'username'>): Account {
  if (username === undefined && client.metadata.accountRule === 'none') return account;
  const { preferred_username: _own, ...claims } = account.claims;
  return { ...account, claims: username === undefined ? claims : { ...claims, preferred_username: username } };
}
