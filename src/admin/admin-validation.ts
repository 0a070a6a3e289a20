import {
  Injectable,
  ValidationPipe,
  type ArgumentMetadata,
  type PipeTransform,
  type ValidationError,
} from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { Problem, type FieldProblem } from './problem.js';

const UNKNOWN = 'is not a known field';

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
      if (!(error instanceof Problem) || error.errors === undefined) throw error;
      if (metadata.type === 'query') throw Problem.ofFields(error.errors.map((found) => withNames(found, metadata)));
      if (metadata.type !== 'body') throw error;
      throw Problem.ofFields(error.errors, this.errorCodeOf?.(error.errors));
    }
  }
}

/** Which query parameters there are, for whoever wished for another one. */
function withNames({ field, problem }: FieldProblem, { metatype }: ArgumentMetadata): FieldProblem {
  if (problem !== UNKNOWN || metatype === undefined) return { field, problem };
  const rules = getMetadataStorage().getTargetValidationMetadatas(metatype, '', false, false);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))].toSorted();
  return { field, problem: `is not a query parameter here; there are: ${names.join(', ')}` };
}

function fieldProblems(error: ValidationError, prefix = ''): FieldProblem[] {
  const field = (prefix + error.property).slice(0, 200);
  const nested = (error.children ?? []).flatMap((child) => fieldProblems(child, `${prefix}${error.property}.`));
  const own = Object.entries(error.constraints ?? {}).map(([name, message]) => ({
    field,
    problem: name === 'whitelistValidation' ? UNKNOWN : withoutName(message, error.property),
  }));
  return [...own, ...nested];
}

/** class-validator begins its messages with the name, which stands beside ours. */
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
