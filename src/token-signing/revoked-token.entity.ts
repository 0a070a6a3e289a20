import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** A token (`jti`) or a whole grant that was ended before its time. The row is of no use once the last token it speaks of has expired. */
@Entity('revoked_tokens')
// A minute for clocks that differ: to a node behind ours the token has not expired yet.
@Retention({ column: 'expires_at', keepFor: 60 })
export class RevokedTokenEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_revoked_tokens' })
  id: string;

  @Index('ix_revoked_tokens_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
