import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ServerLog } from '../audit/server-log.js';
import { Measurements, type Reading } from '../measurements/measurements.js';
import { scheduleSteps } from './key-schedule.js';
import { SigningKeyRows } from './signing-key-rows.js';
import { SigningKeyStore } from './signing-key-store.js';

/** Milliseconds: a rotation or a revocation counts on every node after this. */
const LOOK_EVERY_MS = 1_000;

/**
 * Looks at the rows of the signing keys every second, and does what the schedule has for the moment. While the database is
 * away, the keys follow their planned times without it.
 */
@Injectable()
export class KeyWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private isFailing = false;

  constructor(
    private readonly store: SigningKeyStore,
    private readonly rows: SigningKeyRows,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    const seconds = (time: Date | null): number => ((time?.getTime() ?? 0) - Date.now()) / 1000;
    measurements.gauge('clinch_signing_key_age_seconds', 'Since the key was made.', () =>
      this.readings((key) => -seconds(key.createdAt)),
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
    await this.looking;
  }

  /** Once now. Never rejects: what fails is in the log, and a second later it is tried again. */
  async look(): Promise<void> {
    this.looking ??= this.oneLook()
      .then(() => void (this.isFailing = false))
      .catch((error: unknown) => this.failed(error))
      .finally(() => (this.looking = undefined));
    await this.looking;
  }

  private async oneLook(): Promise<void> {
    await this.store.reload();
    const keys = [...this.store.states().keys()];
    if (scheduleSteps(keys, this.rows.times, Date.now()).length === 0) return;
    await this.rows.follow();
    await this.store.reload();
  }

  private readings(value: (...key: StateOfKey) => number | undefined): Reading[] {
    return [...this.store.states()].flatMap(([key, state]) => {
      const figure = state === 'gone' ? undefined : value(key, state);
      return figure === undefined ? [] : [{ labels: { state, alg: key.algorithm }, value: figure }];
    });
  }

  /** Said once for as long as it goes on. */
  private failed(error: unknown): void {
    if (!this.isFailing) this.log.failure({ kind: 'signing_keys', err: error }, 'the signing keys stay as they were');
    this.isFailing = true;
  }
}

type StateOfKey =
  ReturnType<SigningKeyStore['states']> extends ReadonlyMap<infer Key, infer State> ? [Key, State] : never;
