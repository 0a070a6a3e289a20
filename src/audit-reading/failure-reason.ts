import type { AuditEventEntity } from '../audit/audit-event.entity.js';
import { timelineEn } from './timeline-words.en.js';
import type { FailureReason } from './timeline-words.js';

/** Events whose reason is the event. */
const BY_EVENT: Readonly<Record<string, FailureReason>> = {
  'sign_in.slowed': 'slowed',
  'access.refused': 'access_refused',
  'subject.refused': 'no_subject',
  'consent.denied': 'consent_denied',
  'code.replayed': 'code_replayed',
  'client_authentication.failed': 'client_authentication',
  'identity.refused': 'no_account',
};

/** Error codes of the specifications that come down to one of ours. */
const BY_CODE: Readonly<Record<string, FailureReason>> = {
  temporarily_unavailable: 'database_away',
  consent_required: 'interaction_required',
  account_selection_required: 'interaction_required',
};

/** What went wrong; undefined for what went well. */
export function failureOf(event: AuditEventEntity): FailureReason | undefined {
  if (event.outcome !== 'failure') return undefined;
  const own = BY_EVENT[event.event];
  if (own !== undefined) return own;
  // What went wrong on this server is no word of the other side.
  if (event.event === 'federation.failed' && event.reason !== 'server_error') return federationFailureOf(event.reason);
  const { code } = JSON.parse(event.details) as { code?: unknown };
  if (event.reason === 'server_error' && code === 'temporarily_unavailable') return 'database_away';
  const reason = event.reason ?? '';
  const known = Object.hasOwn(timelineEn.failures, reason) ? (reason as FailureReason) : undefined;
  return known ?? BY_CODE[reason] ?? 'other';
}

function federationFailureOf(reason: string | null): FailureReason {
  const name = `federation.${reason ?? ''}`;
  return Object.hasOwn(timelineEn.failures, name) ? (name as FailureReason) : 'federation.unexpected';
}
