import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';

/** A role of an app: what whoever has it may do there. */
@Entity('roles')
@Index('uq_roles_client_id_name', ['clientId', 'name'], { unique: true })
export class RoleEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_roles' })
  id: string;

  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  @Column({ type: 'varchar', length: 100 })
  name: string;

  @Column({ type: 'text' })
  description: string;

  /** `resource:action` pairs; `*` stands for every action, or every resource. */
  @Column({ type: 'simple-json' })
  permissions: string[];

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
