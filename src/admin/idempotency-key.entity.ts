import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';
import { Sealed } from '../database/sealed.js';

/** A creation that was asked for under a key, and what it was answered. */
@Entity('idempotency_keys')
@Retention({ column: 'expires_at', keepFor: 0 })
export class IdempotencyKeyEntity {
  /** Digest of the app and its key. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_idempotency_keys' })
  id: string;

  /** Keyed digest of the operation and the body: it may hold a password. */
  @Column(ID)
  fingerprint: string;

  /** The request that is at it. */
  @Column(ID)
  holder: string;

  /** If it is not done by then, it died. */
  @Column({ ...TIME, name: 'busy_until' })
  busyUntil: Date;

  /** Written with what was created. */
  @Column({ ...OPTIONAL_TIME, name: 'used_at' })
  usedAt: Date | null;

  /** Sealed: it may hold a secret that is shown once. */
  @Sealed('idempotency_keys.answer')
  @Column(OPTIONAL_TEXT)
  answer: string | null;

  @Index('ix_idempotency_keys_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
