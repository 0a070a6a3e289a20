import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { AuditLog } from '../audit/audit-log.js';
import type { ServerLog } from '../audit/server-log.js';
import { Measurements } from '../measurements/measurements.js';
import type { LogoutDelivery, Verdict } from './logout-delivery.js';
import type { ClaimedNotice, LogoutNoticeStore } from './logout-notice-store.js';
import { LogoutWorker } from './logout-worker.js';

/** Milliseconds that the slow apps of these tests take. */
const SLOW_MS = 60;

/** A queue in memory, and apps that answer as a test says. */
class Trial {
  readonly queue = new Map<string, number>();
  readonly told = new Map<string, number>();
  readonly inHand = new Map<string, number>();
  mostAtOnce = 0;
  readonly worker: LogoutWorker;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly answer: (app: string) => Promise<Verdict['outcome']>) {
    const store = {
      dueApps: async () => [...this.queue].filter(([, left]) => left > 0).map(([app]) => app),
      claim: async (app: string, _: string, most: number) => this.claim(app, most),
      settle: async () => true,
      postpone: async () => true,
    };
    const delivery = { attempt: (notice: ClaimedNotice) => this.attempt(notice) };
    const log = { record: () => undefined, warning: () => undefined, failure: () => undefined };
    this.worker = new LogoutWorker(
      store as unknown as LogoutNoticeStore,
      delivery as unknown as LogoutDelivery,
      log as unknown as AuditLog,
      log as unknown as ServerLog,
      new Measurements(),
    );
  }

  /** In the place of the worker's own, which comes once a second. */
  poll(): void {
    this.timer = setInterval(() => this.worker.wake(), 5);
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.worker.onModuleDestroy();
  }

  put(name: string, apps: number, notices: number): void {
    for (let index = 0; index < apps; index++) this.queue.set(`${name} ${index}`, notices);
  }

  count(name: string): number {
    return [...this.told.keys()].filter((app) => app.startsWith(name)).length;
  }

  private claim(clientId: string, most: number): ClaimedNotice[] {
    const left = this.queue.get(clientId) ?? 0;
    const taken = Math.min(left, most);
    this.queue.set(clientId, left - taken);
    const expiresAt = new Date(Date.now() + 3_600_000);
    const notice = { id: 'id', claim: 'claim', accountId: 'person', sessionId: 'sid', cause: 'sign_out', attempts: 0 };
    return Array.from({ length: taken }, () => ({ ...notice, clientId, createdAt: new Date(), expiresAt }));
  }

  private async attempt({ clientId }: ClaimedNotice): Promise<Verdict> {
    this.told.set(clientId, (this.told.get(clientId) ?? 0) + 1);
    this.inHand.set(clientId, (this.inHand.get(clientId) ?? 0) + 1);
    const slow = [...this.inHand].filter(([app, count]) => count > 0 && app.startsWith('slow')).length;
    this.mostAtOnce = Math.max(this.mostAtOnce, slow);
    const outcome = await this.answer(clientId);
    this.inHand.set(clientId, (this.inHand.get(clientId) ?? 0) - 1);
    return { outcome, status: undefined, error: undefined };
  }
}

async function until(isSo: () => boolean, withinMs: number): Promise<number> {
  const began = performance.now();
  while (!isSo()) {
    if (performance.now() - began > withinMs) throw new Error(`not within ${withinMs} ms`);
    await delay(2);
  }
  return performance.now() - began;
}

describe('the worker that tells apps', () => {
  let trial: Trial;

  afterEach(() => trial.end());

  it('keeps at most ten apps in hand that did not answer, one notice each, and has room for those that do', async () => {
    trial = new Trial(async (app) => {
      if (!app.startsWith('slow')) return 'delivered';
      await delay(SLOW_MS);
      return 'unanswered';
    });
    trial.put('slow', 60, 1_000);
    trial.poll();
    // From here on all of them are known.
    await until(() => trial.count('slow') === 60, 5_000);
    await delay(3 * SLOW_MS);
    trial.mostAtOnce = 0;
    trial.put('well', 30, 3);
    trial.worker.wake();
    await until(() => trial.count('well') === 30, 5_000);
    await delay(3 * SLOW_MS);
    expect(trial.mostAtOnce).toBeLessThanOrEqual(10);
    expect(Math.max(...trial.inHand.values())).toBeLessThanOrEqual(1);
  });

  it('goes round among those that do not answer', async () => {
    trial = new Trial(async () => {
      await delay(2);
      return 'unanswered';
    });
    trial.put('slow', 30, 1_000);
    trial.poll();
    await until(() => [...trial.told.values()].reduce((sum, count) => sum + count, 0) > 600, 10_000);
    // Each began with five, and then had one at a time.
    const counts = [...trial.told.values()];
    expect(counts).toHaveLength(30);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(3);
  });

  it('tries an app that does not answer once with each poll, and not over and over', async () => {
    trial = new Trial(async () => 'unanswered');
    trial.put('down', 1, 1_000);
    for (let poll = 0; poll < 3; poll++) {
      trial.worker.wake();
      await delay(50);
    }
    // Five the first time, when nothing was known of it.
    expect(trial.told.get('down 0')).toBe(5 + 1 + 1);
  });

  it('lets an app wait for a while only, though forty others have much to be told', async () => {
    trial = new Trial(async () => {
      await delay(1);
      return 'delivered';
    });
    trial.put('busy', 40, 100_000);
    trial.worker.wake();
    await until(() => trial.count('busy') === 40, 5_000);
    trial.put('late', 1, 1);
    await until(() => trial.count('late') === 1, 5_000);
    expect(trial.queue.get('busy 0')).toBeGreaterThan(0);
  });

  it('goes on with an app that answers again', async () => {
    let up = false;
    trial = new Trial(async () => {
      await delay(5);
      return up ? 'delivered' : 'unanswered';
    });
    trial.put('slow', 1, 100);
    trial.poll();
    await until(() => (trial.told.get('slow 0') ?? 0) > 6, 5_000);
    expect(trial.inHand.get('slow 0')).toBeLessThanOrEqual(1);
    up = true;
    await until(() => (trial.inHand.get('slow 0') ?? 0) > 1, 5_000);
    await until(() => trial.queue.get('slow 0') === 0, 5_000);
    expect(
      trial.worker.outcomes.read().find(({ labels }) => labels?.['outcome'] === 'delivered')?.value,
    ).toBeGreaterThan(0);
  });

  it('finishes what it has in hand when the server stops, and begins nothing new', async () => {
    trial = new Trial(async () => {
      await delay(SLOW_MS);
      return 'delivered';
    });
    trial.put('slow', 1, 100);
    trial.poll();
    await until(() => trial.told.get('slow 0') === 5, 5_000);
    await trial.worker.onModuleDestroy();
    expect(trial.inHand.get('slow 0')).toBe(0);
    const told = trial.told.get('slow 0');
    trial.worker.wake();
    await delay(3 * SLOW_MS);
    expect(trial.told.get('slow 0')).toBe(told);
  });
});
