import { Column, Entity, PrimaryColumn } from 'typeorm';
import { ID } from '../database/columns.js';

/** Where the chain begins and ends: one row. */
@Entity('audit_chain')
export class AuditChainEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_audit_chain' })
  id: string;

  /** The newest event that has its place. 0: there is none. */
  @Column({ type: 'bigint', name: 'last_seq' })
  lastSeq: number;

  @Column({ ...ID, name: 'last_hash' })
  lastHash: string;

  /** The newest event that was deleted because its time was over: what remains begins after it. */
  @Column({ type: 'bigint', name: 'anchor_seq' })
  anchorSeq: number;

  @Column({ ...ID, name: 'anchor_hash' })
  anchorHash: string;

  /** As the deletion knows it: it follows the setting before anything is deleted. */
  @Column({ type: 'integer', name: 'retention_days' })
  retentionDays: number;
}
