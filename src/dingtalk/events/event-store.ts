import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Database, statement, type Statement, type Value } from '../../database/database.js';
import type { EventState, SubjectKind } from './directory-event.entity.js';
import { noteOf, readEvent, type IncomingEvent, type Subject } from './incoming-event.js';

/** Milliseconds that a row stays after it came, and again after it was finished. */
export const KEEP_MS = 30 * 24 * 3_600_000;

/** Rows of one INSERT: the statements are prepared, so there is one for each of these sizes. */
const SIZES = [1, 10, 100] as const;
export const MOST_AT_ONCE = 100;

const COLUMNS = (
  'id source_id event_id type subject_kind subject payload via received_at born_at state attempts next_attempt_at ' +
  'expires_at'
).split(' ');

/** A row to be inserted, in the order of the columns. */
export interface NewRow {
  readonly id: string;
  readonly values: readonly Value[];
}

/** One person, department or role of a source. */
export interface Lane {
  readonly kind: SubjectKind;
  readonly key: string;
}

/** A row that a worker has. */
export interface ClaimedEvent {
  readonly id: string;
  readonly eventId: string;
  readonly type: string;
  readonly receivedAt: Date;
  readonly attempts: number;
}

const INSERTS = new Map<number, Statement>(SIZES.map((size) => [size, insertOf(size)]));
const DUE = statement(
  'directory_event_due',
  `SELECT subject_kind AS kind, subject AS key FROM directory_events
   WHERE source_id = $1 AND next_attempt_at <= $2 ORDER BY next_attempt_at LIMIT 200`,
);
// All that waits for the subject is answered by one reading of it. What a dead worker had is taken over.
const CLAIM = statement(
  'directory_event_claim',
  `UPDATE directory_events SET state = 'working', claim = $4, next_attempt_at = $5
   WHERE source_id = $1 AND subject = $3 AND subject_kind = $2
     AND (state = 'pending' OR (state = 'working' AND next_attempt_at <= $6))
   RETURNING id, event_id, type, received_at, attempts`,
);
const FINISH = statement(
  'directory_event_finish',
  `UPDATE directory_events SET state = $2, claim = NULL, next_attempt_at = NULL, finished_at = $3, outcome = $4, error = $5,
     expires_at = $6 WHERE claim = $1`,
);
const FINISH_ONE = statement(
  'directory_event_finish_one',
  `UPDATE directory_events SET state = 'done', claim = NULL, next_attempt_at = NULL, finished_at = $3, outcome = $4,
     error = NULL, expires_at = $5 WHERE claim = $1 AND id = $2`,
);
const POSTPONE = statement(
  'directory_event_postpone',
  `UPDATE directory_events SET state = 'pending', claim = NULL, next_attempt_at = $2, error = $3, attempts = attempts + 1
   WHERE claim = $1`,
);
const LOOK_AGAIN = statement(
  'directory_event_look_again',
  `UPDATE directory_events SET state = 'pending', claim = NULL, next_attempt_at = $3, outcome = $4, error = NULL
   WHERE claim = $1 AND id = $2`,
);

const COUNT_PENDING = statement(
  'directory_event_count_pending',
  `SELECT COUNT(*) AS pending
   FROM (SELECT 1 FROM directory_events WHERE source_id = $1 AND next_attempt_at > 0 LIMIT CAST($2 AS integer)) AS waiting`,
);

/** The queue of events: each row is claimed, and then finished or put back, by statements that only its claimer wins. */
@Injectable()
export class EventStore {
  constructor(private readonly database: Database) {}

  /** How many of a source are not finished, counted up to so many. */
  async countPending(sourceId: string, most: number): Promise<number> {
    const row = await this.database.first<{ pending: number | string }>(COUNT_PENDING, sourceId, most);
    return Number(row?.pending ?? 0);
  }

