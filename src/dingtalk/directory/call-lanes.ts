import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DingTalkError } from '../api/dingtalk-error.js';

/** Calls of one kind that are under way at once: enough that the 20 in a second are always waited for. */
const IN_FLIGHT = 25;

/** How often one thing is tried that fails for a reason that passes; each try has tries of its own in the client. */
const TRIES = 4;

/** Milliseconds before the second try; twice as long before each further one. */
const FIRST_PAUSE_MS = 1_000;

/** Faults of which every other call would die as well. */
const FATAL = new Set(['credentials', 'permission', 'address']);

/** One thing to fetch. */
export interface Fetch {
  run(): Promise<void>;
  /** It cannot be fetched, for a reason of its own. What this throws stops everything. */
  failed(error: DingTalkError): Promise<void>;
}

interface Lane {
  readonly waiting: Fetch[];
  inFlight: number;
  /** When something last went well, epoch milliseconds. */
  lastSuccess: number;
}

/**
 * Fetches many things by several APIs at the same time. Each API has a lane of its own, because each has its own pace
 * at DingTalk; what is fetched may bring more to be fetched, in any lane.
 */
export class CallLanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly ended = new AbortController();
  private readonly signal: AbortSignal;
  private readonly done: Promise<void>;
  private finish: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;
  private open = 0;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.ended.signal]);
    // Everything that is under way listens.
    setMaxListeners(0, signal, this.signal);
    this.done = new Promise<void>((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    this.done.catch(() => undefined);
  }

  add(api: string, fetch: Fetch): void {
    const lane = this.lanes.get(api) ?? { waiting: [], inFlight: 0, lastSuccess: 0 };
    this.lanes.set(api, lane);
    lane.waiting.push(fetch);
    this.open += 1;
    this.serve(lane);
  }

  /**
   * Resolves when everything is fetched, or known not to be to be had.
   *
   * @throws {DingTalkError} for a fault that all calls have; whatever else was thrown first
   */
  async settled(): Promise<void> {
    if (this.open === 0) return;
    try {
      await this.done;
    } finally {
      this.ended.abort();
    }
  }

  private serve(lane: Lane): void {
    while (lane.inFlight < IN_FLIGHT && !this.signal.aborted) {
      const fetch = lane.waiting.shift();
      if (fetch === undefined) return;
      lane.inFlight += 1;
      void this.attempt(lane, fetch).then(
        () => this.over(lane),
        (error: unknown) => this.fail(error),
      );
    }
    if (this.signal.aborted) this.fail(this.signal.reason);
  }

  private over(lane: Lane): void {
    lane.inFlight -= 1;
    this.open -= 1;
    if (this.open === 0) this.finish();
    else this.serve(lane);
  }

  private async attempt(lane: Lane, fetch: Fetch): Promise<void> {
    const begunAt = Date.now();
    for (let tried = 1; ; tried++) {
      try {
        await fetch.run();
        lane.lastSuccess = Date.now();
        return;
      } catch (error) {
        this.signal.throwIfAborted();
        if (!(error instanceof DingTalkError) || FATAL.has(error.fault)) throw error;
        if (error.isPassing && tried < TRIES) {
          await delay(FIRST_PAUSE_MS * 2 ** (tried - 1), undefined, { signal: this.signal });
          continue;
        }
        // Nothing else of the kind went well meanwhile: it is not this one thing, DingTalk is away.
        if (error.isPassing && lane.lastSuccess < begunAt) throw error;
        await fetch.failed(error);
        return;
      }
    }
  }
}
