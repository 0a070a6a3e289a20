// Starting a target's server and waiting until it answers.
import { get } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { rssMb, treeCpuMs } from './cpu.mjs';
import { hasEnded, startNode, stop, tail } from './processes.mjs';

const START_LIMIT_MS = 60_000;
const POLL_MS = 5;
const REST_MS = 3000;

/** @param {string} url */
function statusOf(url) {
  return new Promise((resolve) => {
    get(url, { agent: false, timeout: 5000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('timeout', function () {
        this.destroy();
      })
      .on('error', () => resolve(0));
  });
}

/**
 * @typedef {object} Server
 * @property {import('../targets/index.mjs').Target} target
 * @property {import('../targets/index.mjs').Launch} launch
 * @property {string} log
 * @property {import('node:child_process').ChildProcess} [child]
 * @property {import('../targets/index.mjs').Seed} [seed]
 *
 * @typedef {object} Start
 * @property {number} ms from spawn to the first 200
 * @property {number} cpuS until then
 * @property {number} [restMb] memory 3 s later
 */

/**
 * @param {Server} server
 * @param {string} path that must answer 200
 * @returns {Promise<Start>}
 */
export async function startServer(server, path) {
  const { launch, log } = server;
  const begin = performance.now();
  const child = startNode(launch.args, { cwd: launch.cwd, env: launch.env, log });
  server.child = child;
  for (;;) {
    if ((await statusOf(launch.issuer + path)) === 200) break;
    if (hasEnded(child)) throw new Error(`${server.target.name} ended while starting:\n${tail(log)}`);
    if (performance.now() - begin > START_LIMIT_MS) {
      await stop(child);
      throw new Error(`${server.target.name} was not ready in ${START_LIMIT_MS / 1000} s:\n${tail(log)}`);
    }
    await sleep(POLL_MS);
  }
  return { ms: performance.now() - begin, cpuS: treeCpuMs(child.pid) / 1000 };
}

/** @param {Server} server */
export async function stopServer(server) {
  if (server.child) await stop(server.child);
}

/**
 * A start from nothing running to the first discovery document, and memory at rest; stops the server again.
 * @param {Server} server
 * @returns {Promise<Start>}
 */
export async function coldStart(server) {
  const start = await startServer(server, '/.well-known/openid-configuration');
  await sleep(REST_MS);
  start.restMb = rssMb(server.child.pid);
  await stopServer(server);
  return start;
}
