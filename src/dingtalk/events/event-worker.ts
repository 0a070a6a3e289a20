import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerLog } from '../../audit/server-log.js';
import { isUnavailable } from '../../database/database-errors.js';
import { MOST_COUNTED } from '../../database/retained-tables.js';
import { Measurements, type Reading } from '../../measurements/measurements.js';
import { newIdentifier } from '../../protocol/opaque-token.js';
import { DingTalkError } from '../api/dingtalk-error.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IdentitySources } from '../source/identity-sources.js';
import { EventHandler, type Verdict } from './event-handler.js';
import { EventStore, type ClaimedEvent, type Lane } from './event-store.js';
import { inTime } from './in-time.js';
import { Leases } from '../../database/leases.js';

/** Milliseconds between two looks for what other nodes have left, or what is due again. */
const POLL_MS = 1_000;

/** People, departments and roles of one source that are read at a time: a slow DingTalk holds up its own events only. */
const AT_A_TIME = 8;

/**
 * Milliseconds that a worker has for one subject before another may take it over; it gives up a little earlier. Short,
 * because what a node had in hand when it died waits for so long, and it may be somebody who has left.
 */
const LEASE_MS = 15_000;
const HANDLE_WITHIN_MS = 12_000;

/** Milliseconds: waits between tries while DingTalk cannot be asked, and how long that goes on. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/** Milliseconds that a stopping server waits for what runs. */
const STOP_WITHIN_MS = 8_000;

const LONGEST_ERROR = 500;

/**
 * Works on stored events: at once on what came in here, and on what any other node left. Of one person's events, all
 * that wait are worked on together, and never by two workers at a time.
 */
