import { Column, Entity, PrimaryColumn } from 'typeorm';
import { OPTIONAL_TIME, TIME } from '../database/columns.js';

/** That a master key was at hand when a node started. Nothing of the key itself: its id is derived from it one way. */
@Entity('master_keys')
export class MasterKeyEntity {
  @PrimaryColumn({ type: 'varchar', length: 8, primaryKeyConstraintName: 'pk_master_keys' })
  id: string;

  @Column({ ...TIME, name: 'first_seen_at' })
  firstSeenAt: Date;

  /** Since when it seals; null for one that does not, or does not any more. */
  @Column({ ...OPTIONAL_TIME, name: 'current_since' })
  currentSince: Date | null;

  /** The last time that a node that ran had it as the one that seals. Nodes say so every minute. */
  @Column({ ...OPTIONAL_TIME, name: 'last_current_at' })
  lastCurrentAt: Date | null;

  /** The last start with it. */
  @Column({ ...TIME, name: 'last_seen_at' })
  lastSeenAt: Date;
}
