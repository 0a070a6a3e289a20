import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds over which wrong codes are remembered. */
const WINDOW = 15 * 60;
/** So many may be wrong: a person who mistypes needs fewer, and a guesser would need billions. */
const WRONG_CODES = 10;
/** From this one on an answer waits, for so many milliseconds. */
const SLOWED_FROM = 5;
const SLOWED_BY_MS = 1_000;

/** Who enters a code: an account, from an address. */
export interface Enterer {
  readonly accountId: string;
  readonly address: string;
}

/**
 * Slows those who guess user codes (RFC 8628 §5.1), and stops them. Wrong codes are counted for the account, which is
 * stopped, and for the address, where those who were wrong themselves are slowed: in an office nobody is stopped for a
 * colleague. Counted in memory, so with several nodes the limits multiply by their number.
 */
@Injectable()
export class WrongCodes {
  private readonly accounts = new RateLimiterMemory({ points: WRONG_CODES, duration: WINDOW });
  private readonly addresses = new RateLimiterMemory({ points: WRONG_CODES, duration: WINDOW });

  /**
   * Counts the code as wrong before it is looked up, so that parallel guesses count each other. The count also bounds how
   * many wait: of one account never more than those between the two limits.
   *
   * @returns 0 when the code may be looked up, otherwise the seconds until the next one may
   */
  async begin({ accountId, address }: Enterer): Promise<number> {
    const own = await this.accounts.penalty(accountId);
    const near = await this.addresses.penalty(address);
    if (own.consumedPoints > WRONG_CODES) return secondsOf(own);
    // Others at the same address slow only those who were wrong themselves, and stop nobody.
    const count = own.consumedPoints > 1 ? Math.max(own.consumedPoints, near.consumedPoints) : own.consumedPoints;
    if (count >= SLOWED_FROM) await sleep(SLOWED_BY_MS);
    return 0;
  }

  /** The code was right: it does not count. */
  async wasRight({ accountId, address }: Enterer): Promise<void> {
    await Promise.all([this.accounts.reward(accountId), this.addresses.reward(address)]);
  }
}

function secondsOf({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}
