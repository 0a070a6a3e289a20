import {
  Injectable,
  ValidationPipe,
  type ArgumentMetadata,
  type PipeTransform,
  type ValidationError,
} from '@nestjs/common';
import { Problem, type FieldProblem } from './problem.js';

/** Says which error code of a specification stands for fields of a body that are not acceptable. */
export type ErrorCodeOf = (errors: readonly FieldProblem[]) => string;

/** Bodies and queries become their class, or are refused: every field by name, nested ones too, unknown ones as well. */
@Injectable()
export class AdminValidation implements PipeTransform {
  private readonly pipe = new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    exceptionFactory: (errors: ValidationError[]) => Problem.ofFields(errors.flatMap((error) => fieldProblems(error))),
  });

  constructor(private readonly errorCodeOf?: ErrorCodeOf) {}

  async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    try {
      return await this.pipe.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof Problem) || error.errors === undefined || metadata.type !== 'body') throw error;
      throw Problem.ofFields(error.errors, this.errorCodeOf?.(error.errors));
    }
  }
}

function fieldProblems(error: ValidationError, prefix = ''): FieldProblem[] {
  const field = (prefix + error.property).slice(0, 200);
  const nested = (error.children ?? []).flatMap((child) => fieldProblems(child, `${prefix}${error.property}.`));
  const own = Object.entries(error.constraints ?? {}).map(([name, message]) => ({
    field,
    problem: name === 'whitelistValidation' ? 'is not a known field' : withoutName(message, error.property),
  }));
  return [...own, ...nested];
}

/** class-validator begins its messages with the name, which stands beside ours. */
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
