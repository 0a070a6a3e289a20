import type { JsonValue } from './expression-facts.js';

/** What an expression is for: it says which variables it has, and what it must give. */
export type ExpressionUse = 'claim' | 'subject' | 'account' | 'access';

/** What is wrong with an expression. Lines and columns count from 1; `start` and `end` are places in the text, from 0. */
export interface ExpressionProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Why there is no value. `error`: the expression failed, as for a claim without a value. `time`: it was more work than an
 * expression may be, or nobody had time for it. `memory` and `size`: a value grew too large on the way, or at the end.
 * `resting`: it was cut off a moment ago, and is not tried again for a while.
 */
export type FailureKind = 'error' | 'time' | 'memory' | 'size' | 'resting';

/** What came of an expression. A `failure` is in words, and never holds a value of the person's. */
export type Outcome = { readonly value: JsonValue } | { readonly failure: string; readonly kind: FailureKind };
