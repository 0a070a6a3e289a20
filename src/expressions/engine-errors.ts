import { EvaluationError, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import { problemAt } from './problem.js';

type EngineError = EvaluationError | ParseError | CelTypeError;

function isEngineError(error: unknown): error is EngineError {
  return error instanceof EvaluationError || error instanceof ParseError || error instanceof CelTypeError;
}

/** Where in the text the engine found fault. */
export function rangeOf(error: unknown): { readonly start: number; readonly end: number } | undefined {
  return isEngineError(error) ? error.range : undefined;
}

const LIMITS: Readonly<Record<string, string>> = {
  maxAstNodes: 'An expression may not have so many parts',
  maxDepth: 'An expression may not be nested so deep',
  maxListElements: 'A list that is written out may not be so long',
  maxMapEntries: 'A map that is written out may not be so large',
  maxCallArguments: 'No function has so many arguments',
};

/** What the engine says when it reads and checks a text: that speaks of the text alone. */
export function messageOf(error: unknown): string {
  if (error instanceof RangeError) return 'An expression may not be nested so deep';
  if (!isEngineError(error)) return 'This cannot be read as an expression';
  const limit = /^Exceeded (\w+)/.exec(error.summary)?.[1] ?? '';
  if (error.code === 'limit_exceeded') return LIMITS[limit] ?? error.summary;
  if (error.summary === 'Unexpected token: EOF') return 'The expression ends too early';
  const member = /^No such key: (.*)$/.exec(error.summary)?.[1];
  return error.code === 'no_such_key' && member !== undefined ? `There is no member “${member}”` : error.summary;
}

/** Failures while an expression runs, by the engine's codes: its own messages may hold values of the person's. */
const FAILURES: Readonly<Record<string, string>> = {
  no_such_key: 'has no value',
  unknown_variable: 'is not known here',
  index_out_of_bounds: 'is beyond the end of the list',
  optional_value_missing: 'has no value',
  division_by_zero: 'divides by zero',
  modulo_by_zero: 'divides by zero',
  numeric_overflow: 'is too large a number',
  no_such_overload: 'is not possible between these types',
  no_matching_overload: 'takes no values of these types',
  field_type_mismatch: 'is of another type than declared',
  list_item_type_mismatch: 'is of another type than declared',
  variable_type_mismatch: 'is of another type than declared',
  invalid_condition_type: 'is neither true nor false',
  invalid_logical_operand: 'is neither true nor false',
  invalid_timestamp: 'is no time',
  invalid_duration: 'is no duration',
};

const LONGEST_EXCERPT = 60;

/** What failed, by the place in the text, such as `user.email has no value (line 1, column 7)`. Never a value. */
export function failureOf(error: unknown, text: string): string {
  if (error instanceof RangeError) return 'A number, a time or a zone is beyond what there is';
  if (!isEngineError(error)) return 'It could not be evaluated';
  const { start, end } = error.node ?? { start: 0, end: text.length };
  const { line, column } = problemAt(text, '', start, end);
  const place = `(line ${line}, column ${column})`;
  if (error.code === 'clinch') return `${error.summary} ${place}`;
  const excerpt = text.slice(start, end);
  const shown = excerpt.length > LONGEST_EXCERPT ? `${excerpt.slice(0, LONGEST_EXCERPT)}…` : excerpt;
  return `${shown} ${FAILURES[error.code] ?? 'could not be evaluated'} ${place}`;
}
