import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TIME, TIME } from '../database/columns.js';

/** What a person is called inside an app, given by hand. A person may have several there. */
@Entity('app_accounts')
@Index('uq_app_accounts_client_id_username', ['clientId', 'username'], { unique: true })
@Index('ix_app_accounts_account_id', ['accountId', 'clientId'])
export class AppAccountEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_app_accounts' })
  id: string;

  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  @Column({ type: 'varchar', length: 200 })
  username: string;

  /** When the person last chose it among several. */
  @Column({ ...OPTIONAL_TIME, name: 'chosen_at' })
  chosenAt: Date | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
