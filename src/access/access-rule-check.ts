import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppChecks } from '../app-registry/app-checks.js';
import { expressionFault, Expressions } from '../expressions/expressions.js';

/** A rule is looked at when it is saved: one that can never come to an answer would lock everybody out. */
@Injectable()
export class AccessRuleCheck implements OnModuleInit {
  constructor(
    private readonly checks: AppChecks,
    private readonly expressions: Expressions,
  ) {}

  onModuleInit(): void {
    this.checks.declare(async (_app, { access_rule: rule }) => {
      if (typeof rule !== 'string') return [];
      const fault = ruleFault(this.expressions, rule);
      return fault === undefined ? [] : [{ field: 'access_rule', problem: fault }];
    });
  }
}

/** What is wrong with an access rule; it completes the sentence "FIELD …". */
export function ruleFault(expressions: Expressions, rule: string): string | undefined {
  const { problem } = expressions.check(rule, 'access');
  return problem === undefined ? undefined : expressionFault(problem);
}
