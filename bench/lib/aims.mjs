// What Clinch sets out to reach, held against what was measured.
import { median } from './summary.mjs';

const verdict = (met) => (met ? 'met' : '**missed**');

/**
 * @param {import('./report.mjs').Report} report
 * @returns {string[]}
 */
export function aimLines({ rows, starts }) {
  const lines = [];
  for (const { target, users, workload, cpuRatio } of rows) {
    if (workload !== 'code' || !target.startsWith('clinch') || !Number.isFinite(cpuRatio)) continue;
    const share = 100 / cpuRatio;
    lines.push(
      `- A code exchange costs at most half of the peer's CPU (server + database): ${target} at ${users} users ` +
        `${share.toFixed(0)} %, ${verdict(share <= 50)}.`,
    );
  }
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
