import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
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
    measurements.gauge(
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
    while (!this.ending && performance.now() < end && (await this.chain.extend()));
    if (Date.now() < this.nextShortening) return;
    let deleted = 0;
    do deleted = await this.chain.shorten(this.settings.current.auditRetentionDays);
    while (!this.ending && deleted > 0 && performance.now() < end);
    if (deleted === 0) this.nextShortening = Date.now() + SHORTEN_EVERY_MS;
  }
}
