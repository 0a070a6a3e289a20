import { Column, Entity, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, OPTIONAL_TIME, TIME } from '../database/columns.js';
import { Sealed } from '../database/sealed.js';

export type ExportKind = 'webhook' | 'syslog';
export type ExportFormat = 'json' | 'ndjson';

/** Somewhere that audit events are sent to, and how far that is. */
@Entity('audit_exports')
export class AuditExportEntity {
  @PrimaryColumn({ ...ID, primaryKeyConstraintName: 'pk_audit_exports' })
  id: string;

  @Column({ type: 'varchar', length: 100 })
  name: string;

  @Column({ type: 'varchar', length: 16 })
  kind: ExportKind;

  /** Of a webhook an https address, of syslog `tcp://HOST:PORT` or `tls://HOST:PORT`. */
  @Column('text')
  address: string;

  /** Of a webhook's body. */
  @Column({ type: 'varchar', length: 16 })
  format: ExportFormat;

  /** What a webhook's bodies are signed with, sealed. */
  @Sealed('audit_exports.secret')
  @Column(OPTIONAL_TEXT)
  secret: string | null;

  @Column({ type: 'boolean' })
  enabled: boolean;

  /** The `seq` of the last event that arrived there. */
  @Column({ type: 'bigint' })
  position: number;

  /** In a row; 0 when the last attempt went well. */
  @Column({ type: 'integer' })
  failures: number;

  @Column({ ...OPTIONAL_TIME, name: 'next_attempt_at' })
  nextAttemptAt: Date | null;

  @Column({ ...OPTIONAL_TIME, name: 'last_sent_at' })
  lastSentAt: Date | null;

  @Column({ ...OPTIONAL_TEXT, name: 'last_error' })
  lastError: string | null;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
