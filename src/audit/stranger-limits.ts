import type { AuditEvent } from './audit-event.js';
import type { AuditRecord } from './audit-log.js';

const MINUTE_MS = 60_000;

/** Events of one kind from one network in a minute. Beyond, they would tell nobody anything new. */
const A_MINUTE = 120;
/**
 * Events of one kind about one account from one network in a minute, beyond `A_MINUTE`: what happens to somebody is not
 * lost among what a neighbour behind the same address does.
 */
const OF_AN_ACCOUNT = 10;
/** Events of one kind in a minute, from all networks together. */
const OVER_ALL = 6_000;

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

/** What was beyond the limits in one minute. */
interface Excess {
  readonly minute: number;
  count: number;
  /** Up to `MOST_NETWORKS`. */
  readonly networks: Set<string>;
}

/** Networks that are told apart in an excess. */
const MOST_NETWORKS = 1_000;

/**
 * Keeps strangers from filling the trail, counted per process. The log has every event all the same, and the trail how
 * many there were.
 */
export class StrangerLimits {
  private readonly counts = new Map<string, number>();
  private readonly excess = new Map<AuditEvent, Excess>();
  private over: AuditRecord[] = [];
  private minute = 0;

  /** Counts an event. @returns false when there were enough of its kind from there in this minute */
  allows({ event, actor, details, at }: AuditRecord): boolean {
    if (!BY_STRANGERS.has(event)) return true;
    this.moveTo(Math.floor(at.getTime() / MINUTE_MS));
    // Of IPv6 the address of an actor is the /64 already.
    const network = actor.address ?? '';
    const fits = this.fits(event, network, details['subject']) && this.count(event) <= OVER_ALL;
    if (!fits) this.note(event, network);
    return fits;
  }

  /**
   * One event of each kind of which there were more than the trail has, once their minute is over.
   *
   * @param now epoch milliseconds
   */
  more(now: number): AuditRecord[] {
    this.moveTo(Math.floor(now / MINUTE_MS));
    const { over } = this;
    this.over = [];
    return over;
  }

  private fits(event: AuditEvent, network: string, account: unknown): boolean {
    if (this.count(`${event} ${network}`) <= A_MINUTE) return true;
    return typeof account === 'string' && this.count(`${event} ${network} ${account}`) <= OF_AN_ACCOUNT;
  }

  private count(key: string): number {
    const count = (this.counts.get(key) ?? 0) + 1;
    // The youngest last, so that those who come all the time are not forgotten.
    this.counts.delete(key);
    this.counts.set(key, count);
    if (this.counts.size > HELD) this.counts.delete(this.counts.keys().next().value ?? '');
    return count;
  }

  private note(event: AuditEvent, network: string): void {
    const excess = this.excess.get(event) ?? { minute: this.minute, count: 0, networks: new Set<string>() };
    this.excess.set(event, excess);
    excess.count += 1;
    if (excess.networks.size < MOST_NETWORKS) excess.networks.add(network);
  }

  /** Clocks are set back: what is counted then is counted as of the minute that it was. */
  private moveTo(minute: number): void {
    if (minute <= this.minute && this.minute - minute < 5) return;
    this.counts.clear();
    this.minute = minute;
    for (const [event, { minute: of, count, networks }] of this.excess) {
      const [address, ...others] = networks;
      const actor = address === undefined || address === '' || others.length > 0 ? {} : { address };
      const details = { more: count, networks: networks.size };
      this.over.push({ event, actor, details, at: new Date((of + 1) * MINUTE_MS - 1) });
    }
    this.excess.clear();
  }
}
