import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../../database/columns.js';
import { Retention } from '../../database/retention.js';

/** How an event came. */
export type EventChannelKind = 'callback' | 'stream' | 'failed_list';

/**
 * - `pending`: it waits, for a worker or for its next try
 * - `working`: a worker has it, until `next_attempt_at` at the latest
 */
export type EventState = 'pending' | 'working' | 'done' | 'failed';

/** What an event is about; `none` is noted and no more. */
export type SubjectKind = 'person' | 'department' | 'role' | 'none';

/** What an event of DingTalk says of one person, department or role. An event about several has a row for each. */
@Entity('directory_events')
// A row keeps the same event from being applied again, so it stays far longer than DingTalk repeats itself.
@Retention({ column: 'expires_at', keepFor: 0 })
@Index('ix_directory_events_source_id_next_attempt_at', ['sourceId', 'nextAttemptAt'])
@Index('ix_directory_events_source_id_received_at', ['sourceId', 'receivedAt'])
@Index('ix_directory_events_source_id_subject', ['sourceId', 'subject'])
export class DirectoryEventEntity {
  /** A digest of source, event and subject: the same event has the same row, however it comes. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_directory_events' })
  id: string;

  @Column({ ...ID, name: 'source_id' })
  sourceId: string;

  /** DingTalk's own; of an event without one, a digest of what it says. */
  @Column({ type: 'varchar', length: 128, name: 'event_id' })
  eventId: string;

  @Column({ type: 'varchar', length: 64 })
  type: string;

  @Column({ type: 'varchar', length: 16, name: 'subject_kind' })
  subjectKind: SubjectKind;

  /** The user id, or the number of the department or role; empty for none. */
  @Column({ type: 'varchar', length: 128 })
  subject: string;

  /** What was said, in JSON. */
  @Column({ type: 'text' })
  payload: string;

  @Column({ type: 'varchar', length: 16 })
  via: EventChannelKind;

  @Column({ ...TIME, name: 'received_at' })
  receivedAt: Date;

  /** When it happened, by DingTalk's clock. */
  @Column({ ...OPTIONAL_TIME, name: 'born_at' })
  bornAt: Date | null;

  @Column({ type: 'varchar', length: 16 })
  state: EventState;

  /** How often DingTalk could not be asked. */
  @Column({ type: 'integer' })
  attempts: number;

  /** From when on a worker may take it; null once nobody needs to. */
  @Column({ ...OPTIONAL_TIME, name: 'next_attempt_at' })
  nextAttemptAt: Date | null;

  /** The worker that has it. */
  @Index('ix_directory_events_claim')
  @Column({ ...ID, nullable: true })
  claim: string | null;

  @Column({ ...OPTIONAL_TIME, name: 'finished_at' })
  finishedAt: Date | null;

  /** What became of it, in a word. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  outcome: string | null;

  /** Why it failed, or has to be tried again, for operators. */
  @Column(OPTIONAL_TEXT)
  error: string | null;

  @Index('ix_directory_events_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
