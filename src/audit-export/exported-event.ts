import type { AuditEventEntity } from '../audit/audit-event.entity.js';
import { toAuditEvent } from '../audit-reading/audit-event-wire.js';

/** An event as it leaves the house: as the admin API has it, in full, and with the hash before, so that it can be verified. */
export function exported(event: AuditEventEntity): object {
  return Object.assign(toAuditEvent(event, true), { previous_hash: event.previousHash });
}
