import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallLog } from './call-log.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the limit of calls', () => {
  it('lets in twenty in any second, and the next when the first is a second old', () => {
    const log = new CallLog();
    const tries = (count: number) => Array.from({ length: count }, () => log.admit('app', '/api', 20));
    expect(tries(10).every(Boolean)).toBe(true);
    vi.advanceTimersByTime(600);
    expect(tries(12)).toEqual([...Array.from({ length: 10 }, () => true), false, false]);
    // A second that began with a calendar second would let these in; a sliding one does not.
    vi.advanceTimersByTime(399);
    expect(tries(1)).toEqual([false]);
    vi.advanceTimersByTime(1);
    expect(tries(11).filter(Boolean)).toHaveLength(10);
  });

  it('counts each app and each API by itself', () => {
    const log = new CallLog();
    expect(log.admit('app', '/one', 1)).toBe(true);
    expect(log.admit('app', '/one', 1)).toBe(false);
    expect(log.admit('app', '/two', 1)).toBe(true);
    expect(log.admit('other', '/one', 1)).toBe(true);
  });
});
