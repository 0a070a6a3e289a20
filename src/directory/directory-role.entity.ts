import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TIME, TIME } from '../database/columns.js';

/** A role of an organisation's directory, such as DingTalk's labels. Those that are gone stay, as departments do. */
@Entity('directory_roles')
@Index('uq_directory_roles_external_id', ['sourceId', 'externalId'], { unique: true })
export class DirectoryRoleEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_directory_roles' })
  id: string;

  @Column({ ...ID, name: 'source_id' })
  sourceId: string;

  @Column({ ...ID, name: 'external_id' })
  externalId: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text', name: 'group_name' })
  groupName: string;

  @Column({ ...OPTIONAL_TIME, name: 'removed_at' })
  removedAt: Date | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}

@Entity('directory_role_members')
export class DirectoryRoleMemberEntity {
  @PrimaryColumn({ ...ID, name: 'role_id', primaryKeyConstraintName: 'pk_directory_role_members' })
  roleId: string;

  @Index('ix_directory_role_members_account_id')
  @PrimaryColumn({ ...ID, name: 'account_id', primaryKeyConstraintName: 'pk_directory_role_members' })
  accountId: string;
}
