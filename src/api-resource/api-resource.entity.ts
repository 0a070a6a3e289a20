import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';

/** A scope of an API, in words for the person who is asked. */
export interface ApiScope {
  readonly name: string;
  readonly description?: string;
}

/** An API that access tokens can be for (RFC 8707). */
@Entity('api_resources')
export class ApiResourceEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_api_resources' })
  id: string;

  /** The `resource` of requests and the `aud` of tokens. */
  @Index('uq_api_resources_identifier', { unique: true })
  @Column({ type: 'varchar', length: 500 })
  identifier: string;

  @Column({ type: 'varchar', length: 200 })
  name: string;

  @Column({ type: 'simple-json' })
  scopes: ApiScope[];

  /** Seconds; null: as the app has it. */
  @Column({ type: 'integer', name: 'access_token_lifetime', nullable: true })
  accessTokenLifetime: number | null;

  /** The apps that are this API: they may introspect its tokens. */
  @Column({ type: 'simple-json', name: 'client_ids' })
  clientIds: string[];

  /** Counts the changes: of two that started from the same number, one is refused. */
  @Column({ type: 'integer' })
  version: number;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
