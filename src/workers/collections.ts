import type { Worker } from 'node:cluster';
import type { ToWorker } from './messages.js';

/** Milliseconds: whoever has not answered by then is left out. */
const WITHIN_MS = 2_000;

interface Collection {
  readonly asker: Worker;
  /** As the asker knows it. */
  readonly id: number;
  readonly texts: string[];
  readonly missing: Set<Worker>;
}

/** Gathers the figures of all workers for the one that was asked for them. */
export class Collections {
  private readonly open = new Map<number, Collection>();
  private lastId = 0;

  constructor(private readonly tell: (worker: Worker, message: ToWorker) => void) {}

  /** @param workers all that run, by their numbers */
  begin(asker: Worker, id: number, workers: ReadonlyMap<number, Worker>): void {
    const own = ++this.lastId;
    this.open.set(own, { asker, id, texts: [], missing: new Set(workers.values()) });
    setTimeout(() => this.close(own), WITHIN_MS).unref();
    for (const [place, worker] of workers) this.tell(worker, { clinch: 'expose', id: own, worker: String(place) });
  }

  answered(worker: Worker, id: number, text: string): void {
    const collection = this.open.get(id);
    if (collection?.missing.delete(worker) !== true) return;
    collection.texts.push(text);
    if (collection.missing.size === 0) this.close(id);
  }

  /** It ended: nobody waits for it. */
  left(worker: Worker): void {
    for (const [id, { missing }] of this.open) if (missing.delete(worker) && missing.size === 0) this.close(id);
  }

  private close(id: number): void {
    const collection = this.open.get(id);
    if (collection === undefined) return;
    this.open.delete(id);
    this.tell(collection.asker, { clinch: 'collected', id: collection.id, texts: collection.texts });
  }
}
