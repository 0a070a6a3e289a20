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

/** What it answers: one result for each item, in order, as far as it came in its turn. */
export type WorkerAnswer = readonly Result[];

/** What it is started with: memory in which it says where it is, at the places below. */
export interface WorkerStart {
  readonly mark: Int32Array;
}

/** The item that it is at, from 1; 0 is none. */
export const AT_ITEM = 0;
/** The number that the system knows the thread by; 0 is unknown. */
export const THREAD_ID = 1;
export const MARK_LENGTH = 2;
