import { Injectable } from '@nestjs/common';
import { Measurements } from '../measurements/measurements.js';
import { Database } from './database.js';
import { sqliteTurns } from './data-source.js';

/** How busy the way to the database is. */
@Injectable()
export class DatabaseFigures {
  constructor(database: Database, measurements: Measurements) {
    const { pool } = database;
    const turns = sqliteTurns(database.dataSource);
    measurements.gauge(
      'clinch_database_waiting',
      'Statements and transactions that wait for a connection, or on SQLite for their turn on the one that there is',
      () => [{ value: pool?.waitingCount ?? turns?.waitingCount ?? 0 }],
    );
    if (pool === undefined) return;
    measurements.gauge('clinch_database_connections', 'Connections of this process to PostgreSQL', () => [
      { labels: { state: 'in_use' }, value: pool.totalCount - pool.idleCount },
      { labels: { state: 'idle' }, value: pool.idleCount },
    ]);
  }
}
