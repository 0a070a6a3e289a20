import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ServerLog } from '../audit/server-log.js';
import { Measurements } from '../measurements/measurements.js';
import { EvaluationPool } from './evaluation-pool.js';
import type { ExpressionFacts } from './expression-facts.js';
import type { ExpressionProblem, ExpressionUse, Outcome } from './expression-outcome.js';
import { compile } from './program.js';

export { isPassing } from './expression-outcome.js';
export { expressionFault } from './problem.js';
export type { ExpressionProblem, ExpressionUse, FailureKind, Outcome } from './expression-outcome.js';

/** What a check says: the problem, if there is one, and what the expression reads. */
export interface ExpressionCheck {
  readonly problem?: ExpressionProblem;
  /** Dotted paths such as `user.email` and `user.custom.place`; `user` alone when the whole of it is used. */
  readonly reads: readonly string[];
}

/** An expression with the facts that it is to be evaluated over. */
export interface ExpressionJob {
  readonly text: string;
  readonly facts: ExpressionFacts;
}

const KEPT_CHECKS = 1_000;
/** So many jobs go to a thread at once; then it is somebody else's turn. */
const CHUNK = 32;
const LONGEST_EXCERPT = 200;

/**
 * Expressions in CEL (https://cel.dev): checked when they are saved, in this thread, where their size is bounded and
 * nothing is evaluated; evaluated in threads of their own, where each has 50 ms and 64 MB.
 */
@Injectable()
export class Expressions implements OnModuleDestroy {
  private readonly checks = new Map<string, ExpressionCheck>();
  private readonly pool: EvaluationPool;

  constructor(log: ServerLog, measurements: Measurements) {
    const cutOffs = measurements.counter(
      'clinch_expression_cutoffs_total',
      'Expressions that were stopped in the middle, by use and reason (time, memory, error)',
    );
    this.pool = new EvaluationPool(({ use, text, reason }) => {
      cutOffs.add({ use, reason });
      const expression = text?.slice(0, LONGEST_EXCERPT);
      log.warning({ kind: 'expression', use, reason, expression }, 'an expression was cut off');
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.pool.close();
  }

  /** Length, syntax, names, types, nesting, result. Never throws. Remembered, so it may be asked at every request. */
  check(text: string, use: ExpressionUse): ExpressionCheck {
    const key = `${use} ${text}`;
    const known = this.checks.get(key);
    if (known !== undefined) return known;
    const compilation = compile(text, use);
    const check =
      'problem' in compilation ? { problem: compilation.problem, reads: [] } : { reads: compilation.program.reads };
    // A text that is far too long need not be kept.
    if ('problem' in check) return check;
    const [oldest] = this.checks.keys();
    if (this.checks.size >= KEPT_CHECKS && oldest !== undefined) this.checks.delete(oldest);
    this.checks.set(key, check);
    return check;
  }

  /** Several expressions over one set of facts, as for one token. One outcome each, in order. Never throws. */
  async evaluate(use: ExpressionUse, texts: readonly string[], facts: ExpressionFacts): Promise<Outcome[]> {
    return this.evaluateEach(
      use,
      texts.map((text) => ({ text, facts })),
    );
  }

  /** Expressions over many sets of facts, as for a check of everybody. One outcome each, in order. Never throws. */
  async evaluateEach(use: ExpressionUse, jobs: readonly ExpressionJob[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (let start = 0; start < jobs.length; start += CHUNK) {
      outcomes.push(...(await this.pool.evaluate(use, jobs.slice(start, start + CHUNK))));
    }
    return outcomes;
  }
}
