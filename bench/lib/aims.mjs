// What Clinch sets out to reach, held against what was measured.
import { median } from './summary.mjs';

const verdict = (met) => (met ? 'met' : '**missed**');

/**
 * The most of the peer's CPU (server + database) that one operation may cost: at every number of users, or at one.
 * @type {Record<string, {share: number, users?: number}>}
 */
const SHARES = {
  code: { share: 0.5 },
  refresh: { share: 0.5, users: 16 },
  client_credentials: { share: 0.6, users: 16 },
  userinfo: { share: 0.4, users: 16 },
  introspect: { share: 0.4, users: 16 },
  revoke: { share: 0.3, users: 16 },
  device: { share: 0.4, users: 16 },
};

/** @param {import('./summary.mjs').Row} row */
function shareLine({ target, users, workload, cpuRatio }) {
  const aim = SHARES[workload];
  if (!aim || !target.startsWith('clinch') || !Number.isFinite(cpuRatio)) return [];
  if (aim.users !== undefined && aim.users !== users) return [];
  const share = 1 / cpuRatio;
  return [
    `- ${workload} costs at most ${(aim.share * 100).toFixed(0)} % of the peer's CPU (server + database): ` +
      `${target} at ${users} users ${(share * 100).toFixed(0)} %, ${verdict(share <= aim.share)}.`,
  ];
}

/**
 * @param {import('./report.mjs').Report} report
 * @returns {string[]}
 */
export function aimLines({ rows, starts }) {
  const lines = rows.flatMap(shareLine);
  for (const { target, starts: all } of starts) {
    if (!target.startsWith('clinch') || all.length === 0) continue;
    const ms = median(all.map((start) => start.ms));
    const mb = median(all.map((start) => start.restMb));
    if (Number.isFinite(mb)) lines.push(`- At rest under 150 MB: ${target} ${mb.toFixed(0)} MB, ${verdict(mb < 150)}.`);
    if (target === 'clinch-sqlite') {
      lines.push(`- Ready in under 2 s on SQLite: ${(ms / 1000).toFixed(2)} s, ${verdict(ms < 2000)}.`);
    }
  }
  return lines;
}
