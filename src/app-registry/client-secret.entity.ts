import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TIME, TIME } from '../database/columns.js';

/** One of at most two live secrets of an app, so that a new one can be rolled out before the old one ends. */
@Entity('client_secrets')
export class ClientSecretEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_client_secrets' })
  id: string;

  @Index('ix_client_secrets_client_id')
  @Column({ ...ID, name: 'client_id' })
  clientId: string;

  /** Keyed digest; the secret itself is shown once and not kept. */
  @Column({ type: 'varchar', length: 64 })
  digest: string;

  /** The id of the master key that the digest was made with; null where it was made before this was noted. */
  @Column({ type: 'varchar', length: 8, nullable: true, name: 'digest_key_id' })
  digestKeyId: string | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...OPTIONAL_TIME, name: 'expires_at' })
  expiresAt: Date | null;

  /** To the minute: it is written at most once a minute. */
  @Column({ ...OPTIONAL_TIME, name: 'last_used_at' })
  lastUsedAt: Date | null;
}
