import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** One signed-in browser. */
@Entity('sessions')
@Retention({ column: 'expires_at', keepFor: 0 })
export class SessionEntity {
  /** The `sid` of the tokens: an identifier, not a secret. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_sessions' })
  id: string;

  /** Keyed digest of the cookie. */
  @Index('uq_sessions_digest', { unique: true })
  @Column({ type: 'varchar', length: 64 })
  digest: string;

  @Index('ix_sessions_account_id')
  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  /** When the person last proved who they are. */
  @Column({ ...TIME, name: 'auth_time' })
  authTime: Date;

  @Column({ type: 'varchar', length: 100 })
  acr: string;

  /** RFC 8176 authentication methods, space-separated. */
  @Column({ type: 'varchar', length: 100 })
  amr: string;

  @Column({ ...TIME, name: 'idle_expires_at' })
  idleExpiresAt: Date;

  @Index('ix_sessions_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;

  @Column({ ...OPTIONAL_TIME, name: 'ended_at' })
  endedAt: Date | null;
}
