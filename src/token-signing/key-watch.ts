import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ServerLog } from '../audit/server-log.js';
import { Measurements, type Reading } from '../measurements/measurements.js';
import { scheduleSteps } from './key-schedule.js';
import { SigningKeyRows } from './signing-key-rows.js';
import { SigningKeyStore } from './signing-key-store.js';

/** Milliseconds: a rotation or a revocation counts on every node after this. */
const LOOK_EVERY_MS = 1_000;

/** Milliseconds: after failures in a row it is tried again after two seconds, four, and so on up to this. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * Looks at the rows of the signing keys every second, and does what the schedule has for the moment. While the database is
 * away, the keys follow their planned times without it.
 */
@Injectable()
export class KeyWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<boolean> | undefined;
  private following: Promise<void> | undefined;
  private readonly failing = new Set<string>();
  /** How often in a row the schedule could not be followed, and when it is tried again on the clock of `performance`. */
  private failures = 0;
  private notBefore = 0;
  private isEnding = false;

  constructor(
    private readonly store: SigningKeyStore,
    private readonly rows: SigningKeyRows,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    const seconds = (time: Date | null): number => ((time?.getTime() ?? 0) - Date.now()) / 1000;
    measurements.gauge(
      'clinch_signing_key_age_seconds',
      'Since the key was made: the oldest of its state and algorithm.',
      () => this.readings((key) => -seconds(key.createdAt)),
    );
    measurements.gauge('clinch_signing_key_retires_seconds', 'Until another key signs in its place.', () =>
      this.readings((key, state) => (state === 'signing' ? seconds(key.retiresAt) : undefined)),
    );
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.isEnding = true;
    await Promise.all([this.reading, this.following]);
  }

  /** Once now. Never rejects: what fails is in the log, and a second later it is tried again. */
  async look(): Promise<void> {
    this.reading ??= this.attempt('reading', () => this.store.reload()).finally(() => (this.reading = undefined));
    await this.reading;
    if (this.isEnding) return;
    // By itself: while it waits for the lock, the rows are read each second all the same.
    this.following ??= this.followWhenDue().finally(() => (this.following = undefined));
    await this.following;
  }

  /** A database that cannot be written must not make a node make keys for nothing each second. */
  private async followWhenDue(): Promise<void> {
    if (performance.now() < this.notBefore) return;
    const isDone = await this.attempt('following', async () => {
      const keys = [...this.store.states().keys()];
      if (scheduleSteps(keys, this.rows.times, Date.now()).length === 0) return;
      await this.rows.follow();
      await this.store.reload();
    });
    this.failures = isDone ? 0 : this.failures + 1;
    const pause = Math.min(LOOK_EVERY_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
    this.notBefore = isDone ? 0 : performance.now() + pause;
  }

  /** One of each state and algorithm, the highest: in a series there is one value at a time. */
  private readings(value: (...key: StateOfKey) => number | undefined): Reading[] {
    const highest = new Map<string, Reading>();
    for (const [key, state] of this.store.states()) {
      const figure = state === 'gone' ? undefined : value(key, state);
      const name = `${state} ${key.algorithm}`;
      if (figure === undefined || figure <= (highest.get(name)?.value ?? -Infinity)) continue;
      highest.set(name, { labels: { state, alg: key.algorithm }, value: figure });
    }
    return [...highest.values()];
  }

  /** What fails is said once for as long as it goes on. */
  private async attempt(what: string, action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      this.failing.delete(what);
      return true;
    } catch (error) {
      if (!this.failing.has(what))
        this.log.failure({ kind: 'signing_keys', what, err: error }, 'the signing keys stay as they were');
      this.failing.add(what);
      return false;
    }
  }
}

type StateOfKey =
  ReturnType<SigningKeyStore['states']> extends ReadonlyMap<infer Key, infer State> ? [Key, State] : never;
