// Every process that a drill starts is known here by its id, and only those are ever ended.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** Clinch gives running requests 20 s, and says for 5 s before that that it is about to end. */
const STOPS_WITHIN_MS = 40_000;
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * @typedef {object} Running
 * @property {number} pid
 * @property {string} log the file that takes all it prints
 * @property {Promise<{code: number | null, signal: string | null}>} exited
 * @property {() => boolean} ended
 * @property {(signal?: NodeJS.Signals) => Promise<{code: number | null, signal: string | null}>} stop asks it to end
 * @property {() => Promise<unknown>} kill ends it as a power cut would
 */

/**
 * @param {string} file
 * @param {string[]} args
 * @param {{cwd: string, env?: Record<string, string>, log: string}} where
 * @returns {Running}
 */
export function startProcess(file, args, { cwd, env, log }) {
  const output = openSync(log, 'a');
  const base = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'production' };
  const child = spawn(file, args, { cwd, env: { ...base, ...env }, stdio: ['ignore', output, output] });
  closeSync(output);
  running.add(child);
  const exited = new Promise((resolve) => {
    const done = (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    };
    child.once('exit', done);
    child.once('error', () => done(null, null));
  });
  const ended = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const kill = () => {
    if (!ended()) child.kill('SIGKILL');
    return exited;
  };
  const stop = async (signal = 'SIGTERM') => {
    if (!ended()) child.kill(signal);
    const timer = setTimeout(kill, STOPS_WITHIN_MS);
    return exited.finally(() => clearTimeout(timer));
  };
  return { pid: child.pid ?? 0, log, exited, ended, stop, kill };
}

/** The last lines of a log, for a message. @param {string} log */
export function tail(log, lines = 12) {
  try {
    return readFileSync(log, 'utf8').trim().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no output)';
  }
}
