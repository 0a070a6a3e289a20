import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository } from 'typeorm';
import { AuditEventEntity } from '../audit/audit-event.entity.js';
import { ServerLog } from '../audit/server-log.js';
import { AuditChain } from '../audit-trail/audit-chain.js';
import { Leases } from '../database/leases.js';
import { Measurements, type Counter } from '../measurements/measurements.js';
import { AuditExportEntity } from './audit-export.entity.js';
import { ExportSender } from './export-sender.js';

const EVERY_MS = 1_000;
/** Milliseconds: an attempt takes five seconds at most, and the lease is asked for again before each. */
const LEASE_MS = 15_000;

/** Events of one attempt… */
const AT_ONCE = 200;
/** …until so many have failed in a row: then fewer and fewer, so that one which is never taken is found. */
const PATIENCE = 3;
/** Attempts in a row for one destination, before others have their turn. */
const IN_A_ROW = 20;

/** Milliseconds: waits between attempts that fail. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;

const LONGEST_ERROR = 500;
/** How a note of lost events begins. */
const LOST = 'lost: events';

/**
 * Sends the chain to the destinations, in its order and at least once: the position of a destination moves when all before
 * it has arrived. Each has its own lease, so that one which hangs delays nobody else, and a node that dies is followed.
 */
@Injectable()
export class ExportWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly running = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private ending = false;
  private readonly lost: Counter;

  constructor(
    @InjectRepository(AuditExportEntity) private readonly destinations: Repository<AuditExportEntity>,
    private readonly chain: AuditChain,
    private readonly sender: ExportSender,
    private readonly leases: Leases,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    this.lost = measurements.counter(
      'clinch_audit_export_lost_events_total',
      'Audit events that retention deleted before a destination had them.',
    );
    measurements.sharedGauge(
      'clinch_audit_export_lag_events',
      'Audit events in the chain that a destination does not have yet.',
      async () => {
        const { lastSeq } = await chain.state();
        const all = await destinations.findBy({ enabled: true });
        return all.map(({ id, position }) => ({ labels: { destination: id }, value: Math.max(0, lastSeq - position) }));
      },
    );
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), EVERY_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.ending = true;
    clearInterval(this.timer);
    await this.looking;
    await Promise.all(this.running.values());
  }

  /** Everything that is due now has been tried. */
  async settled(): Promise<void> {
    await this.look();
    await Promise.all(this.running.values());
  }

  /** Never rejects: what fails is tried again a second later. */
  private async look(): Promise<void> {
    this.looking ??= this.start()
      .catch((error: unknown) => this.failed(error))
      .finally(() => (this.looking = undefined));
    await this.looking;
  }

  private async start(): Promise<void> {
    const now = new Date();
    const all = await this.destinations.findBy({ enabled: true });
    for (const destination of all) {
      const { id, nextAttemptAt } = destination;
      if (this.ending || this.running.has(id) || (nextAttemptAt !== null && nextAttemptAt > now)) continue;
      const run = this.feed(destination)
        .catch((error: unknown) => this.failed(error))
        .finally(() => this.running.delete(id));
      this.running.set(id, run);
    }
  }

  private async feed(destination: AuditExportEntity): Promise<void> {
    const lease = `audit-export ${destination.id}`;
    let current: AuditExportEntity | null = destination;
    for (let each = 0; each < IN_A_ROW && current !== null && !this.ending; each++) {
      if (current.position >= (await this.chain.state()).lastSeq) return;
      if (!(await this.leases.acquire(lease, LEASE_MS))) return;
      // Read under the lease: another node may have moved it since.
      current = await this.destinations.findOneBy({ id: destination.id, enabled: true });
      if (current === null || !(await this.step(current))) return;
      current = await this.destinations.findOneBy({ id: destination.id, enabled: true });
    }
  }

  /** @returns whether there may be more to send at once */
  private async step(destination: AuditExportEntity): Promise<boolean> {
    const { id, position, failures, address } = destination;
    const atOnce = atOnceAfter(failures);
    const events = await this.destinations.manager.find(AuditEventEntity, {
      where: { seq: MoreThan(position) },
      order: { seq: 'ASC' },
      take: atOnce,
    });
    const last = events.at(-1)?.seq;
    if (last === undefined || last === null) return false;
    // Where it is another one by then, somebody has changed it: what is noted would be of the old one.
    const same = { id, position, address };
    try {
      await this.sender.send(destination, events);
    } catch (error) {
      const which = atOnce === 1 ? `event ${last}: ` : '';
      const lastError = `${which}${error instanceof Error ? error.message : String(error)}`.slice(0, LONGEST_ERROR);
      const nextAttemptAt = new Date(Date.now() + waitAfter(failures));
      await this.destinations.update(same, { failures: failures + 1, nextAttemptAt, lastError });
      if (failures === 0)
        this.log.warning({ kind: 'audit', destination: id, err: error }, 'audit events are sent again');
      return false;
    }
    const lastError = this.lossBefore(destination, events[0]?.seq ?? last);
    const done = { position: last, failures: 0, nextAttemptAt: null, lastSentAt: new Date(), lastError };
    const { affected } = await this.destinations.update(same, done);
    return affected === 1 && events.length === atOnce;
  }

  /** Places in the chain have no gaps: what is missing was deleted in its time. It stays noted until somebody changes something. */
  private lossBefore({ id, position, lastError }: AuditExportEntity, first: number): string | null {
    const missing = first - position - 1;
    if (missing <= 0) return lastError?.startsWith(LOST) === true ? lastError : null;
    this.lost.add({ destination: id }, missing);
    this.log.warning(
      { kind: 'audit', destination: id, missing },
      'audit events were deleted before they had been sent',
    );
    return `${LOST} ${position + 1} to ${first - 1} were deleted before they had been sent`;
  }

  private failed(error: unknown): void {
    if (!this.ending) this.log.failure({ kind: 'audit', err: error }, 'audit events are sent a little later');
  }
}

/** Milliseconds. Doubles each time, give or take a fifth. */
function waitAfter(failures: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures, 20), LONGEST_WAIT_MS) * (0.8 + Math.random() * 0.4);
}

/** Events of the next attempt. A quarter each time: the waits grow, too. */
function atOnceAfter(failures: number): number {
  return failures < PATIENCE ? AT_ONCE : Math.max(1, Math.floor(AT_ONCE / 4 ** (failures - PATIENCE + 1)));
}
