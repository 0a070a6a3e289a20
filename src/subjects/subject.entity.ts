import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';

/**
 * The `sub` that a person has in a sector where it is not the account's id. It is kept for ever, so that it is the same
 * at every sign-in and is never given to somebody else (OpenID Connect Core 1.0 §2).
 */
@Entity('subjects')
@Index('uq_subjects_account_id', ['sector', 'rule', 'accountId'], { unique: true })
export class SubjectEntity {
  /**
   * The host of a pairwise sector; or `client:`, the app's id and the time of its
   * registration in milliseconds, where an expression makes the subjects.
   */
  @PrimaryColumn({ type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_subjects' })
  sector: string;

  @Index('ix_subjects_subject')
  @PrimaryColumn({ type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_subjects' })
  subject: string;

  @Index('ix_subjects_account_id')
  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  /** Digest of the rule that made it: another rule makes another subject for the same person. */
  @Column({ type: 'varchar', length: 64 })
  rule: string;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;
}
