import type { AuditEvent, AuditRecord } from '../audit/audit-log.js';
import type { HistoryKind } from '../ui/messages.portal.js';

/** Milliseconds: how long lines are told of. */
export const KEEP_MS = 180 * 24 * 3_600_000;

/** A line as an event gives it. */
export interface HistoryLine {
  readonly accountId: string;
  readonly kind: HistoryKind;
  readonly happenedAt: Date;
  readonly clientId: string | undefined;
  /** What the browser said that it is stands beside its session, where there is one. */
  readonly sessionId: string | undefined;
  /** The one that was ended from another one. */
  readonly endedSessionId: string | undefined;
  /** How somebody signed in. */
  readonly method: string | undefined;
  readonly address: string;
  readonly userAgent: string;
}

/** What of an event goes into a line; all else of it is nothing for the person's own page. */
type Part = Partial<Pick<HistoryLine, 'accountId' | 'clientId' | 'address' | 'sessionId' | 'endedSessionId'>> & {
  readonly kind: HistoryKind;
};

type Reading = (record: AuditRecord) => Part;

const READINGS: Partial<Record<AuditEvent, Reading>> = {
  'sign_in.succeeded': ({ actor }) => ({ kind: 'signed_in', ...whose(actor.accountId) }),
  'session.handed_over': ({ actor }) => ({ kind: 'handed_over', ...whose(actor.accountId) }),
  // Of a name that nobody has there is no account, and so no line.
  'sign_in.failed': ({ details }) => ({ kind: 'wrong_password', ...whose(details['subject']) }),
  'session.ended': ({ actor, details }) => ended(details, actor.accountId),
  'device.allowed': ({ actor }) => ({ kind: 'device_allowed', ...whose(actor.accountId), ...app(actor.clientId) }),
  'device.ended': ({ actor }) => ({ kind: 'device_ended', ...whose(actor.accountId), ...app(actor.clientId) }),
  // A program whose refresh is refused is no sign-in of the person: it may ask again all night.
  'access.refused': ({ actor, details }) => ({
    kind: 'access_refused',
    ...(details['endpoint'] === 'token' ? {} : whose(actor.accountId)),
    ...app(actor.clientId),
  }),
  'consent.withdrawn': ({ actor, details }) => ({
    kind: 'consent_withdrawn',
    ...whose(details['account']),
    ...app(details['app']),
    ...(actor.accountId === details['account'] ? {} : BY_OPERATOR),
  }),
  'account.password_changed': ({ actor }) => ({ kind: 'password_changed', ...whose(actor.accountId) }),
  'account.password_set': ({ details }) => ({ kind: 'password_set', ...whose(details['account']), ...BY_OPERATOR }),
};

/** Where an operator's program is, is nothing for the person. */
const BY_OPERATOR = { address: '' };

/** The line that an event is on somebody's time line; undefined when it is on nobody's. */
export function lineOf(record: AuditRecord): HistoryLine | undefined {
  const part = READINGS[record.event]?.(record);
  if (part?.accountId === undefined) return undefined;
  const { accountId, kind, clientId } = part;
  const { actor, details, at: happenedAt } = record;
  return {
    accountId,
    kind,
    happenedAt,
    clientId,
    sessionId: part.sessionId ?? text(details['sid']),
    endedSessionId: part.endedSessionId,
    method: text(details['method']),
    address: part.address ?? actor.address ?? '',
    userAgent: text(details['userAgent']) ?? '',
  };
}

/** Of one that had run out by itself nobody signs out: the apps were told, and that is all. */
function ended({ cause, live, by, sid }: AuditRecord['details'], id: string | undefined): Part {
  const accountId = live === true ? id : undefined;
  if (cause === 'administrator') return { kind: 'ended_by_administrator', ...whose(accountId), ...BY_OPERATOR };
  if (cause === 'person' && typeof by === 'string') {
    return { kind: 'ended_other', ...whose(accountId), sessionId: by, endedSessionId: text(sid) };
  }
  if (cause !== 'password') return { kind: 'signed_out', ...whose(accountId) };
  return { kind: 'ended_by_password', ...whose(accountId), ...BY_OPERATOR };
}

function whose(id: unknown): { accountId?: string } {
  return typeof id === 'string' ? { accountId: id } : {};
}

function app(id: unknown): { clientId?: string } {
  return typeof id === 'string' ? { clientId: id } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
