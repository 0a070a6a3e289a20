import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { ServerLog } from '../audit/server-log.js';
import type { PersonFacts } from '../expressions/expression-facts.js';
import { Expressions } from '../expressions/expressions.js';
import { withoutPersonalData } from '../person-facts/people-facts.js';
import { PeopleFacts } from '../person-facts/people-facts.js';
import { usernameFault } from './app-account-name.js';

/** Makes people's names in an app by its rule. */
@Injectable()
export class AppAccountRules {
  constructor(
    private readonly people: PeopleFacts,
    private readonly expressions: Expressions,
    private readonly log: ServerLog,
  ) {}

  /** @returns undefined where the rule gives none, or nothing that can be a name */
  async usernameOf(account: Account, client: Client, facts?: PersonFacts): Promise<string | undefined> {
    const value = await this.valueOf(account, client, facts);
    return typeof value === 'string' && usernameFault(value) === undefined ? value : undefined;
  }

  private async valueOf(account: Account, client: Client, known: PersonFacts | undefined): Promise<unknown> {
    const { accountRule: rule, accountExpression } = client.metadata;
    if (rule === 'none') return undefined;
    if (rule === 'username') return account.username;
    if (rule === 'email_prefix') return emailPrefix(account, client);
    const facts = known ?? (await this.people.of(account));
    if (rule === 'job_number') return textOf(facts.custom?.['job_number']);
    if (rule === 'dingtalk_user_id') return firstUserId(facts);
    return this.evaluate(accountExpression ?? '', client, facts);
  }

  private async evaluate(expression: string, client: Client, facts: PersonFacts): Promise<unknown> {
    const [outcome] = await this.expressions.evaluate('account', [expression], {
      user: withoutPersonalData(facts, personalDataOf(client)),
      app: { id: client.id, name: client.name },
    });
    if (outcome !== undefined && 'value' in outcome) return outcome.value;
    const hint = outcome?.failure;
    this.log.info({ kind: 'app_account', clientId: client.id, accountId: facts.id, hint }, 'a rule gave no name');
    return undefined;
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
