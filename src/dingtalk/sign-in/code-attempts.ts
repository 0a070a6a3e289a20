import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { PageError } from '../../http/page-error.js';

/** Codes from one address in this many seconds that led to nothing, or are still being asked about. */
const MOST = 100;
const WINDOW = 5 * 60;

/**
 * Every code that comes costs calls to DingTalk, of which there are few in a second and which all who sign in share. An
 * address that brings codes nobody gave it is stopped before the first call. Counted in memory, by each node.
 */
@Injectable()
export class CodeAttempts {
  private readonly addresses = new RateLimiterMemory({ points: MOST, duration: WINDOW });

  /** @throws {PageError} too_many_requests */
  async begin(address: string): Promise<void> {
    try {
      await this.addresses.consume(address);
    } catch (refusal) {
      const { msBeforeNext } = refusal as RateLimiterRes;
      throw new PageError('too_many_requests', { retryAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)) });
    }
  }

  /** The code was DingTalk's, whatever else became of it. */
  async wasGenuine(address: string): Promise<void> {
    await this.addresses.reward(address);
  }
}
