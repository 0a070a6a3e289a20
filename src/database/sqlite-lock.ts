import { setTimeout as delay } from 'node:timers/promises';
import { QueryFailedError } from 'typeorm';
import { SqliteBusyError } from './sqlite-turns.js';

/** Milliseconds that SQLite itself waits for another process to let go. The event loop waits with it, so it is little. */
export const BLOCKING_WAIT_MS = 20;

/** Milliseconds that a statement waits in all, as one does on PostgreSQL (`lock_timeout`). */
export const LONGEST_LOCK_WAIT_MS = 2_000;

const RETRY_MS = 25;

/**
 * Whether another process writes in this moment: nothing was done, and the same may be tried again. Not so
 * SQLITE_BUSY_SNAPSHOT, after which a transaction has to begin anew.
 */
export function isLockedByOthers(error: unknown): boolean {
  const source: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (source instanceof SqliteBusyError) return false;
  return source instanceof Error && 'code' in source && source.code === 'SQLITE_BUSY';
}

/**
 * Tries until the other process has let go, or it has been too long.
 *
 * @throws whatever the attempt threw, the last time
 */
export async function whileLockedByOthers<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + LONGEST_LOCK_WAIT_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isLockedByOthers(error) || performance.now() > deadline) throw error;
      await delay(RETRY_MS);
    }
  }
}
