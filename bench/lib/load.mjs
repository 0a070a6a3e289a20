// The load generator, a process of its own: runs one cell and sends the result to its parent.
// Processor times are read here, at the two ends of the measured time, so that nothing is lost in messages.
import { performance } from 'node:perf_hooks';
import { workloads } from '../workloads/index.mjs';
import { hostBusyMs, peakRssMb, resetPeak, treeCpuMs } from './cpu.mjs';
import { Drive } from './drive.mjs';
import { NotOffered, missingFrom } from './offered.mjs';
import { makeUsers, makeWorld } from './world.mjs';

/** A pool is for about this many operations a second, and warm-up has its first part. */
const POOL_PER_SECOND = 200;
const MAX_POOL = 2000;
const MINTERS = 8;
const WARMUP_SHARE = 0.25;
/** So many of the things that were used up are looked at afterwards. */
const PROOFS = 5;

/**
 * @typedef {object} Job
 * @property {string} workload
 * @property {string} issuer
 * @property {import('../targets/index.mjs').Seed} seed
 * @property {number} users
 * @property {number} warmup s
 * @property {number} seconds
 * @property {number} serverPid
 * @property {number | null} databasePid of the target's database, if it has one
 *
 * @typedef {object} Result
 * @property {number} operations
 * @property {number} requests per operation
 * @property {number} rate per second
 * @property {number} p50 ms
 * @property {number} p90
 * @property {number} p99
 * @property {number} serverMs CPU per operation
 * @property {number} databaseMs CPU per operation
 * @property {number} generatorCores
 * @property {number} otherCores used by everything else on the machine
 * @property {number} peakMb
 * @property {number} errors
 * @property {string[]} messages of the first errors
 * @property {number} verified signatures
 */

/** @param {Job} job */
function reading({ serverPid, databasePid }) {
  const own = process.cpuUsage();
  return {
    server: treeCpuMs(serverPid),
    database: databasePid ? treeCpuMs(databasePid) : 0,
    generator: (own.user + own.system) / 1000,
    host: hostBusyMs(),
    at: performance.now(),
  };
}

/** Nearest rank. */
function percentile(sorted, share) {
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

/**
 * What a workload's operations use up, made before anything is measured, by users of its own.
 * @param {import('../workloads/index.mjs').Workload} workload
 * @param {import('./virtual-user.mjs').World} world
 * @param {number} size
 */
async function makePool({ mint, prepare }, world, size) {
  const pool = [];
  let begun = 0;
  const work = async (user) => {
    await prepare(user);
    while (begun++ < size) pool.push(await mint(user));
    user.connection.close();
  };
  await Promise.all(makeUsers({ ...world, users: MINTERS }).map(work));
  return pool;
}

/**
 * @param {Job} job
 * @param {Drive} drive
 */
async function meter(job, drive) {
  const size = drive.pool?.length;
  await drive.wait(job.warmup * 1000, size ? () => drive.pool.length < size * (1 - WARMUP_SHARE) : undefined);
  resetPeak(job.serverPid);
  drive.takeDone();
  const before = reading(job);
  await drive.wait(job.seconds * 1000);
  const done = drive.takeDone();
  const after = reading(job);
  const peakMb = peakRssMb(job.serverPid);
  await drive.stop();
  return { ...done, before, after, peakMb };
}

/**
 * @param {Job} job
 * @returns {Promise<{result: Result} | {skipped: string}>}
 */
async function measure(job) {
  const world = await makeWorld(job);
  const workload = workloads[job.workload];
  const missing = missingFrom(workload.needs, world);
  if (missing) return { skipped: missing };
  const users = makeUsers(world);
  const { needs, mint, prepare, run, proof } = workload;
  const size = Math.min(MAX_POOL, Math.ceil(job.seconds * POOL_PER_SECOND));
  const pool = mint && (await makePool(workload, world, size));
  if (prepare && !mint) for (const user of users) await prepare(user);
  if (needs) await run(users[0], pool?.pop());

  const used = pool?.slice(-PROOFS);
  const drive = new Drive(workload, users, pool);
  const figures = await meter(job, drive);
  if (used) for (const item of used) await proof(users[0], item);
  for (const user of users) user.connection.close();
  if (figures.latencies.length === 0) {
    throw new Error(`not one operation succeeded: ${[...drive.messages].join(' · ')}`);
  }
  const { errors, messages } = drive;
  return { result: { ...summarise(figures), errors, messages: [...messages], verified: world.checker.checked } };
}

/** @param {Awaited<ReturnType<typeof meter>>} figures */
function summarise({ latencies, requests, before, after, peakMb }) {
  const elapsed = after.at - before.at;
  const server = after.server - before.server;
  const database = after.database - before.database;
  const generator = after.generator - before.generator;
  const sorted = Float64Array.from(latencies).sort();
  return {
    operations: sorted.length,
    requests: requests / sorted.length,
    rate: sorted.length / (elapsed / 1000),
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p99: percentile(sorted, 0.99),
    serverMs: server / sorted.length,
    databaseMs: database / sorted.length,
    generatorCores: generator / elapsed,
    otherCores: Math.max(0, (after.host - before.host - server - database - generator) / elapsed),
    peakMb,
  };
}

process.once('message', (job) => {
  measure(/** @type {Job} */ (job))
    .then(
      (outcome) => process.send?.(outcome),
      (error) => process.send?.(error instanceof NotOffered ? { skipped: error.message } : { fault: error.message }),
    )
    .finally(() => process.disconnect());
});
process.once('disconnect', () => process.exit());
