import { Injectable } from '@nestjs/common';
import { Problem } from './problem.js';

const MINUTE_MS = 60_000;

/** Requests of one app in a minute: 100 a second, all day. More at once is what the bulk operations are for. */
export const MOST_OF_APP = 6_000;

/** Refused requests of one address in a minute. A program that was misconfigured stays below it. */
export const MOST_REFUSED = 1_200;

/** Addresses that are counted at a time; beyond that, strangers share one, and its limit. */
const MOST_ADDRESSES = 10_000;

const OTHERS = 'others';

/** How much is too much for the admin API, counted on each node for itself, in minutes by the clock. */
@Injectable()
export class AdminRate {
  private minute = 0;
  /** In a place of their own, which strangers cannot fill: only apps with good tokens come into it. */
  private readonly apps = new Map<string, number>();
  private readonly refused = new Map<string, number>();

  /** To be called with every request of an app that was let pass. @throws {Problem} 429 */
  countApp(clientId: string): void {
    this.turn();
    if (add(this.apps, clientId) > MOST_OF_APP) throw tooMany('This app has sent', MOST_OF_APP);
  }

  /** To be called with every request that was refused for its token. @throws {Problem} 429, to be said instead */
  countRefused(address: string): void {
    this.turn();
    const isCounted = this.refused.has(address) || this.refused.size < MOST_ADDRESSES;
    if (add(this.refused, isCounted ? address : OTHERS) > MOST_REFUSED) {
      throw tooMany('Refused were from this address', MOST_REFUSED);
    }
  }

  private turn(): void {
    const minute = Math.floor(Date.now() / MINUTE_MS);
    if (minute === this.minute) return;
    this.minute = minute;
    this.apps.clear();
    this.refused.clear();
  }
}

function add(counts: Map<string, number>, key: string): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}

function tooMany(words: string, most: number): Problem {
  const retryAfter = Math.max(1, Math.ceil((MINUTE_MS - (Date.now() % MINUTE_MS)) / 1000));
  const detail = `${words} ${most} requests within a minute, which is the limit.`;
  return new Problem('too-many-requests', detail, { retryAfter });
}
