import { setTimeout as sleep } from 'node:timers/promises';

/** How long a caller is willing to wait. */
export interface Patience {
  /** Ends the call, and the waiting for its turn. */
  readonly signal?: AbortSignal;
  /**
   * How often a passing failure is tried again: 0 for a person who waits, whose turn then also comes before that of
   * background work; 3 for background work, and when nothing is said.
   */
  readonly retries?: number;
}

const BACKGROUND_RETRIES = 3;

export function retriesOf({ retries = BACKGROUND_RETRIES }: Patience): number {
  return retries;
}

/** Milliseconds before the next try: a second after the first, then twice as long each time, and never in step with others. */
export function waitBeforeRetry(attempt: number): number {
  return 2 ** (attempt - 1) * 1_000 * (1 + Math.random() * 0.25);
}

/** @throws the signal's reason, when it ends before */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
}

/** What the promise brings, unless the caller's time ends before. @throws the signal's reason */
export async function unlessEnded<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let leave: () => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
