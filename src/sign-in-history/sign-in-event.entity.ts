import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** One line of somebody's time line of sign-ins. */
@Entity('sign_in_events')
@Retention({ column: 'expires_at', keepFor: 0 })
@Index('ix_sign_in_events_account_id_happened_at', ['accountId', 'happenedAt'])
export class SignInEventEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_sign_in_events' })
  id: string;

  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  @Column({ type: 'varchar', length: 32 })
  kind: string;

  @Column({ ...TIME, name: 'happened_at' })
  happenedAt: Date;

  @Column({ ...ID, name: 'client_id', nullable: true })
  clientId: string | null;

  @Column({ ...ID, name: 'session_id', nullable: true })
  sessionId: string | null;

  @Column({ type: 'varchar', length: 32, nullable: true })
  method: string | null;

  @Column({ type: 'varchar', length: 64 })
  address: string;

  @Column({ type: 'varchar', length: 400, name: 'user_agent' })
  userAgent: string;

  /** What the browser of the session that was ended from another one said that it is. */
  @Column({ type: 'varchar', length: 400, name: 'ended_user_agent', nullable: true })
  endedUserAgent: string | null;

  /** How often it happened: of some kinds one row stands for an hour. */
  @Column({ type: 'integer' })
  times: number;

  @Index('ix_sign_in_events_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
