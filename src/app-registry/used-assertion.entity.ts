import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** A client assertion that was accepted: its `jti` is spent until the assertion has expired (RFC 7523 §3). */
@Entity('used_assertions')
// A minute for clocks that differ: a node behind ours would take the assertion again.
@Retention({ column: 'expires_at', keepFor: 60 })
export class UsedAssertionEntity {
  /** Digest of client id and `jti`. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_used_assertions' })
  digest: string;

  @Index('ix_used_assertions_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
