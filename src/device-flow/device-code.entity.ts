import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** A device that asks to be let in (RFC 8628), what a person decided, and whether it has fetched its tokens. */
@Entity('device_codes')
// A device that still polls hears that its code has expired, not that there is none.
@Retention({ column: 'expires_at', keepFor: 3_600 })
export class DeviceCodeEntity {
  /** Keyed digest of the device code. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_device_codes' })
  digest: string;

  /** Keyed digest of the user code: it has 34.5 bits, so a plain hash of it would be undone in seconds. */
  @Index('uq_device_codes_user_code_digest', { unique: true })
  @Column({ type: 'varchar', length: 64, name: 'user_code_digest' })
  userCodeDigest: string;

  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  @Column({ type: 'text' })
  scope: string;

  /** RFC 8707. */
  @Column(OPTIONAL_TEXT)
  resource: string | null;

  /** Where the request came from: shown to the person who is asked. */
  @Column({ type: 'varchar', length: 64 })
  address: string;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Index('ix_device_codes_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;

  /** Seconds between two polls; each poll that comes too early adds five. */
  @Column({ type: 'integer', name: 'poll_interval' })
  pollInterval: number;

  @Column({ ...OPTIONAL_TIME, name: 'polled_at' })
  polledAt: Date | null;

  @Column({ type: 'varchar', length: 8, nullable: true })
  decision: 'allow' | 'deny' | null;

  @Column({ ...OPTIONAL_TIME, name: 'decided_at' })
  decidedAt: Date | null;

  /** Who decided. */
  @Column({ ...ID, name: 'account_id', nullable: true })
  accountId: string | null;

  @Column({ ...OPTIONAL_TIME, name: 'auth_time' })
  authTime: Date | null;

  @Column({ type: 'varchar', length: 100, nullable: true })
  acr: string | null;

  @Column({ type: 'varchar', length: 100, nullable: true })
  amr: string | null;

  @Column({ ...ID, name: 'grant_id' })
  grantId: string;

  @Column({ ...OPTIONAL_TIME, name: 'redeemed_at' })
  redeemedAt: Date | null;

  /** Of several names that the person has in the app, the one that was chosen. */
  @Column({ ...ID, name: 'app_account_id', nullable: true })
  appAccountId: string | null;
}
