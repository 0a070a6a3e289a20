/** What becomes of a table's rows with time. */
export interface RetentionRule {
  /** The column that says when a row is of no more use: epoch milliseconds, with an index of its own. */
  readonly column: string;
  /** Seconds that a row stays after that. */
  readonly keepFor: number;
  /** A column that is emptied while its row stays. */
  readonly tidy?: TidyRule;
}

export interface TidyRule {
  /** The column that is emptied. */
  readonly empties: string;
  /** The column that says from when on its content is of no more use: epoch milliseconds. */
  readonly column: string;
  /** Seconds that the content stays after that. */
  readonly keepFor: number;
}

const RULES = new WeakMap<object, RetentionRule>();

/**
 * Says beside an entity how long its rows are kept. One job deletes them all: see `operations/purge.ts`. A table with
 * short-lived rows and without a retention grows for ever, so a test asks every table with an `expires_at` for one.
 */
export function Retention(rule: RetentionRule): ClassDecorator {
  return (entity) => void RULES.set(entity, rule);
}

/** What was declared for an entity's class. */
export function retentionOf(entity: object): RetentionRule | undefined {
  return RULES.get(entity);
}
