import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { AuditWriter } from '../audit/audit-writer.js';
import { ServerLog } from '../audit/server-log.js';
import { Leases } from '../database/leases.js';
import { Measurements } from '../measurements/measurements.js';
import { Settings } from '../settings/settings.js';
import { AuditChain } from './audit-chain.js';

const LEASE = 'audit-chain';
/** Milliseconds after which another node goes on where this one has died. */
const LEASE_MS = 10_000;
const EVERY_MS = 1_000;
const SHORTEN_EVERY_MS = 60_000;
/** Milliseconds of one round: half of the lease, so that it is never worked beyond its end. */
const LONGEST_ROUND_MS = 5_000;

/** Gives events their places in the chain, and deletes what is past its time: on one node at a time. */
@Injectable()
export class ChainWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private nextShortening = 0;
  private ending = false;

  constructor(
    private readonly chain: AuditChain,
    private readonly leases: Leases,
    private readonly settings: Settings,
    private readonly writer: AuditWriter,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    measurements.sharedGauge(
      'clinch_audit_events_unchained',
      'Audit events that wait for their place in the chain.',
      async () => [{ value: await chain.countUnchained() }],
    );
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.ending = true;
    clearInterval(this.timer);
    await this.running;
    await this.leases.release(LEASE).catch(() => undefined);
  }

  /** One round. Never rejects: what fails is in the log, and the next round tries it again. */
  async run(): Promise<void> {
    this.running ??= this.round()
      .catch((error: unknown) => {
        if (!this.ending) this.log.failure({ kind: 'audit', err: error }, 'the audit chain goes on in a second');
      })
      .finally(() => (this.running = undefined));
    await this.running;
  }

  /** Everything that has happened on this node until now is in the chain, unless another node has the lease. */
  async settled(): Promise<void> {
    await this.writer.written();
    await this.run();
    await this.run();
  }

  private async round(): Promise<void> {
    if (!(await this.leases.acquire(LEASE, LEASE_MS))) return;
    const end = performance.now() + LONGEST_ROUND_MS;
    await this.repeat(end, () => this.chain.extend());
    if (Date.now() < this.nextShortening) return;
    const { auditRetentionDays } = this.settings.current;
    // Whatever comes of it: a step that is refused now will be refused in a second as well.
    this.nextShortening = Date.now() + SHORTEN_EVERY_MS;
    const isDone = await this.repeat(end, async () => (await this.chain.shorten(auditRetentionDays)) > 0);
    if (!isDone) this.nextShortening = 0;
  }

  /** Steps with pauses as long as they take, so that requests go first. @returns whether there is nothing more to do */
  private async repeat(end: number, step: () => Promise<boolean>): Promise<boolean> {
    while (!this.ending && performance.now() < end) {
      const began = performance.now();
      if (!(await step())) return true;
      await delay(performance.now() - began);
    }
    return false;
  }
}
