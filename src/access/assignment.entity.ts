import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

export type SubjectType = 'user' | 'group' | 'department';

/** Somebody may enter an app, and may have a role there. There are no rows that forbid. */
@Entity('assignments')
@Index('uq_assignments_client_id_subject', ['clientId', 'subjectType', 'subjectId', 'roleId'], { unique: true })
@Index('ix_assignments_subject', ['subjectType', 'subjectId'])
export class AssignmentEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_assignments' })
  id: string;

  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  @Column({ type: 'varchar', length: 16, name: 'subject_type' })
  subjectType: SubjectType;

  @Column({ ...ID, name: 'subject_id' })
  subjectId: string;

  /** Of a department: whether those below it count too. */
  @Column({ type: 'boolean', name: 'include_descendants' })
  includeDescendants: boolean;

  /** Empty where no role comes with it: a null would not count in the index that keeps them apart. */
  @Index('ix_assignments_role_id')
  @Column({ ...ID, name: 'role_id' })
  roleId: string;

  @Column({ type: 'boolean' })
  enabled: boolean;

  /** From then on it counts no more; it stays, so that an explanation can name it. */
  @Column({ ...OPTIONAL_TIME, name: 'ends_at' })
  endsAt: Date | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}

/** Somebody's access to an app was ended: access tokens from before are worth nothing. */
@Entity('access_ends')
@Retention({ column: 'expires_at', keepFor: 60 })
@Index('uq_access_ends_client_id_account_id', ['clientId', 'accountId'], { unique: true })
export class AccessEndEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_access_ends' })
  id: string;

  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  @Column({ ...TIME, name: 'ended_at' })
  endedAt: Date;

  /** When the last access token from before has expired by itself. */
  @Index('ix_access_ends_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
