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

  it('looks at no token of an address that brought so many bad ones', () => {
    const rate = new AdminRate();
    for (let count = 0; count < MOST_REFUSED; count++) {
      rate.requireFew('192.0.2.1');
      rate.countRefused('192.0.2.1');
    }
    expect(refusalOf(() => rate.requireFew('192.0.2.1'))?.status).toBe(429);
    expect(refusalOf(() => rate.requireFew('192.0.2.2'))).toBeUndefined();
  });

  it('remembers no more than so many strangers', () => {
    const rate = new AdminRate();
    for (let count = 0; count < 20_000; count++) rate.countRefused(`2001:db8::${count.toString(16)}`);
    expect(Reflect.get(rate, 'counts')).toHaveProperty('size', 10_001);
  });
});
