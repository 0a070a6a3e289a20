import type { DataSource } from 'typeorm';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { whileLockedByOthers } from './sqlite-lock.js';
import { SqliteTurns } from './sqlite-turns.js';

/**
 * TypeORM hands every caller the same query runner on SQLite: a statement of one request runs inside the transaction
 * of another, and is lost when that one rolls back. Here every caller gets a runner of its own, and the runners take
 * turns on the connection.
 */
class TakingTurnsQueryRunner extends BetterSqlite3QueryRunner {
  constructor(
    driver: BetterSqlite3Driver,
    private readonly turns: SqliteTurns,
  ) {
    super(driver);
  }

  override async query(
    ...[sql, parameters, useStructuredResult]: Parameters<BetterSqlite3QueryRunner['query']>
  ): ReturnType<BetterSqlite3QueryRunner['query']> {
    // Between two tries of a statement without a transaction, others have their turn.
    return whileLockedByOthers(() => this.turns.during(this, () => super.query(sql, parameters, useStructuredResult)));
  }

  override async startTransaction(): Promise<void> {
    if (!this.turns.isHeldBy(this)) await this.turns.take(this);
    try {
      await super.startTransaction();
    } catch (error) {
      if (!this.isTransactionActive) this.turns.give(this);
      throw error;
    }
  }

  override async commitTransaction(): Promise<void> {
    await super.commitTransaction();
    if (!this.isTransactionActive) this.turns.give(this);
  }

  override async rollbackTransaction(): Promise<void> {
    // A savepoint's rollback leaves the transaction around it open, and the turn with it.
    const outermost = this.transactionDepth <= 1;
    try {
      await super.rollbackTransaction();
    } finally {
      // SQLite rolls back by itself when the disk is full; the turn must not be kept for it.
      if (outermost) this.turns.give(this);
    }
  }
}

/** To be called before the data source is initialised. */
export function isolateSqlite(dataSource: DataSource): SqliteTurns {
  const turns = new SqliteTurns();
  const driver = dataSource.driver as BetterSqlite3Driver;
  driver.createQueryRunner = () => new TakingTurnsQueryRunner(driver, turns);
  return turns;
}
