import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** A session on its way from DingTalk's browser to the system's own: one code, one use, a minute. */
@Entity('session_handovers')
@Retention({ column: 'expires_at', keepFor: 0 })
export class HandoverEntity {
  /** Keyed digest of the code. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_session_handovers' })
  digest: string;

  /** The session that it comes from; when that has ended, the code is worth nothing. */
  @Column({ ...ID, name: 'session_id' })
  sessionId: string;

  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  /** The app that it leads to. */
  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  /** The launch page to go on to, as a path below the issuer. */
  @Column({ type: 'text' })
  page: string;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Index('ix_session_handovers_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;

  @Column({ ...OPTIONAL_TIME, name: 'spent_at' })
  spentAt: Date | null;
}
