import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import type { ExpressionFacts, PersonFacts } from '../expressions/expression-facts.js';
import { Expressions, isPassing, type Outcome } from '../expressions/expressions.js';
import { withoutPersonalData } from '../person-facts/people-facts.js';
import { PeopleFacts } from '../person-facts/people-facts.js';

/** What an expression gave for a person: a value that is still to be judged, or why there is none. */
export interface MadeSubject {
  readonly value?: string;
  readonly failure?: string;
  /** The expression could not be evaluated just now: there may be a value in a moment. */
  readonly passing?: boolean;
}

/** An app as its subject expression sees it. */
export interface AppOfSubjects {
  readonly id: string;
  readonly name: string;
  /** The scope-tokens that it may ask for: without `email` the expression sees none. */
  readonly scope: readonly string[];
}

/** Evaluates the expressions that make subjects. */
@Injectable()
export class SubjectExpressions {
  constructor(
    private readonly people: PeopleFacts,
    private readonly expressions: Expressions,
  ) {}

  async of(account: Account, client: Client): Promise<MadeSubject> {
    const facts = factsFor(client, await this.people.of(account));
    const [outcome] = await this.expressions.evaluate('subject', [client.metadata.subjectExpression ?? ''], facts);
    return madeOf(outcome);
  }

  /** @returns one for each id, in their order; somebody who is gone has none */
  async ofMany(accountIds: readonly string[], text: string, app: AppOfSubjects): Promise<MadeSubject[]> {
    const people = await this.people.ofMany(accountIds);
    const present = accountIds.flatMap((id) => people.get(id) ?? []);
    const jobs = present.map((person) => ({ text, facts: factsFor(app, person) }));
    const outcomes = await this.expressions.evaluateEach('subject', jobs);
    const made = new Map(present.map(({ id }, index) => [id, madeOf(outcomes[index])]));
    return accountIds.map((id) => made.get(id) ?? { failure: 'is gone' });
  }
}

function factsFor({ id, name, scope }: AppOfSubjects, person: PersonFacts): ExpressionFacts {
  const allowed = { email: scope.includes('email'), phone: scope.includes('phone') };
  return { user: withoutPersonalData(person, allowed), app: { id, name } };
}

function madeOf(outcome: Outcome | undefined): MadeSubject {
  if (outcome === undefined) return { failure: 'has no outcome' };
  if ('failure' in outcome) return { failure: outcome.failure, passing: isPassing(outcome) };
  return typeof outcome.value === 'string' ? { value: outcome.value } : { failure: 'is no text' };
}
