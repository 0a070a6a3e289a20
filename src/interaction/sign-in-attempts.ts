import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds over which failures are remembered. */
const WINDOW = 15 * 60;

/** Wrong passwords from one address for one name: a person who mistypes needs fewer, a guesser needs far more. */
const FOR_ONE_NAME_FROM_ONE_ADDRESS = 8;
/** From one address over all names: an office behind one address still gets in, a list of names does not. */
const FROM_ONE_ADDRESS = 60;
/** For one name from anywhere: beyond it, attempts from browsers that are not known take longer. */
const FOR_ONE_NAME = 25;
/** Milliseconds that such an attempt waits, and how many may wait at a time for one name from one address. */
const SLOWED_BY_MS = 2_000;
const SLOWED_AT_A_TIME = 4;

/** Too many failures: the seconds to wait. */
export class SlowDownError extends Error {
  override readonly name = 'SlowDownError';

  constructor(readonly retryAfter: number) {
    super('too many failed attempts');
  }
}

/** One attempt to sign in. */
export interface Attempt {
  readonly usernameKey: string;
  readonly address: string;
  /** The browser showed that this very person has signed in with it before. */
  readonly knownBrowser: boolean;
}

/**
 * Slows guessing without locking anybody out. An address that fails is stopped; a name that is attacked from many
 * addresses is only slowed, and not at all in the browsers where its owner has signed in before. Counted in memory,
 * so with several nodes the limits multiply by their number.
 */
@Injectable()
export class SignInAttempts {
  private readonly pair = new RateLimiterMemory({ points: FOR_ONE_NAME_FROM_ONE_ADDRESS, duration: WINDOW });
  private readonly address = new RateLimiterMemory({ points: FROM_ONE_ADDRESS, duration: WINDOW });
  private readonly name = new RateLimiterMemory({ points: FOR_ONE_NAME, duration: WINDOW });
  private readonly slowed = new Map<string, number>();

  /**
   * Counts the attempt before the password is looked at, so that parallel guesses count each other.
   *
   * @throws {SlowDownError}
   */
  async begin(attempt: Attempt): Promise<void> {
    // Looked at before anything is counted: an address that has spent its share leaves no more traces in memory.
    if (!attempt.knownBrowser) refuseIfSpent(await this.address.get(attempt.address), FROM_ONE_ADDRESS);
    await consume(this.pair, pairKey(attempt));
    if (!attempt.knownBrowser) await consume(this.address, attempt.address);
    const state = await this.name.penalty(attempt.usernameKey);
    if (!attempt.knownBrowser && state.consumedPoints > FOR_ONE_NAME) await this.slow(attempt);
  }

  /** The password was right: this attempt was no failure. */
  async succeeded(attempt: Attempt): Promise<void> {
    await Promise.all([
      this.pair.delete(pairKey(attempt)),
      this.name.reward(attempt.usernameKey),
      ...(attempt.knownBrowser ? [] : [this.address.reward(attempt.address)]),
    ]);
  }

  /** By name and address: an attack from elsewhere takes no place from the owner's own attempt. */
  private async slow(attempt: Attempt): Promise<void> {
    const key = pairKey(attempt);
    const waiting = this.slowed.get(key) ?? 0;
    if (waiting >= SLOWED_AT_A_TIME) throw new SlowDownError(Math.ceil(SLOWED_BY_MS / 1000));
    this.slowed.set(key, waiting + 1);
    await sleep(SLOWED_BY_MS);
    const left = (this.slowed.get(key) ?? 1) - 1;
    if (left === 0) this.slowed.delete(key);
    else this.slowed.set(key, left);
  }
}

function pairKey({ usernameKey, address, knownBrowser }: Attempt): string {
  return `${knownBrowser ? 'known' : 'new'} ${address} ${usernameKey}`;
}

function refuseIfSpent(state: RateLimiterRes | null, points: number): void {
  if (state !== null && state.consumedPoints >= points) throw slowDown(state);
}

function slowDown({ msBeforeNext }: RateLimiterRes): SlowDownError {
  return new SlowDownError(Math.max(1, Math.ceil(msBeforeNext / 1000)));
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    throw slowDown(refusal as RateLimiterRes);
  }
}
