import { Injectable } from '@nestjs/common';
import { Problem } from './problem.js';

const MINUTE_MS = 60_000;

/** Requests of one app in a minute: 100 a second, all day. More at once is what the bulk operations are for. */
export const MOST_OF_APP = 6_000;

/** Refused requests of one address in a minute. A program that was misconfigured stays below it. */
export const MOST_REFUSED = 1_200;

/** Keys that are counted at a time; beyond that, strangers share one. */
const MOST_KEYS = 10_000;

const OTHERS = 'others';

/** How much is too much for the admin API, counted on each node for itself, in minutes by the clock. */
@Injectable()
export class AdminRate {
  private minute = 0;
  private counts = new Map<string, number>();

  /** To be called with every request of an app that was let pass. @throws {Problem} 429 */
  countApp(clientId: string): void {
    if (this.count(`app ${clientId}`) > MOST_OF_APP) throw tooMany('This app has sent', MOST_OF_APP);
  }

  /** To be called with every request that was refused for its token. */
  countRefused(address: string): void {
    this.count(`refused ${address}`);
  }

  /** To be called before a token is looked at. @throws {Problem} 429 */
  requireFew(address: string): void {
    this.turn();
    const count = this.counts.get(`refused ${address}`) ?? 0;
    if (count >= MOST_REFUSED) throw tooMany('Refused were from this address', MOST_REFUSED);
  }

  private count(wished: string): number {
    this.turn();
    const key = this.counts.has(wished) || this.counts.size < MOST_KEYS ? wished : OTHERS;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    // Those who share a place are too many to be held to the limit of one.
    return key === OTHERS ? 0 : count;
  }

  private turn(): void {
    const minute = Math.floor(Date.now() / MINUTE_MS);
    if (minute === this.minute) return;
    this.minute = minute;
    this.counts = new Map();
  }
}

function tooMany(words: string, most: number): Problem {
  const retryAfter = Math.max(1, Math.ceil((MINUTE_MS - (Date.now() % MINUTE_MS)) / 1000));
  const detail = `${words} ${most} requests within a minute, which is the limit.`;
  return new Problem('too-many-requests', detail, { retryAfter });
}
