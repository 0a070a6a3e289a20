import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';

/** Where the members of a group come from: by hand, or whoever is in a department or has a role of a directory. */
export type GroupKind = 'manual' | 'department' | 'directory_role';

/** People under one name, for assignments and tokens. */
@Entity('groups')
export class GroupEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_groups' })
  id: string;

  @Column({ type: 'varchar', length: 200 })
  name: string;

  /** The name as it is compared: without case, width and surrounding blanks. */
  @Index('uq_groups_name_key', { unique: true })
  @Column({ type: 'varchar', length: 200, name: 'name_key' })
  nameKey: string;

  @Column({ type: 'text' })
  description: string;

  @Column({ type: 'varchar', length: 16 })
  kind: GroupKind;

  @Index('ix_groups_department_id')
  @Column({ ...ID, nullable: true, name: 'department_id' })
  departmentId: string | null;

  /** Whether the departments below count too. */
  @Column({ type: 'boolean', name: 'include_descendants' })
  includeDescendants: boolean;

  @Index('ix_groups_directory_role_id')
  @Column({ ...ID, nullable: true, name: 'directory_role_id' })
  directoryRoleId: string | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}

/** Somebody who was put into a group by hand. */
@Entity('group_members')
export class GroupMemberEntity {
  @PrimaryColumn({ ...ID, name: 'group_id', primaryKeyConstraintName: 'pk_group_members' })
  groupId: string;

  @Index('ix_group_members_account_id')
  @PrimaryColumn({ ...ID, name: 'account_id', primaryKeyConstraintName: 'pk_group_members' })
  accountId: string;
}
