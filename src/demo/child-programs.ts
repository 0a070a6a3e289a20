import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { DemoError } from './demo-settings.js';

const READY_WITHIN_MS = 30_000;
const ENDS_WITHIN_MS = 10_000;

interface Program {
  readonly name: string;
  readonly log: string;
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
}

/** The processes of the demo. Each writes to a log file of its own, and all of them end together. */
export class ChildPrograms {
  private readonly programs: Program[] = [];
  private ending = false;
  private reportDeath: (error: DemoError) => void = () => undefined;
  private readonly death = new Promise<never>((_, reject) => (this.reportDeath = reject));

  constructor() {
    // It is awaited only while something else is; a death in between must not end us as an unhandled rejection.
    this.death.catch(() => undefined);
  }

  /**
   * Starts a program of dist with this environment; nothing of our own environment configures it.
   * Throws DemoError once the end has begun, because what started now would be left behind.
   */
  start(name: string, script: string, log: string, env: Record<string, string>, args: readonly string[] = []): void {
    if (this.ending) throw new DemoError(`${name} was not started, because the demo is ending.`);
    const file = openSync(log, 'a');
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...unconfigured(process.env), NODE_ENV: 'production', ...env },
      stdio: ['ignore', file, file],
      // In a group of its own, so that Ctrl-C reaches it once, through us, and not while we still use it.
      detached: process.platform !== 'win32',
    });
    closeSync(file);
    const ended = new Promise<void>((done) => {
      child.once('exit', (code, signal) => {
        this.died(name, log, `ended with ${signal ?? `code ${code}`}`);
        done();
      });
      child.once('error', (error) => {
        this.died(name, log, `could not be started: ${error.message}`);
        done();
      });
    });
    this.programs.push({ name, log, process: child, ended });
  }

  /** Waits until the address answers 200. Throws DemoError when a program ends first, or after 30 s. */
  async ready(address: string): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (Date.now() < deadline) {
      const status = await Promise.race([this.death, statusOf(address)]);
      if (status === 200) return;
      await Promise.race([this.death, delay(50)]);
    }
    throw new DemoError(`${address} did not answer within ${READY_WITHIN_MS / 1000} s.${this.logs()}`);
  }

  /** Waits for the work, but not longer than all programs live. Throws DemoError when one of them ends. */
  async whileRunning<T>(work: Promise<T>): Promise<T> {
    return Promise.race([this.death, work]);
  }

  /** Never resolves; throws DemoError when a program ends by itself. */
  async untilDeath(): Promise<never> {
    return this.death;
  }

  /** Asks all to end, and waits. After 10 s, or when called again, they are killed. */
  async end(): Promise<void> {
    const signal = this.ending ? 'SIGKILL' : 'SIGTERM';
    this.ending = true;
    for (const program of this.programs) program.process.kill(signal);
    const killer = setTimeout(
      () => this.programs.forEach((program) => program.process.kill('SIGKILL')),
      ENDS_WITHIN_MS,
    );
    await Promise.all(this.programs.map((program) => program.ended));
    clearTimeout(killer);
  }

  private died(name: string, log: string, how: string): void {
    if (!this.ending) this.reportDeath(new DemoError(`${name} ${how}.${lastLines(log)}`));
  }

  private logs(): string {
    return this.programs.map((program) => lastLines(program.log)).join('');
  }
}

async function statusOf(address: string): Promise<number | undefined> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(2000) });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return undefined;
  }
}

function lastLines(log: string): string {
  const lines = readFileSync(log, 'utf8').trim().split('\n').slice(-15).join('\n');
  return lines ? `\n\n${log} ends with:\n${lines}` : '';
}

function unconfigured(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = (name: string) => name.startsWith('CLINCH_') || ['DATABASE_URL', 'HOST', 'PORT'].includes(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours(name)));
}
