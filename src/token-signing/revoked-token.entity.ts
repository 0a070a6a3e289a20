import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';

/** A token (`jti`) or a whole grant that was ended before its time. The row is of no use once the last token it speaks of has expired. */
@Entity('revoked_tokens')
export class RevokedTokenEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_revoked_tokens' })
  id: string;

  @Index('ix_revoked_tokens_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
