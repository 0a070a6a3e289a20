import type { Actor } from './audit-log.js';
import type { AuditEvent } from './audit-event.js';

type Details = Readonly<Record<string, unknown>>;

/** What an event happened to. */
export interface AuditSubject {
  readonly kind: string;
  readonly id: string;
}

/** Events that say that something did not go as somebody wished, or should not have been tried. */
export const FAILURES: ReadonlySet<AuditEvent> = new Set([
  'sign_in.failed',
  'sign_in.slowed',
  'page.refused',
  'authorization.refused',
  'consent.denied',
  'access.refused',
  'subject.refused',
  'federation.failed',
  'code.replayed',
  'device.code_refused',
  'device.denied',
  'refresh_token.reused',
  'client_authentication.failed',
  'identity.refused',
  'identity.match_ambiguous',
  'directory.sync_stopped',
  'directory.event_refused',
  'logout.failed',
]);

/** By the first word of an event: what it is about, and the members of the details that name it. */
const SUBJECTS: Readonly<Record<string, readonly [kind: string, ...members: string[]]>> = {
  account: ['account', 'account'],
  personal_data: ['account', 'account'],
  claims: ['account', 'account'],
  sign_in: ['account', 'subject'],
  consent: ['account', 'account'],
  app: ['app', 'app'],
  app_account: ['app_account', 'appAccount'],
  assignment: ['assignment', 'assignment'],
  role: ['role', 'role'],
  access: ['app', 'app'],
  api: ['api', 'api'],
  group: ['group', 'group'],
  scope: ['scope', 'scope'],
  identity: ['identity', 'identity'],
  identity_source: ['identity_source', 'source'],
  directory: ['identity_source', 'source'],
  session: ['session', 'sid'],
  logout: ['logout_delivery', 'notice'],
  master_key: ['master_key', 'to', 'keyId'],
  signing_key: ['key', 'kid'],
  key: ['key', 'kid'],
  settings: ['settings'],
  audit_export: ['audit_export', 'destination'],
  token: ['grant', 'grantId'],
  code: ['grant', 'grantId'],
  refresh_token: ['grant', 'grantId'],
  device: ['grant', 'grantId'],
};

/** Events in which the app that acts is the app that they are about. */
const OF_THE_APP = new Set([
  'access',
  'authorization',
  'client_authentication',
  'code',
  'consent',
  'device',
  'federation',
  'logout',
  'page',
  'refresh_token',
  'subject',
  'token',
]);

/** Where nothing else is named, it happened to the person who acts. */
const OF_THE_PERSON = new Set(['account', 'sign_in', 'consent']);

export function subjectOf(event: AuditEvent, actor: Actor, details: Details): AuditSubject | undefined {
  const family = familyOf(event);
  const [kind, ...members] = SUBJECTS[family] ?? [];
  if (kind === undefined) return undefined;
  const named = members.map((member) => details[member]).find((value) => typeof value === 'string');
  const id = named ?? (OF_THE_PERSON.has(family) ? actor.accountId : undefined);
  if (family === 'settings') return { kind, id: 'settings' };
  return typeof id === 'string' ? { kind, id } : undefined;
}

export function appOf(event: AuditEvent, actor: Actor, details: Details): unknown {
  return details['app'] ?? (OF_THE_APP.has(familyOf(event)) ? actor.clientId : undefined);
}

function familyOf(event: AuditEvent): string {
  return event.slice(0, event.indexOf('.'));
}
