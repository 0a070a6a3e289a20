import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FieldProblem } from '../admin/problem.js';
import { AppChecks } from '../app-registry/app-checks.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { expressionFault, Expressions } from '../expressions/expressions.js';

/** Judges the rule of an app by which people are named there, when it is saved. */
@Injectable()
export class AppAccountChecks implements OnModuleInit {
  constructor(
    private readonly checks: AppChecks,
    private readonly expressions: Expressions,
  ) {}

  onModuleInit(): void {
    this.checks.declare(async (app) => this.problems(app));
  }

  private problems({ accountRule: rule, accountExpression: text }: ClientEntity): FieldProblem[] {
    if (rule !== 'expression' && text !== null) return problem('may stand only with account_rule expression');
    if (rule !== 'expression') return [];
    if (text === null) return problem('is needed with account_rule expression');
    const { problem: fault } = this.expressions.check(text, 'account');
    return fault === undefined ? [] : problem(expressionFault(fault));
  }
}

function problem(text: string): FieldProblem[] {
  return [{ field: 'account_expression', problem: text }];
}
