import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { ServerLog } from '../audit/server-log.js';
import type { PersonFacts } from '../expressions/expression-facts.js';
import { Expressions, isPassing, type Outcome } from '../expressions/expressions.js';
import { withoutPersonalData } from '../person-facts/people-facts.js';
import { PeopleFacts } from '../person-facts/people-facts.js';
import { usernameFault } from './app-account-name.js';

/** Somebody in an app. */
export interface PersonOfApp {
  readonly account: Account;
  readonly client: Client;
  /** Where they are at hand; else they are read, where a rule needs them. */
  readonly facts?: PersonFacts | undefined;
}

/** A name that a rule made. */
export interface MadeName {
  /** Undefined where the rule gives none, or nothing that can be a name. */
  readonly username: string | undefined;
  /** The rule could not be asked just now: there may be a name in a moment. */
  readonly isUnsettled: boolean;
}

/** Makes people's names in an app by its rule. */
@Injectable()
export class AppAccountRules {
  constructor(
    private readonly people: PeopleFacts,
    private readonly expressions: Expressions,
    private readonly log: ServerLog,
  ) {}

  /** @returns one for each, in their order. All expressions are evaluated together: many apps are one wait in the line */
  async namesOf(asked: readonly PersonOfApp[]): Promise<MadeName[]> {
    const evaluated = asked.filter(({ client }) => client.metadata.accountRule === 'expression');
    const outcomes = new Map(await this.evaluate(evaluated));
    const names: MadeName[] = [];
    for (const each of asked) {
      const outcome = outcomes.get(each);
      const value = outcome === undefined ? await this.valueOf(each) : 'value' in outcome ? outcome.value : undefined;
      const username = typeof value === 'string' && usernameFault(value) === undefined ? value : undefined;
      names.push({ username, isUnsettled: isPassing(outcome) });
    }
    return names;
  }

  /** By a rule that is no expression. */
  private async valueOf(asked: PersonOfApp): Promise<string | undefined> {
    const { account, client } = asked;
    const { accountRule: rule } = client.metadata;
    if (rule === 'username') return account.username;
    if (rule === 'email_prefix') return emailPrefix(account, client);
    if (rule === 'job_number') return textOf((await this.factsOf(asked)).custom?.['job_number']);
    return rule === 'dingtalk_user_id' ? firstUserId(await this.factsOf(asked)) : undefined;
  }

  private async factsOf({ account, facts }: PersonOfApp): Promise<PersonFacts> {
    return facts ?? this.people.of(account);
  }

  private async evaluate(asked: readonly PersonOfApp[]): Promise<[PersonOfApp, Outcome][]> {
    const jobs = [];
    for (const each of asked) {
      const { client } = each;
      const user = withoutPersonalData(await this.factsOf(each), personalDataOf(client));
      const text = client.metadata.accountExpression ?? '';
      jobs.push({ text, facts: { user, app: { id: client.id, name: client.name } } });
    }
    const outcomes = jobs.length === 0 ? [] : await this.expressions.evaluateEach('account', jobs);
    return outcomes.flatMap((outcome, index): [PersonOfApp, Outcome][] => {
      const each = asked[index];
      if (each === undefined) return [];
      if ('failure' in outcome) this.noteFailure(each, outcome.failure);
      return [[each, outcome]];
    });
  }

  private noteFailure({ account, client }: PersonOfApp, hint: string): void {
    this.log.info({ kind: 'app_account', clientId: client.id, accountId: account.id, hint }, 'a rule gave no name');
  }
}

/** What of the e-mail and the phone an app may have at all. */
function personalDataOf({ scope }: Client): { email: boolean; phone: boolean } {
  return { email: scope.includes('email'), phone: scope.includes('phone') };
}

/** Of a verified address only: what somebody merely said of themselves must not become a name that an app trusts. */
function emailPrefix({ claims }: Account, client: Client): string | undefined {
  const { email, email_verified: verified } = claims;
  if (!client.scope.includes('email') || verified !== true || typeof email !== 'string') return undefined;
  return email.slice(0, email.lastIndexOf('@'));
}

/** In the first of the sources, by their ids: it must not be now the one, now the other. */
function firstUserId({ identities = {} }: PersonFacts): string | undefined {
  const [first] = Object.keys(identities).sort();
  return first === undefined ? undefined : identities[first]?.user_id;
}

/** Job numbers come as numbers too. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
