// The report as Markdown.
import { workloads } from '../workloads/index.mjs';
import { aimLines } from './aims.mjs';
import { REFERENCE } from './settings.mjs';
import { median } from './summary.mjs';

const number = (value, digits = 0) =>
  Number.isFinite(value)
    ? value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : '–';
const ratio = (value) => (Number.isFinite(value) ? `${number(value, 2)}x` : '–');
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/**
 * @typedef {object} Report
 * @property {string} date
 * @property {string} command
 * @property {import('./options.mjs').Options} options
 * @property {ReturnType<typeof import('./machine.mjs').machineFacts>} machine
 * @property {number} hashMs of one password check
 * @property {number} signMs of one RS256 signature
 * @property {Array<{name: string, title: string}>} targets
 * @property {Array<{name: string, reason: string}>} leftOut
 * @property {Array<{workload: string, target: string, reason: string}>} skipped what a server does not have
 * @property {Array<{target: string, first: import('./servers.mjs').Start, starts: import('./servers.mjs').Start[]}>} starts
 * @property {import('./summary.mjs').Row[]} rows
 * @property {number} verified
 * @property {import('./cells.mjs').Cell[]} cells
 */

/** @param {import('./summary.mjs').Row} row */
function cellRow(row) {
  return [
    row.workload,
    row.users,
    row.target === REFERENCE ? row.target : `**${row.target}**`,
    number(row.requests, Number.isInteger(row.requests) ? 0 : 1),
    number(row.rate, row.rate < 100 ? 1 : 0),
    [row.p50, row.p90, row.p99].map((value) => number(value, 1)).join(' / '),
    `${number(row.serverMs, 2)} + ${number(row.databaseMs, 2)}`,
    number(row.peakMb),
    row.target === REFERENCE ? '1' : ratio(row.rateRatio),
    row.target === REFERENCE ? '1' : ratio(row.cpuRatio),
    row.errors,
    `${number(row.generatorCores, 2)} / ${number(row.otherCores, 2)}`,
  ];
}

function startRow({ target, first, starts }) {
  const ms = starts.map((start) => start.ms);
  return [
    target,
    ms.length > 0 ? `${number(median(ms))} (${number(Math.min(...ms))}–${number(Math.max(...ms))})` : '–',
    number(median(starts.map((start) => start.cpuS)), 2),
    number(median(starts.map((start) => start.restMb))),
    number(first.ms),
  ];
}

/** Sign-in without the password check: server CPU minus what one check costs by itself. */
function hashLines(report) {
  const rows = report.rows.filter(
    ({ workload, serverMs }) => workload.startsWith('login') && Number.isFinite(serverMs),
  );
  if (rows.length === 0 || !Number.isFinite(report.hashMs)) return [];
  const parts = rows.map(
    (row) =>
      `${row.workload} ${row.target} at ${row.users}: ${number(row.serverMs + row.databaseMs - report.hashMs, 2)} ms`,
  );
  return [`Sign-ins without the password check (CPU per operation less one argon2id check): ${parts.join('; ')}.`, ''];
}

function machineLine({ cpu, cores, memoryGiB, system, node, openssl, postgres, loadAtStart }) {
  return (
    `${cores} cores (${cpu}), ${memoryGiB} GiB, ${system}; Node ${node} (OpenSSL ${openssl}); ` +
    `PostgreSQL ${postgres ?? 'not used'}; load average at the start ${number(loadAtStart, 2)}.`
  );
}

/**
 * @param {Report} report
 * @returns {string}
 */
export function toMarkdown(report) {
  const { options } = report;
  const lines = [
    `# Benchmark, ${report.date}`,
    '',
    `\`${report.command}\``,
    '',
    machineLine(report.machine),
    `One RS256 signature costs ${number(report.signMs, 2)} ms of CPU here, one argon2id check ${number(report.hashMs, 1)} ms.`,
    `${options.rounds} round(s), ${options.warmup} s warm-up and ${options.seconds} s measured per cell; medians; ratios within a round.`,
    ...(options.quick ? ['**Quick run: it shows that everything works; do not quote its figures.**'] : []),
    '',
    ...report.targets.map(({ name, title }) => `- \`${name}\`: ${title}`),
    ...report.leftOut.map(({ name, reason }) => `- \`${name}\` was **not measured**: ${reason}`),
    ...report.skipped.map(
      ({ workload, target, reason }) => `- \`${workload}\` was **not measured** with \`${target}\`: ${reason}`,
    ),
    '',
  ];
  if (report.starts.some(({ starts }) => starts.length > 0)) {
    const head = ['target', 'first 200 on discovery, ms (min–max)', 'CPU s', 'MB at rest', 'very first start, ms'];
    lines.push('## Cold start', '', table(head, report.starts.map(startRow)), '');
  }
  if (report.rows.length > 0) {
    const head = [
      'workload',
      'users',
      'target',
      'requests per op',
      'ops/s',
      'p50 / p90 / p99 ms',
      'CPU ms per op, server + database',
    ];
    head.push('peak MB', `rate : ${REFERENCE}`, `CPU saved : ${REFERENCE}`, 'errors', 'cores: generator / others');
    lines.push('## Load', '', table(head, report.rows.map(cellRow)), '');
    for (const name of options.workloads) lines.push(`- \`${name}\`: ${workloads[name].title}`);
    lines.push('', ...hashLines(report), `${number(report.verified)} signatures were verified against the JWKS.`, '');
    const faulty = report.rows.filter(({ messages }) => messages.length > 0);
    if (faulty.length > 0) lines.push('## What went wrong', '');
    for (const { workload, users, target, messages } of faulty) {
      lines.push(`- ${workload}, ${users} users, ${target}: ${messages.join(' · ')}`);
    }
    if (faulty.length > 0) lines.push('');
  }
  const aims = aimLines(report);
  if (aims.length > 0) lines.push('## Aims', '', ...aims, '');
  return lines.join('\n');
}
