import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../audit/audit-log.js';
import type { IdentitySource } from '../source/identity-source.js';
import { EventStore, MOST_AT_ONCE, rowsOf, type NewRow } from './event-store.js';
import { EventWorker } from './event-worker.js';
import { inTime } from './in-time.js';
import { readEvent, type IncomingEvent } from './incoming-event.js';

/** INSERTs under way at a time: on a database that is far away, what comes meanwhile waits for one of them at most. */
const WRITERS = 3;

/** Rows that may wait for the database; beyond that DingTalk is told to come again. */
const MOST_WAITING = 5_000;

/** The event is not stored, or not known to be: DingTalk has to send it again. */
export class NotStoredError extends Error {
  override readonly name = 'NotStoredError';
}

interface Waiting {
  readonly row: NewRow;
  readonly stored: (isNew: boolean) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Where events come in, whatever the channel. What comes while the database is busy is stored together, so that a storm
 * costs as many statements as the database can take, and not as many as there are events.
 */
@Injectable()
export class EventInbox {
  private waiting: Waiting[] = [];
  private writing = 0;

  constructor(
    private readonly store: EventStore,
    private readonly worker: EventWorker,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Stores an event; on return it is durable, and its handling has begun. The same event again is nothing new.
   *
   * @param within milliseconds
   * @throws {NotStoredError} when that is not known in time, or too many wait already
   */
  async put(source: IdentitySource, event: IncomingEvent, within: number): Promise<void> {
    const rows = rowsOf(source.id, event);
    if (this.waiting.length + rows.length > MOST_WAITING) throw new NotStoredError('too many events wait');
    const isNew = await this.storeAll(rows, within);
    const count = isNew.filter(Boolean).length;
    if (count === 0) return;
    this.worker.wake();
    const { eventId, type } = readEvent(event);
    this.audit.record(
      'directory.event_received',
      {},
      { source: source.id, by: `event ${eventId}`, type, via: event.via, subjects: count },
    );
  }

  private async storeAll(rows: readonly NewRow[], within: number): Promise<readonly boolean[]> {
    const all = Promise.all(rows.map((row) => this.stored(row)));
    try {
      return await inTime(all, within, () => new NotStoredError('the database did not answer in time'));
    } catch (error) {
      throw error instanceof NotStoredError ? error : new NotStoredError('the database refused', { cause: error });
    }
  }

  private stored(row: NewRow): Promise<boolean> {
    return new Promise((stored, failed) => {
      this.waiting.push({ row, stored, failed });
      // Whatever else comes in this turn of the loop goes along.
      if (this.waiting.length === 1) setImmediate(() => this.write());
    });
  }

  private write(): void {
    while (this.writing < WRITERS && this.waiting.length > 0) {
      this.writing++;
      void this.writeSome(this.waiting.splice(0, MOST_AT_ONCE)).finally(() => {
        this.writing--;
        this.write();
      });
    }
  }

  private async writeSome(batch: readonly Waiting[]): Promise<void> {
    try {
      const fresh = await this.store.insert(batch.map(({ row }) => row));
      for (const { row, stored } of batch) stored(fresh.has(row.id));
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  }
}
