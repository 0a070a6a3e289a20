import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ServerLog } from './server-log.js';

/** Who did it, or tried to. */
export interface Actor {
  readonly clientId?: string;
  readonly accountId?: string;
  /** The peer's address. */
  readonly address?: string;
  readonly traceId?: string;
}

export type AuditEvent =
  | 'sign_in.succeeded'
  | 'sign_in.failed'
  | 'sign_in.slowed'
  | 'consent.given'
  | 'consent.denied'
  | 'consent.withdrawn'
  | 'access.refused'
  | 'claims.previewed'
  | 'access.enforced'
  | 'assignment.created'
  | 'assignment.changed'
  | 'assignment.deleted'
  | 'role.created'
  | 'role.changed'
  | 'role.deleted'
  | 'subject.refused'
  | 'code.issued'
  | 'code.replayed'
  | 'device.requested'
  | 'device.code_refused'
  | 'device.allowed'
  | 'device.denied'
  | 'device.ended'
  | 'token.issued'
  | 'token.revoked'
  | 'refresh_token.reused'
  | 'client_authentication.failed'
  | 'app.created'
  | 'app.changed'
  | 'app.deleted'
  | 'app.secret_added'
  | 'app.secret_ended'
  | 'app_account.created'
  | 'app_account.changed'
  | 'app_account.deleted'
  | 'api.created'
  | 'api.changed'
  | 'api.deleted'
  | 'group.created'
  | 'group.changed'
  | 'group.deleted'
  | 'group.members_added'
  | 'group.member_removed'
  | 'scope.created'
  | 'scope.changed'
  | 'scope.deleted'
  | 'account.created'
  | 'account.changed'
  | 'account.deleted'
  | 'account.password_set'
  | 'personal_data.read'
  | 'account.departed'
  | 'account.returned'
  | 'identity.linked'
  | 'identity.unlinked'
  | 'identity.reassigned'
  | 'identity.match_ambiguous'
  | 'identity.refused'
  | 'identity_source.created'
  | 'identity_source.changed'
  | 'identity_source.deleted'
  | 'identity_source.checked'
  | 'directory.sync_started'
  | 'directory.sync_finished'
  | 'directory.sync_stopped'
  | 'directory.sync_approved'
  | 'directory.sync_cancelled'
  | 'directory.event_received'
  | 'directory.event_refused'
  | 'session.handed_over'
  | 'session.ended'
  | 'logout.delivered'
  | 'logout.failed'
  | 'logout.replayed'
  | 'settings.changed'
  | 'account.password_changed'
  | 'app.registered'
  | 'console.signed_in'
  | 'console.signed_out'
  | 'signing_key.announced'
  | 'signing_key.signing'
  | 'signing_key.retiring'
  | 'signing_key.gone'
  | 'signing_key.rotated'
  | 'signing_key.revoked'
  | 'master_key.changed'
  | 'master_key.reencrypted';

/** One event, as whoever listens is told. */
export interface AuditRecord {
  readonly event: AuditEvent;
  readonly actor: Actor;
  readonly details: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** Takes what it needs of a record and returns at once: it is called in the middle of requests. */
export type AuditSink = (record: AuditRecord) => void;

/** What happened, who did it, why it was refused: one log line each, with `audit` as its kind. Never a secret. */
@Injectable()
export class AuditLog {
  private readonly sinks: AuditSink[] = [];

  constructor(private readonly log: ServerLog) {}

  /** To be called when the application is made. Records come to the sink whatever level is logged. */
  declareSink(sink: AuditSink): void {
    this.sinks.push(sink);
  }

  record(event: AuditEvent, actor: Actor, details: Readonly<Record<string, unknown>> = {}): void {
    for (const sink of this.sinks) this.tell(sink, { event, actor, details, at: new Date() });
    if (!this.log.isOn('info')) return;
    this.log.info({ kind: 'audit', event, ...actor, ...details });
  }

  /**
   * As `record`, but as a part of a transaction: it is there when the change is, and only then.
   *
   * @param _manager of the transaction
   */
  async recordIn(
    _manager: EntityManager,
    event: AuditEvent,
    actor: Actor,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    this.record(event, actor, details);
  }

  /** What goes wrong there is no matter of the request. */
  private tell(sink: AuditSink, record: AuditRecord): void {
    try {
      sink(record);
    } catch (error) {
      this.log.failure({ kind: 'audit', event: record.event, err: error }, 'an audit sink failed');
    }
  }
}
