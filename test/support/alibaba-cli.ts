import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const PROGRAM = resolve('dist/clinch-alibaba/clinch-alibaba.mjs');
const SHOWN_WITHIN_MS = 20_000;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  /** All it has shown to people so far. */
  shown(): string;
  /** Waits for these words. Throws, with what it has shown, when they do not come. */
  shows(words: string): Promise<void>;
}

/** `clinch-alibaba` on a machine of its own: a home folder, and a terminal where one is wanted. */
export class AlibabaCli {
  readonly home = mkdtempSync(join(tmpdir(), 'clinch-alibaba-'));
  readonly folder = join(this.home, 'clinch-alibaba');

  /** @param options given with every command */
  constructor(private readonly options: readonly string[]) {}

  /** As a script starts it: both streams are caught. */
  run(...args: string[]): Running {
    const { keyboard, ...running } = this.start(process.execPath, [PROGRAM, ...args, ...this.options]);
    keyboard.end();
    return running;
  }

  /** As a person's terminal starts it, with standard output caught, as the Alibaba Cloud CLI does. */
  runInTerminal(...args: string[]): Running & { readonly out: () => string; readonly interrupt: () => void } {
    const out = join(this.home, `out-${Math.random().toString(36).slice(2)}`);
    const words = [process.execPath, PROGRAM, ...args, ...this.options].map((word) => `'${word}'`).join(' ');
    // util-linux: a pseudo-terminal for one command, whose exit code it ends with.
    const { keyboard, ...running } = this.start('script', ['-qefc', `${words} >'${out}'`, '/dev/null']);
    // Ctrl-C, which the terminal turns into a signal.
    return { ...running, out: () => readFileSync(out, 'utf8'), interrupt: () => keyboard.write('\u0003') };
  }

  /** The names in its folder. */
  files(): string[] {
    return readdirSync(this.folder);
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  private start(command: string, args: readonly string[]): Running & { readonly keyboard: Writable } {
    const env = {
      ...process.env,
      XDG_CONFIG_HOME: this.home,
      TERM: 'xterm-256color',
      FORCE_COLOR: undefined,
      CI: undefined,
    };
    const child = spawn(command, args, { env, stdio: 'pipe' });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<Ended>((done, fail) => {
      child.once('error', fail);
      child.once('close', (code) => done({ code, out, err }));
    });
    const shown = () => out + err;
    const shows = async (words: string) => {
      const deadline = Date.now() + SHOWN_WITHIN_MS;
      while (!shown().includes(words)) {
        if (Date.now() > deadline) throw new Error(`"${words}" was not shown:\n${shown()}`);
        await delay(30);
      }
    };
    return { ended, shown, shows, keyboard: child.stdin };
  }
}