@Injectable()
export class EventWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly running = new Map<string, Promise<void>>();
  private readonly filling = new Set<string>();
  private readonly fillAgain = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private roundAsked = false;
  private ending = false;

  constructor(
    private readonly sources: IdentitySources,
    private readonly store: EventStore,
    private readonly handler: EventHandler,
    private readonly leases: Leases,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    measurements.sharedGauge(
      'clinch_directory_events_pending',
      `Events of DingTalk that wait to be worked on, counted up to ${MOST_COUNTED} in the database that all nodes share`,
      () => this.pending(),
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
    await Promise.race([Promise.allSettled(this.running.values()), patience]);
    stop.abort();
  }

  /** There may be something to do. */
  wake(): void {
    if (this.roundAsked || this.ending) return;
    this.roundAsked = true;
    setImmediate(() => void this.round());
  }

  private async pending(): Promise<Reading[]> {
    const readings: Reading[] = [];
    for (const { id } of await this.sources.enabled()) {
      readings.push({ labels: { source: id }, value: await this.store.countPending(id, MOST_COUNTED) });
    }
    return readings;
  }

  private async round(): Promise<void> {
    this.roundAsked = false;
    try {
      const sources = await this.sources.enabled();
      await Promise.all(sources.map((source) => this.fill(source)));
    } catch (error) {
      if (!this.ending)
        this.log.failure({ kind: 'directory_events', err: error }, 'the worker tries again in a moment');
    }
  }

  /** Starts as much as may run of what is due. */
  private async fill(source: IdentitySource): Promise<void> {
    // Somebody has asked what is due, and may not have seen what is new.
    if (this.filling.has(source.id)) this.fillAgain.add(source.id);
    if (this.filling.has(source.id) || this.free(source) <= 0) return;
    this.filling.add(source.id);
    try {
      for (const lane of await this.store.due(source.id)) {
        if (this.free(source) <= 0 || this.ending) break;
        const name = `event:${source.id}:${lane.kind}:${lane.key}`;
        if (!this.running.has(name)) this.start(name, source, lane);
      }
    } finally {
      this.filling.delete(source.id);
      if (this.fillAgain.delete(source.id)) this.wake();
    }
  }

  private free({ id }: IdentitySource): number {
    return AT_A_TIME - [...this.running.keys()].filter((name) => name.startsWith(`event:${id}:`)).length;
  }

  private start(name: string, source: IdentitySource, lane: Lane): void {
    const run = this.work(name, source, lane)
      .catch((error: unknown) => {
        this.log.failure({ kind: 'directory_events', source: source.id, err: error }, 'an event is left for later');
        return false;
      })
      .then((didSomething) => this.ended(name, didSomething));
    this.running.set(name, run);
  }

  private ended(name: string, didSomething: boolean): void {
    this.running.delete(name);
    if (didSomething) this.wake();
  }

  /** @returns whether there was something to do, so that more may be there */
  private async work(name: string, source: IdentitySource, lane: Lane): Promise<boolean> {
    const claim = newIdentifier();
    if (!(await this.leases.acquire(name, LEASE_MS, claim))) return false;
    try {
      const events = await this.store.claim(source.id, lane, claim, LEASE_MS);
      if (events.length > 0) await this.handle(source, lane, claim, events);
      return events.length > 0;
    } finally {
      await this.leases.release(name, claim);
    }
  }

  private async handle(
    source: IdentitySource,
    lane: Lane,
    claim: string,
    events: readonly ClaimedEvent[],
  ): Promise<void> {
    try {
      const handled = this.handler.handle(source, lane, events);
      const verdicts = await inTime(handled, HANDLE_WITHIN_MS, () => new TookTooLongError('it took too long'));
      await this.settle(claim, events, verdicts);
    } catch (error) {
      await this.failed(source, claim, events, error);
    }
  }

  private async settle(claim: string, events: readonly ClaimedEvent[], verdicts: readonly Verdict[]): Promise<void> {
    const later = verdicts.flatMap((verdict, index) => {
      const event = events[index];
      return 'lookAgainAt' in verdict && event !== undefined ? [{ ...verdict, id: event.id }] : [];
    });
    await Promise.all(
      later.map(({ id, lookAgainAt, outcome }) => this.store.lookAgain(claim, id, lookAgainAt, outcome)),
    );
    const over = verdicts.flatMap((verdict, index) => {
      const event = events[index];
      return 'lookAgainAt' in verdict || event === undefined ? [] : [{ outcome: verdict.outcome, id: event.id }];
    });
    const outcomes = new Set(over.map(({ outcome }) => outcome));
    const [first] = over;
    if (first !== undefined && outcomes.size === 1) await this.store.finish(claim, 'done', first.outcome, null);
    else await Promise.all(over.map(({ id, outcome }) => this.store.finishOne(claim, id, outcome)));
  }

  private async failed(
    source: IdentitySource,
    claim: string,
    events: readonly ClaimedEvent[],
    error: unknown,
  ): Promise<void> {
    const words = wordsOf(error);
    const attempts = Math.max(...events.map((event) => event.attempts));
    const firstCame = Math.min(...events.map(({ receivedAt }) => receivedAt.getTime()));
    const until = new Date(Date.now() + waitAfter(attempts));
    const passing = isPassing(error) && until.getTime() < firstCame + GIVE_UP_AFTER_MS;
    const line = {
      kind: 'directory_events',
      source: source.id,
      events: events.map(({ eventId }) => eventId),
      attempts,
    };
    if (passing) {
      await this.store.postpone(claim, until, words);
      this.log.warning({ ...line, reason: words }, 'DingTalk or the database cannot be asked; the events wait');
    } else {
      await this.store.finish(claim, 'failed', 'failed', words);
      this.log.failure({ ...line, err: error }, 'the events failed; an operator can have them tried again');
    }
  }
}

class TookTooLongError extends Error {
  override readonly name = 'TookTooLongError';
}

/** What an operator mends in DingTalk's console, or in the source: until then nobody can be asked about anybody. */
const MENDED = new Set<DingTalkError['fault']>(['credentials', 'permission', 'address']);

/** That somebody has left must not be lost because nobody could ask for a while, whatever the reason. */
function isPassing(error: unknown): boolean {
  if (error instanceof DingTalkError) return error.isPassing || MENDED.has(error.fault);
  return error instanceof TookTooLongError || isUnavailable(error);
}

/** Doubles each time, give or take a fifth, so that events that failed together do not come back together. */
function waitAfter(attempts: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts, 20), LONGEST_WAIT_MS);
  return wait * (0.8 + Math.random() * 0.4);
}

/** For operators: DingTalk's errors say what to do; of ours the log has more. */
function wordsOf(error: unknown): string {
  const words = error instanceof DingTalkError ? `${error.fault}: ${error.message}` : String(error);
  return words.replaceAll('\u0000', '').slice(0, LONGEST_ERROR);
}
