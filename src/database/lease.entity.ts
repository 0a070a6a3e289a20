import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from './columns.js';
import { Retention } from './retention.js';

/** Something that one node does at a time: who does it, and until when nobody else may. */
@Entity('leases')
@Retention({ column: 'expires_at', keepFor: 3_600 })
export class LeaseEntity {
  @PrimaryColumn({ type: 'varchar', length: 250, primaryKeyConstraintName: 'pk_leases' })
  name: string;

  @Column(ID)
  holder: string;

  @Index('ix_leases_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
