import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuditLog, type AuditEvent, type AuditRecord } from '../audit/audit-log.js';
import { Measurements, type Counter } from '../measurements/measurements.js';

const OUTCOMES: Partial<Record<AuditEvent, string>> = {
  'sign_in.succeeded': 'succeeded',
  'sign_in.failed': 'failed',
  'sign_in.slowed': 'slowed',
};

/** Counts what the audit is told of, by its name: attacks and faults show there first. */
@Injectable()
export class SignInFigures implements OnModuleInit {
  private readonly signIns: Counter;
  private readonly events: Counter;

  constructor(
    private readonly audit: AuditLog,
    measurements: Measurements,
  ) {
    this.signIns = measurements.counter(
      'clinch_sign_ins_total',
      'Sign-ins by way (pwd, or that of a source), outcome (succeeded, failed, slowed) and reason where there is one',
    );
    this.events = measurements.counter('clinch_audit_events_total', 'What the audit was told of, by event');
  }

  onModuleInit(): void {
    this.audit.declareSink((record) => this.take(record));
  }

  private take({ event, details }: AuditRecord): void {
    this.events.add({ event });
    const outcome = OUTCOMES[event];
    if (outcome === undefined) return;
    const { method, reason } = details;
    const labels = { method: typeof method === 'string' ? method : 'pwd', outcome };
    this.signIns.add(typeof reason === 'string' ? { ...labels, reason } : labels);
  }
}
