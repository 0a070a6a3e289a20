import { setTimeout as delay } from 'node:timers/promises';
import { type DeviceCodes, Refused, type Tokens, Unavailable } from './provider.js';
import { CliError } from './cli-error.js';

/** RFC 8628 §3.5: seconds that are added for this and all later requests. */
const SLOW_DOWN = 5;
/** Seconds; somebody may be sitting in front of it. */
const LONGEST_INTERVAL = 60;

/**
 * Asks until the person has answered (RFC 8628 §3.4 and §3.5).
 *
 * @throws {CliError} in plain words, when they said no, or nothing in time
 */
export async function waitForTokens(
  ask: () => Promise<Tokens>,
  { expiresIn, interval: first }: Pick<DeviceCodes, 'expiresIn' | 'interval'>,
  sleep: (milliseconds: number) => Promise<unknown> = delay,
): Promise<Tokens> {
  const deadline = Date.now() + expiresIn * 1000;
  let interval = first;
  while (Date.now() < deadline) {
    await sleep(interval * 1000);
    try {
      return await ask();
    } catch (error) {
      interval = nextInterval(error, interval);
    }
  }
  throw expired();
}

/** Says how long to wait until the next request, or throws what ends the waiting. */
function nextInterval(error: unknown, interval: number): number {
  // RFC 8628 §3.5: on a connection timeout clients MUST reduce their polling frequency before retrying.
  if (error instanceof Unavailable) return Math.min(interval * 2, LONGEST_INTERVAL);
  if (!(error instanceof Refused)) throw error;
  switch (error.code) {
    case 'authorization_pending':
      return interval;
    case 'slow_down':
      return interval + SLOW_DOWN;
    case 'access_denied':
      throw new CliError('You said no, so this program was not let in.');
    case 'expired_token':
      throw expired();
    default:
      throw error;
  }
}

function expired(): CliError {
  return new CliError('Nobody answered in time, and the code has expired. Start again for a new one.');
}
