import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SqliteBusyError, SqliteTurns } from './sqlite-turns.js';

describe('SqliteTurns', () => {
  let turns: SqliteTurns;

  beforeEach(() => {
    vi.useFakeTimers();
    turns = new SqliteTurns();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives the turn to those who wait in the order in which they came', async () => {
    const holder = {};
    await turns.take(holder);
    const order: string[] = [];
    const waiting = ['first', 'second', 'third'].map((name) => turns.during({}, async () => order.push(name)));
    expect(order).toEqual([]);
    turns.give(holder);
    await Promise.all(waiting);
    expect(order).toEqual(['first', 'second', 'third']);
    expect(turns.free).toBe(true);
  });

  it('lets nobody past those who wait', async () => {
    const holder = {};
    await turns.take(holder);
    const waiting = turns.take({ name: 'waiting' });
    turns.give(holder);
    expect(turns.free).toBe(false);
    await waiting;
  });

  it('takes the turn back from its holder only', async () => {
    const holder = {};
    await turns.take(holder);
    turns.give({});
    expect(turns.isHeldBy(holder)).toBe(true);
  });

  it('passes the turn on when an action fails', async () => {
    await expect(turns.during({}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(turns.free).toBe(true);
  });

  it('runs an action of the holder at once, inside its turn', async () => {
    const holder = {};
    await turns.take(holder);
    expect(await turns.during(holder, async () => 'done')).toBe('done');
    expect(turns.isHeldBy(holder)).toBe(true);
  });

  it('refuses with SQLITE_BUSY after 5 s, and goes on with the next one', async () => {
    const holder = {};
    await turns.take(holder);
    const late = turns.take({});
    const refused = expect(late).rejects.toThrow(SqliteBusyError);
    await vi.advanceTimersByTimeAsync(4_000);
    const patient = {};
    const served = turns.take(patient);
    await vi.advanceTimersByTimeAsync(1_000);
    await refused;
    turns.give(holder);
    await served;
    expect(turns.isHeldBy(patient)).toBe(true);
  });
});
