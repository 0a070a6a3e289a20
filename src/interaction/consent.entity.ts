import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';

/** What a person agreed that an app may have. */
@Entity('consents')
@Index('ix_consents_client_id', ['clientId'])
export class ConsentEntity {
  @PrimaryColumn({ ...ID, name: 'account_id', primaryKeyConstraintName: 'pk_consents' })
  accountId: string;

  @PrimaryColumn({ ...ID, name: 'client_id', primaryKeyConstraintName: 'pk_consents' })
  clientId: string;

  /** Space-separated scope-tokens. */
  @Column({ type: 'text' })
  scope: string;

  @Column({ ...TIME, name: 'granted_at' })
  grantedAt: Date;
}
