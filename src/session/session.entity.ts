import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Retention } from '../database/retention.js';

/** One signed-in browser. */
@Entity('sessions')
// The apps that were entered in it go on by themselves, for as long as refresh tokens last by default: who signs out is to
// be out of them too.
@Retention({ column: 'expires_at', keepFor: 30 * 86_400 })
export class SessionEntity {
  /** The `sid` of the tokens: an identifier, not a secret. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_sessions' })
  id: string;

  /** Keyed digest of the cookie. */
  @Index('uq_sessions_digest', { unique: true })
  @Column({ type: 'varchar', length: 64 })
  digest: string;

  /** The id of the first session of this person in this browser: a fresh proof begins another one that goes on from it. */
  @Index('ix_sessions_chain_id')
  @Column({ ...ID, name: 'chain_id' })
  chainId: string;

  @Index('ix_sessions_account_id')
  @Column({ ...ID, name: 'account_id' })
  accountId: string;

  /** When the person last proved who they are. */
  @Column({ ...TIME, name: 'auth_time' })
  authTime: Date;

  @Column({ type: 'varchar', length: 100 })
  acr: string;

  /** RFC 8176 authentication methods, space-separated. */
  @Column({ type: 'varchar', length: 100 })
  amr: string;

  /** What the browser says that it is, when the session began. */
  @Column({ type: 'varchar', length: 400, name: 'user_agent' })
  userAgent: string;

  /** Where it came from then. */
  @Column({ type: 'varchar', length: 64 })
  address: string;

  @Column({ ...TIME, name: 'started_at' })
  startedAt: Date;

  /** Not to the second: it is not written at every request. */
  @Column({ ...TIME, name: 'last_used_at' })
  lastUsedAt: Date;

  /** When another session of its chain took its place: no cookie leads to this one any more. */
  @Column({ ...OPTIONAL_TIME, name: 'replaced_at' })
  replacedAt: Date | null;

  @Index('ix_sessions_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;

  @Column({ ...OPTIONAL_TIME, name: 'ended_at' })
  endedAt: Date | null;
}
