import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** A browser in which somebody has shown an administrating app's secret. */
@Entity('console_sessions')
@Retention({ column: 'expires_at', keepFor: 0 })
export class ConsoleSessionEntity {
  /** Keyed digest of the cookie. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_console_sessions' })
  digest: string;

  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  /** The secret that was shown: the session ends with it. */
  @Column({ ...ID, name: 'secret_id' })
  secretId: string;

  /** The scope-tokens of the admin API that the app had at the sign-in. */
  @Column({ type: 'text' })
  scope: string;

  @Column({ ...TIME, name: 'started_at' })
  startedAt: Date;

  @Index('ix_console_sessions_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
