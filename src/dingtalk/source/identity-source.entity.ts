import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, TIME } from '../../database/columns.js';
import { Sealed } from '../../database/sealed.js';

/** What becomes of somebody who signs in, or is found by a sync, and has no account yet. */
export type NewPeople = 'create' | 'refuse';

/** Verified values by which a new person may be matched to an account that is there. */
export type MatchBy = 'email' | 'phone_number';

/** Which of the organisation's mail fields count as verified. */
export type TrustedEmail = 'org_email' | 'org_email_or_email' | 'none';

/** For whom `user/get` is asked beside the department's list: only it knows the manager and the positions. */
export type PeopleDetails = 'none' | 'changed' | 'all';

/** One organisation's DingTalk. Secrets are sealed and bound to the row and column. */
@Entity('identity_sources')
export class IdentitySourceEntity {
  /** Lower-case letters, digits and hyphens; it stands in addresses, so it never changes. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_identity_sources' })
  id: string;

  /** What people read: the organisation's name. */
  @Column({ type: 'varchar', length: 200 })
  name: string;

  @Column({ type: 'boolean' })
  enabled: boolean;

  @Index('uq_identity_sources_corp_id', { unique: true })
  @Column({ type: 'varchar', length: 128, name: 'corp_id' })
  corpId: string;

  @Column({ type: 'varchar', length: 128, name: 'client_id' })
  clientId: string;

  @Sealed('identity_sources.clientSecret')
  @Column({ type: 'text', name: 'client_secret' })
  clientSecret: string;

  @Sealed('identity_sources.callbackToken')
  @Column({ ...OPTIONAL_TEXT, name: 'callback_token' })
  callbackToken: string | null;

  @Sealed('identity_sources.callbackAesKey')
  @Column({ ...OPTIONAL_TEXT, name: 'callback_aes_key' })
  callbackAesKey: string | null;

  /** Addresses and networks that callbacks may come from; empty for anywhere. */
  @Column({ type: 'simple-json', name: 'callback_networks' })
  callbackNetworks: string[];

  @Column({ type: 'varchar', length: 500, name: 'login_base_url' })
  loginBaseUrl: string;

  @Column({ type: 'varchar', length: 500, name: 'api_base_url' })
  apiBaseUrl: string;

  @Column({ type: 'varchar', length: 500, name: 'oapi_base_url' })
  oapiBaseUrl: string;

  @Column({ type: 'boolean', name: 'browser_sign_in' })
  browserSignIn: boolean;

  /** The QR code on our own sign-in page, where scripts run. */
  @Column({ type: 'boolean', name: 'embedded_qr' })
  embeddedQr: boolean;

  @Column({ type: 'boolean', name: 'in_app_sign_in' })
  inAppSignIn: boolean;

  @Column({ type: 'boolean', name: 'callback_events' })
  callbackEvents: boolean;

  @Column({ type: 'boolean', name: 'stream_events' })
  streamEvents: boolean;

  @Column({ type: 'varchar', length: 16, name: 'new_people' })
  newPeople: NewPeople;

  /** In this order; empty: nobody is matched. */
  @Column({ type: 'simple-json', name: 'match_by' })
  matchBy: MatchBy[];

  @Column({ type: 'varchar', length: 24, name: 'trusted_email' })
  trustedEmail: TrustedEmail;

  @Column({ type: 'boolean', name: 'trusted_phone' })
  trustedPhone: boolean;

  /** Claim or `custom.NAME` → fields of the organisation's record, the first that is there; null for the default. */
  @Column({ type: 'simple-json', nullable: true })
  mapping: Record<string, string[]> | null;

  /** Cron expression, in the server's time zone; null: on demand only. */
  @Column({ type: 'varchar', length: 100, nullable: true, name: 'sync_schedule' })
  syncSchedule: string | null;

  @Column({ type: 'boolean', name: 'sync_roles' })
  syncRoles: boolean;

  @Column({ type: 'varchar', length: 16, name: 'sync_details' })
  syncDetails: PeopleDetails;

  /** Percent of the people that a sync may disable without asking. */
  @Column({ type: 'integer', name: 'sync_disable_limit' })
  syncDisableLimit: number;

  @Column({ type: 'integer' })
  version: number;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
