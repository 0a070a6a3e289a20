import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerLog } from '../audit/server-log.js';
import { Leases } from '../database/leases.js';
import { Keyring } from '../keyring/keyring.js';
import { Measurements } from '../measurements/measurements.js';
import { MasterKeys, NOTED_EVERY_MS } from './master-keys.js';

/** Milliseconds. */
const LOOK_EVERY_MS = 30_000;
const LEASE_MS = 15_000;
const PAUSE_MS = 20;

/**
 * Brings everything under the first master key while the server runs: one node at a time, in small steps. Whoever dies in the
 * middle leaves each row under one key or the other, and another node goes on.
 */
@Injectable()
export class Reencryption implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly ending = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private noting: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly masterKeys: MasterKeys,
    private readonly keyring: Keyring,
    private readonly leases: Leases,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    const help = 'Values that are sealed under the current master key, and under others.';
    measurements.sharedGauge('clinch_sealed_values', help, async () => {
      const sums = { current: 0, other: 0 };
      for (const [id, count] of await masterKeys.sealed())
        sums[id === keyring.currentKeyId ? 'current' : 'other'] += count;
      return Object.entries(sums).map(([key, value]) => ({ labels: { key }, value }));
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.masterKeys.note();
    this.noting = setInterval(() => void this.noteCurrent(), NOTED_EVERY_MS).unref();
    // With one key at hand there is nothing that could be opened and is under another.
    if (this.keyring.keyIds.length < 2) return;
    this.timer = setInterval(() => void this.run(), LOOK_EVERY_MS).unref();
    void this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.ending.abort();
    clearInterval(this.timer);
    clearInterval(this.noting);
    await this.running;
  }

  /** Never rejects: what fails is in the log, and is tried again. */
  async run(): Promise<void> {
    this.running ??= this.round()
      .catch((error: unknown) => this.log.failure({ kind: 'reencryption', err: error }, 'it goes on later'))
      .finally(() => (this.running = undefined));
    await this.running;
  }

  private async noteCurrent(): Promise<void> {
    try {
      await this.masterKeys.noteCurrent();
    } catch (error) {
      this.log.failure({ kind: 'reencryption', err: error }, 'the master key in use could not be noted');
    }
  }

  private async round(): Promise<void> {
    const { remaining } = await this.masterKeys.status();
    if (remaining === 0 || !(await this.leases.acquire('reencryption', LEASE_MS))) return;
    const done = await this.masterKeys.reencrypt(async () => {
      await delay(PAUSE_MS, undefined, { ref: false });
      return !this.ending.signal.aborted && this.leases.acquire('reencryption', LEASE_MS);
    });
    this.log.info({ kind: 'reencryption', ...done });
    await this.leases.release('reencryption');
  }
}
