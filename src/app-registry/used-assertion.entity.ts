import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { TIME } from '../database/columns.js';

/** A client assertion that was accepted: its `jti` is spent until the assertion has expired (RFC 7523 §3). */
@Entity('used_assertions')
export class UsedAssertionEntity {
  /** Digest of client id and `jti`. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_used_assertions' })
  digest: string;

  @Index('ix_used_assertions_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
