import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { PageError } from '../http/page-error.js';

/** Seconds. */
const WINDOW = 60;

/**
 * Requests that one address may have waiting for people anew in that time. A large office behind one address opens its
 * apps in the morning with less, and who is signed in already is not counted; what a stranger can fill the table with
 * stays small, because rows go after an hour.
 */
const FROM_ONE_ADDRESS = 1_200;

/** Nobody has to be known to have a request stored, so it is counted. In memory: with several processes, for each of them. */
@Injectable()
export class InteractionLimits {
  private readonly begun = new RateLimiterMemory({ points: FROM_ONE_ADDRESS, duration: WINDOW });

  /** @throws {PageError} too_many_requests */
  async begin(address: string): Promise<void> {
    try {
      await this.begun.consume(address);
    } catch (refusal) {
      const { msBeforeNext } = refusal as RateLimiterRes;
      throw new PageError('too_many_requests', { retryAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)) });
    }
  }
}
