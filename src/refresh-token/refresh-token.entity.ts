import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/**
 * A family of refresh tokens: all that came, one from the other, of one grant. Only the newest is good, so one row holds
 * the family; how a spent one is told is in `refresh-token-form.ts`.
 */
@Entity('refresh_tokens')
// The row ends the access tokens of its grant too, so it stays until the last of them is over.
// A successor is given out again within the grace, 60 s at most; a minute more is for clocks that differ.
@Retention({
  column: 'expires_at',
  keepFor: 86_400 + 60,
  tidy: { empties: 'sealed_token', column: 'rotated_at', keepFor: 60 + 60 },
})
@Index('ix_refresh_tokens_account_id_client_id', ['accountId', 'clientId'])
export class RefreshTokenEntity {
  @PrimaryColumn({ ...ID, name: 'grant_id', primaryKeyConstraintName: 'pk_refresh_tokens' })
  grantId: string;

  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  /** All that was granted; a narrower access token takes nothing from it. */
  @Column({ type: 'text' })
  scope: string;

  /** RFC 8707. */
  @Column(OPTIONAL_TEXT)
  resource: string | null;

  /** The RequestedClaims as JSON: read whole, never searched. */
  @Column({ ...OPTIONAL_TEXT, name: 'requested_claims' })
  requestedClaims: string | null;

  /** The `sid` of its tokens; a device that was let in has none. */
  @Index('ix_refresh_tokens_session_id')
  @Column({ ...ID, name: 'session_id', nullable: true })
  sessionId: string | null;

  @Column({ ...TIME, name: 'auth_time' })
  authTime: Date;

  @Column({ type: 'varchar', length: 100, nullable: true })
  acr: string | null;

  @Column({ type: 'varchar', length: 100, nullable: true })
  amr: string | null;

  /** Counts the tokens of the family, from 1. */
  @Column({ type: 'integer' })
  generation: number;

  /** Keyed digest of the one good token. */
  @Column({ type: 'varchar', length: 64 })
  digest: string;

  /** Keyed digest of its immediate predecessor. */
  @Column({ type: 'varchar', length: 64, name: 'parent_digest', nullable: true })
  parentDigest: string | null;

  /** The good token, under a key that only its predecessor gives. */
  @Column({ ...OPTIONAL_TEXT, name: 'sealed_token' })
  sealedToken: string | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  /** When the predecessor was spent. */
  @Column({ ...OPTIONAL_TIME, name: 'rotated_at' })
  rotatedAt: Date | null;

  /** The end of the family, whatever happens. */
  @Column({ ...TIME, name: 'ends_at' })
  endsAt: Date;

  /** The end of the family unless it is used: the idle lifetime from the last use, and never after `ends_at`. */
  @Index('ix_refresh_tokens_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;

  /** Of several names that the person has in the app, the one that was chosen. */
  @Column({ ...ID, name: 'app_account_id', nullable: true })
  appAccountId: string | null;

  /** The `sub` that the family began with, where it is not the account's id: it has no other (OpenID Connect Core §12.2). */
  @Column({ type: 'varchar', length: 255, nullable: true })
  subject: string | null;

  /** Of a device that was let in: where it asked from. */
  @Column({ type: 'varchar', length: 64, nullable: true, name: 'device_address' })
  deviceAddress: string | null;
}
