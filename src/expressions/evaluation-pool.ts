import { availableParallelism } from 'node:os';
import { EvaluationThread, type Ending } from './evaluation-thread.js';
import type { JsonValue } from './expression-facts.js';
import type { ExpressionUse, Outcome } from './expression-outcome.js';
import { LONGEST_EVALUATION_MS } from './limits.js';
import type { Result } from './program.js';
import { Rests } from './rests.js';
import type { Item } from './worker/evaluation-protocol.js';

const MOST_WAITING = 1_000;

/** An expression that was cut off, and why. Without a text when a thread was lost before it came to any. */
export interface CutOff {
  readonly use: ExpressionUse;
  readonly text?: string;
  readonly reason: 'time' | 'memory' | 'error';
}

interface Batch {
  readonly use: ExpressionUse;
  readonly items: readonly Item[];
  readonly outcomes: (Outcome | undefined)[];
  readonly resolve: (outcomes: Outcome[]) => void;
}

/**
 * The threads that evaluate, and the batches that wait for one. Nothing is started before the first batch. One thread
 * more than work is kept at hand, so that after a cut-off nobody waits for a start.
 */
export class EvaluationPool {
  private readonly queue: Batch[] = [];
  private readonly idle: EvaluationThread[] = [];
  private readonly working = new Set<EvaluationThread>();
  private readonly rests = new Rests();
  private closed = false;

  constructor(
    private readonly onCutOff: (cutOff: CutOff) => void,
    private readonly makeThread: () => EvaluationThread = () => new EvaluationThread(),
    private readonly size: number = Math.min(2, Math.max(1, Math.floor(availableParallelism() / 2))),
  ) {}

  /** One outcome for each item, in order. Never throws. */
  async evaluate(use: ExpressionUse, items: readonly Item[]): Promise<Outcome[]> {
    if (this.closed) return items.map(() => STOPPED);
    if (this.queue.length >= MOST_WAITING) return items.map(() => CROWDED);
    return new Promise((resolve) => {
      this.queue.push({ use, items, outcomes: items.map(() => undefined), resolve });
      this.proceed();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const batch of this.queue.splice(0)) finish(batch, STOPPED);
    const threads = [...this.idle.splice(0), ...this.working];
    await Promise.all(threads.map(async (thread) => thread.stop()));
  }

  private proceed(): void {
    while (this.working.size < this.size) {
      const batch = this.queue.shift();
      if (batch === undefined) return;
      this.layToRest(batch);
      if (isDone(batch)) {
        finish(batch, STOPPED);
        continue;
      }
      const thread = this.takeThread();
      this.working.add(thread);
      void this.serve(batch, thread);
    }
  }

  private takeThread(): EvaluationThread {
    for (;;) {
      const thread = this.idle.shift();
      if (thread === undefined) return this.makeThread();
      if (!thread.isEnded) return thread;
    }
  }

  /** What was cut off before is not tried, wherever it stands. */
  private layToRest(batch: Batch): void {
    for (const [index, { text, facts }] of batch.items.entries()) {
      if (batch.outcomes[index] !== undefined || !this.rests.has(batch.use, text, facts.user.id)) continue;
      batch.outcomes[index] = RESTING;
    }
  }

  private async serve(batch: Batch, thread: EvaluationThread): Promise<void> {
    const open = batch.items.flatMap((item, index) => (batch.outcomes[index] === undefined ? [{ item, index }] : []));
    const ending = await this.perform(
      batch,
      thread,
      open.map(({ item }) => item),
    );
    this.working.delete(thread);
    this.keepThreads(thread);
    if ('results' in ending) {
      for (const [place, { item, index }] of open.entries()) {
        batch.outcomes[index] = outcomeOf(ending.results[place]);
        if (batch.outcomes[index] !== undefined) this.rests.ended(batch.use, item.text);
      }
    }
    if (this.closed || isDone(batch)) finish(batch, STOPPED);
    else if (!('results' in ending)) this.goOn(batch, ending.reason, open[ending.stoppedAt]);
    else if (ending.results.length === 0) finish(batch, BROKEN);
    // Its turn is over: what is left goes to the end of the line.
    else this.queue.push(batch);
    this.proceed();
  }

  /** What is left of a batch after its thread was ended, by that item if it is known which. */
  private goOn(
    batch: Batch,
    reason: CutOff['reason'],
    at: { readonly item: Item; readonly index: number } | undefined,
  ): void {
    const { use } = batch;
    this.onCutOff({ use, reason, ...(at !== undefined && { text: at.item.text }) });
    if (at === undefined) {
      finish(batch, BROKEN);
      return;
    }
    batch.outcomes[at.index] = CUT_OFF[reason];
    this.rests.begin(use, at.item.text, at.item.facts.user.id);
    // At the end of the line: others waited for this batch already.
    this.queue.push(batch);
  }

  private async perform({ use }: Batch, thread: EvaluationThread, items: readonly Item[]): Promise<Ending> {
    try {
      return await thread.perform({ use, items });
    } catch {
      // Facts that cannot be sent to another thread: our own mistake, and of this batch alone.
      return { stoppedAt: -1, reason: 'error' };
    }
  }

  private keepThreads(used: EvaluationThread): void {
    if (this.closed) return;
    if (!used.isEnded) this.idle.unshift(used);
    while (this.idle.length + this.working.size < this.size + 1) this.idle.push(this.makeThread());
  }
}

const STOPPED: Outcome = { failure: 'The server is stopping', kind: 'crowded' };
const BROKEN: Outcome = { failure: 'It could not be evaluated', kind: 'error' };
const CROWDED: Outcome = { failure: 'Too many expressions are waiting', kind: 'crowded' };
const RESTING: Outcome = { failure: 'It was cut off a moment ago, and is not tried again yet', kind: 'resting' };
const CUT_OFF: Readonly<Record<CutOff['reason'], Outcome>> = {
  time: { failure: `It took longer than ${LONGEST_EVALUATION_MS} ms`, kind: 'time' },
  memory: { failure: 'It took more memory than an expression may have', kind: 'memory' },
  error: BROKEN,
};

function isDone(batch: Batch): boolean {
  return batch.outcomes.every((outcome) => outcome !== undefined);
}

function finish(batch: Batch, otherwise: Outcome): void {
  batch.resolve(batch.outcomes.map((outcome) => outcome ?? otherwise));
}

function outcomeOf(result: Result | undefined): Outcome | undefined {
  if (result === undefined || 'failure' in result) return result;
  return { value: JSON.parse(result.json) as JsonValue };
}
