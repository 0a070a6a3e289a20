import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ExtendedClaim } from '../app-registry/client.entity.js';
import { TIME } from '../database/columns.js';

/** A scope of the operator's own, and the claims that it releases. */
@Entity('custom_scopes')
export class CustomScopeEntity {
  @PrimaryColumn({ type: 'varchar', length: 100, primaryKeyConstraintName: 'pk_custom_scopes' })
  name: string;

  /** For the consent page. */
  @Column({ type: 'text', name: 'description_zh_cn' })
  descriptionZhCn: string;

  @Column({ type: 'text', name: 'description_en' })
  descriptionEn: string;

  @Column({ type: 'simple-json' })
  claims: ExtendedClaim[];

  /** A consent from before is about something else: the scope was made since, or its words or claims changed. */
  @Column({ ...TIME, name: 'consent_since' })
  consentSince: Date;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
