import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FieldProblem } from '../admin/problem.js';
import { AppChecks } from '../app-registry/app-checks.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { expressionFault, Expressions } from '../expressions/expressions.js';

/** Compiles the claims of an app's own when it is saved, so that what cannot work is told to whoever wrote it. */
@Injectable()
export class ExtendedClaimChecks implements OnModuleInit {
  constructor(
    private readonly checks: AppChecks,
    private readonly expressions: Expressions,
  ) {}

  onModuleInit(): void {
    this.checks.declare((app) => this.problems(app));
  }

  private async problems({ idTokenClaims }: ClientEntity): Promise<readonly FieldProblem[]> {
    const names = idTokenClaims.map(({ name }) => name);
    return idTokenClaims.flatMap(({ name, value }, index) => {
      const field = `id_token_claims.${index}`;
      const twice = name !== '' && names.indexOf(name) < index;
      return [
        ...(name === '' ? [{ field: `${field}.name`, problem: 'is required' }] : []),
        ...(twice ? [{ field: `${field}.name`, problem: 'stands there twice' }] : []),
        ...(value === ''
          ? [{ field: `${field}.value`, problem: 'is required' }]
          : this.problem(`${field}.value`, value)),
      ];
    });
  }

  private problem(field: string, text: string): FieldProblem[] {
    const { problem } = this.expressions.check(text, 'claim');
    return problem === undefined ? [] : [{ field, problem: expressionFault(problem) }];
  }
}
