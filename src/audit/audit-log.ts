import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { afterCommit } from '../database/after-commit.js';
import type { AuditEvent } from './audit-event.js';
import { AuditWriter } from './audit-writer.js';
import { ServerLog } from './server-log.js';

export type { AuditEvent } from './audit-event.js';

/** Who did it, or tried to, and from where. */
export interface Actor {
  readonly clientId?: string;
  readonly accountId?: string;
  /** The peer's address. */
  readonly address?: string;
  readonly userAgent?: string | undefined;
  readonly traceId?: string;
  /** What several requests of one sign-in have in common. */
  readonly flowId?: string | undefined;
}

/** One event, as whoever listens is told. */
export interface AuditRecord {
  readonly event: AuditEvent;
  readonly actor: Actor;
  readonly details: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** Notes an event in a transaction; for those who hold the transaction and do not know what it is for. */
export type Note = (manager: EntityManager) => Promise<void>;

/** Takes what it needs of a record and returns at once: it is called in the middle of requests. */
export type AuditSink = (record: AuditRecord) => void;

/**
 * What happened, who did it, why it was refused: one log line each, with `audit` as its kind, and one row of the trail.
 * Never a secret.
 */
@Injectable()
export class AuditLog {
  private readonly sinks: AuditSink[] = [];

  constructor(
    private readonly log: ServerLog,
    private readonly writer: AuditWriter,
  ) {}

  /** To be called when the application is made. Records come to the sink whatever level is logged. */
  declareSink(sink: AuditSink): void {
    this.sinks.push(sink);
  }

  /**
   * For what is no change, or comes by the thousand: it costs its caller next to nothing, and is in the trail within a
   * second. What has not come there when the process is killed is lost.
   */
  record(event: AuditEvent, actor: Actor, details: Readonly<Record<string, unknown>> = {}): void {
    const record = { event, actor, details, at: new Date() };
    this.writer.push(record);
    this.announce(record);
  }

  /**
   * As `record`, but as a part of a transaction: it is in the trail when the change is there, and only then. Log line and
   * sinks come after the transaction.
   *
   * @param manager of the transaction
   */
  async recordIn(
    manager: EntityManager,
    event: AuditEvent,
    actor: Actor,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const record = { event, actor, details, at: new Date() };
    await this.writer.insertIn(manager, record);
    afterCommit(manager, () => this.announce(record));
  }

  /** What `recordIn` does, to be called by whoever has the transaction. */
  noting(event: AuditEvent, actor: Actor, details: Readonly<Record<string, unknown>> = {}): Note {
    return (manager) => this.recordIn(manager, event, actor, details);
  }

  /**
   * A change and its event, in one transaction.
   *
   * @param manager of no transaction yet
   */
  async recordWith(
    manager: EntityManager,
    event: AuditEvent,
    actor: Actor,
    details: Readonly<Record<string, unknown>>,
    change: (manager: EntityManager) => Promise<unknown>,
  ): Promise<void> {
    await manager.transaction(async (inside) => {
      await change(inside);
      await this.recordIn(inside, event, actor, details);
    });
  }

  private announce(record: AuditRecord): void {
    for (const sink of this.sinks) this.tell(sink, record);
    if (!this.log.isOn('info')) return;
    const { event, actor, details } = record;
    this.log.info({ kind: 'audit', event, ...actor, ...details });
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
