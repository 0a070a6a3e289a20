import { Column, Entity, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, TIME } from '../database/columns.js';

/** What operators set for the whole server: one row, or none while everything is as it comes. */
@Entity('settings')
export class SettingsEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_settings' })
  id: string;

  /** Seconds. */
  @Column({ type: 'integer', name: 'session_absolute_lifetime' })
  sessionAbsoluteLifetime: number;

  /** Seconds. */
  @Column({ type: 'integer', name: 'session_idle_lifetime' })
  sessionIdleLifetime: number;

  /** Whether the portal shows apps that are only begun from the app itself. */
  @Column({ type: 'varchar', length: 8, name: 'portal_app_initiated' })
  portalAppInitiated: 'show' | 'hide';

  /** Stands on the pages in the place of Clinch's own name. */
  @Column({ type: 'varchar', length: 100, nullable: true, name: 'company_name' })
  companyName: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'logo_uri' })
  logoUri: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'privacy_notice_uri' })
  privacyNoticeUri: string | null;

  /** `#rrggbb`; what else is needed of colours is made from it. */
  @Column({ type: 'varchar', length: 7, nullable: true, name: 'accent_color' })
  accentColor: string | null;

  /** Seconds from one signing key's first signature to the next one's. */
  @Column({ type: 'integer', name: 'signing_key_rotation', default: 7_776_000 })
  signingKeyRotation: number;

  /** Seconds that a signing key is published before it signs. */
  @Column({ type: 'integer', name: 'signing_key_announcement', default: 86_400 })
  signingKeyAnnouncement: number;
  /** How long audit events are kept. */
  @Column({ type: 'integer', name: 'audit_retention_days', default: 180 })
  auditRetentionDays: number;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
