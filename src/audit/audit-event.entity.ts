import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, TIME } from '../database/columns.js';

const OPTIONAL_ID = { ...ID, nullable: true } as const;

/**
 * Something that happened. Rows come in without a place in the chain; one node at a time gives them theirs. Triggers of
 * the migration refuse every other change, and deletions before the time.
 */
@Entity('audit_events')
@Index('ix_audit_events_at', ['at', 'id'])
@Index('ix_audit_events_unchained', ['at', 'id'], { where: 'seq IS NULL' })
@Index('ix_audit_events_event', ['event', 'at'])
@Index('ix_audit_events_outcome', ['outcome', 'at'], { where: "outcome = 'failure'" })
@Index('ix_audit_events_client_id', ['clientId', 'at'], { where: 'client_id IS NOT NULL' })
@Index('ix_audit_events_account_id', ['accountId', 'at'], { where: 'account_id IS NOT NULL' })
@Index('ix_audit_events_subject_id', ['subjectId', 'at'], { where: 'subject_id IS NOT NULL' })
@Index('ix_audit_events_app', ['app', 'at'], { where: 'app IS NOT NULL' })
@Index('ix_audit_events_trace_id', ['traceId'], { where: 'trace_id IS NOT NULL' })
@Index('ix_audit_events_flow_id', ['flowId'], { where: 'flow_id IS NOT NULL' })
export class AuditEventEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_audit_events' })
  id: string;

  @Column(TIME)
  at: Date;

  @Column({ type: 'varchar', length: 64 })
  event: string;

  @Column({ type: 'varchar', length: 16 })
  outcome: 'success' | 'failure';

  /** Who did it: the app… */
  @Column({ ...OPTIONAL_ID, name: 'client_id' })
  clientId: string | null;

  /** …or the person. */
  @Column({ ...OPTIONAL_ID, name: 'account_id' })
  accountId: string | null;

  @Column(OPTIONAL_ID)
  address: string | null;

  @Column({ type: 'varchar', length: 300, nullable: true, name: 'user_agent' })
  userAgent: string | null;

  /** What it happened to. */
  @Column({ type: 'varchar', length: 32, nullable: true, name: 'subject_kind' })
  subjectKind: string | null;

  @Column({ type: 'varchar', length: 250, nullable: true, name: 'subject_id' })
  subjectId: string | null;

  /** The app that it is about. */
  @Column(OPTIONAL_ID)
  app: string | null;

  @Column({ ...OPTIONAL_ID, name: 'trace_id' })
  traceId: string | null;

  /** What several requests of one sign-in have in common. */
  @Column({ ...OPTIONAL_ID, name: 'flow_id' })
  flowId: string | null;

  @Column({ type: 'varchar', length: 250 })
  node: string;

  @Column({ type: 'varchar', length: 250, nullable: true })
  reason: string | null;

  /** JSON: what else is known of it, before and after. */
  @Column('text')
  details: string;

  /** The place in the chain; null until it has one, a second later or so. */
  @Index('ux_audit_events_seq', { unique: true, where: 'seq IS NOT NULL' })
  @Column({ type: 'bigint', nullable: true })
  seq: number | null;

  @Column({ ...OPTIONAL_ID, name: 'previous_hash' })
  previousHash: string | null;

  @Column(OPTIONAL_ID)
  hash: string | null;
}
