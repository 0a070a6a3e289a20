import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refused, type Tokens, Unavailable } from './provider.js';
import { waitForTokens } from './wait-for-tokens.js';

const TOKENS: Tokens = { accessToken: 'a', idToken: 'i', refreshToken: 'r' };

// The waits themselves are what is tested, so they take no time and are written down.
const waits: number[] = [];
const sleep = async (milliseconds: number): Promise<void> => {
  waits.push(milliseconds / 1000);
  vi.setSystemTime(Date.now() + milliseconds);
};

beforeEach(() => {
  waits.length = 0;
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());

/** Answers one poll after the other with these; the last one again and again. */
function answering(...answers: (Error | Tokens)[]): () => Promise<Tokens> {
  let polls = 0;
  return async () => {
    const answer = answers[Math.min(polls++, answers.length - 1)] ?? TOKENS;
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

const pending = new Refused('authorization_pending', undefined);
const slowDown = new Refused('slow_down', undefined);
const DEVICE = { expiresIn: 1200, interval: 5 };

describe('RFC 8628 §3.5: a device that polls', () => {
  it('waits before the first request too, and keeps to the interval', async () => {
    expect(await waitForTokens(answering(pending, pending, TOKENS), { ...DEVICE, interval: 7 }, sleep)).toBe(TOKENS);
    expect(waits).toEqual([7, 7, 7]);
  });

  it('waits five seconds more for all requests after slow_down', async () => {
    await waitForTokens(answering(pending, slowDown, pending, slowDown, TOKENS), DEVICE, sleep);
    expect(waits).toEqual([5, 5, 10, 10, 15]);
  });

  it('backs off while nothing answers, and goes on', async () => {
    const away = new Unavailable('away');
    await waitForTokens(answering(away, away, pending, TOKENS), DEVICE, sleep);
    expect(waits).toEqual([5, 10, 20, 20]);
    waits.length = 0;
    await waitForTokens(answering(away, away, away, away, away, TOKENS), DEVICE, sleep);
    expect(Math.max(...waits)).toBe(60);
  });

  it.each([
    ['access_denied', 'You said no'],
    ['expired_token', 'the code has expired'],
    ['invalid_grant', 'The provider refused: invalid_grant'],
  ])('ends at %s', async (code, words) => {
    await expect(waitForTokens(answering(pending, new Refused(code, undefined)), DEVICE, sleep)).rejects.toThrow(words);
    expect(waits).toEqual([5, 5]);
  });

  it('ends when the code must have expired, whatever the provider says', async () => {
    await expect(waitForTokens(answering(pending), { expiresIn: 12, interval: 5 }, sleep)).rejects.toThrow(
      'has expired',
    );
    expect(waits).toEqual([5, 5, 5]);
  });
});
