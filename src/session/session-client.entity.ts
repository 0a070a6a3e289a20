import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** That an app was entered in a session: whom to tell when it ends, and what somebody uses. */
@Entity('session_clients')
@Retention({ column: 'expires_at', keepFor: 0 })
@Index('uq_session_clients_session_id_client_id', ['sessionId', 'clientId'], { unique: true })
export class SessionClientEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_session_clients' })
  id: string;

  @Column({ ...ID, name: 'session_id' })
  sessionId: string;

  @Index('ix_session_clients_client_id')
  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  @Index('ix_session_clients_account_id')
  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  @Column({ ...TIME, name: 'first_used_at' })
  firstUsedAt: Date;

  /** Not to the second: it is not written at every sign-in. */
  @Index('ix_session_clients_last_used_at')
  @Column({ ...TIME, name: 'last_used_at' })
  lastUsedAt: Date;

  @Index('ix_session_clients_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
