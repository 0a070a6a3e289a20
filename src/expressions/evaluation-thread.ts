import { Worker } from 'node:worker_threads';
import { LONGEST_EVALUATION_MS } from './limits.js';
import { EVALUATION_WORKER } from './worker/bundled.js';
import {
  AT_ITEM,
  MARK_LENGTH,
  THREAD_ID,
  type WorkerAnswer,
  type WorkerStart,
  type WorkerTask,
} from './worker/evaluation-protocol.js';
import { processorTimeOf } from './worker/processor-time.js';

const TICK_MS = 5;
/** The most that one tick counts for: when this thread was held up, the other one may have been as well. */
const LONGEST_TICK_MS = 10;
/** How long an item may take when it is hardly on a processor. */
const LONGEST_WAIT_MS = 500;
/** How long a thread may take to start, and between two items. */
const LONGEST_SILENCE_MS = 10_000;
const OLD_SPACE_MB = 64;
const YOUNG_SPACE_MB = 16;

/** How a task ended: with results, or at the item that ended the thread. -1 is none of them. */
export type Ending =
  { readonly results: WorkerAnswer } | { readonly stoppedAt: number; readonly reason: 'time' | 'memory' | 'error' };

/**
 * One worker thread, with one task at a time. A thread in JavaScript can be stopped from outside in the middle of whatever
 * it does; nothing else can. A task whose item takes too long ends the thread with it.
 */
export class EvaluationThread {
  private readonly mark = new Int32Array(new SharedArrayBuffer(MARK_LENGTH * Int32Array.BYTES_PER_ELEMENT));
  private readonly worker: Worker;
  private settle: ((ending: Ending) => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(code: string = EVALUATION_WORKER) {
    const workerData: WorkerStart = { mark: this.mark };
    this.worker = new Worker(code, {
      eval: true,
      workerData,
      env: {},
      argv: [],
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: OLD_SPACE_MB, maxYoungGenerationSizeMb: YOUNG_SPACE_MB },
    });
    this.worker.on('message', (results: WorkerAnswer) => this.finish({ results }));
    this.worker.on('error', (error) => {
      const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.end(outOfMemory ? 'memory' : 'error');
    });
    this.worker.on('exit', () => this.end('error'));
    // Last: who listens to a thread waits for it.
    this.worker.unref();
  }

  get isEnded(): boolean {
    return this.ended;
  }

  /** @throws {DOMException} for facts that cannot be sent to another thread */
  async perform(task: WorkerTask): Promise<Ending> {
    if (this.ended) return { stoppedAt: -1, reason: 'error' };
    this.worker.postMessage(task, []);
    // For as long as somebody waits, the process may not end.
    this.worker.ref();
    return new Promise((resolve) => {
      this.settle = resolve;
      this.watch();
    });
  }

  async stop(): Promise<void> {
    this.end('error');
    await this.worker.terminate();
  }

  /** Looks again and again at which item the thread is at, and for how long it has been. */
  private watch(): void {
    let seen = -1;
    let spent: () => number = () => 0;
    const tick = (): void => {
      const at = Atomics.load(this.mark, AT_ITEM);
      if (at !== seen) spent = stopwatch(at === 0 ? 0 : Atomics.load(this.mark, THREAD_ID));
      seen = at;
      if (spent() >= (at === 0 ? LONGEST_SILENCE_MS : LONGEST_EVALUATION_MS)) this.end('time');
      else this.timer = setTimeout(tick, TICK_MS);
    };
    this.timer = setTimeout(tick, TICK_MS);
  }

  private end(reason: 'time' | 'memory' | 'error'): void {
    if (this.ended) return;
    this.ended = true;
    const stoppedAt = Atomics.load(this.mark, AT_ITEM) - 1;
    void this.worker.terminate();
    this.finish({ stoppedAt, reason });
  }

  private finish(ending: Ending): void {
    clearTimeout(this.timer);
    this.worker.unref();
    const { settle } = this;
    this.settle = undefined;
    settle?.(ending);
  }
}

/**
 * The milliseconds that a thread has spent since now: on a processor, where the system tells, because on a busy machine it
 * may wait for one for longer than an expression may take. 0 is a thread that the system tells nothing of.
 */
function stopwatch(threadId: number): () => number {
  const start = processorTimeOf(threadId);
  let last = performance.now();
  let passed = 0;
  return () => {
    const now = performance.now();
    passed += Math.min(now - last, LONGEST_TICK_MS);
    last = now;
    const processor = start === undefined ? undefined : processorTimeOf(threadId);
    if (start === undefined || processor === undefined || passed >= LONGEST_WAIT_MS) return passed;
    return processor - start;
  };
}
