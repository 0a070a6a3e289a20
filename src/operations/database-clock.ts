import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';
import { Measurements } from '../measurements/measurements.js';

const PING = statement('ping', 'SELECT 1 AS one');
const NOW = statement('clock', 'SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint) AS now');

/**
 * Seconds. What one node stores others read by their own clocks: codes that live for a minute, leases of fifteen
 * seconds. A node that is further off than this would take good codes for old ones.
 */
export const MOST_SKEW = 30;

/** Asks the database whether it is there, and how far this node's clock is from its own. */
@Injectable()
export class DatabaseClock {
  constructor(
    private readonly database: Database,
    measurements: Measurements,
  ) {
    if (database.kind === 'sqlite') return;
    measurements.gauge(
      'clinch_clock_skew_seconds',
      'How far the clock of this node is ahead of that of PostgreSQL; beyond 30 either way it is not ready',
      async () => [{ value: await this.skew() }],
    );
  }

  /**
   * Seconds that this node is ahead, negative when it is behind. The embedded database has this node's own clock.
   *
   * @throws when the database does not answer
   */
  async skew(): Promise<number> {
    if (this.database.kind === 'sqlite') {
      await this.database.first(PING);
      return 0;
    }
    const asked = Date.now();
    const began = performance.now();
    const row = await this.database.first<{ now: number }>(NOW);
    // It was read somewhere between the question and the answer.
    return (asked + (performance.now() - began) / 2 - (row?.now ?? asked)) / 1000;
  }
}
