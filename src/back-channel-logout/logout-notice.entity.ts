import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** `failed`: given up, until somebody has it sent again. */
export type LogoutNoticeState = 'pending' | 'delivered' | 'failed';

/** That an app is to be told that somebody is signed out (OpenID Connect Back-Channel Logout 1.0), and how that went. */
@Entity('logout_notices')
// What is over says itself how long it stays in the log.
@Retention({ column: 'expires_at', keepFor: 0 })
@Index('ix_logout_notices_client_id_next_attempt_at', ['clientId', 'nextAttemptAt'])
export class LogoutNoticeEntity {
  /** Of what it is about, so that one sign-out is told once: the entry of the app in the session, or the grant of a device. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_logout_notices' })
  id: string;

  @Index('ix_logout_notices_account_id')
  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  /** The `sid` that the app knows; null: of a device that was let in, or of all sessions of the person that have run out. */
  @Column({ ...ID, name: 'session_id', nullable: true })
  sessionId: string | null;

  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  /** What led to it, as in the audit: `sign_out`, `event ID`, `sync ID`. */
  @Column({ type: 'varchar', length: 200 })
  cause: string;

  @Column({ type: 'varchar', length: 16 })
  state: LogoutNoticeState;

  @Column({ type: 'integer' })
  attempts: number;

  /** While a worker has it in hand, when another may take it over. Null when there is nothing to do any more. */
  @Index('ix_logout_notices_next_attempt_at')
  @Column({ ...OPTIONAL_TIME, name: 'next_attempt_at' })
  nextAttemptAt: Date | null;

  /** Of the worker that has it in hand. */
  @Column({ ...ID, name: 'claim', nullable: true })
  claim: string | null;

  @Column({ ...OPTIONAL_TIME, name: 'delivered_at' })
  deliveredAt: Date | null;

  /** The HTTP status of the last answer. */
  @Column({ type: 'integer', nullable: true, name: 'last_status' })
  lastStatus: number | null;

  /** What went wrong the last time. */
  @Column({ ...OPTIONAL_TEXT, name: 'last_error' })
  lastError: string | null;

  @Index('ix_logout_notices_created_at')
  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Index('ix_logout_notices_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
