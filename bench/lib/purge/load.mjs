// Steady requests, each with the time at which it was sent and how long its answer took.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../http-client.mjs';
import { TokenChecker } from '../tokens.mjs';
import { VirtualUser } from '../virtual-user.mjs';

const FORM = 'content-type: application/x-www-form-urlencoded\r\n';

/**
 * @typedef {{at: number, ms: number}} Sample at: epoch milliseconds
 * @typedef {{tokens: Sample[], codes: Sample[], errors: string[], stop: () => Promise<void>}} Load
 */

/**
 * Client credentials by so many connections, one request in flight on each; beside them one person whose app fetches
 * code after code, which reads and writes in the database.
 * @param {{issuer: string, seed: import('../../targets/index.mjs').Seed, operator: {id: string, secret: string}, users: number}} given
 * @returns {Promise<Load>}
 */
export async function startLoad({ issuer, seed, operator, users }) {
  const { hostname, port } = new URL(issuer);
  const person = await signedIn(issuer, seed);
  const pair = Buffer.from(`${operator.id}:${operator.secret}`).toString('base64');
  const fields = `${FORM}authorization: Basic ${pair}\r\n`;
  let running = true;
  const errors = [];
  const connections = Array.from({ length: users }, () => new Connection(hostname, Number(port)));
  const loop = async (samples, operation) => {
    while (running) {
      const at = Date.now();
      const start = performance.now();
      try {
        await operation();
        samples.push({ at, ms: performance.now() - start });
      } catch (error) {
        errors.push(error.message);
        await sleep(50);
      }
    }
  };
  const tokens = [];
  const codes = [];
  const loops = connections.map((connection) =>
    loop(tokens, async () => {
      const answer = await connection.request('POST', '/oidc/token', fields, 'grant_type=client_credentials');
      if (answer.status !== 200) throw new Error(`the token endpoint answered ${answer.status}`);
    }),
  );
  loops.push(loop(codes, () => person.codeFlow()));
  const stop = async () => {
    running = false;
    await Promise.all(loops);
    for (const connection of [...connections, person.connection]) connection.close();
  };
  return { tokens, codes, errors, stop };
}

async function signedIn(issuer, seed) {
  const getJson = async (url) => (await fetch(url)).json();
  const metadata = await getJson(`${issuer}/.well-known/openid-configuration`);
  const checker = new TokenChecker(await getJson(metadata.jwks_uri));
  const person = new VirtualUser(0, { issuer, metadata, seed, checker, users: 1 });
  await person.codeFlow({ person: person.nextPerson() });
  return person;
}

/**
 * @param {Sample[]} samples
 * @param {number} from epoch milliseconds
 * @param {number} to
 */
export function latencies(samples, from, to) {
  const sorted = samples
    .filter(({ at }) => at >= from && at < to)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  const rank = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
  return {
    count: sorted.length,
    perSecond: sorted.length / ((to - from) / 1000),
    p50: rank(0.5),
    p99: rank(0.99),
    p999: rank(0.999),
    worst: sorted.at(-1) ?? Number.NaN,
  };
}
