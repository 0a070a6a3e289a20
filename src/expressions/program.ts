import type { ParseResult } from '@marcbachmann/cel-js';
import { environmentOf } from './environments.js';
import { fence } from './fence.js';
import type { ExpressionProblem, ExpressionUse, FailureKind } from './expression-outcome.js';
import { failureOf, messageOf, rangeOf } from './engine-errors.js';
import { isCleanText, jsonText, NoJsonError } from './json-out.js';
import { LARGEST_RESULT, LONGEST_TEXT } from './limits.js';
import { judgeMembers } from './members.js';
import { meter } from './meter.js';
import { ExpressionError, problemAt } from './problem.js';
import { judgeShape } from './shape.js';
import { treeOf, type SyntaxNode } from './syntax-tree.js';
import { RESULTS } from './vocabulary.js';

/** An expression that may be evaluated. */
export interface Program {
  readonly text: string;
  readonly use: ExpressionUse;
  /** Dotted paths of what it reads. */
  readonly reads: readonly string[];
  readonly evaluate: ParseResult;
}

export type Compilation = { readonly program: Program } | { readonly problem: ExpressionProblem };

/** The value as JSON text, or why there is none. */
export type Result =
  | { readonly json: string }
  | { readonly failure: string; readonly kind: Extract<FailureKind, 'error' | 'work' | 'size'> };

/** Reads and checks an expression. The same code says what may be saved and what is evaluated. Never throws. */
export function compile(text: string, use: ExpressionUse): Compilation {
  try {
    return { program: compileOrThrow(text, use) };
  } catch (error) {
    if (error instanceof ExpressionError) return { problem: problemAt(text, error.message, error.start, error.end) };
    const { start, end } = rangeOf(error) ?? { start: 0, end: text.length };
    return { problem: problemAt(text, messageOf(error), start, end) };
  }
}

function compileOrThrow(text: string, use: ExpressionUse): Program {
  if (text.length > LONGEST_TEXT) {
    throw new ExpressionError(`An expression may have ${LONGEST_TEXT} characters`, LONGEST_TEXT, text.length);
  }
  if (!isCleanText(text))
    throw new ExpressionError('An expression may not hold NUL or half a character', 0, text.length);
  const parsed = environmentOf(use).parse(text);
  const tree = treeOf(parsed);
  judgeShape(tree, use);
  const { error, type } = parsed.check();
  if (error !== undefined) throw error;
  judgeResult(tree, type ?? 'dyn', use);
  const reads = judgeMembers(tree, use);
  fence(tree);
  return { text, use, reads, evaluate: parsed };
}

const NO_RESULTS = /^(bytes|type|google\.protobuf\.Duration|CelNamespace|OptionalNamespace)$/;

function judgeResult(tree: SyntaxNode, type: string, use: ExpressionUse): void {
  const wanted = RESULTS[use];
  if (wanted === undefined) {
    if (NO_RESULTS.test(type)) throw new ExpressionError(`JSON has no form for a ${type}`, tree.start, tree.end);
    return;
  }
  if (type === wanted || type.startsWith('dyn')) return;
  throw new ExpressionError(`The result must be a ${wanted}; it is a ${type}`, tree.start, tree.end);
}

/** Evaluates a program over variables that `variablesOf` made. Never throws. */
export function run(program: Program, variables: ReadonlyMap<string, unknown>): Result {
  meter.reset();
  try {
    const value: unknown = program.evaluate(variables);
    return limitFailure() ?? { json: resultText(value, program.use) };
  } catch (error) {
    if (error instanceof NoJsonError) return { failure: `The result ${error.message}`, kind: error.kind };
    return limitFailure() ?? { failure: failureOf(error, program.text), kind: 'error' };
  }
}

function limitFailure(): Result | undefined {
  if (meter.exceeded === 'time') return { failure: 'It is more work than an expression may be', kind: 'work' };
  if (meter.exceeded === 'size') return { failure: 'A value grew too large on the way', kind: 'size' };
  return undefined;
}

function resultText(value: unknown, use: ExpressionUse): string {
  const wanted = RESULTS[use];
  if (wanted === 'string' && typeof value !== 'string') throw new NoJsonError('is no text', 'error');
  if (wanted === 'bool' && typeof value !== 'boolean') throw new NoJsonError('is neither true nor false', 'error');
  return jsonText(value, LARGEST_RESULT);
}
