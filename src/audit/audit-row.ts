import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { AuditRecord } from './audit-log.js';
import { FAILURES, subjectOf, appOf } from './audit-subject.js';

/** An event as it is stored, by the names of the columns; without its place in the chain. */
export interface AuditRow {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly event: string;
  readonly outcome: string;
  readonly client_id: string | null;
  readonly account_id: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly subject_kind: string | null;
  readonly subject_id: string | null;
  readonly app: string | null;
  readonly trace_id: string | null;
  readonly flow_id: string | null;
  readonly node: string;
  readonly reason: string | null;
  readonly details: string;
}

/** In the order of the canonical text, which must never change: old hashes were made of it. */
export const ROW_COLUMNS = [
  'id',
  'at',
  'event',
  'outcome',
  'client_id',
  'account_id',
  'address',
  'user_agent',
  'subject_kind',
  'subject_id',
  'app',
  'trace_id',
  'flow_id',
  'node',
  'reason',
  'details',
] as const satisfies readonly (keyof AuditRow)[];

/** Before the first event. */
export const NO_HASH = '0'.repeat(64);

const LONGEST_ID = 64;
const LONGEST_TEXT = 250;
const LONGEST_USER_AGENT = 300;
/** UTF-16 units of all details together. What does not fit is left out, and the row says so. */
const LONGEST_DETAILS = 16_000;

/** Which process: as the log lines name it. */
const NODE = `${hostname()}:${process.pid}`.slice(-LONGEST_TEXT);

/** Members of the details that have a column of their own. */
const IN_COLUMNS = new Set(['userAgent', 'reason']);

/** Makes the row of an event. */
export function rowOf({ event, actor, details, at }: AuditRecord): AuditRow {
  const subject = subjectOf(event, actor, details);
  return {
    id: nextId(at),
    at: at.getTime(),
    event: event.slice(0, LONGEST_ID),
    outcome: FAILURES.has(event) || details['ok'] === false ? 'failure' : 'success',
    client_id: text(actor.clientId, LONGEST_ID),
    account_id: text(actor.accountId, LONGEST_ID),
    address: text(actor.address, LONGEST_ID),
    user_agent: text(actor.userAgent ?? details['userAgent'], LONGEST_USER_AGENT),
    subject_kind: subject?.kind ?? null,
    subject_id: text(subject?.id, LONGEST_TEXT),
    app: text(appOf(event, actor, details), LONGEST_ID),
    trace_id: text(actor.traceId, LONGEST_ID),
    flow_id: text(actor.flowId, LONGEST_ID),
    node: NODE,
    reason: text(details['reason'], LONGEST_TEXT),
    details: detailsText(details),
  };
}

let count = 0;

/** In the order of time, and of what one process writes within a millisecond; digits and small letters sort alike everywhere. */
function nextId(at: Date): string {
  count = (count + 1) % 36 ** 4;
  const order = at.getTime().toString(36).padStart(9, '0') + count.toString(36).padStart(4, '0');
  return order + randomBytes(8).toString('hex');
}

/** SHA-256 over the hash before and the row, in hexadecimal. */
export function hashOf(previousHash: string, seq: number, row: AuditRow): string {
  const canonical = JSON.stringify([seq, ...ROW_COLUMNS.map((name) => row[name])]);
  return createHash('sha256').update(`${previousHash}\n${canonical}`).digest('hex');
}

function text(value: unknown, longest: number): string | null {
  return typeof value === 'string' ? storable(value.slice(0, longest)) : null;
}

/** Without control characters (CVE-2026-5078), and without halves of characters, which no database keeps. */
function storable(value: string): string {
  return value.replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, '\ufffd');
}

function detailsText(details: Readonly<Record<string, unknown>>): string {
  const kept = Object.entries(details).filter(([name, value]) => !IN_COLUMNS.has(name) && value !== undefined);
  const clean = (_: string, value: unknown) => (typeof value === 'string' ? storable(value) : value);
  const whole = JSON.stringify(Object.fromEntries(kept), clean);
  if (whole.length <= LONGEST_DETAILS) return whole;
  const short = kept.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  const cut = short.map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : value]);
  return JSON.stringify({ ...(Object.fromEntries(cut) as object), truncated: true }, clean);
}
