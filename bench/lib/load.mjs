// The load generator, a process of its own: runs one cell and sends the result to its parent.
// Processor times are read here, at the two ends of the measured time, so that nothing is lost in messages.
import { performance } from 'node:perf_hooks';
import { workloads } from '../workloads/index.mjs';
import { hostBusyMs, peakRssMb, resetPeak, treeCpuMs } from './cpu.mjs';
import { TokenChecker } from './tokens.mjs';
import { VirtualUser } from './virtual-user.mjs';

const MAX_ERRORS = 50;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

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

/** @param {string} url */
async function getJson(url) {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

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
 * @param {Job} job
 * @returns {Promise<Result>}
 */
async function measure(job) {
  const metadata = await getJson(`${job.issuer}/.well-known/openid-configuration`);
  const checker = new TokenChecker(await getJson(metadata.jwks_uri));
  const world = { issuer: job.issuer, metadata, seed: job.seed, checker, users: job.users };
  const users = Array.from({ length: job.users }, (_, index) => new VirtualUser(index, world));
  const { prepare, run } = workloads[job.workload];
  if (prepare) for (const user of users) await prepare(user);

  let latencies = [];
  let errors = 0;
  let running = true;
  const messages = new Set();
  const loop = async (user) => {
    while (running) {
      const start = performance.now();
      try {
        await run(user);
        latencies.push(performance.now() - start);
      } catch (error) {
        errors++;
        if (messages.size < 5) messages.add(error.message);
        if (errors >= MAX_ERRORS) running = false;
        await sleep(50);
      }
    }
  };
  const loops = Promise.all(users.map(loop));

  await sleep(job.warmup * 1000);
  resetPeak(job.serverPid);
  latencies = [];
  const before = reading(job);
  const last = performance.now() + job.seconds * 1000;
  while (running && performance.now() < last) await sleep(Math.max(1, Math.min(200, last - performance.now())));
  const done = latencies;
  const after = reading(job);
  latencies = [];
  const peakMb = peakRssMb(job.serverPid);
  running = false;
  await loops;
  for (const user of users) user.connection.close();
  if (done.length === 0) throw new Error(`not one operation succeeded: ${[...messages].join(' · ')}`);

  const elapsed = after.at - before.at;
  const server = after.server - before.server;
  const database = after.database - before.database;
  const generator = after.generator - before.generator;
  const sorted = Float64Array.from(done).sort();
  return {
    operations: sorted.length,
    rate: sorted.length / (elapsed / 1000),
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p99: percentile(sorted, 0.99),
    serverMs: server / sorted.length,
    databaseMs: database / sorted.length,
    generatorCores: generator / elapsed,
    otherCores: Math.max(0, (after.host - before.host - server - database - generator) / elapsed),
    peakMb,
    errors,
    messages: [...messages],
    verified: checker.checked,
  };
}

process.once('message', (job) => {
  measure(/** @type {Job} */ (job))
    .then(
      (result) => process.send?.({ result }),
      (error) => process.send?.({ fault: error.message }),
    )
    .finally(() => process.disconnect());
});
process.once('disconnect', () => process.exit());
