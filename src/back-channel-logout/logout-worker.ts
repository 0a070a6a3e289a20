import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { AuditLog } from '../audit/audit-log.js';
import { ServerLog } from '../audit/server-log.js';
import { isUnavailable } from '../database/database-errors.js';
import { MOST_COUNTED } from '../database/retained-tables.js';
import { Measurements, type Counter } from '../measurements/measurements.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { LogoutDelivery, type Verdict } from './logout-delivery.js';
import { LogoutNoticeStore, type ClaimedNotice } from './logout-notice-store.js';

/** Milliseconds between two looks for what other nodes have left, or what is due again. */
const POLL_MS = 1_000;

/** Apps that are told at a time, notices of one of them, and how often before others have their turn. */
const APPS_AT_A_TIME = 40;
const OF_ONE_APP = 5;
const IN_A_ROW = 20;
/** Apps that did not answer the last time: of these so many, one notice each, so that they never stand in the way. */
const AILING_AT_A_TIME = 10;

/** Milliseconds that a worker has for what it claimed before another may take it over. An attempt takes five seconds at most. */
const LEASE_MS = 15_000;

/** Milliseconds: waits between attempts. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;

/** An app that refuses a token refuses the next one too. */
const ATTEMPTS_AGAINST_REFUSAL = 3;

/** Milliseconds that a stopping server waits for what runs. */
const STOP_WITHIN_MS = 8_000;

/** What became of attempts. */
export type DeliveryOutcome = 'delivered' | 'postponed' | 'failed';

/**
 * Tells apps what is in the queue: at once what was queued here, and within a second what any other node left. Each app
 * is a lane of its own: one that hangs delays nobody else.
 */
@Injectable()
export class LogoutWorker implements OnApplicationBootstrap, OnModuleDestroy {
  /** How often each, since the start of this process. */
  readonly outcomes: Counter;

  private readonly lanes = new Map<string, Promise<void>>();
  /** Apps that did not answer the last time. */
  private readonly ailing = new Set<string>();
  /** When each app had its last turn. */
  private readonly turns = new Map<string, number>();
  /** Somebody was to be told who could not be just now: to be looked at when a lane ends. */
  private passedOver = false;
  private timer: NodeJS.Timeout | undefined;
  private asked = false;
  private looking = false;
  private ending = false;

