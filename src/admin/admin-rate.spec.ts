import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AdminRate, MOST_OF_APP, MOST_REFUSED } from './admin-rate.js';
import { Problem } from './problem.js';

beforeEach(() => vi.useFakeTimers({ now: new Date('2027-01-31T08:15:20Z') }));
afterEach(() => vi.useRealTimers());

const refusalOf = (attempt: () => void): Problem | undefined => {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error as Problem;
  }
};

describe('ADMIN-13: the rate of the admin API', () => {
  it('lets an app send so many requests a minute, and says when there are more', () => {
    const rate = new AdminRate();
    for (let count = 0; count < MOST_OF_APP; count++) rate.countApp('one');
    const refused = refusalOf(() => rate.countApp('one'));
    expect(refused).toMatchObject({ status: 429, retryAfter: 40 });
    expect(refusalOf(() => rate.countApp('two'))).toBeUndefined();
    vi.advanceTimersByTime(40_000);
    expect(refusalOf(() => rate.countApp('one'))).toBeUndefined();
  });

  it('tells an address that brought so many bad tokens to wait, and no other one', () => {
    const rate = new AdminRate();
    for (let count = 0; count < MOST_REFUSED; count++) rate.countRefused('192.0.2.1');
    expect(refusalOf(() => rate.countRefused('192.0.2.1'))).toMatchObject({ status: 429, retryAfter: 40 });
    expect(refusalOf(() => rate.countRefused('192.0.2.2'))).toBeUndefined();
  });

  it('remembers no more than so many strangers, and holds the rest to one limit', () => {
    const rate = new AdminRate();
    for (let count = 0; count < 10_000 + MOST_REFUSED; count++) rate.countRefused(`2001:db8::${count.toString(16)}`);
    expect(Reflect.get(rate, 'refused')).toHaveProperty('size', 10_001);
    expect(refusalOf(() => rate.countRefused('2001:db8::ffff'))?.status).toBe(429);
    // Apps are counted elsewhere: each to its own limit, however many strangers there are.
    for (let count = 0; count < MOST_OF_APP; count++) rate.countApp('one');
    expect(refusalOf(() => rate.countApp('one'))?.status).toBe(429);
    expect(refusalOf(() => rate.countApp('two'))).toBeUndefined();
  });
});
