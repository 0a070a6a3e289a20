import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SignInAttempts, SlowDownError, type Attempt } from './sign-in-attempts.js';

const from = (address: string, usernameKey = 'lihua', knownBrowser = false): Attempt => ({
  usernameKey,
  address,
  knownBrowser,
});

describe('slowing down guesses', () => {
  let attempts: SignInAttempts;
  const refused = async (attempt: Attempt) =>
    attempts.begin(attempt).then(
      () => false,
      (error: unknown) => error instanceof SlowDownError,
    );

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
    attempts = new SignInAttempts();
  });
  afterEach(() => void vi.useRealTimers());

  it('stops an address after eight failures for one name, and no other address', async () => {
    for (let count = 0; count < 8; count++) expect(await refused(from('192.0.2.1'))).toBe(false);
    expect(await refused(from('192.0.2.1'))).toBe(true);
    expect(await refused(from('192.0.2.2'))).toBe(false);
  });

  it('stops an address that goes through many names, and leaves no trace of those that come after', async () => {
    for (let count = 0; count < 60; count++) await attempts.begin(from('192.0.2.1', `name-${count}`));
    for (let count = 60; count < 200; count++) expect(await refused(from('192.0.2.1', `name-${count}`))).toBe(true);
    const kept = await Promise.all(
      Array.from({ length: 140 }, (_, index) => attempts['pair'].get(`new 192.0.2.1 name-${index + 60}`)),
    );
    expect(kept.every((state) => state === null)).toBe(true);
  });

  it('lets the owner in from a fresh address while strangers hold attempts open for the name', async () => {
    for (let count = 0; count < 30; count++) void refused(from(`198.51.100.${count}`));
    const strangers = Array.from({ length: 20 }, (_, index) => refused(from(`203.0.113.${index}`)));
    expect(await refused(from('192.0.2.77'))).toBe(false);
    await Promise.all(strangers);
  }, 10_000);

  it('does not slow a browser in which the owner has signed in before', async () => {
    for (let count = 0; count < 30; count++) void refused(from(`198.51.100.${count}`));
    const started = performance.now();
    expect(await refused(from('192.0.2.77', 'lihua', true))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
