import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FACTS } from '../../test/support/expression-facts.js';
import { EvaluationPool, type CutOff } from './evaluation-pool.js';
import { EvaluationThread } from './evaluation-thread.js';
import type { Outcome } from './expression-outcome.js';

/** Compared for longer than anybody waits. */
const LISTS = `[1]${'.map(a, [a, a])'.repeat(35)}`;
const ENDLESS = `${LISTS} == ${LISTS}`;

/** A thread with another program: `task` runs for each task, with `mark` and `answer`. */
function threadThat(task: string): EvaluationThread {
  const program = `
    const { parentPort, workerData: { mark } } = require('node:worker_threads');
    const answer = (results) => parentPort.postMessage(results);
    parentPort.on('message', ({ items }) => { ${task} });`;
  return new EvaluationThread(program);
}

describe('the threads that evaluate', () => {
  const cutOffs: CutOff[] = [];
  const pools: EvaluationPool[] = [];

  function aPool(makeThread: () => EvaluationThread = () => new EvaluationThread()): EvaluationPool {
    const pool = new EvaluationPool((cutOff) => cutOffs.push(cutOff), makeThread, 1);
    pools.push(pool);
    return pool;
  }

  afterEach(async () => {
    vi.useRealTimers();
    cutOffs.length = 0;
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  const evaluate = async (pool: EvaluationPool, ...texts: string[]): Promise<Outcome[]> =>
    pool.evaluate(
      'claim',
      texts.map((text) => ({ text, facts: FACTS })),
    );
  const late = { failure: 'It took longer than 50 ms', kind: 'time' };
  const resting = { failure: 'It was cut off a moment ago, and is not tried again yet', kind: 'resting' };

  it('are not started before there is something to evaluate', async () => {
    const makeThread = vi.fn(() => new EvaluationThread());
    const pool = aPool(makeThread);
    expect(makeThread).not.toHaveBeenCalled();
    expect(await evaluate(pool, '1 + 1')).toEqual([{ value: 2 }]);
    // The one that worked, and the one at hand.
    expect(makeThread).toHaveBeenCalledTimes(2);
  });

  it('cut off what takes too long, and give the others of the batch their values', async () => {
    const pool = aPool();
    expect(await evaluate(pool, 'user.name', ENDLESS, 'user.username')).toEqual([
      { value: '张伟' },
      late,
      { value: 'zhang.wei' },
    ]);
    expect(cutOffs).toEqual([{ use: 'claim', text: ENDLESS, reason: 'time' }]);
    expect(await evaluate(pool, 'user.name')).toEqual([{ value: '张伟' }]);
  });

  it('let what was cut off rest for 30 seconds', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const pool = aPool();
    expect(await evaluate(pool, ENDLESS)).toEqual([late]);
    expect(await evaluate(pool, ENDLESS, '1')).toEqual([resting, { value: 1 }]);
    vi.advanceTimersByTime(29_000);
    expect(await evaluate(pool, ENDLESS)).toEqual([resting]);
    vi.advanceTimersByTime(2_000);
    expect(await evaluate(pool, ENDLESS)).toEqual([late]);
    expect(cutOffs).toHaveLength(2);
  });

  it('let what was cut off rest for that person alone, and for everybody after two people in a row', async () => {
    // Cut off over everybody whose id begins with `slow`.
    const program = `for (const [index, { facts }] of items.entries()) {
      Atomics.store(mark, 0, index + 1);
      if (facts.user.id.startsWith('slow')) throw new Error();
    }
    Atomics.store(mark, 0, 0);
    answer(items.map(() => ({ json: '1' })));`;
    const pool = aPool(() => threadThat(program));
    const over = async (id: string) => {
      const [outcome] = await pool.evaluate('access', [
        { text: 'a', facts: { ...FACTS, user: { ...FACTS.user, id } } },
      ]);
      return outcome !== undefined && 'kind' in outcome ? outcome.kind : outcome?.value;
    };
    expect([await over('slow-1'), await over('other'), await over('slow-1')]).toEqual(['error', 1, 'resting']);
    // Somebody else came to a value in between: these are not two in a row.
    expect([await over('slow-2'), await over('other'), await over('slow-2')]).toEqual(['error', 1, 'resting']);
    expect([await over('slow-3'), await over('slow-4'), await over('other')]).toEqual(['error', 'error', 'resting']);
  });

  it('do not count what there is to say of a person as the time of an expression', async () => {
    const groups = Array.from({ length: 60_000 }, (_, number) => ({ id: `g${number}`, name: `Group ${number}` }));
    const custom = { numbers: Array.from({ length: 1_000_000 }, (_, number) => number) };
    const facts = { ...FACTS, user: { ...FACTS.user, groups, custom } };
    const pool = aPool();
    expect(await pool.evaluate('access', [{ text: 'size(user.groups) == 2000', facts }])).toEqual([{ value: true }]);
    expect(cutOffs).toEqual([]);
  });

  it('cut off the same expression once, however often it stands in a batch', async () => {
    const outcomes = await evaluate(aPool(), ENDLESS, ENDLESS, '"a"', ENDLESS);
    expect(outcomes).toEqual([late, resting, { value: 'a' }, resting]);
    expect(cutOffs).toHaveLength(1);
  });

  it('let others in between the cut-offs of one batch', async () => {
    const pool = aPool();
    const ended: string[] = [];
    const hostile = evaluate(pool, ...[1, 2, 3, 4].map((number) => `${ENDLESS} && ${number} == 1`));
    const honest = evaluate(pool, '"honest"');
    await Promise.all([hostile.then(() => ended.push('hostile')), honest.then(() => ended.push('honest'))]);
    expect(ended).toEqual(['honest', 'hostile']);
    expect(await honest).toEqual([{ value: 'honest' }]);
  });

  it('let others in between the expressions of one batch, when those are slow', async () => {
    const pool = aPool();
    const ended: string[] = [];
    // Each is some milliseconds: far from being cut off, and together far more than a turn.
    const letters = `"${'a'.repeat(150)}".split("")`;
    const slow = evaluate(pool, ...Array.from({ length: 60 }, () => `${letters}.all(a, ${letters}.all(b, a == b))`));
    const honest = evaluate(pool, '"honest"');
    await Promise.all([slow.then(() => ended.push('slow')), honest.then(() => ended.push('honest'))]);
    expect(ended).toEqual(['honest', 'slow']);
    expect(await slow).toEqual(Array.from({ length: 60 }, () => ({ value: true })));
    expect(cutOffs).toEqual([]);
  });

  it('are replaced when they run out of memory', async () => {
    // As Node tells it. A thread that really fills its memory is cut off for the time that it takes, as a rule.
    const hungry = `Atomics.store(mark, 0, 1); throw Object.assign(new Error(), { code: 'ERR_WORKER_OUT_OF_MEMORY' });`;
    const threads = [threadThat(hungry)];
    const pool = aPool(() => threads.shift() ?? new EvaluationThread());
    const failure = { failure: 'It took more memory than an expression may have', kind: 'memory' };
    expect(await evaluate(pool, '1', '2')).toEqual([failure, { value: 2 }]);
    expect(cutOffs).toEqual([{ use: 'claim', text: '1', reason: 'memory' }]);
  });

  it('are replaced when they die', async () => {
    const threads = [threadThat('Atomics.store(mark, 0, 2); process.exit(1);')];
    const pool = aPool(() => threads.shift() ?? new EvaluationThread());
    const failure = { failure: 'It could not be evaluated', kind: 'error' };
    expect(await evaluate(pool, '1', '2', '3')).toEqual([{ value: 1 }, failure, { value: 3 }]);
  });

  it('do not wait for threads that cannot even start', async () => {
    const pool = aPool(() => new EvaluationThread('throw new Error("no")'));
    const failure = { failure: 'It could not be evaluated', kind: 'error' };
    expect(await evaluate(pool, '1', '2')).toEqual([failure, failure]);
  });

  it('are not harmed by facts that cannot be sent to them', async () => {
    const pool = aPool();
    const facts = { ...FACTS, user: { ...FACTS.user, custom: { f: (() => 1) as unknown as string } } };
    expect(await pool.evaluate('claim', [{ text: '1', facts }])).toMatchObject([{ kind: 'error' }]);
    expect(await evaluate(pool, '1')).toEqual([{ value: 1 }]);
  });

  it('give an expression its time from when it begins: those before it do not count', async () => {
    // Five times 30 ms, of which none is too long.
    const slow = `for (const [index] of items.entries()) {
      Atomics.store(mark, 0, index + 1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
    }
    Atomics.store(mark, 0, 0);
    answer(items.map(() => ({ json: '1' })));`;
    const outcomes = await evaluate(
      aPool(() => threadThat(slow)),
      'a',
      'b',
      'c',
      'd',
      'e',
    );
    expect(outcomes).toEqual(outcomes.map(() => ({ value: 1 })));
  });

  it.skipIf(process.platform !== 'linux')(
    'do not count the time that an expression waits for a processor',
    async () => {
      const waits = `Atomics.store(mark, 1, Number(require('node:fs').readlinkSync('/proc/thread-self').split('/').at(-1)));
    Atomics.store(mark, 0, 1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    Atomics.store(mark, 0, 0);
    answer([{ json: '1' }]);`;
      expect(
        await evaluate(
          aPool(() => threadThat(waits)),
          'a',
        ),
      ).toEqual([{ value: 1 }]);
      expect(
        await evaluate(
          aPool(() => threadThat(waits.replace('200', '2000'))),
          'a',
        ),
      ).toEqual([late]);
    },
  );

  it('take a thousand batches to wait, and no more', async () => {
    const pool = aPool(() => threadThat(''));
    const waiting = Array.from({ length: 1_001 }, () => evaluate(pool, '1'));
    expect(await evaluate(pool, '1')).toEqual([{ failure: 'Too many expressions are waiting', kind: 'crowded' }]);
    await pool.close();
    const stopped = { failure: 'The server is stopping', kind: 'crowded' };
    expect((await Promise.all(waiting)).every(([outcome]) => JSON.stringify(outcome) === JSON.stringify(stopped))).toBe(
      true,
    );
    expect(await evaluate(pool, '1')).toEqual([stopped]);
  });

  it('keep no process alive, but for as long as somebody waits', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clinch-expressions-'));
    const program = `import { EvaluationPool } from ${JSON.stringify(join(import.meta.dirname, 'evaluation-pool.ts'))};
      const pool = new EvaluationPool(() => undefined);
      const facts = { user: { id: '1', username: 'zhang', status: 'active' }, app: { id: '1' } };
      const items = [{ text: 'user.username', facts }, { text: ${JSON.stringify(ENDLESS)}, facts }, { text: '1', facts }];
      console.log(JSON.stringify(await pool.evaluate('claim', items)));`;
    const outfile = join(folder, 'program.mjs');
    await build({
      stdin: { contents: program, resolveDir: import.meta.dirname },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      logLevel: 'silent',
    });
    const { status, stdout } = spawnSync(process.execPath, [outfile], { encoding: 'utf8', timeout: 8_000 });
    rmSync(folder, { recursive: true });
    expect(JSON.parse(stdout)).toEqual([{ value: 'zhang' }, late, { value: 1 }]);
    expect(status).toBe(0);
  });
});
