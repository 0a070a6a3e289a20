import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../database/columns.js';

/**
 * What a person is called inside an app: given by hand, of which a person may have several there, or made by the app's rule
 * and kept, so that nobody else is called so.
 */
@Entity('app_accounts')
@Index('uq_app_accounts_client_id_username_key', ['clientId', 'usernameKey'], { unique: true })
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

  /** By which two names are one: `usernameKey` of it. */
  @Column({ type: 'varchar', length: 200, name: 'username_key' })
  usernameKey: string;

  /** The name of the rule that made it (`app-account-rule-name.ts`); null: it was given by hand. */
  @Column({ ...OPTIONAL_TEXT, type: 'varchar', length: 64 })
  rule: string | null;

  /** When the person last chose it among several. */
  @Column({ ...OPTIONAL_TIME, name: 'chosen_at' })
  chosenAt: Date | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
