import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import { AppAccounts, type AppAccount } from '../app-accounts/app-accounts.js';
import type { Client } from '../app-registry/client.js';
import type { ExpressionFacts, PersonFacts } from '../expressions/expression-facts.js';
import { Expressions, isPassing, type Outcome } from '../expressions/expressions.js';
import { PeopleFacts } from '../person-facts/people-facts.js';
import type { AccessReason, AccessRequest, Rights } from './access-decision.js';

/** Somebody who is meant by an app, or all are. */
export interface Candidate extends Rights {
  readonly account: Account;
  readonly client: Client;
}

/** What of a request a rule can look at and nobody can know beforehand. */
export type RequestPart = 'address' | 'amr';

/**
 * What everybody who enters an app must meet beside being meant: its rule, and an app account where it wants one. A rule
 * sees the whole person, whatever the app may have of them: of what it saw the app learns one bit, which the operator chose.
 */
@Injectable()
export class AccessConditions {
  constructor(
    private readonly expressions: Expressions,
    private readonly people: PeopleFacts,
    private readonly appAccounts: AppAccounts,
  ) {}

  /** @returns why the person is kept out; undefined when nothing is in the way */
  async fault(candidate: Candidate, request: AccessRequest): Promise<AccessReason | undefined> {
    const [fault] = hasConditions(candidate.client) ? await this.faults([candidate], request) : [];
    return fault;
  }

  /**
   * As `fault`, for many at once: the rules are evaluated together, and each person is read once.
   *
   * @returns one answer for each, in their order
   */
  async faults(candidates: readonly Candidate[], request: AccessRequest): Promise<(AccessReason | undefined)[]> {
    const facts = await this.factsOf(candidates.filter(({ client }) => hasConditions(client)));
    const accounts = await this.appAccountsOf(candidates, facts);
    const asked = candidates.flatMap((candidate, index) => {
      const { accessRule: text } = candidate.client.metadata;
      const user = facts.get(candidate.account.id);
      // Without the account a rule that looks at it would give an answer of no worth.
      if (text === null || accounts.get(candidate)?.isUnsettled === true) return [];
      return [{ index, text, facts: user && factsFor(candidate, user, accounts.get(candidate)?.username, request) }];
    });
    const outcomes = await this.expressions.evaluateEach(
      'access',
      asked.flatMap(({ text, facts: known }) => (known === undefined ? [] : [{ text, facts: known }])),
    );
    const faults = new Map<number, AccessReason | undefined>();
    let next = 0;
    for (const { index, facts: known } of asked) {
      faults.set(index, faultOf(known === undefined ? undefined : outcomes[next++]));
    }
    return candidates.map(
      (candidate, index) => faults.get(index) ?? accountFault(candidate.client, accounts.get(candidate)),
    );
  }

  /** What a rule must know of a request to come to an answer. Of a text that is none: nothing. */
  needs(rule: string | null): RequestPart[] {
    const reads = rule === null ? [] : this.expressions.check(rule, 'access').reads;
    const parts: readonly RequestPart[] = ['address', 'amr'];
    return parts.filter((part) => reads.some((path) => path === 'request' || isWithin(path, `request.${part}`)));
  }

  private async factsOf(candidates: readonly Candidate[]): Promise<Map<string, PersonFacts>> {
    const accounts = new Map(candidates.map(({ account }) => [account.id, account]));
    const [only, ...others] = accounts.values();
    if (only === undefined) return new Map();
    if (others.length > 0) return this.people.ofMany([...accounts.keys()]);
    return new Map([[only.id, await this.people.of(only)]]);
  }

  /** Only where it matters: most rules do not look at it. All together, or a list of many apps would fill the line. */
  private async appAccountsOf(
    candidates: readonly Candidate[],
    facts: ReadonlyMap<string, PersonFacts>,
  ): Promise<Map<Candidate, AppAccount | undefined>> {
    const needing = candidates.filter(({ client }) => this.needsAccount(client));
    const found = await this.appAccounts.ofMany(
      needing.map(({ account, client }) => ({ account, client, facts: facts.get(account.id) })),
    );
    return new Map(needing.map((candidate, index) => [candidate, found[index]]));
  }

  private needsAccount({ metadata: { accessRule, requireAccount } }: Client): boolean {
    const reads = accessRule === null ? [] : this.expressions.check(accessRule, 'access').reads;
    return requireAccount || reads.some((path) => path === 'app' || isWithin(path, 'app.account'));
  }
}

/** Whether an app looks at more than who is meant. */
export function hasConditions({ metadata }: Client): boolean {
  return metadata.accessRule !== null || metadata.requireAccount;
}

function isWithin(path: string, of: string): boolean {
  return path === of || path.startsWith(`${of}.`);
}

function factsFor(
  { client, roles, permissions }: Candidate,
  user: PersonFacts,
  account: string | undefined,
  request: AccessRequest,
): ExpressionFacts {
  const app = { id: client.id, name: client.name, roles, permissions, ...(account === undefined ? {} : { account }) };
  return { user, app, request: { ...request, time: new Date() } };
}

function accountFault({ metadata }: Client, account: AppAccount | undefined): AccessReason | undefined {
  if (account?.isUnsettled === true) {
    return { kind: 'rule_failed', failure: 'The name in the app cannot be made just now', passing: true };
  }
  return metadata.requireAccount && account?.username === undefined
    ? { kind: 'no_app_account', taken: account?.taken === true }
    : undefined;
}

/** Only a clear yes opens: a rule that comes to no answer keeps out. */
function faultOf(outcome: Outcome | undefined): AccessReason | undefined {
  if (outcome === undefined) return { kind: 'rule_failed', failure: 'there is nobody to judge' };
  if (!('value' in outcome)) {
    return { kind: 'rule_failed', failure: outcome.failure, ...(isPassing(outcome) ? { passing: true } : {}) };
  }
  if (outcome.value === true) return undefined;
  return outcome.value === false
    ? { kind: 'rule_refused' }
    : { kind: 'rule_failed', failure: 'the rule gives neither true nor false' };
}
