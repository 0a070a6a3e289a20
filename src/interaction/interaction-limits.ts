import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { PageError } from '../http/page-error.js';
import { OAuthError } from '../protocol/oauth-error.js';

/** Seconds. */
const WINDOW = 60;

/** Bytes that count as one: what an ordinary request takes with its row, and the least that any is counted for. */
const UNIT = 1_024;

/**
 * Units that one address may have stored for people in that time, which is as many ordinary requests. A large office
 * behind one address opens its apps in the morning with less, and who is signed in already is not counted. Rows go after
 * an hour, so that one address fills 72 MB at most, however large its requests are.
 */
const FROM_ONE_ADDRESS = 1_200;

/**
 * Units from all addresses together: 500 ordinary requests a second is a whole organisation of 100,000 in a few minutes,
 * and more than a node can sign in. It is there for strangers with many addresses.
 */
const FROM_ALL = 30_000;

/** Nobody has to be known to have a request stored, so it is counted. In memory: with several processes, for each of them. */
@Injectable()
export class InteractionLimits {
  private readonly ofAddress = new RateLimiterMemory({ points: FROM_ONE_ADDRESS, duration: WINDOW });
  private readonly ofAll = new RateLimiterMemory({ points: FROM_ALL, duration: WINDOW });

  /**
   * @param address that it comes from
   * @param bytes that are to be stored
   * @throws {PageError} too_many_requests when it is too much for one address
   * @throws {OAuthError} temporarily_unavailable (503) when it is too much for the node, whoever asks
   */
  async begin(address: string, bytes: number): Promise<void> {
    const units = Math.max(1, Math.ceil(bytes / UNIT));
    // The address first: what it is refused is not stored, and takes nothing from others.
    await this.ofAddress.consume(address, units).catch((refusal: RateLimiterRes) => {
      throw new PageError('too_many_requests', { retryAfter: secondsLeft(refusal) });
    });
    await this.ofAll.consume('all', units).catch((refusal: RateLimiterRes) => {
      const options = { status: 503, retryAfter: secondsLeft(refusal) };
      throw new OAuthError('temporarily_unavailable', 'too many sign-ins are being begun', options);
    });
  }
}

function secondsLeft({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}
