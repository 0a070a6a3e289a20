import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT } from '../../database/columns.js';

/**
 * What a run has fetched so far. Whoever goes on with the run after a crash finds it here; it is deleted when the run
 * has ended.
 */
@Entity('directory_sync_departments')
export class StagedDepartmentEntity {
  @PrimaryColumn({ ...ID, name: 'run_id', primaryKeyConstraintName: 'pk_directory_sync_departments' })
  runId: string;

  @PrimaryColumn({ type: 'bigint', name: 'department_id', primaryKeyConstraintName: 'pk_directory_sync_departments' })
  departmentId: number;

  @Column({ type: 'bigint', nullable: true, name: 'parent_id' })
  parentId: number | null;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'bigint', nullable: true, name: 'sort_order' })
  sortOrder: number | null;

  /** JSON: user ids; null while the department was not described. */
  @Column(OPTIONAL_TEXT)
  managers: string | null;

  /** open, read or failed: the departments below it. */
  @Column({ type: 'varchar', length: 8 })
  subtree: string;

  /** open, read or failed: its members. */
  @Column({ type: 'varchar', length: 8 })
  members: string;
}

/** A person as one department lists them; 0 stands for nobody's list. */
@Entity('directory_sync_people')
@Index('ix_directory_sync_people_unionid', ['runId', 'unionid'])
export class StagedPersonEntity {
  @PrimaryColumn({ ...ID, name: 'run_id', primaryKeyConstraintName: 'pk_directory_sync_people' })
  runId: string;

  @PrimaryColumn({ type: 'varchar', length: 128, primaryKeyConstraintName: 'pk_directory_sync_people' })
  userid: string;

  @PrimaryColumn({ type: 'bigint', name: 'department_id', primaryKeyConstraintName: 'pk_directory_sync_people' })
  departmentId: number;

  @Column({ type: 'varchar', length: 128 })
  unionid: string;

  /** JSON. */
  @Column({ type: 'text' })
  record: string;
}

@Entity('directory_sync_roles')
export class StagedRoleEntity {
  @PrimaryColumn({ ...ID, name: 'run_id', primaryKeyConstraintName: 'pk_directory_sync_roles' })
  runId: string;

  @PrimaryColumn({ type: 'bigint', name: 'role_id', primaryKeyConstraintName: 'pk_directory_sync_roles' })
  roleId: number;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text', name: 'group_name' })
  groupName: string;

  /** JSON: user ids; null when they were not read. */
  @Column(OPTIONAL_TEXT)
  members: string | null;
}

/** Somebody who is to be read one by one once the lists have been applied. */
@Entity('directory_sync_details')
export class WantedDetailEntity {
  @PrimaryColumn({ ...ID, name: 'run_id', primaryKeyConstraintName: 'pk_directory_sync_details' })
  runId: string;

  @PrimaryColumn({ type: 'varchar', length: 128, primaryKeyConstraintName: 'pk_directory_sync_details' })
  userid: string;
}