  constructor(
    private readonly store: LogoutNoticeStore,
    private readonly delivery: LogoutDelivery,
    private readonly audit: AuditLog,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    this.outcomes = measurements.counter(
      'clinch_logout_deliveries_total',
      'Attempts of this process to tell an app of a sign-out, by what came of them',
    );
    measurements.sharedGauge(
      'clinch_logout_notices_pending',
      `Apps that are still to be told of a sign-out, counted up to ${MOST_COUNTED} in the database that all nodes share`,
      async () => [{ value: await store.countPending(MOST_COUNTED) }],
    );
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.wake(), POLL_MS).unref();
    this.wake();
  }

  /** What runs is finished, if that is soon; else another node takes it over when its lease ends. */
  async onModuleDestroy(): Promise<void> {
    this.ending = true;
    clearInterval(this.timer);
    const stop = new AbortController();
    const patience = delay(STOP_WITHIN_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.lanes.values()), patience]);
    stop.abort();
  }

  /** There may be something to do. */
  wake(): void {
    this.asked = true;
    if (this.looking || this.ending) return;
    this.looking = true;
    setImmediate(() => void this.look());
  }

  private async look(): Promise<void> {
    while (this.asked && !this.ending) {
      this.asked = false;
      const began = performance.now();
      try {
        this.fill(await this.store.dueApps());
      } catch (error) {
        if (!this.ending)
          this.log.failure({ kind: 'logout', err: error }, 'the notices of sign-outs are looked at again in a moment');
      }
      // As long as it took: however long the queue is, the database has time for everybody else.
      await delay(performance.now() - began);
    }
    this.looking = false;
  }

  /** Starts as many lanes as may run, the one first that has waited longest for its turn; those that do not answer come last. */
  private fill(apps: readonly string[]): void {
    const rank = (app: string) => Number(this.ailing.has(app));
    const turn = (app: string) => this.turns.get(app) ?? 0;
    for (const app of apps.toSorted((one, other) => rank(one) - rank(other) || turn(one) - turn(other))) {
      const isFull = this.lanes.has(app) || !this.hasRoomFor(app);
      if (!isFull) this.start(app);
      // Those that do not answer have time until the next poll.
      else if (!this.ailing.has(app)) this.passedOver = true;
    }
  }

  private hasRoomFor(app: string): boolean {
    if (this.ending || this.lanes.size >= APPS_AT_A_TIME) return false;
    return (
      !this.ailing.has(app) || [...this.lanes.keys()].filter((each) => this.ailing.has(each)).length < AILING_AT_A_TIME
    );
  }

  private start(app: string): void {
    const lane = this.tell(app)
      .catch((error: unknown) => {
        this.log.failure({ kind: 'logout', app, err: error }, 'notices are left for later');
      })
      .finally(() => this.ended(app));
    this.lanes.set(app, lane);
  }

  private ended(app: string): void {
    this.lanes.delete(app);
    if (!this.passedOver) return;
    this.passedOver = false;
    this.wake();
  }

  /** One turn of an app: as long as it answers and there is something to tell it, and others are not kept waiting. */
  private async tell(app: string): Promise<void> {
    for (let round = 0; round < IN_A_ROW && !this.ending; round++) {
      const most = this.ailing.has(app) ? 1 : OF_ONE_APP;
      const notices = await this.store.claim(app, newIdentifier(), most, LEASE_MS);
      if (notices.length === 0) return;
      this.turns.set(app, performance.now());
      if (!(await this.answers(notices))) {
        // It is tried again at the next poll: one that is down must not keep this going without a pause.
        this.ailing.add(app);
        return;
      }
      this.ailing.delete(app);
    }
    // There may be more.
    this.turns.set(app, performance.now());
    this.passedOver = true;
  }

  /** Whether the app answered to all of them, be it that it refuses. */
  private async answers(notices: readonly ClaimedNotice[]): Promise<boolean> {
    const told = await Promise.allSettled(notices.map((notice) => this.deliver(notice)));
    for (const each of told) if (each.status === 'rejected') throw each.reason;
    return told.every((each) => each.status === 'fulfilled' && each.value !== 'unanswered');
  }

  private async deliver(notice: ClaimedNotice): Promise<Verdict['outcome']> {
    const verdict = await this.delivery.attempt(notice).catch((error: unknown) => this.ownFault(notice, error));
    const wait = waitAfter(notice.attempts);
    if (verdict.outcome === 'delivered') {
      if (await this.store.settle(notice, 'delivered', verdict)) this.note('delivered', notice, verdict);
    } else if (isOver(notice, verdict, wait)) {
      if (await this.store.settle(notice, 'failed', verdict)) this.note('failed', notice, verdict);
    } else if (await this.store.postpone(notice, new Date(Date.now() + wait), verdict)) {
      this.note('postponed', notice, verdict);
    }
    return verdict.outcome;
  }

  /** @throws when it is the database: then it is left to the end of the lease, and the lane ends */
  private ownFault(notice: ClaimedNotice, error: unknown): Verdict {
    if (isUnavailable(error)) throw error;
    this.log.failure({ kind: 'logout', notice: notice.id, err: error }, 'a notice could not be sent');
    return { outcome: 'unanswered', status: undefined, error: 'Clinch could not send it; the log has the reason' };
  }

  private note(outcome: DeliveryOutcome, notice: ClaimedNotice, { status, error }: Verdict): void {
    this.outcomes.add({ outcome });
    const { id, clientId, accountId, sessionId: sid, cause } = notice;
    const details = { notice: id, sid, cause, attempts: notice.attempts + 1, status, reason: error };
    if (outcome !== 'postponed') this.audit.record(`logout.${outcome}`, { clientId, accountId }, details);
    else if (notice.attempts === 0)
      this.log.warning({ kind: 'logout', clientId, ...details }, 'an app is told again later');
  }
}

function isOver({ attempts, expiresAt }: ClaimedNotice, { outcome }: Verdict, wait: number): boolean {
  if (outcome === 'hopeless') return true;
  if (outcome === 'refused' && attempts + 1 >= ATTEMPTS_AGAINST_REFUSAL) return true;
  return Date.now() + wait >= expiresAt.getTime();
}

/** Milliseconds. Doubles each time, give or take a fifth, so that what failed together does not come back together. */
function waitAfter(attempts: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts, 20), LONGEST_WAIT_MS);
  return wait * (0.8 + Math.random() * 0.4);
}
