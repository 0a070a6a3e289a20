import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

type Action = () => void;

const waiting = new WeakMap<QueryRunner, Action[]>();
const prepared = new WeakSet<DataSource>();

/**
 * Has something done when a transaction is there for good. Of one that is rolled back nothing is done.
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
  const actions = waiting.get(queryRunner);
  if (actions === undefined) waiting.set(queryRunner, [action]);
  else actions.push(action);
}

/** TypeORM tells its subscribers how transactions end; a savepoint's end is not yet that of the transaction around it. */
function prepare(dataSource: DataSource): void {
  if (prepared.has(dataSource)) return;
  prepared.add(dataSource);
  dataSource.subscribers.push({
    afterTransactionCommit: ({ queryRunner }) => {
      if (queryRunner.isTransactionActive) return;
      const actions = waiting.get(queryRunner) ?? [];
      waiting.delete(queryRunner);
      for (const action of actions) action();
    },
    afterTransactionRollback: ({ queryRunner }) => {
      if (!queryRunner.isTransactionActive) waiting.delete(queryRunner);
    },
  });
}
