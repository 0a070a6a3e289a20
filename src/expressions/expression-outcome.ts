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
 * Why there is no value. `error`: the expression failed, as for a claim without a value. `work`: it was more work than an
 * expression may be. `size`: a value grew too large on the way, or at the end. `time` and `memory`: it was cut off.
 * `resting`: it was cut off a moment ago, and is not tried again for a while. `crowded`: nobody had time for it.
 */
export type FailureKind = 'error' | 'work' | 'time' | 'memory' | 'size' | 'resting' | 'crowded';

/** What came of an expression. A `failure` is in words, and never holds a value of the person's. */
export type Outcome = { readonly value: JsonValue } | { readonly failure: string; readonly kind: FailureKind };

const PASSING: ReadonlySet<FailureKind> = new Set<FailureKind>(['time', 'memory', 'resting', 'crowded']);

/** Whether there may be a value in a moment: what is in the way may be the hour, and says nothing of the person. */
export function isPassing(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && 'failure' in outcome && PASSING.has(outcome.kind);
}
