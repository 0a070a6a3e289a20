import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FieldProblem } from '../admin/problem.js';
import { AppChecks } from '../app-registry/app-checks.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { expressionFault, Expressions } from '../expressions/expressions.js';

/** Compiles the claims of apps when they are saved, so that what cannot work is told to whoever wrote it. */
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
    return idTokenClaims.flatMap(({ name, value }, index) => [
      ...(names.indexOf(name) < index
        ? [{ field: `id_token_claims.${index}.name`, problem: 'stands there twice' }]
        : []),
      ...this.problem(`id_token_claims.${index}.value`, value),
    ]);
  }

  private problem(field: string, text: string): FieldProblem[] {
    const { problem } = this.expressions.check(text, 'claim');
    return problem === undefined ? [] : [{ field, problem: expressionFault(problem) }];
  }
}
