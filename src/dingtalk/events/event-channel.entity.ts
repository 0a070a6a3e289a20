import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../../database/columns.js';
import { Retention } from '../../database/retention.js';
import type { EventChannelKind } from './directory-event.entity.js';

/** How a source's events come to one node: what an operator looks at when they do not. */
@Entity('dingtalk_event_channels')
// Nodes come and go; one that has said nothing for so long is gone.
@Retention({ column: 'expires_at', keepFor: 0 })
export class EventChannelEntity {
  /** A digest of source, kind and node. */
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_dingtalk_event_channels' })
  id: string;

  @Index('ix_dingtalk_event_channels_source_id')
  @Column({ ...ID, name: 'source_id' })
  sourceId: string;

  @Column({ type: 'varchar', length: 16 })
  kind: EventChannelKind;

  /** The node's host name and process. */
  @Column({ type: 'varchar', length: 200 })
  node: string;

  /** Of a stream: since when the connection is open; null while there is none. */
  @Column({ ...OPTIONAL_TIME, name: 'connected_since' })
  connectedSince: Date | null;

  /** The last frame, callback or answer that was all right. */
  @Column({ ...OPTIONAL_TIME, name: 'last_seen_at' })
  lastSeenAt: Date | null;

  @Column({ ...OPTIONAL_TIME, name: 'last_event_at' })
  lastEventAt: Date | null;

  /** Since the node started. */
  @Column({ type: 'integer' })
  events: number;

  @Column({ type: 'integer' })
  failures: number;

  @Column({ ...OPTIONAL_TIME, name: 'last_failure_at' })
  lastFailureAt: Date | null;

  /** What the last failure was, for operators. */
  @Column({ ...OPTIONAL_TEXT, name: 'last_failure' })
  lastFailure: string | null;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;

  @Index('ix_dingtalk_event_channels_expires_at')
  @Column({ ...TIME, name: 'expires_at' })
  expiresAt: Date;
}
