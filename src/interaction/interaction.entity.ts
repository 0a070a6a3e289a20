import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/**
 * What waits for its person: an app's authorization request, which ends in one code or one refusal, or a page of our
 * own. Bound to one browser.
 */
@Entity('interactions')
@Retention({ column: 'expires_at', keepFor: 0 })
export class InteractionEntity {
  /** Keyed digest of the id that travels in the pages' addresses. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_interactions' })
  digest: string;

  /** Keyed digest of the browser's cookie. */
  @Column({ type: 'varchar', length: 64, name: 'browser_digest' })
  browserDigest: string;

  /** Empty for a page of our own. */
  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  /** The WaitingRequest as JSON: read whole, never searched. */
  @Column({ type: 'text' })
  request: string;

  /** The session that was started here, for this very request. */
  @Column({ ...ID, name: 'signed_in_session_id', nullable: true })
  signedInSessionId: string | null;

  /** The session for which the person chose "continue as". */
  @Column({ ...ID, name: 'selected_session_id', nullable: true })
  selectedSessionId: string | null;

  /** The session in which consent was given here, for this very request. */
  @Column({ ...ID, name: 'consented_session_id', nullable: true })
  consentedSessionId: string | null;

  /** Of several names that the person has in the app, the one that was chosen. */
  @Column({ ...ID, name: 'app_account_id', nullable: true })
  appAccountId: string | null;

  /** When the browser was sent on to sign in elsewhere without being asked, which happens once. */
  @Column({ ...OPTIONAL_TIME, name: 'sent_on_at' })
  sentOnAt: Date | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Index('ix_interactions_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;

  @Column({ ...OPTIONAL_TIME, name: 'completed_at' })
  completedAt: Date | null;
}
