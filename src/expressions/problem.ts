import type { ExpressionProblem } from './expression-outcome.js';

/** Why a text is no expression, and where in it. */
export class ExpressionError extends Error {
  constructor(
    message: string,
    readonly start: number,
    readonly end: number,
  ) {
    super(message);
  }
}

/** A problem at a place of a text, with the line and the column that people count. */
export function problemAt(text: string, message: string, start: number, end: number): ExpressionProblem {
  const before = text.slice(0, start);
  const line = before.split('\n').length;
  const column = start - (before.lastIndexOf('\n') + 1) + 1;
  return { message, line, column, start, end: Math.max(start, end) };
}

/** The problem in words, with its place: for the field that holds the expression. */
export function expressionFault(problem: ExpressionProblem): string {
  return `line ${problem.line}, column ${problem.column}: ${problem.message}`;
}
