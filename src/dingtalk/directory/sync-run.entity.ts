import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../../database/columns.js';
import { Retention } from '../../database/retention.js';
import type { RunKind, RunProgress, RunState } from './sync-run.js';

/** One sync of one source. Exactly one node works on it at a time: the one that holds its lease. */
@Entity('directory_sync_runs')
@Index('ix_directory_sync_runs_source_id', ['sourceId', 'createdAt'])
@Retention({ column: 'expires_at', keepFor: 0 })
export class SyncRunEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_directory_sync_runs' })
  id: string;

  @Column({ ...ID, name: 'source_id' })
  sourceId: string;

  /** The source's id until the run has ended, null afterwards: so a source has one run at a time. */
  @Index('uq_directory_sync_runs_active_key', { unique: true })
  @Column({ ...ID, nullable: true, name: 'active_key' })
  activeKey: string | null;

  @Column({ type: 'varchar', length: 8 })
  kind: RunKind;

  @Column({ type: 'varchar', length: 24 })
  state: RunState;

  /** A client's id, `schedule`, or what else led to it. */
  @Column({ type: 'varchar', length: 200, name: 'requested_by' })
  requestedBy: string;

  /** An operator has agreed that more people than the limit are disabled. */
  @Column({ type: 'boolean' })
  approved: boolean;

  /** Of the source when the run began: another one may mean another mapping of profiles. */
  @Column({ type: 'integer', name: 'source_version' })
  sourceVersion: number;

  /** The last person who was applied. */
  @Column({ type: 'varchar', length: 200, name: 'applied_to' })
  appliedTo: string;

  @Column({ type: 'simple-json' })
  progress: RunProgress;

  @Column(OPTIONAL_TEXT)
  error: string | null;

  /** How often in a row the run had to stop because of something that passes. */
  @Column({ type: 'integer' })
  attempts: number;

  @Column({ ...OPTIONAL_TIME, name: 'failing_since' })
  failingSince: Date | null;

  @Column({ ...OPTIONAL_TIME, name: 'next_attempt_at' })
  nextAttemptAt: Date | null;

  /** Who works on it. */
  @Column({ ...ID, nullable: true })
  node: string | null;

  /** Until when nobody else may take it. */
  @Column({ ...OPTIONAL_TIME, name: 'lease_until' })
  leaseUntil: Date | null;

  /** When what was fetched is of no more use; null while it is needed, and once it is gone. */
  @Column({ ...OPTIONAL_TIME, name: 'staged_until' })
  stagedUntil: Date | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...OPTIONAL_TIME, name: 'started_at' })
  startedAt: Date | null;

  @Column({ ...OPTIONAL_TIME, name: 'finished_at' })
  finishedAt: Date | null;

  /** Null while the run lasts. */
  @Index('ix_directory_sync_runs_expires_at')
  @Column({ ...OPTIONAL_TIME, name: 'expires_at' })
  expiresAt: Date | null;
}

/** What a run could not read or apply; the rest of it went on. */
@Entity('directory_sync_errors')
@Retention({ column: 'expires_at', keepFor: 0 })
export class SyncErrorEntity {
  /** The run's id, and a digest of kind and key: what fails again is the same row. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_directory_sync_errors' })
  id: string;

  @Index('ix_directory_sync_errors_run_id')
  @Column({ ...ID, name: 'run_id' })
  runId: string;

  @Column({ type: 'varchar', length: 24 })
  kind: string;

  /** The directory's id of the department, person or role. */
  @Column({ type: 'varchar', length: 200 })
  key: string;

  @Column({ type: 'text' })
  message: string;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Index('ix_directory_sync_errors_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}

/** One thing that is not here as it is in the organisation's directory. */
@Entity('directory_sync_differences')
@Retention({ column: 'expires_at', keepFor: 0 })
export class SyncDifferenceEntity {
  /** The run's id and a number, in the order in which they were found. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_directory_sync_differences' })
  id: string;

  @Index('ix_directory_sync_differences_run_id')
  @Column({ ...ID, name: 'run_id' })
  runId: string;

  @Column({ type: 'varchar', length: 24 })
  kind: string;

  @Column({ type: 'varchar', length: 200 })
  key: string;

  @Column({ type: 'text' })
  name: string;

  /** JSON: the fields that differ, before and after. */
  @Column({ type: 'text' })
  changes: string;

  @Index('ix_directory_sync_differences_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}

/** A time at which a sync was due: whoever writes the row starts it. */
@Entity('directory_sync_due_times')
@Retention({ column: 'expires_at', keepFor: 0 })
export class SyncDueTimeEntity {
  /** The source's id and the time. */
  @PrimaryColumn({ type: 'varchar', length: 100, primaryKeyConstraintName: 'pk_directory_sync_due_times' })
  id: string;

  @Index('ix_directory_sync_due_times_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
