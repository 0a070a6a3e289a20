// Client credentials at a steady pace, whose latency tells what others' noise costs.
import { setTimeout as sleep } from 'node:timers/promises';
import { API } from '../../bench/lib/settings.mjs';
import { basicOf } from '../../bench/lib/virtual-user.mjs';
import { Client } from './client.mjs';

const FORM = { grant_type: 'client_credentials', resource: API.resource, scope: API.scope };

/**
 * @param {import('./installation.mjs').Installation} installation
 * @param {{perSecond?: number, connections?: number}} [how]
 */
export function startSteady(installation, { perSecond = 50, connections = 8 } = {}) {
  const seen = [];
  const client = new Client(installation.issuer, (one) => seen.push(one), connections);
  const basic = basicOf(installation.seed.apps.service);
  let running = true;
  const waiting = new Set();
  const loop = (async () => {
    while (running) {
      const sent = client.post('/oidc/token', basic, FORM).catch(() => undefined);
      waiting.add(sent);
      void sent.then(() => waiting.delete(sent));
      await sleep(1000 / perSecond);
    }
    await Promise.all(waiting);
  })();
  return {
    /** The p99 in milliseconds of those sent within, and how many had no good answer. */
    within(from, to) {
      const its = seen.filter(({ at }) => at >= from && at < to);
      const times = its.map(({ ms }) => ms).sort((a, b) => a - b);
      const rank = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
      return {
        count: its.length,
        p50: rank(0.5),
        p99: rank(0.99),
        failed: its.filter(({ status }) => status !== 200).length,
      };
    },
    async stop() {
      running = false;
      await loop;
      await client.close();
    },
  };
}
