// How every drill with a load ends: the load stops, what was acknowledged is asked for again, the logs are read.
import { setTimeout as sleep } from 'node:timers/promises';
import { exactly, told } from './drill.mjs';
import { tellFound, verify } from './verify.mjs';

/** A spent refresh token is answered again with its successor for so long. */
const GRACE_MS = 11_000;

/**
 * @param {import('./drill.mjs').Drill} drill
 * @param {import('./installation.mjs').Installation} installation
 * @param {import('./mixed-load.mjs').MixedLoad} load
 * @param {{faultsLogged?: boolean}} [expected] whether the fault may stand in the log as an error
 */
export async function conclude(drill, installation, load, { faultsLogged = false } = {}) {
  await load.stop();
  await sleep(GRACE_MS);
  const found = await verify(installation, load.journal.chains);
  drill.figure('requests', load.seen.length, told());
  drill.figure('requests without a good answer (none, or 5xx)', load.errors().length, told());
  drill.note(`errors: ${load.errorsByKind()}`);
  drill.figure('wrong answers', load.wrong.length, exactly(0));
  for (const { text } of load.wrong.slice(0, 3)) drill.note(text);
  tellFound(drill, found, { exactly, told });
  const faults = installation
    .logs()
    .split('\n')
    .filter((line) => /"level":(50|60)/.test(line));
  drill.figure('errors in the log', faults.length, faultsLogged ? told() : exactly(0));
  if (faults.length > 0) drill.note(faults[0].slice(0, 300));
}

/**
 * Seconds from a moment until the load's first good answer of an endpoint that asks the database.
 * @param {import('./mixed-load.mjs').MixedLoad} load
 * @param {number} since epoch milliseconds
 * @param {RegExp} [path]
 */
export async function firstSuccess(load, since, path = /\/oidc\/(token|userinfo|authorize)/) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const good = load.seen.find(
      (seen) => seen.at + seen.ms >= since && [200, 302, 303].includes(seen.status) && path.test(seen.path),
    );
    if (good) return (good.at + good.ms - since) / 1000;
    if (Date.now() > deadline) return NaN;
    await sleep(20);
  }
}

/** The answers within a fault, by status. */
export function answersWithin(load, from, to) {
  const within = load.seen.filter(({ at, ms }) => at + ms >= from && at < to);
  const notWithRetryAfter = within.filter(({ status, retryAfter }) => status === 503 && !retryAfter).length;
  const otherErrors = within.filter(({ status }) => status >= 500 && status !== 503).length;
  const noAnswer = within.filter(({ status }) => status === 0).length;
  const slowest = Math.max(0, ...within.map(({ ms }) => ms)) / 1000;
  return { notWithRetryAfter, otherErrors, noAnswer, slowest, all: within.length };
}
