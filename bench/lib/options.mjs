// The command line of the benchmark.
import { parseArgs } from 'node:util';

export const TARGETS = ['clinch-pg', 'clinch-sqlite', 'oidcp-pg', 'oidcp-pg-prepared'];
const DEFAULT_WORKLOADS = [
  'login',
  'code',
  'refresh',
  'client_credentials',
  'userinfo',
  'introspect',
  'revoke',
  'device',
  'discovery',
  'jwks',
];
export const WORKLOADS = [...DEFAULT_WORKLOADS, 'login_consent'];
const DEFAULT_TARGETS = ['clinch-pg', 'clinch-sqlite', 'oidcp-pg'];

/**
 * @typedef {object} Options
 * @property {number} rounds
 * @property {number} seconds measured seconds per cell
 * @property {number} warmup seconds before measuring
 * @property {number} starts cold starts per target; 0 leaves them out
 * @property {number[]} users concurrency levels
 * @property {string[]} targets
 * @property {string[]} workloads
 * @property {boolean} quick
 * @property {boolean} help
 * @property {string} command the command, as it can be typed again
 * @property {string} [fault]
 */

/** @returns {string} */
export function usage() {
  return [
    'node bench/bench.mjs [options]',
    '  --rounds N       rounds over all cells (3)',
    '  --seconds S      measured seconds per cell (6)',
    '  --warmup S       seconds before measuring (3)',
    '  --starts N       cold starts per target (5; 0 = none)',
    '  --users 1,16     virtual users, one connection each (1,16)',
    `  --targets a,b    of ${TARGETS.join(', ')} (default: ${DEFAULT_TARGETS.join(',')})`,
    `  --workloads x,y  of ${WORKLOADS.join(', ')} (default: all but login_consent)`,
    '  --quick          1 round, 2 s per cell, 1 s warm-up, 2 cold starts: shows that it works, proves little',
  ].join('\n');
}

/**
 * @param {string[]} argv
 * @returns {Options}
 */
export function parseOptions(argv) {
  const text = { type: /** @type {const} */ ('string') };
  const flag = { type: /** @type {const} */ ('boolean') };
  /** @type {any} */
  const options = { command: ['node bench/bench.mjs', ...argv].join(' '), help: false };
  let values;
  try {
    ({ values } = parseArgs({
      args: argv,
      options: {
        rounds: text,
        seconds: text,
        warmup: text,
        starts: text,
        users: text,
        targets: text,
        workloads: text,
        quick: flag,
        help: flag,
      },
    }));
  } catch (error) {
    return { ...options, fault: /** @type {Error} */ (error).message };
  }
  const quick = values.quick ?? false;
  const faults = [];
  const number = (name, fallback, min, max) => {
    const value = values[name] === undefined ? fallback : Number(values[name]);
    if (!(value >= min && value <= max)) faults.push(`--${name} must be a number from ${min} to ${max}`);
    return value;
  };
  const list = (name, fallback, allowed) => {
    const chosen = values[name] === undefined ? fallback : values[name].split(',').filter(Boolean);
    const unknown = chosen.filter((item) => !allowed.includes(item));
    if (unknown.length > 0 || chosen.length === 0) faults.push(`--${name} takes a list of ${allowed.join(', ')}`);
    return [...new Set(chosen)];
  };
  Object.assign(options, {
    quick,
    help: values.help ?? false,
    rounds: Math.round(number('rounds', quick ? 1 : 3, 1, 20)),
    seconds: number('seconds', quick ? 2 : 6, 0.5, 120),
    warmup: number('warmup', quick ? 1 : 3, 0, 60),
    starts: Math.round(number('starts', quick ? 2 : 5, 0, 20)),
    users: (values.users ?? '1,16').split(',').map(Number),
    targets: list('targets', DEFAULT_TARGETS, TARGETS),
    workloads: list('workloads', DEFAULT_WORKLOADS, WORKLOADS),
  });
  if (options.users.some((n) => !Number.isInteger(n) || n < 1 || n > 64)) {
    faults.push('--users takes a list of whole numbers from 1 to 64');
  }
  if (faults.length > 0) options.fault = faults.join('\n');
  return options;
}
