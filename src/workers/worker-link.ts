import { Injectable } from '@nestjs/common';
import cluster from 'node:cluster';
import { isOurs, type HowToEnd, type ToSupervisor, type ToWorker } from './messages.js';

/** Milliseconds: a worker that does not answer for so long is left out. */
const COLLECT_WITHIN_MS = 3_000;

/** The way of one worker to its supervisor. Where there is one process only, it leads nowhere. */
@Injectable()
export class WorkerLink {
  readonly isWorker = cluster.isWorker;
  private expose: (worker: string) => Promise<string> = async () => '';
  private end: ((how: HowToEnd) => void) | undefined;
  /** Said before anybody listened. */
  private toEnd: HowToEnd | undefined;
  private readonly collecting = new Map<number, (texts: readonly string[]) => void>();
  private lastId = 0;

  constructor() {
    if (!this.isWorker) return;
    process.on('message', (message) => {
      if (isOurs(message)) this.take(message as ToWorker);
    });
  }

  /** @param expose gives the figures of this process, for which the supervisor may ask at any time */
  answerWith(expose: (worker: string) => Promise<string>): void {
    this.expose = expose;
  }

  /** @param end is called at once where the supervisor has said it already, while the application started */
  onEnd(end: (how: HowToEnd) => void): void {
    this.end = end;
    if (this.toEnd !== undefined) end(this.toEnd);
  }

  /** The figures of all workers, this one too. */
  async collect(): Promise<readonly string[]> {
    const id = ++this.lastId;
    return new Promise((resolve) => {
      const done = (texts: readonly string[]): void => {
        clearTimeout(timer);
        this.collecting.delete(id);
        resolve(texts);
      };
      const timer = setTimeout(() => done([]), COLLECT_WITHIN_MS).unref();
      this.collecting.set(id, done);
      this.send({ clinch: 'collect', id });
    });
  }

  private take(message: ToWorker): void {
    if (message.clinch === 'end') this.hear(message.how);
    else if (message.clinch === 'collected') this.collecting.get(message.id)?.(message.texts);
    else void this.answer(message.id, message.worker);
  }

  private hear(how: HowToEnd): void {
    this.toEnd = how;
    this.end?.(how);
  }

  private async answer(id: number, worker: string): Promise<void> {
    const text = await this.expose(worker).catch(() => '');
    this.send({ clinch: 'exposed', id, text });
  }

  private send(message: ToSupervisor): void {
    // A supervisor that is gone takes its workers with it.
    process.send?.(message, undefined, undefined, () => undefined);
  }
}
