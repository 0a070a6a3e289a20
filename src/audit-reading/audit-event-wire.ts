import type { AuditEventEntity } from '../audit/audit-event.entity.js';
import type { AuditEvent } from './audit-event.dto.js';

/** What a change of a person says of them that is nobody's business without the right to it. */
const PERSONAL = '[personal]';

/** Members of a person that say nothing about them. */
const HARMLESS = new Set(['status', 'password', 'email_verified', 'phone_number_verified', 'locale', 'zoneinfo']);

/** @param inFull whether the one who reads may read personal data */
export function toAuditEvent(event: AuditEventEntity, inFull: boolean): AuditEvent {
  const { subjectKind, subjectId } = event;
  const details = JSON.parse(event.details) as Record<string, unknown>;
  return {
    id: event.id,
    at: event.at.toISOString(),
    event: event.event,
    outcome: event.outcome,
    client_id: event.clientId,
    user_id: event.accountId,
    address: inFull || event.address === null ? event.address : networkOf(event.address),
    user_agent: event.userAgent,
    subject: subjectKind === null || subjectId === null ? null : { type: subjectKind, id: subjectId },
    app: event.app,
    trace_id: event.traceId,
    flow_id: event.flowId,
    node: event.node,
    reason: event.reason,
    details: inFull || subjectKind !== 'account' ? details : withoutPersonal(details),
    seq: event.seq,
    hash: event.hash,
  };
}

/** The people that an event shows something of when it is shown in full. */
export function peopleIn({ accountId, subjectKind, subjectId }: AuditEventEntity): string[] {
  return [
    ...(accountId === null ? [] : [accountId]),
    ...(subjectKind === 'account' && subjectId !== null ? [subjectId] : []),
  ];
}

/** Of IPv4 the last number is left out, of IPv6 all behind the provider's part. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address.replace(/\.\d+$/, '.*');
  return `${address.split(':').slice(0, 2).join(':')}:*`;
}

function withoutPersonal(details: Record<string, unknown>): Record<string, unknown> {
  const masked = (members: unknown): unknown =>
    typeof members === 'object' && members !== null
      ? Object.fromEntries(
          Object.entries(members).map(([name, value]) => [name, HARMLESS.has(name) ? (value as unknown) : PERSONAL]),
        )
      : members;
  const { before, after, ...rest } = details;
  return {
    ...rest,
    ...(before === undefined ? {} : { before: masked(before) }),
    ...(after === undefined ? {} : { after: masked(after) }),
  };
}
