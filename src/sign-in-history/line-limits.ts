import type { HistoryKind } from '../ui/messages.portal.js';

const HOUR_MS = 3_600_000;

/** Lines of one kind about one person in one hour. Beyond, they would tell nobody anything new. */
const AN_HOUR = 100;

/** And of what a person meets who tries again and again. */
const AN_HOUR_OF: Partial<Record<HistoryKind, number>> = { access_refused: 20 };

/** Counts held at a time. */
const HELD = 50_000;

/** How many lines an hour may hold, counted per process: nobody can fill the table. */
export class LineLimits {
  private readonly counts = new Map<string, number>();
  private hour = 0;

  /** Counts a line. @returns false when there were enough of its kind in this hour */
  allows(accountId: string, kind: HistoryKind, at: Date): boolean {
    const hour = Math.floor(at.getTime() / HOUR_MS);
    if (hour !== this.hour) this.counts.clear();
    this.hour = hour;
    const key = `${accountId} ${kind}`;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.delete(key);
    this.counts.set(key, count);
    if (this.counts.size > HELD) this.counts.delete(this.counts.keys().next().value ?? '');
    return count <= (AN_HOUR_OF[kind] ?? AN_HOUR);
  }
}
