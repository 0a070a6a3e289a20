// From cells to figures: medians over rounds, ratios within a round.
import { REFERENCE } from './settings.mjs';

/** @param {number[]} values */
export function median(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @typedef {object} Row
 * @property {string} workload
 * @property {number} users
 * @property {string} target
 * @property {number} rounds that gave a result
 * @property {number} requests per operation
 * @property {number} rate
 * @property {number} p50
 * @property {number} p90
 * @property {number} p99
 * @property {number} serverMs
 * @property {number} databaseMs
 * @property {number} peakMb
 * @property {number} generatorCores
 * @property {number} otherCores
 * @property {number} errors
 * @property {string[]} messages
 * @property {number} rateRatio times the reference's rate; NaN without one
 * @property {number} cpuRatio times less CPU than the reference; NaN without one
 */

const FIGURES = [
  'requests',
  'rate',
  'p50',
  'p90',
  'p99',
  'serverMs',
  'databaseMs',
  'peakMb',
  'generatorCores',
  'otherCores',
];
const cpuOf = ({ serverMs, databaseMs }) => serverMs + databaseMs;

/**
 * @param {import('./cells.mjs').Cell[]} cells
 * @param {string[]} targets in the order of the report
 * @returns {Row[]}
 */
export function summarise(cells, targets) {
  const groups = new Map();
  for (const cell of cells) {
    const key = `${cell.workload} ${cell.users}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(cell);
  }
  const rows = [];
  for (const group of groups.values()) {
    const reference = new Map();
    for (const { target, round, result } of group) if (target === REFERENCE && result) reference.set(round, result);
    for (const target of targets) {
      const mine = group.filter((cell) => cell.target === target);
      if (mine.length > 0) rows.push(makeRow(mine, reference));
    }
  }
  return rows;
}

/** @returns {Row} */
function makeRow(cells, reference) {
  const [{ workload, users, target }] = cells;
  const good = cells.filter(({ result }) => result);
  const pairs = target === REFERENCE ? [] : good.filter(({ round }) => reference.has(round));
  /** @type {any} */
  const row = {
    workload,
    users,
    target,
    rounds: good.length,
    errors: good.reduce((sum, { result }) => sum + result.errors, 0),
    messages: [
      ...new Set(cells.flatMap(({ result, fault }) => [...(result?.messages ?? []), ...(fault ? [fault] : [])])),
    ],
    rateRatio: median(pairs.map(({ round, result }) => result.rate / reference.get(round).rate)),
    cpuRatio: median(pairs.map(({ round, result }) => cpuOf(reference.get(round)) / cpuOf(result))),
  };
  for (const figure of FIGURES) row[figure] = median(good.map(({ result }) => result[figure]));
  return row;
}
