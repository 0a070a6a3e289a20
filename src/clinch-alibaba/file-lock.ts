import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../device-sign-in/cli-error.js';

const LOOKS_EVERY_MS = 60;
/** Somebody else may be signing in, and a user code lives for minutes. */
const PATIENCE_MS = 15 * 60_000;
const SHOWS_LIFE_EVERY_MS = 5_000;
/** Its owner has not shown life: it hangs, was suspended, or its number is another process's by now. */
const STALE_AFTER_MS = 30_000;

/** One at a time, of all processes that use a folder. Whoever dies with it does not keep it. */
export class FileLock {
  private mine: string | undefined;

  constructor(private readonly path: string) {}

  /**
   * Waits for its turn, does the work, and lets the next one in.
   *
   * @param onWait is told whose turn it is, as soon as it is somebody else's
   * @throws {CliError} after a quarter of an hour
   */
  async hold<T>(work: () => Promise<T>, onWait: (process: number) => void): Promise<T> {
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

  private async acquire(onWait: (process: number) => void): Promise<void> {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const deadline = Date.now() + PATIENCE_MS;
    let told = false;
    while (!this.take()) {
      const owner = read(this.path);
      if (owner === undefined) continue;
      if (isDead(owner, this.path)) {
        this.clear(owner);
        continue;
      }
      if (Date.now() > deadline)
        throw new CliError(`${this.path} is held by another process. End it, or delete the file.`);
      if (!told) onWait(ownerOf(owner).pid);
      told = true;
      await delay(LOOKS_EVERY_MS);
    }
  }

  private take(): boolean {
    // Told from all others by its number at random: the same process may come twice.
    const mine = JSON.stringify({ pid: process.pid, host: hostname(), nonce: randomBytes(8).toString('hex') });
    try {
      writeFileSync(this.path, mine, { flag: 'wx', mode: 0o600 });
      this.mine = mine;
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Two may come to this at once, and one of them may have taken it by now; so what was put aside is looked at again. */
  private clear(dead: string): void {
    const aside = `${this.path}.${process.pid}.${randomBytes(4).toString('hex')}`;
    try {
      renameSync(this.path, aside);
    } catch {
      return;
    }
    try {
      if (read(aside) !== dead) linkSync(aside, this.path);
    } catch {
      // Somebody has taken it in between; there is nothing to give back to.
    } finally {
      rmSync(aside, { force: true });
    }
  }

  private showLife(): void {
    const now = new Date();
    if (read(this.path) === this.mine) utimesSync(this.path, now, now);
  }

  private release(): void {
    if (this.mine !== undefined && read(this.path) === this.mine) rmSync(this.path, { force: true });
    this.mine = undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** What is not written to its end yet is nobody's, and is judged by its age alone. */
function ownerOf(text: string): { pid: number; host: string } {
  try {
    const { pid, host } = JSON.parse(text) as Record<string, unknown>;
    return { pid: typeof pid === 'number' ? pid : 0, host: typeof host === 'string' ? host : '' };
  } catch {
    return { pid: 0, host: '' };
  }
}

function isDead(text: string, path: string): boolean {
  const { pid, host } = ownerOf(text);
  // A process of another machine, which has the same home folder, cannot be asked.
  if (pid > 0 && host === hostname() && !isRunning(pid)) return true;
  try {
    return Date.now() - statSync(path).mtimeMs > STALE_AFTER_MS;
  } catch {
    return false;
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
