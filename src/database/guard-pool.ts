import type { Socket } from 'node:net';
import type { Pool } from 'pg';

/** Requests that may wait for a connection. With ten connections it is what is answered within the time that one waits. */
const MOST_WAITING = 500;

/** Milliseconds. A statement ends after five seconds; a server that is silent for longer than that is not there. */
const SILENT_MS = 6_000;

/** No connection is free, and too many wait already. */
export class DatabaseBusyError extends Error {
  /** SQLSTATE too_many_connections, as the server itself would say it. */
  readonly code = '53300';

  constructor() {
    super(`${MOST_WAITING} others wait for a connection to the database`);
  }
}

interface Connected {
  readonly connection: { readonly stream: Socket };
  /** False while a statement runs. */
  readonly readyForQuery: boolean;
}

/** What node-postgres leaves open: the queue for connections gets an end. */
export function boundQueue(pool: Pool): void {
  const connect = pool.connect.bind(pool) as (...all: unknown[]) => unknown;
  const guarded = (callback?: (error: Error) => void): unknown => {
    if (pool.waitingCount < MOST_WAITING) return connect(...(callback === undefined ? [] : [callback]));
    const error = new DatabaseBusyError();
    if (callback === undefined) return Promise.reject(error);
    callback(error);
    return undefined;
  };
  Object.assign(pool, { connect: guarded });
}

/**
 * To be called for every connection that is made: one whose server has gone without a word is given up, where its
 * statements would otherwise wait for as long as TCP hopes, which is a quarter of an hour.
 */
export function giveUpWhenSilent(connected: unknown): void {
  const client = connected as Connected;
  const { stream } = client.connection;
  stream.setTimeout(SILENT_MS);
  stream.on('timeout', () => {
    if (!client.readyForQuery) stream.destroy(new Error('Connection terminated: the database is silent'));
  });
}
