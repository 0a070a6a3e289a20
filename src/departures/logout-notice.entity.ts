import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** That an app is to be told that somebody is signed out (OpenID Connect Back-Channel Logout 1.0): the queue. */
@Entity('logout_notices')
@Retention({ column: 'expires_at', keepFor: 0 })
export class LogoutNoticeEntity {
  /** A digest of person, app, session and the moment of the sign-out: one sign-out is told once. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_logout_notices' })
  id: string;

  @Index('ix_logout_notices_account_id')
  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  /** The `sid` that the app knows; a device that was let in has none. */
  @Column({ ...ID, name: 'session_id', nullable: true })
  sessionId: string | null;

  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  /** What led to it, as in the audit: `event ID`, `sync ID`. */
  @Column({ type: 'varchar', length: 200 })
  cause: string;

  @Column({ type: 'varchar', length: 16 })
  state: 'pending';

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Index('ix_logout_notices_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
