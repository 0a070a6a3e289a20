import type { ExpressionFacts } from '../expression-facts.js';
import type { ExpressionUse } from '../expression-outcome.js';
import type { Result } from '../program.js';

/** One expression over one set of facts. */
export interface Item {
  readonly text: string;
  readonly facts: ExpressionFacts;
}

/** What a worker is told. Facts that several items share are sent once. */
export interface WorkerTask {
  readonly use: ExpressionUse;
  readonly items: readonly Item[];
}

/** What it answers: one result for each item, in order. */
export type WorkerAnswer = readonly Result[];

/** What it is started with: one number, which says which item it is at, from 1; 0 is none. */
export interface WorkerStart {
  readonly mark: Int32Array;
}
