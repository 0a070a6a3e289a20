// Child processes of the commands: quiet ones, whose output is shown only when they fail, and foreground ones, which own
// the terminal. Either way a signal to us reaches the child once, and we end after it.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Ends the command with this exit code; the message, if any, is printed. */
export class StepFailed extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// One Ctrl-C arrives twice: from the terminal, and again from npm, which hands its signals on.
const SAME_KEYPRESS_MS = 1000;

// npm hands a signal to the shell between it and us; the shell dies of it and tells nobody. So its death is taken for the
// signal. Only under npm: a server that somebody put into the background by hand may well outlive the shell it came from.
const NPMS_SHELL = process.env.npm_lifecycle_event ? process.ppid : undefined;
const LOOK_FOR_SHELL_MS = 250;

/**
 * Runs a program and keeps what it prints.
 * Gives `{ code, output }`; a program that cannot be started has code 127. Throws StepFailed when we were told to end.
 */
export async function capture(command, args, options = {}) {
  let output = '';
  const child = spawn(command, args, { cwd: root, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
  const { code, interrupted } = await ended(child, (signal) => child.kill(signal));
  if (interrupted) throw new StepFailed('', 128 + constants.signals[interrupted]);
  return { code, output };
}

/**
 * Runs a program that writes to our terminal, in a process group of its own, so that Ctrl-C reaches it through us alone.
 * `wholeGroup` sends signals to its children too, for programs that do not look after theirs.
 * Gives its exit code (128 + n when signal n ended it). Throws StepFailed only when `stopWhenInterrupted` is set.
 */
export async function runInForeground(
  command,
  args,
  { wholeGroup = false, stopWhenInterrupted = false, ...options } = {},
) {
  const detached = process.platform !== 'win32';
  const child = spawn(command, args, { cwd: root, detached, ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  const send = (signal) => (wholeGroup && detached ? process.kill(-child.pid, signal) : child.kill(signal));
  const { code, interrupted, error } = await ended(child, send);
  if (error) process.stderr.write(`${error.message}\n`);
  if (interrupted && stopWhenInterrupted) throw new StepFailed('', 128 + constants.signals[interrupted]);
  return code;
}

/** The npm that started us, or the one on the PATH: `{ command, args }` to put before its own arguments. */
export function npm() {
  const started = process.env.npm_execpath ?? '';
  return /npm-cli\.[cm]?js$/.test(started)
    ? { command: process.execPath, args: [started] }
    : { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}

function ended(child, send) {
  return new Promise((done) => {
    let interrupted;
    let lastSent = 0;
    const pass = (signal) => {
      if (Date.now() - lastSent < SAME_KEYPRESS_MS) return;
      lastSent = Date.now();
      interrupted = signal;
      try {
        send(signal);
      } catch {
        // It ended in the same moment.
      }
    };
    const watch = setInterval(() => {
      if (NPMS_SHELL !== undefined && process.ppid !== NPMS_SHELL && !interrupted) pass('SIGTERM');
    }, LOOK_FOR_SHELL_MS).unref();
    const finish = (code, error) => {
      clearInterval(watch);
      for (const signal of SIGNALS) process.off(signal, pass);
      done({ code, interrupted, error });
    };
    for (const signal of SIGNALS) process.on(signal, pass);
    child.once('error', (error) => finish(127, error));
    child.once('close', (code, signal) => finish(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
