import { Entity, Index, PrimaryColumn } from 'typeorm';
import { ID } from '../database/columns.js';

/** An origin whose scripts may call the token endpoint, because a public app is served from it (CORS). */
@Entity('client_origins')
export class ClientOriginEntity {
  @PrimaryColumn({ type: 'varchar', length: 300, primaryKeyConstraintName: 'pk_client_origins' })
  origin: string;

  @Index('ix_client_origins_client_id')
  @PrimaryColumn({ ...ID, name: 'client_id', primaryKeyConstraintName: 'pk_client_origins' })
  clientId: string;
}
