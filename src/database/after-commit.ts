import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

type Action = () => void;

interface Waiting {
  readonly action: Action;
  /** How deep in savepoints it was asked for, or what it was asked in has been taken over into; 1: in none. */
  depth: number;
}

const waiting = new WeakMap<QueryRunner, Waiting[]>();
const prepared = new WeakSet<DataSource>();

/**
 * Has something done when a transaction is there for good. Of one that is rolled back nothing is done, and nothing of a
 * savepoint that is.
 *
 * @param manager of the transaction; outside of one it is done at once
 * @param action must not throw
 */
export function afterCommit({ queryRunner, dataSource }: EntityManager, action: Action): void {
  if (queryRunner?.isTransactionActive !== true) {
    action();
    return;
  }
  prepare(dataSource);
  const all = waiting.get(queryRunner) ?? [];
  waiting.set(queryRunner, [...all, { action, depth: depthOf(queryRunner) }]);
}

/** TypeORM tells its subscribers how transactions end; a savepoint's end is not yet that of the transaction around it. */
function prepare(dataSource: DataSource): void {
  if (prepared.has(dataSource)) return;
  prepared.add(dataSource);
  dataSource.subscribers.push({
    afterTransactionCommit: ({ queryRunner }) => {
      const actions = waiting.get(queryRunner) ?? [];
      if (queryRunner.isTransactionActive) {
        const depth = depthOf(queryRunner);
        for (const each of actions) each.depth = Math.min(each.depth, depth);
        return;
      }
      waiting.delete(queryRunner);
      for (const { action } of actions) action();
    },
    afterTransactionRollback: ({ queryRunner }) => {
      const depth = queryRunner.isTransactionActive ? depthOf(queryRunner) : 0;
      const left = (waiting.get(queryRunner) ?? []).filter((each) => each.depth <= depth);
      if (left.length === 0) waiting.delete(queryRunner);
      else waiting.set(queryRunner, left);
    },
  });
}

/** TypeORM counts savepoints, and shows the number to nobody by its types. */
function depthOf(queryRunner: QueryRunner): number {
  return (queryRunner as unknown as { readonly transactionDepth: number }).transactionDepth;
}
