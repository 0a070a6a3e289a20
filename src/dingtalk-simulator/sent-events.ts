import type { CompanyEvent } from './company-event.js';

export type Channel = 'http' | 'stream';

export interface Attempt {
  /** Epoch milliseconds. */
  readonly at: number;
  /** 'success', or why not. */
  readonly outcome: string;
}

/** What became of one event for one app on one channel. */
export interface SentEvent {
  readonly event: CompanyEvent;
  readonly clientId: string;
  readonly channel: Channel;
  readonly attempts: Attempt[];
  state: 'waiting' | 'delivered' | 'failed';
}

const MOST = 10_000;

/** Every event that was sent, with its outcome; the oldest are forgotten. */
export class SentEvents {
  readonly #sent: SentEvent[] = [];
  readonly #watchers = new Set<() => void>();

  begin(event: CompanyEvent, clientId: string, channel: Channel): SentEvent {
    const sent: SentEvent = { event, clientId, channel, attempts: [], state: 'waiting' };
    this.#sent.push(sent);
    if (this.#sent.length > MOST) this.#sent.shift();
    return sent;
  }

  attempted(sent: SentEvent, outcome: string): void {
    sent.attempts.push({ at: Date.now(), outcome });
  }

  finished(sent: SentEvent, state: 'delivered' | 'failed'): void {
    sent.state = state;
    for (const watcher of this.#watchers) watcher();
  }

  all(): readonly SentEvent[] {
    return [...this.#sent];
  }

  /** Waits until nothing is under way on a channel, or on any. Throws an Error when that takes longer than given. */
  async settled(timeoutMs: number, channel?: Channel): Promise<void> {
    const counts = (sent: SentEvent) => channel === undefined || sent.channel === channel;
    const isSettled = () => this.#sent.every((sent) => !counts(sent) || sent.state !== 'waiting');
    if (isSettled()) return;
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(watcher);
        fail(new Error(`Events were still under way after ${timeoutMs} ms.`));
      }, timeoutMs);
      const watcher = () => {
        if (!isSettled()) return;
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        done();
      };
      this.#watchers.add(watcher);
    });
  }
}
