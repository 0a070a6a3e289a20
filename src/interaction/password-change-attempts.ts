import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Session } from '../session/session-store.js';
import { SlowDownError } from './sign-in-attempts.js';

/** Seconds over which wrong passwords are remembered. */
const WINDOW = 15 * 60;

/** A person who mistypes needs fewer; whoever found a browser open and guesses needs far more. */
const FOR_ONE_BROWSER = 8;

/**
 * Counts guesses at the current password on the page where it is changed. Those who come there are signed in, so they
 * are counted by person and browser: no stranger, whatever their address, takes a try from anybody. In memory, as those
 * of the sign-in page are.
 */
export class PasswordChangeAttempts {
  private readonly browser = new RateLimiterMemory({ points: FOR_ONE_BROWSER, duration: WINDOW });

  /**
   * Counts the attempt before the password is looked at, so that parallel guesses count each other.
   *
   * @throws {SlowDownError}
   */
  async begin(session: Session): Promise<void> {
    try {
      await this.browser.consume(keyOf(session));
    } catch (refusal) {
      throw new SlowDownError(Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1000)));
    }
  }

  /** The password was right: this attempt was no failure, and those before were its owner's. */
  async succeeded(session: Session): Promise<void> {
    await this.browser.delete(keyOf(session));
  }
}

/** The chain, for a new session of the same browser is no new start. */
function keyOf({ accountId, chainId }: Session): string {
  return `${accountId} ${chainId}`;
}
