import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerLog } from '../audit/server-log.js';
import type { RetainedTable, RetainedTables, TidyStep } from '../database/retained-tables.js';
import { Measurements } from '../measurements/measurements.js';
import { Purge } from './purge.js';

const BATCH = 10;

/** A table in memory, with so many rows past due. */
class FakeTable {
  readonly batch = BATCH;
  /** Milliseconds, from the start of the test, at which a batch began and ended. */
  readonly batches: { readonly begun: number; readonly ended: number }[] = [];
  tidied = 0;

  constructor(
    readonly name: string,
    public due: number,
    private readonly takesMs = 0,
  ) {}

  async deleteBatch(): Promise<number> {
    const begun = performance.now();
    if (this.takesMs > 0) await delay(this.takesMs);
    const deleted = Math.min(this.due, BATCH);
    this.due -= deleted;
    this.batches.push({ begun, ended: performance.now() });
    return deleted;
  }

  async tidyStep(after: string): Promise<TidyStep> {
    this.tidied += 1;
    return { last: after === '' ? 'only stretch' : undefined, tidied: 0 };
  }
}

const failure = vi.fn();
const info = vi.fn();

function purgeOf(...tables: FakeTable[]): Purge {
  const retained = { all: tables as unknown as readonly RetainedTable[] } as RetainedTables;
  return new Purge(retained, { failure, info } as unknown as ServerLog, new Measurements());
}

beforeEach(() => {
  failure.mockReset();
  info.mockReset();
});

describe('a round of the purge', () => {
  it('goes on until no table has anything left, and counts', async () => {
    const [codes, tokens] = [new FakeTable('codes', 25), new FakeTable('tokens', 3)];
    const purge = purgeOf(codes, tokens);
    expect(await purge.run()).toBe(true);
    expect([codes.due, tokens.due]).toEqual([0, 0]);
    expect([...purge.purged]).toEqual([
      ['codes', 25],
      ['tokens', 3],
    ]);
    expect(info.mock.calls).toEqual([[{ kind: 'purge', deleted: { codes: 25, tokens: 3 }, ms: expect.any(Number) }]]);
  });

  it('says nothing when there was nothing to do', async () => {
    await purgeOf(new FakeTable('codes', 0)).run();
    expect(info).not.toHaveBeenCalled();
  });

  it('rests after each batch for 20 ms, and for as long as the batch took', async () => {
    for (const [takesMs, shortestPause] of [
      [0, 20],
      [60, 60],
    ] as const) {
      const table = new FakeTable('codes', 35, takesMs);
      await purgeOf(table).run();
      const pauses = table.batches.slice(1).map(({ begun }, index) => begun - (table.batches[index]?.ended ?? 0));
      expect(pauses).toHaveLength(3);
      // A timer may fire a millisecond early.
      for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(shortestPause - 2);
    }
  });

  it('lets tables take turns: a long backlog of one keeps no other waiting', async () => {
    const [long, short] = [new FakeTable('long', 100), new FakeTable('short', 1)];
    await purgeOf(long, short).run();
    expect(short.batches[0]?.begun).toBeLessThan(long.batches[1]?.begun ?? 0);
  });

  it('goes past a table that fails, and tries it again in the next round', async () => {
    const [broken, sound] = [new FakeTable('broken', 5), new FakeTable('sound', 5)];
    const error = new Error('connection terminated');
    vi.spyOn(broken, 'deleteBatch').mockRejectedValueOnce(error);
    const purge = purgeOf(broken, sound);
    await purge.run();
    expect([broken.due, sound.due]).toEqual([5, 0]);
    expect(failure).toHaveBeenCalledExactlyOnceWith(
      { kind: 'purge', table: 'broken', err: error },
      expect.stringContaining('goes on'),
    );
    await purge.run();
    expect(broken.due).toBe(0);
  });

  it('stops after a minute, says what it has done, and that more is left', async () => {
    const table = new FakeTable('codes', 1_000);
    const purge = purgeOf(table);
    const now = performance.now.bind(performance);
    let later = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now() + later);
    const round = purge.run();
    // In a pause: a batch that took a minute would be followed by a pause of a minute.
    await vi.waitFor(() => expect(table.batches).toHaveLength(2), { interval: 1 });
    later = 60_000;
    expect(await round).toBe(false);
    expect(table.batches).toHaveLength(2);
    expect(info.mock.calls).toEqual([[expect.objectContaining({ deleted: { codes: 20 } })]]);
    expect(table.tidied).toBe(0);
  });

  it('is the one that runs already, for whoever asks for another', async () => {
    const table = new FakeTable('codes', 25);
    const purge = purgeOf(table);
    await Promise.all([purge.run(), purge.run()]);
    expect(table.batches).toHaveLength(3);
  });

  it('tidies once an hour, and not while rows wait to be deleted', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const table = new FakeTable('tokens', 0);
    const purge = purgeOf(table);
    await purge.run();
    expect(table.tidied).toBe(2);
    await purge.run();
    expect(table.tidied).toBe(2);
    vi.setSystemTime(Date.now() + 3_600_000);
    await purge.run();
    vi.useRealTimers();
    expect(table.tidied).toBe(4);
  });
});

describe('the end of the server', () => {
  it('waits for the batch that runs, and begins no other', async () => {
    const table = new FakeTable('codes', 1_000, 50);
    const purge = purgeOf(table);
    const round = purge.run();
    await delay(10);
    await purge.onModuleDestroy();
    expect(table.batches).toHaveLength(1);
    expect(table.due).toBe(1_000 - BATCH);
    expect(await round).toBe(false);
    await delay(60);
    expect(table.batches).toHaveLength(1);
    expect(failure).not.toHaveBeenCalled();
  });

  it('does not wait for a pause', async () => {
    const table = new FakeTable('codes', 1_000, 200);
    const purge = purgeOf(table);
    void purge.run();
    await vi.waitFor(() => expect(table.batches).toHaveLength(1), { interval: 5 });
    const start = performance.now();
    await purge.onModuleDestroy();
    expect(performance.now() - start).toBeLessThan(100);
  });
});

describe('when rounds begin', () => {
  let purge: Purge;
  let table: FakeTable;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    table = new FakeTable('codes', 0);
    purge = purgeOf(table);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Advances by so much; pauses are not faked, so what runs is waited for. */
  async function pass(milliseconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(milliseconds);
    await purge['running'];
    await vi.advanceTimersByTimeAsync(0);
  }

  it('is some seconds after the start, then every minute, give or take a fifth', async () => {
    purge.onApplicationBootstrap();
    await pass(4_700);
    expect(table.batches).toHaveLength(0);
    await pass(2_600);
    expect(table.batches).toHaveLength(1);
    await pass(47_000);
    expect(table.batches).toHaveLength(1);
    await pass(26_000);
    expect(table.batches).toHaveLength(2);
  });

  it('is soon after a round that had to stop', async () => {
    const run = vi.spyOn(purge, 'run').mockResolvedValueOnce(false).mockResolvedValue(true);
    purge.onApplicationBootstrap();
    await pass(7_300);
    await pass(1_300);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('is never once the server ends', async () => {
    purge.onApplicationBootstrap();
    await purge.onModuleDestroy();
    expect(vi.getTimerCount()).toBe(0);
    await pass(200_000);
    expect(table.batches).toHaveLength(0);
  });

  it('is never after a round in which the server ended', async () => {
    const run = vi.spyOn(purge, 'run').mockImplementation(async () => {
      await purge.onModuleDestroy();
      return false;
    });
    purge.onApplicationBootstrap();
    await pass(7_300);
    await pass(200_000);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
