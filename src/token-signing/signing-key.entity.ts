import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Sealed } from '../database/sealed.js';
import type { SigningAlgorithm } from '../protocol/signing-algorithm.js';

/** announced: published, not yet used · signing: signs · retiring: published for what it signed · gone: not published, and without its private half. */
export type SigningKeyState = 'announced' | 'signing' | 'retiring' | 'gone';

@Entity('signing_keys')
export class SigningKeyEntity {
  /** RFC 7638 thumbprint. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_signing_keys' })
  kid: string;

  /** RFC 8725 §3.1: the only one that it is used with. */
  @Column({ type: 'varchar', length: 16 })
  algorithm: SigningAlgorithm;

  /** As it was last noted; what counts is `statesAt` of the times below. */
  @Index('ix_signing_keys_state')
  @Column({ type: 'varchar', length: 16 })
  state: SigningKeyState;

  /** The public JWK, as it is published. */
  @Column({ type: 'text', name: 'public_jwk' })
  publicJwk: string;

  /** The private JWK, sealed by the keyring; empty once the key is gone. */
  @Sealed('signing_keys.sealed_private_jwk')
  @Column({ type: 'text', name: 'sealed_private_jwk' })
  sealedPrivateJwk: string;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...OPTIONAL_TIME, name: 'signs_from' })
  signsFrom: Date | null;

  @Column({ ...OPTIONAL_TIME, name: 'retires_at' })
  retiresAt: Date | null;

  @Column({ ...OPTIONAL_TIME, name: 'gone_at' })
  goneAt: Date | null;

  /** When it was taken out of use before its time: nothing that it signed is good any more. */
  @Column({ ...OPTIONAL_TIME, name: 'revoked_at' })
  revokedAt: Date | null;
}
