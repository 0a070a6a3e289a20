import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import pg, { type Pool } from 'pg';
import { Database, statement } from '../database/database.js';
import { Measurements } from '../measurements/measurements.js';
import { inTime } from './in-time.js';

const PING = statement('ping', 'SELECT 1 AS one');
const NOW = 'SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint) AS now';

/** Milliseconds: whoever asks within this gets the same answer. */
const FRESH_MS = 1_000;
/** Milliseconds that /metrics waits for it. */
const UP_WITHIN_MS = 1_000;

/**
 * Seconds. What one node stores others read by their own clocks: codes that live for a minute, leases of fifteen
 * seconds. A node that is further off than this would take good codes for old ones.
 */
export const MOST_SKEW = 30;

/** Asks the database whether it is there, and how far this node's clock is from its own. */
@Injectable()
export class DatabaseClock implements OnModuleDestroy {
  /** One connection beside the others: in a surge requests wait for those, and the node is still as good as any. */
  private readonly own: Pool | undefined;
  private asked: Promise<number> | undefined;
  private askedAt = 0;

  constructor(
    private readonly database: Database,
    measurements: Measurements,
  ) {
    measurements.gauge('clinch_database_up', 'Whether the database answers this process within a second', async () => [
      {
        value: await inTime(this.skew(), UP_WITHIN_MS).then(
          () => 1,
          () => 0,
        ),
      },
    ]);
    if (database.pool === undefined) return;
    this.own = beside(database.pool);
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
    const now = performance.now();
    if (this.asked === undefined || now - this.askedAt > FRESH_MS) {
      this.askedAt = now;
      const asked = this.ask();
      this.asked = asked;
      // A failure is shared by those who wait for it, and by nobody after them.
      asked.catch(() => {
        if (this.asked === asked) this.asked = undefined;
      });
    }
    return this.asked;
  }

  async onModuleDestroy(): Promise<void> {
    await this.own?.end();
  }

  private async ask(): Promise<number> {
    if (this.own === undefined) {
      await this.database.first(PING);
      return 0;
    }
    const asked = Date.now();
    const began = performance.now();
    const { rows } = await this.own.query<{ now: number }>(NOW);
    // It was read somewhere between the question and the answer.
    return (asked + (performance.now() - began) / 2 - (rows[0]?.now ?? asked)) / 1000;
  }
}

/** As the other connections are made, with all their limits. */
function beside({ options }: Pool): Pool {
  // node-postgres hides the password from copies.
  const pool = new pg.Pool({ ...options, password: options.password, max: 1 });
  // One that is idle and breaks is made anew by the next question.
  pool.on('error', () => undefined);
  return pool;
}
