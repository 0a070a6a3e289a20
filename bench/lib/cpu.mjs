// Processor time and memory of process trees, from /proc (Linux; elsewhere everything is NaN).
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

export const hasProc = process.platform === 'linux';

const TICK_MS = hasProc ? 1000 / ticksPerSecond() : NaN;

function ticksPerSecond() {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) || 100;
  } catch {
    return 100;
  }
}

/** @param {string} path; '' when the process has gone */
function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** The numbers of /proc/PID/stat from field 4 (ppid) on; the name before them may hold spaces. */
function statOf(pid) {
  const text = read(`/proc/${pid}/stat`);
  return text === ''
    ? null
    : text
        .slice(text.lastIndexOf(')') + 4)
        .split(' ')
        .map(Number);
}

/**
 * @param {number} root
 * @returns {number[]} the process and all its descendants
 */
function treeOf(root) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (name < '0' || name > '9~') continue;
    const stat = statOf(name);
    if (!stat) continue;
    const list = children.get(stat[0]) ?? [];
    list.push(Number(name));
    children.set(stat[0], list);
  }
  const tree = [root];
  for (let i = 0; i < tree.length; i++) tree.push(...(children.get(tree[i]) ?? []));
  return tree;
}

/** Processor time of one process, all its threads, in ms: schedstat (ns) where it is, else ticks. */
function ownMs(pid, stat) {
  let total = 0;
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const text = read(`/proc/${pid}/task/${task}/schedstat`);
      if (text !== '') total += Number(text.slice(0, text.indexOf(' '))) / 1e6;
    }
  } catch {
    // it has just ended
  }
  return total > 0 ? total : (stat[10] + stat[11]) * TICK_MS;
}

/**
 * Processor time used so far by a tree, ms. Children that ended are in their parent's account (cutime, cstime),
 * so the difference of two readings is right although backends come and go.
 * @param {number} root
 */
export function treeCpuMs(root) {
  if (!hasProc) return NaN;
  let total = 0;
  for (const pid of treeOf(root)) {
    const stat = statOf(pid);
    if (stat) total += ownMs(pid, stat) + (stat[12] + stat[13]) * TICK_MS;
  }
  return total;
}

/** Sum of one field of /proc/PID/status over a tree, MB. */
function statusMb(root, field) {
  if (!hasProc) return NaN;
  let kb = 0;
  for (const pid of treeOf(root)) {
    kb += Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  }
  return kb / 1024;
}

/** @param {number} root */
export const rssMb = (root) => statusMb(root, 'VmRSS');

/** @param {number} root */
export const peakRssMb = (root) => statusMb(root, 'VmHWM');

/**
 * Starts the peak anew.
 * @param {number} root
 */
export function resetPeak(root) {
  if (!hasProc) return;
  for (const pid of treeOf(root)) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
    } catch {
      // not permitted: the peak is then the peak since the start
    }
  }
}

/** Busy time of the whole machine, ms. */
export function hostBusyMs() {
  let busy = 0;
  for (const { times } of cpus()) busy += times.user + times.nice + times.sys + times.irq;
  return busy;
}
