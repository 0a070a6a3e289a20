// One measured cell after the other, interleaved so that a busy minute of the machine hits all targets alike.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workloads } from '../workloads/index.mjs';
import { assertOpen, register, stop } from './processes.mjs';

const LOAD = fileURLToPath(new URL('load.mjs', import.meta.url));
const SPARE_MS = 60_000;

/**
 * @typedef {object} Cell
 * @property {number} round
 * @property {string} workload
 * @property {number} users
 * @property {string} target
 * @property {import('./load.mjs').Result} [result]
 * @property {string} [fault]
 * @property {string} [skipped] what the server does not have for it
 */

/**
 * @param {import('./options.mjs').Options} options
 * @param {string[]} targets
 * @returns {Array<Cell & {warmup: number, seconds: number}>} round > workload > users > target, the targets' order rotated
 */
export function planCells({ rounds, workloads: names, users, warmup, seconds }, targets) {
  const cells = [];
  let turn = 0;
  for (let round = 1; round <= rounds; round++) {
    for (const workload of names) {
      const { brief = false } = workloads[workload];
      for (const count of brief ? [Math.max(...users)] : users) {
        for (let i = 0; i < targets.length; i++) {
          const target = targets[(i + turn) % targets.length];
          const half = brief ? 0.5 : 1;
          cells.push({ round, workload, users: count, target, warmup: warmup * half, seconds: seconds * half });
        }
        turn++;
      }
    }
  }
  return cells;
}

/**
 * Runs a job in a load generator of its own.
 * @param {import('./load.mjs').Job} job
 * @returns {Promise<{result?: import('./load.mjs').Result, fault?: string, skipped?: string}>}
 */
export async function runCell(job) {
  assertOpen();
  const child = register(fork(LOAD, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
  let timer;
  try {
    return await new Promise((resolve) => {
      const limit = (job.warmup + job.seconds) * 1000 + SPARE_MS;
      timer = setTimeout(() => resolve({ fault: 'the cell did not end in time' }), limit);
      child.once('message', (message) => resolve(/** @type {any} */ (message)));
      child.once('error', (error) => resolve({ fault: error.message }));
      child.once('exit', () => resolve({ fault: 'the load generator ended without a result' }));
      child.send(job);
    });
  } finally {
    clearTimeout(timer);
    await stop(child);
  }
}
