import { randomBytes } from 'node:crypto';
import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../device-sign-in/cli-error.js';
import { onDisk } from './on-disk.js';

const LOOKS_EVERY_MS = 60;
/** What counts of the time between two looks. */
const LONGEST_LOOK_MS = 1_000;
const SHOWS_LIFE_EVERY_MS = 5_000;

export interface LockTimes {
  /** Somebody else may be signing in, and a user code lives for minutes. */
  readonly patienceMs: number;
  /** Its owner has not shown life for so long: it hangs, was suspended, or its number is another process's by now. */
  readonly staleAfterMs: number;
}

const TIMES: LockTimes = { patienceMs: 15 * 60_000, staleAfterMs: 30_000 };

/** One at a time, of all processes that use a folder. Whoever dies with it does not keep it. */
export class FileLock {
  private mine: string | undefined;

  constructor(
    private readonly path: string,
    private readonly times = TIMES,
  ) {}

  /**
   * Waits for its turn, does the work, and lets the next one in.
   *
   * @param onWait is told whose turn it is, if that can be known, as soon as it is somebody else's
   * @throws {CliError} after a quarter of an hour, and when there can be no lock
   */
  async hold<T>(work: () => Promise<T>, onWait: (process: number | undefined) => void): Promise<T> {
    await this.acquire(onWait);
    const life = setInterval(() => this.showLife(), SHOWS_LIFE_EVERY_MS);
    life.unref();
    // Also when the work ends the process, or a signal does.
    const release = () => this.release();
    process.once('exit', release);
    try {
      return await work();
    } finally {
      clearInterval(life);
      process.off('exit', release);
      release();
    }
  }

  private async acquire(onWait: (process: number | undefined) => void): Promise<void> {
    const folder = dirname(this.path);
    onDisk(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
    const deadline = performance.now() + this.times.patienceMs;
    const stillness = new Stillness();
    let told = false;
    while (!this.take()) {
      if (performance.now() > deadline)
        throw new CliError(`${this.path} is held by another process. End it, or delete the file.`);
      const seen = look(this.path);
      const isStill = seen !== undefined && stillness.lasts(seen.stamp) > this.times.staleAfterMs;
      if (seen?.text === undefined && isStill)
        throw new CliError(`${this.path} is no lock that this program can read. Delete it.`);
      const isFree = seen === undefined || this.clearIfDead(seen, isStill);
      if (!isFree && !told) onWait(ownerOf(seen.text)?.pid);
      told ||= !isFree;
      // Always by way of the event loop, or a signal would not be heard.
      await delay(isFree ? 0 : LOOKS_EVERY_MS);
    }
  }

  private take(): boolean {
    // Told from all others by its number at random: the same process may come twice.
    const mine = JSON.stringify({ pid: process.pid, host: hostname(), nonce: randomBytes(8).toString('hex') });
    return onDisk(this.path, () => {
      const file = created(this.path);
      if (file === undefined) return false;
      try {
        writeSync(file, mine);
      } catch (error) {
        // The disk is full: what nobody could read would keep the others waiting.
        rmSync(this.path, { force: true });
        throw error;
      } finally {
        closeSync(file);
      }
      this.mine = mine;
      return true;
    });
  }

  /** @returns whether there is nothing in the way any more */
  private clearIfDead({ text }: Seen, isStill: boolean): boolean {
    if (text === undefined) return false;
    const owner = ownerOf(text);
    // A process of another machine, which has the same home folder, cannot be asked.
    const isGone = owner !== undefined && owner.host === hostname() && !isRunning(owner.pid);
    return (isGone || isStill) && this.clear(text);
  }

  /** Two may come to this at once, and one of them may have taken it by now; so what was put aside is looked at again. */
  private clear(dead: string): boolean {
    const aside = `${this.path}.${process.pid}.${randomBytes(4).toString('hex')}`;
    try {
      renameSync(this.path, aside);
    } catch (error) {
      return isMissing(error);
    }
    try {
      if (read(aside) !== dead) linkSync(aside, this.path);
    } catch {
      // Somebody has taken it in between; there is nothing to give back to.
    } finally {
      quietly(() => rmSync(aside, { force: true }));
    }
    return true;
  }

  private showLife(): void {
    const now = new Date();
    quietly(() => read(this.path) === this.mine && utimesSync(this.path, now, now));
  }

  private release(): void {
    const { mine } = this;
    this.mine = undefined;
    quietly(() => mine !== undefined && read(this.path) === mine && rmSync(this.path, { force: true }));
  }
}

/**
 * How long something has looked the same. The age of a file is not asked, because the clock that says it may have been set; and
 * time in which nobody looked does not count, because its owner may have slept through it just so.
 */
class Stillness {
  private stamp: string | undefined;
  private lookedAt = 0;
  private lastedMs = 0;

  lasts(stamp: string): number {
    const now = performance.now();
    this.lastedMs = stamp === this.stamp ? this.lastedMs + Math.min(now - this.lookedAt, LONGEST_LOOK_MS) : 0;
    this.stamp = stamp;
    this.lookedAt = now;
    return this.lastedMs;
  }
}

/** What is in the way: its text, if it is a file that can be read, and what changes when its owner shows life. */
interface Seen {
  readonly text: string | undefined;
  readonly stamp: string;
}

/** @returns undefined when nothing is there any more; whatever else goes wrong, something is */
function look(path: string): Seen | undefined {
  try {
    const found = lstatSync(path);
    // A pipe would have us wait for whoever writes into it.
    const text = found.isFile() ? read(path) : undefined;
    return { text, stamp: `${found.ino} ${found.mtimeMs} ${text}` };
  } catch (error) {
    return isMissing(error) ? undefined : { text: undefined, stamp: '' };
  }
}

/** @returns undefined when something has that name already */
function created(path: string): number | undefined {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** For what must not stop anything: at worst the others wait until a lock is old. */
function quietly(work: () => unknown): void {
  try {
    work();
  } catch {
    // See above.
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** @returns undefined for what is not written to its end yet: it is nobody's, and is judged by its stillness alone */
function ownerOf(text: string | undefined): { pid: number; host: string } | undefined {
  try {
    const { pid, host } = JSON.parse(text ?? '') as Record<string, unknown>;
    return typeof pid === 'number' && pid > 0 && typeof host === 'string' ? { pid, host } : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
