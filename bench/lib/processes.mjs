// Every process the benchmark starts is registered here, and only those are ever ended.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

const STOP_MS = 10_000;
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let closed = false;

/** Throws once the run is being ended, so that nothing new is started behind the clean-up's back. */
export function assertOpen() {
  if (closed) throw new Error('the run is being ended');
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {import('node:child_process').ChildProcess}
 */
export function register(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * Starts a Node program with nothing in its environment but what is given; its output goes to a file.
 * @param {string[]} args
 * @param {{cwd: string, env: Record<string, string>, log: string}} where
 */
export function startNode(args, { cwd, env, log }) {
  assertOpen();
  const output = openSync(log, 'a');
  const base = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'production' };
  try {
    return register(
      spawn(process.execPath, args, { cwd, env: { ...base, ...env }, stdio: ['ignore', output, output] }),
    );
  } finally {
    closeSync(output);
  }
}

/** @param {import('node:child_process').ChildProcess} child */
export const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

/**
 * SIGTERM, and SIGKILL if that does not end it in time.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function stop(child) {
  if (hasEnded(child)) return;
  await new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    child.kill('SIGTERM');
  });
}

/** Ends everything for good. */
export async function close() {
  closed = true;
  await stopAll();
}

export async function stopAll() {
  await Promise.all([...running].map(stop));
}

/**
 * @param {string} log
 * @returns {string} its last lines, for an error message
 */
export function tail(log) {
  try {
    return readFileSync(log, 'utf8').trim().split('\n').slice(-12).join('\n');
  } catch {
    return '(no output)';
  }
}
