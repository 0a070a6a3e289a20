import { Injectable } from '@nestjs/common';
import { LogoutNoticeStore } from '../back-channel-logout/logout-notice-store.js';
import { LogoutWorker } from '../back-channel-logout/logout-worker.js';
import type { Counter as CounterClass, Gauge as GaugeClass, Registry } from 'prom-client';
import { MOST_COUNTED, RetainedTables } from '../database/retained-tables.js';
import { Purge } from './purge.js';

/** Metrics in the text format of Prometheus. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** What is measured. */
@Injectable()
export class Metrics {
  private registry: Promise<Registry> | undefined;

  constructor(
    private readonly tables: RetainedTables,
    private readonly purge: Purge,
    private readonly notices: LogoutNoticeStore,
    private readonly logouts: LogoutWorker,
  ) {}

  async expose(): Promise<Exposition> {
    this.registry ??= this.build();
    const registry = await this.registry;
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  /** prom-client is loaded by the first who asks: a start does not wait for it. */
  private async build(): Promise<Registry> {
    // By its default export: in the bundle it has no other.
    const { collectDefaultMetrics, Counter, Gauge, Registry } = (await import('prom-client')).default;
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const { tables, purge } = this;
    const pastDue = new Gauge({
      name: 'clinch_rows_past_due',
      help: `Rows that the next purge will delete, counted up to ${MOST_COUNTED} in the database that all nodes share`,
      labelNames: ['table'],
      registers: [],
      async collect() {
        await setPastDue(this, tables);
      },
    });
    const purged = new Counter({
      name: 'clinch_rows_purged_total',
      help: 'Rows that this process has deleted because they were past their time',
      labelNames: ['table'],
      registers: [],
      collect() {
        this.reset();
        for (const [table, rows] of purge.purged) this.inc({ table }, rows);
      },
    });
    registry.registerMetric(pastDue);
    registry.registerMetric(purged);
    for (const metric of this.ofLogouts(Counter, Gauge)) registry.registerMetric(metric);
    return registry;
  }

  /** What apps are told of sign-outs. */
  private ofLogouts(Counter: typeof CounterClass, Gauge: typeof GaugeClass): (CounterClass | GaugeClass)[] {
    const { notices, logouts } = this;
    const pending = new Gauge({
      name: 'clinch_logout_notices_pending',
      help: `Apps that are still to be told of a sign-out, counted up to ${MOST_COUNTED} in the database that all nodes share`,
      registers: [],
      async collect() {
        // The database is away: the rest is worth having all the same.
        const count = await notices.countPending(MOST_COUNTED).catch(() => undefined);
        this.set(count ?? Number.NaN);
      },
    });
    const deliveries = new Counter({
      name: 'clinch_logout_deliveries_total',
      help: 'Attempts of this process to tell an app of a sign-out, by what came of them',
      labelNames: ['outcome'],
      registers: [],
      collect() {
        this.reset();
        for (const [outcome, attempts] of logouts.outcomes) this.inc({ outcome }, attempts);
      },
    });
    return [pending, deliveries];
  }
}

/**
 * Asked of the database at every scrape, so that it is true even where the purge does not run; by the index, so that
 * it costs next to nothing while few rows are due. One table after the other, so that it takes one connection.
 */
async function setPastDue(
  gauge: { reset(): void; set(labels: { table: string }, value: number): void },
  tables: RetainedTables,
): Promise<void> {
  gauge.reset();
  for (const table of tables.all) {
    try {
      gauge.set({ table: table.name }, await table.countDue(Date.now()));
    } catch {
      // The database is away: the rest is worth having all the same, and /readyz says what is wrong.
      return;
    }
  }
}
