import { Injectable } from '@nestjs/common';
import type { PersonFacts } from '../expressions/expression-facts.js';
import { Expressions } from '../expressions/expressions.js';
import { withoutPersonalData } from '../person-facts/people-facts.js';
import type { ClaimsContext, Contribution } from './claims-source.js';
import type { Evaluated } from './composed-claims.js';

const NOTHING: Evaluated = { outcomes: new Map(), isWithheld: () => false };

/** The expressions of one answer, evaluated together: each text once, over the same facts. */
@Injectable()
export class ClaimExpressions {
  constructor(private readonly expressions: Expressions) {}

  /** Costs nothing where there is no expression, or no person. */
  async evaluate(context: ClaimsContext, contributions: readonly Contribution[]): Promise<Evaluated> {
    const texts = [...new Set(contributions.flatMap(({ expression }) => (expression ? [expression.text] : [])))];
    if (texts.length === 0 || context.account === undefined) return NOTHING;
    const { client, session, scope } = context;
    const [facts, inApp] = [await context.facts(), await context.inApp()];
    const allowed = { email: mayHave('email', context), phone: mayHave('phone', context) };
    const outcomes = await this.expressions.evaluate('claim', texts, {
      user: withoutPersonalData(facts, allowed),
      app: { id: client.id, name: client.name, ...inApp },
      session,
      scope,
    });
    const withheld = withheldPaths(facts, allowed);
    return {
      outcomes: new Map(texts.flatMap((text, index) => (outcomes[index] ? [[text, outcomes[index]]] : []))),
      isWithheld: (text) =>
        withheld.length > 0 && this.expressions.check(text, 'claim').reads.some((path) => withheld.includes(path)),
    };
  }
}

/** Personal data is for an app that is registered for it, at a sign-in that it was asked for. */
function mayHave(token: 'email' | 'phone', { client, scope }: ClaimsContext): boolean {
  return client.scope.includes(token) && scope.includes(token);
}

/** What the person has and the app may not. */
function withheldPaths(facts: PersonFacts, allowed: { readonly email: boolean; readonly phone: boolean }): string[] {
  return [
    ...(facts.email === undefined || allowed.email ? [] : ['user.email', 'user.email_verified']),
    ...(facts.phone_number === undefined || allowed.phone ? [] : ['user.phone_number', 'user.phone_number_verified']),
  ];
}
