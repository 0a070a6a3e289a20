import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../database/columns.js';

/**
 * Who an account is in an organisation's directory: `(source, corpId, userid)`, joined to sign-ins by the union id.
 * Nothing else makes a person: not the openId, the job number, the e-mail or the phone.
 */
@Entity('federated_identities')
@Index('uq_federated_identities_user_key', ['sourceId', 'userKey'], { unique: true })
@Index('uq_federated_identities_union_id', ['sourceId', 'corpId', 'unionId'], { unique: true })
// An account is one person of an organisation at most: of two who are matched to it at once, one is somebody else.
@Index('uq_federated_identities_account_id', ['sourceId', 'accountId'], { unique: true })
export class FederatedIdentityEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_federated_identities' })
  id: string;

  @Column({ ...ID, name: 'source_id' })
  sourceId: string;

  @Column({ type: 'varchar', length: 128, name: 'corp_id' })
  corpId: string;

  /** The organisation's id of the person. Kept when it is given to somebody else. */
  @Column({ type: 'varchar', length: 128, name: 'user_id' })
  userId: string;

  /** Corp and user id while they are this person's; null once the user id belongs to somebody else. */
  @Column({ type: 'varchar', length: 260, nullable: true, name: 'user_key' })
  userKey: string | null;

  @Column({ type: 'varchar', length: 128, name: 'union_id' })
  unionId: string;

  @Index('ix_federated_identities_account_id')
  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  /** The organisation's record of the person as it was last read, in JSON. */
  @Column({ ...OPTIONAL_TEXT })
  record: string | null;

  /** Of the record, so that a sync without changes writes nothing. */
  @Column({ type: 'varchar', length: 64, nullable: true, name: 'record_digest' })
  recordDigest: string | null;

  /** Since when the person is not in the organisation, or disabled there; null while they are. */
  @Column({ ...OPTIONAL_TIME, name: 'left_at' })
  leftAt: Date | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
