import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../../database/columns.js';
import { Retention } from '../../database/retention.js';

/** Something that one node does at a time: who does it, and until when nobody else may. */
@Entity('dingtalk_leases')
@Retention({ column: 'expires_at', keepFor: 3_600 })
export class LeaseEntity {
  @PrimaryColumn({ type: 'varchar', length: 250, primaryKeyConstraintName: 'pk_dingtalk_leases' })
  name: string;

  @Column(ID)
  holder: string;

  @Index('ix_dingtalk_leases_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
