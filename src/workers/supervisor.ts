import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import { Collections } from './collections.js';
import { isOurs, type HowToEnd, type ToSupervisor, type ToWorker } from './messages.js';

/** Milliseconds before a worker that died is started again; doubled each time, until one has lived for long enough. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const LIVED_MS = 60_000;

/** Milliseconds for what is left when the drain is over, before nobody is waited for any more. */
const END_WITHIN_MS = 25_000;

/**
 * The process above the workers. It has the port and hands connections round, and does nothing else, so that nothing of
 * what requests bring can bring it down.
 */
export class Supervisor {
  /** By their numbers, which stay with a place however often it is filled anew. */
  private readonly workers = new Map<number, Worker>();
  /** Those that take requests. The others hear nothing yet of what they are told, and have nothing to bring to an end. */
  private readonly listening = new WeakSet<Worker>();
  private readonly waits = new Map<number, number>();
  private readonly collections = new Collections((worker, message) => tell(worker, message));
  private ending: HowToEnd | undefined;
  private exitCode = 0;
  /** The first one has come as far as that. */
  private serving = false;
  private finish: (exitCode: number) => void = () => undefined;

  constructor(
    private readonly count: number,
    private readonly drainSeconds: number,
    private readonly say: (line: string) => void,
  ) {}

  /**
   * Starts the workers and stays until all have ended.
   *
   * @returns the exit code: 0 when they were asked to end and did; the first one's where that could not even start
   */
  async run(): Promise<number> {
    const finished = new Promise<number>((resolve) => (this.finish = resolve));
    process.on('SIGTERM', () => this.end('drain'));
    process.on('SIGINT', () => this.end('finish'));
    // Alone at first: what is wrong with the configuration or the database is said once.
    const first = this.start(1);
    const failed = await new Promise<number | undefined>((resolve) => {
      first.once('listening', () => resolve(undefined));
      first.once('exit', (code) => resolve(code === 0 ? 1 : code));
    });
    if (failed !== undefined) return this.ending === undefined ? failed : 0;
    this.serving = true;
    for (let place = 2; place <= this.count && this.ending === undefined; place++) this.start(place);
    return finished;
  }

  private start(place: number): Worker {
    const worker = cluster.fork();
    const since = performance.now();
    this.workers.set(place, worker);
    worker.on('message', (message: unknown) => {
      if (isOurs(message)) this.take(worker, message as ToSupervisor);
    });
    worker.once('listening', () => {
      this.listening.add(worker);
      // It came while the others were told.
      if (this.ending !== undefined) this.tellToEnd(worker, this.ending);
    });
    worker.once('exit', (code, signal) => {
      this.workers.delete(place);
      this.collections.left(worker);
      // Where not even the first one came to serve, it has said why.
      if (!this.serving) return;
      if (this.ending === undefined) void this.startAgain(place, since, signal ?? `code ${code}`);
      else this.hasEnded(this.listening.has(worker) ? code : 0);
    });
    return worker;
  }

  private async startAgain(place: number, since: number, how: string): Promise<void> {
    const last = isYoung(since) ? this.waits.get(place) : undefined;
    const wait = last === undefined ? FIRST_WAIT_MS : Math.min(last * 2, LONGEST_WAIT_MS);
    this.waits.set(place, wait);
    this.say(`Worker ${place} ended with ${how}; another one is started in ${wait / 1000} s.`);
    await delay(wait);
    if (this.ending === undefined) this.start(place);
  }

  private take(worker: Worker, message: ToSupervisor): void {
    if (message.clinch === 'exposed') this.collections.answered(worker, message.id, message.text);
    else this.collections.begin(worker, message.id, this.workers);
  }

  /** Asked a second time, it ends at once. */
  private end(how: HowToEnd): void {
    const now = this.ending === undefined ? how : 'abort';
    this.ending = now;
    for (const worker of this.workers.values()) this.tellToEnd(worker, now);
    if (this.serving && this.workers.size === 0) this.finish(0);
    const patience = now === 'abort' ? 1_000 : (now === 'drain' ? this.drainSeconds * 1_000 : 0) + END_WITHIN_MS;
    setTimeout(() => {
      for (const worker of this.workers.values()) worker.process.kill('SIGKILL');
    }, patience).unref();
  }

  private tellToEnd(worker: Worker, how: HowToEnd): void {
    if (this.listening.has(worker)) tell(worker, { clinch: 'end', how });
    else worker.process.kill('SIGKILL');
  }

  private hasEnded(code: number | null): void {
    if (code !== 0) this.exitCode = 1;
    if (this.workers.size === 0) this.finish(this.exitCode);
  }
}

function isYoung(since: number): boolean {
  return performance.now() - since < LIVED_MS;
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => undefined);
}