  /**
   * Stores rows that are not there yet; on return they are durable.
   *
   * @param rows at most {@link MOST_AT_ONCE}
   * @returns the ids of those that are new
   */
  async insert(rows: readonly NewRow[]): Promise<ReadonlySet<string>> {
    const size = SIZES.find((each) => each >= rows.length);
    const insert = size === undefined ? undefined : INSERTS.get(size);
    const last = rows.at(-1);
    if (size === undefined || insert === undefined || last === undefined)
      throw new RangeError('no such number of rows');
    // What is missing is filled up with the last one, which then is there already.
    const values = Array.from({ length: size }, (_, index) => (rows[index] ?? last).values).flat();
    const stored = await this.database.all<{ id: string }>(insert, ...values);
    return new Set(stored.map(({ id }) => id));
  }

  /** Whom or what the source's oldest due events are about. */
  async due(sourceId: string): Promise<Lane[]> {
    return this.database.all<Lane>(DUE, sourceId, Date.now());
  }

  /** All events of that subject that nobody else has, for so long. */
  async claim(sourceId: string, { kind, key }: Lane, claim: string, milliseconds: number): Promise<ClaimedEvent[]> {
    const now = Date.now();
    const rows = await this.database.all<{
      id: string;
      event_id: string;
      type: string;
      received_at: number | string;
      attempts: number;
    }>(CLAIM, sourceId, kind, key, claim, now + milliseconds, now);
    return rows
      .map(({ id, event_id: eventId, type, received_at: receivedAt, attempts }) => {
        return { id, eventId, type, receivedAt: new Date(Number(receivedAt)), attempts };
      })
      .toSorted((one, other) => one.receivedAt.getTime() - other.receivedAt.getTime());
  }

  /** All of a claim are over. */
  async finish(claim: string, state: Extract<EventState, 'done' | 'failed'>, outcome: string, error: string | null) {
    const now = Date.now();
    await this.database.run(FINISH, claim, state, now, outcome, error, now + KEEP_MS);
  }

  /** One of a claim is over. */
  async finishOne(claim: string, id: string, outcome: string): Promise<void> {
    const now = Date.now();
    await this.database.run(FINISH_ONE, claim, id, now, outcome, now + KEEP_MS);
  }

  /** All of a claim are tried again later. */
  async postpone(claim: string, until: Date, error: string): Promise<void> {
    await this.database.run(POSTPONE, claim, until.getTime(), error);
  }

  /** One of a claim is not over yet. */
  async lookAgain(claim: string, id: string, at: Date, outcome: string): Promise<void> {
    await this.database.run(LOOK_AGAIN, claim, id, at.getTime(), outcome);
  }
}

/** The rows of an event, one for each subject, due at once. */
export function rowsOf(sourceId: string, event: IncomingEvent): NewRow[] {
  const { eventId, type, subjects } = readEvent(event);
  const now = Date.now();
  return subjects.map((subject) => {
    const id = rowId(sourceId, eventId, subject);
    const note = JSON.stringify(noteOf(event.payload, subject));
    const bornAt = event.bornAt?.getTime() ?? null;
    const { kind, key } = subject;
    const waiting = ['pending', 0, now, now + KEEP_MS] as const;
    return { id, values: [id, sourceId, eventId, type, kind, key, note, event.via, now, bornAt, ...waiting] };
  });
}

function rowId(sourceId: string, eventId: string, { kind, key }: Subject): string {
  return createHash('sha256')
    .update(JSON.stringify([sourceId, eventId, kind, key]))
    .digest('base64url');
}

function insertOf(size: number): Statement {
  const width = COLUMNS.length;
  const tuples = Array.from({ length: size }, (_, row) => {
    return `(${COLUMNS.map((_column, index) => `$${row * width + index + 1}`).join(', ')})`;
  });
  return statement(
    `directory_event_insert_${size}`,
    `INSERT INTO directory_events (${COLUMNS.join(', ')}) VALUES ${tuples.join(', ')}
     ON CONFLICT (id) DO NOTHING RETURNING id`,
  );
}
