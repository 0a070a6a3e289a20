import { describe, expect, it } from 'vitest';
import { Pace, type Turn } from './pace.js';

/** Calls that all want to begin at once and take as long as said; when each began. */
async function beginnings(pace: Pace, calls: number, takes: () => number): Promise<number[]> {
  const begun: number[] = [];
  await Promise.all(
    Array.from({ length: calls }, async () => {
      const turn = await pace.turn();
      begun.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, takes()));
      turn.over('answered');
    }),
  );
  return begun;
}

describe('the pace of calls', () => {
  it('begins no 21st call within a second of the answer to the first', async () => {
    const begun = await beginnings(new Pace(), 50, () => 30);
    begun.slice(20).forEach((at, index) => expect(at - (begun[index] ?? 0)).toBeGreaterThanOrEqual(1_030));
  });

  it('lets 20 a second begin, and takes little more time for many', async () => {
    const begun = await beginnings(new Pace(), 81, () => 5);
    expect((begun.at(-1) ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(4_000);
    expect((begun.at(-1) ?? 0) - (begun[0] ?? 0)).toBeLessThan(4_000 * 1.1 + 500);
  });

  it('serves people before a sync, and the sync as well', async () => {
    const pace = new Pace();
    const first: Turn[] = await Promise.all(Array.from({ length: 20 }, () => pace.turn()));
    const order: string[] = [];
    const note = (name: string) => (turn: Turn) => {
      order.push(name);
      turn.over('not called');
    };
    const waiting = [
      ...[1, 2].map((each) => pace.turn().then(note(`sync ${each}`))),
      ...[1, 2, 3, 4, 5].map((each) => pace.turn(undefined, true).then(note(`person ${each}`))),
    ];
    // One after the other, in one place.
    first[0]?.over('not called');
    await Promise.all(waiting);
    expect(order).toEqual(['person 1', 'person 2', 'person 3', 'sync 1', 'person 4', 'person 5', 'sync 2']);
  });

  it('lets those go who do not want to wait any longer, and does not count them', async () => {
    const pace = new Pace();
    const first = await Promise.all(Array.from({ length: 20 }, () => pace.turn()));
    const end = new AbortController();
    const leaving = pace.turn(end.signal);
    const staying = pace.turn();
    end.abort(new Error('enough'));
    await expect(leaving).rejects.toThrow('enough');
    await expect(pace.turn(end.signal)).rejects.toThrow('enough');
    first[0]?.over('not called');
    await expect(staying).resolves.toBeDefined();
  });
});
