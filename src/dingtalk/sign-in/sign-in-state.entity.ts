import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TIME, TIME } from '../../database/columns.js';
import { Retention } from '../../database/retention.js';
import { Sealed } from '../../database/sealed.js';

/**
 * `browser`: the `state` of a sign-in on DingTalk's own page. `in_app`: the nonce of one inside DingTalk. One is no good
 * in place of the other.
 */
export type SignInStateKind = 'browser' | 'in_app';

/** A sign-in that was begun with DingTalk, until it comes back: once, in the same browser, for the same source. */
@Entity('dingtalk_sign_in_states')
@Retention({ column: 'expires_at', keepFor: 0 })
export class SignInStateEntity {
  /** Keyed digest of the state. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_dingtalk_sign_in_states' })
  digest: string;

  @Column({ type: 'varchar', length: 16 })
  kind: SignInStateKind;

  /** Keyed digest of the browser's cookie. */
  @Column({ type: 'varchar', length: 64, name: 'browser_digest' })
  browserDigest: string;

  @Column({ ...ID, name: 'source_id' })
  sourceId: string;

  /** The id of the interaction, sealed: it is a secret of the browser's. */
  @Sealed('dingtalk_sign_in_states.interaction')
  @Column({ type: 'text' })
  interaction: string;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Index('ix_dingtalk_sign_in_states_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;

  @Column({ ...OPTIONAL_TIME, name: 'spent_at' })
  spentAt: Date | null;
}
