import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerLog } from '../audit/server-log.js';
import { MOST_COUNTED, RetainedTables, type RetainedTable } from '../database/retained-tables.js';
import { Measurements, type Reading } from '../measurements/measurements.js';

/** Milliseconds, give or take a fifth, so that nodes that start together do not work at the same moments. */
const FIRST_ROUND_MS = 6_000;
const ROUND_EVERY_MS = 60_000;
/** A round that had to stop goes on after this. */
const NEXT_PART_MS = 1_000;
const TIDY_EVERY_MS = 3_600_000;

/** Milliseconds: what a round has done is in the log after this at the latest. */
const LONGEST_ROUND_MS = 60_000;

/** Milliseconds between two batches; a batch that took longer is followed by a pause as long as itself. */
const SHORTEST_PAUSE_MS = 20;

/**
 * Deletes what is past its time, in every table that declares a retention. In small batches with pauses, so that
 * requests go first: half of the time at most is spent here. Any number of nodes may do it at once.
 */
@Injectable()
export class Purge implements OnApplicationBootstrap, OnModuleDestroy {
  /** Rows deleted by this process since it started, by table. */
  readonly purged: Map<string, number>;
  private readonly ending = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<boolean> | undefined;
  private nextTidy = 0;

  constructor(
    private readonly tables: RetainedTables,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    this.purged = new Map(tables.all.map(({ name }) => [name, 0]));
    measurements.counted(
      'clinch_rows_purged_total',
      'Rows that this process has deleted because they were past their time',
      () => [...this.purged].map(([table, value]) => ({ labels: { table }, value })),
    );
    // Asked of the database at every scrape, so that it is true even where the purge does not run; by the index, so
    // that it costs next to nothing while few rows are due.
    measurements.sharedGauge(
      'clinch_rows_past_due',
      `Rows that the next purge will delete, counted up to ${MOST_COUNTED} in the database that all nodes share`,
      () => pastDue(tables),
    );
  }

  onApplicationBootstrap(): void {
    this.schedule(FIRST_ROUND_MS);
  }

  /** Comes before the connections are closed: a batch that runs is waited for, and no other begins. */
  async onModuleDestroy(): Promise<void> {
    this.ending.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  /**
   * One round: batches of all tables in turn until nothing is left, or the round took long. Never rejects: what fails
   * is in the log, and the next round tries it again.
   *
   * @returns false when it had to stop before all was deleted
   */
  async run(): Promise<boolean> {
    this.running ??= this.round().finally(() => (this.running = undefined));
    return this.running;
  }

  private schedule(milliseconds: number): void {
    if (this.ending.signal.aborted) return;
    this.timer = setTimeout(
      () => void this.run().then((done) => this.schedule(done ? ROUND_EVERY_MS : NEXT_PART_MS)),
      milliseconds * (0.8 + Math.random() * 0.4),
    ).unref();
  }

  private async round(): Promise<boolean> {
    const start = performance.now();
    const before = new Map(this.purged);
    let unfinished = this.tables.all;
    while (unfinished.length > 0 && this.mayGoOn(start)) unfinished = await this.oneBatchOfEach(unfinished);
    this.report(before, start);
    if (unfinished.length === 0 && Date.now() >= this.nextTidy) await this.tidy();
    return unfinished.length === 0;
  }

  private mayGoOn(start: number): boolean {
    return !this.ending.signal.aborted && performance.now() - start < LONGEST_ROUND_MS;
  }

  /** @returns the tables that may have more */
  private async oneBatchOfEach(tables: readonly RetainedTable[]): Promise<readonly RetainedTable[]> {
    const unfinished: RetainedTable[] = [];
    for (const table of tables) {
      if (this.ending.signal.aborted) return tables;
      const deleted = await this.withPause(table, () => table.deleteBatch(Date.now()));
      if (deleted === undefined) continue;
      this.purged.set(table.name, (this.purged.get(table.name) ?? 0) + deleted);
      if (deleted === table.batch) unfinished.push(table);
    }
    return unfinished;
  }

  /** Once an hour at most: it goes through whole tables. */
  private async tidy(): Promise<void> {
    this.nextTidy = Date.now() + TIDY_EVERY_MS;
    for (const table of this.tables.all) {
      let after: string | undefined = '';
      while (after !== undefined && !this.ending.signal.aborted) {
        const from: string = after;
        after = (await this.withPause(table, () => table.tidyStep(from, Date.now())))?.last;
      }
    }
  }

  /** @returns undefined when it failed, which the log says */
  private async withPause<T>(table: RetainedTable, batch: () => Promise<T>): Promise<T | undefined> {
    const start = performance.now();
    try {
      return await batch();
    } catch (error) {
      this.log.failure({ kind: 'purge', table: table.name, err: error }, 'the purge goes on in a minute');
      return undefined;
    } finally {
      await this.pause(Math.max(SHORTEST_PAUSE_MS, performance.now() - start));
    }
  }

  private async pause(milliseconds: number): Promise<void> {
    // Rejects when the server ends, which is all that there is to know.
    await delay(milliseconds, undefined, { signal: this.ending.signal, ref: false }).catch(() => undefined);
  }

  private report(before: ReadonlyMap<string, number>, start: number): void {
    const deleted = [...this.purged]
      .map(([table, rows]) => [table, rows - (before.get(table) ?? 0)] as const)
      .filter(([, rows]) => rows > 0);
    if (deleted.length === 0) return;
    const ms = Math.round(performance.now() - start);
    this.log.info({ kind: 'purge', deleted: Object.fromEntries(deleted), ms });
  }
}

/** One table after the other, so that it takes one connection. */
async function pastDue({ all }: RetainedTables): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (const table of all) readings.push({ labels: { table: table.name }, value: await table.countDue(Date.now()) });
  return readings;
}
