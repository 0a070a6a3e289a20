import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TIME, TIME } from '../database/columns.js';

/** A department of an organisation's directory. Those that are gone stay, so that they are the same when they return. */
@Entity('departments')
@Index('uq_departments_external_id', ['sourceId', 'externalId'], { unique: true })
export class DepartmentEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_departments' })
  id: string;

  @Column({ ...ID, name: 'source_id' })
  sourceId: string;

  /** The directory's own id of it. */
  @Column({ ...ID, name: 'external_id' })
  externalId: string;

  /** Null for a root, and where the parent is not visible to us. */
  @Index('ix_departments_parent_id')
  @Column({ ...ID, nullable: true, name: 'parent_id' })
  parentId: string | null;

  @Column({ type: 'text' })
  name: string;

  /** Among its siblings, small first; null where nobody said. */
  @Column({ type: 'bigint', nullable: true, name: 'sort_order' })
  sortOrder: number | null;

  /** Ids of the accounts of its managers, as far as they have one. */
  @Column({ type: 'simple-json' })
  managers: string[];

  @Column({ ...OPTIONAL_TIME, name: 'removed_at' })
  removedAt: Date | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}

/** For every department the line of departments above it, and itself at depth 0: so a subtree is one join. */
@Entity('department_ancestors')
export class DepartmentAncestorEntity {
  @PrimaryColumn({ ...ID, name: 'department_id', primaryKeyConstraintName: 'pk_department_ancestors' })
  departmentId: string;

  @Index('ix_department_ancestors_ancestor_id')
  @PrimaryColumn({ ...ID, name: 'ancestor_id', primaryKeyConstraintName: 'pk_department_ancestors' })
  ancestorId: string;

  @Column({ type: 'integer' })
  depth: number;
}

/** A person's place in a department. A person has any number of them. */
@Entity('department_members')
export class DepartmentMemberEntity {
  @PrimaryColumn({ ...ID, name: 'department_id', primaryKeyConstraintName: 'pk_department_members' })
  departmentId: string;

  @Index('ix_department_members_account_id')
  @PrimaryColumn({ ...ID, name: 'account_id', primaryKeyConstraintName: 'pk_department_members' })
  accountId: string;

  @Column({ type: 'bigint', nullable: true, name: 'sort_order' })
  sortOrder: number | null;

  @Column({ type: 'boolean' })
  leader: boolean;

  @Column({ type: 'text' })
  title: string;

  /** Whether it is the person's main department. */
  @Column({ type: 'boolean' })
  main: boolean;
}
