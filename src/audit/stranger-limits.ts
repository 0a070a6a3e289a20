import type { AuditEvent } from './audit-event.js';
import type { AuditRecord } from './audit-log.js';

const MINUTE_MS = 60_000;

/** Events of one kind from one address in a minute. Beyond, they would tell nobody anything new. */
const A_MINUTE = 120;

/** Counts held at a time. */
const HELD = 20_000;

/** What anybody can cause, with no proof of anything, as often as they like. */
const BY_STRANGERS: ReadonlySet<AuditEvent> = new Set([
  'authorization.requested',
  'authorization.refused',
  'client_authentication.failed',
  'device.code_refused',
  'directory.event_refused',
  'page.refused',
  'sign_in.failed',
  'sign_in.slowed',
]);

/** Keeps strangers from filling the trail, counted per process. The log has every event all the same. */
export class StrangerLimits {
  private readonly counts = new Map<string, number>();
  private minute = 0;

  /** Counts an event. @returns false when there were enough of its kind from there in this minute */
  allows({ event, actor, at }: AuditRecord): boolean {
    if (!BY_STRANGERS.has(event)) return true;
    const minute = Math.floor(at.getTime() / MINUTE_MS);
    if (minute !== this.minute) this.counts.clear();
    this.minute = minute;
    const key = `${event} ${actor.address ?? ''}`;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    if (this.counts.size > HELD) this.counts.delete(this.counts.keys().next().value ?? '');
    return count <= A_MINUTE;
  }
}
