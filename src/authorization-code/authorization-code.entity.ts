import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** A code, what it is good for, and whether it was spent. Kept after use, so that a second use can be told. */
@Entity('authorization_codes')
// A replay must still be told while tokens of that code can live: a day at most, and a minute for clocks that differ.
@Retention({ column: 'expires_at', keepFor: 86_400 + 60 })
export class AuthorizationCodeEntity {
  /** Keyed digest; the code itself is nowhere. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_authorization_codes' })
  digest: string;

  @Column({ ...ID, name: 'grant_id' })
  grantId: string;

  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  @Index('ix_authorization_codes_session_id')
  @Column({ ...ID, name: 'session_id' })
  sessionId: string;

  @Column({ type: 'text', name: 'redirect_uri' })
  redirectUri: string;

  @Column({ type: 'varchar', length: 128, name: 'code_challenge', nullable: true })
  codeChallenge: string | null;

  @Column({ type: 'varchar', length: 8, name: 'code_challenge_method', nullable: true })
  codeChallengeMethod: 'S256' | 'plain' | null;

  @Column({ type: 'text' })
  scope: string;

  @Column(OPTIONAL_TEXT)
  nonce: string | null;

  /** RFC 8707: the API that the access token will be for. */
  @Column(OPTIONAL_TEXT)
  resource: string | null;

  /** The RequestedClaims as JSON: read whole, never searched. */
  @Column({ ...OPTIONAL_TEXT, name: 'requested_claims' })
  requestedClaims: string | null;

  @Column({ ...TIME, name: 'auth_time' })
  authTime: Date;

  @Column({ type: 'varchar', length: 100 })
  acr: string;

  @Column({ type: 'varchar', length: 100 })
  amr: string;

  @Index('ix_authorization_codes_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;

  @Column({ ...OPTIONAL_TIME, name: 'redeemed_at' })
  redeemedAt: Date | null;

  /** Of several names that the person has in the app, the one that was chosen. */
  @Column({ ...ID, name: 'app_account_id', nullable: true })
  appAccountId: string | null;
}
