// A whole run: prepare, cold starts, cells, report, and everything ended again.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTarget } from '../targets/index.mjs';
import { planCells, runCell } from './cells.mjs';
import { hasProc } from './cpu.mjs';
import { hashCpuMs, machineFacts, signCpuMs } from './machine.mjs';
import { freePort } from './ports.mjs';
import { findPostgres, startPostgres } from './postgres.mjs';
import { close, stopAll, tail } from './processes.mjs';
import { toMarkdown } from './report.mjs';
import { coldStart, startServer, stopServer } from './servers.mjs';
import { summarise } from './summary.mjs';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
const say = (text) => console.error(`bench: ${text}`);

/** Which of the wanted targets can run here, and why the others cannot. */
function choose(names, postgres) {
  const targets = [];
  const leftOut = [];
  for (const name of names) {
    const target = makeTarget(name);
    const reason =
      target.unavailable() ?? (target.needsPostgres && 'missing' in postgres ? postgres.missing : undefined);
    if (reason) leftOut.push({ name, reason });
    else targets.push(target);
  }
  for (const { name, reason } of leftOut) say(`${name} is left out: ${reason}`);
  return { targets, leftOut };
}

/** Prepares a target and starts it for the first time, which makes its tables and keys. */
async function firstStart(target, folder, postgres) {
  const launch = await target.prepare({ folder, postgres, port: await freePort() });
  const server = { target, launch, log: join(folder, `${target.name}.log`) };
  const first = await startServer(server, target.readyPath);
  server.seed = await target.seed(launch.issuer);
  await stopServer(server);
  return { server, first };
}

function gist({ result, fault }) {
  if (!result) return fault;
  const { rate, p99, serverMs, databaseMs, errors } = result;
  const cpu = `${serverMs.toFixed(2)} + ${databaseMs.toFixed(2)} ms CPU`;
  return `${rate.toFixed(1)}/s, p99 ${p99.toFixed(1)} ms, ${cpu}, ${errors} errors`;
}

/**
 * @param {import('./options.mjs').Options} options
 * @param {Array<import('./servers.mjs').Server>} servers all running
 * @param {import('./postgres.mjs').Postgres | undefined} postgres
 */
async function measureCells(options, servers, postgres) {
  const plan = planCells(
    options,
    servers.map(({ target }) => target.name),
  );
  const seconds = plan.reduce((sum, cell) => sum + cell.warmup + cell.seconds + 1, 0);
  say(`${plan.length} cells, about ${Math.ceil(seconds / 60)} min`);
  const hopeless = new Set();
  const blamed = new Set();
  const skipped = [];
  const cells = [];
  for (const { warmup, seconds: length, ...cell } of plan) {
    const key = `${cell.workload} ${cell.target}`;
    if (hopeless.has(key)) continue;
    const { target, launch, child, seed, log } = servers.find((server) => server.target.name === cell.target);
    const databasePid = target.needsPostgres ? postgres.pid : null;
    const job = { workload: cell.workload, users: cell.users, warmup, seconds: length, seed, databasePid };
    const outcome = await runCell({ ...job, issuer: launch.issuer, serverPid: child.pid });
    const { result, fault, skipped: reason } = outcome;
    if (fault || reason) hopeless.add(key);
    if (reason) {
      skipped.push({ workload: cell.workload, target: cell.target, reason });
      say(`${key} is left out: ${reason}`);
      continue;
    }
    cells.push({ ...cell, ...outcome });
    if ((fault || result.errors > 0) && !blamed.has(target)) {
      blamed.add(target);
      say(`the last that ${target.name} wrote:\n${tail(log)}`);
    }
    say(`${cells.length}/${plan.length} ${cell.workload} ${cell.users} ${cell.target}: ${gist(outcome)}`);
  }
  return { cells, skipped };
}

/** @param {import('./options.mjs').Options} options */
async function measure(options, folder, keep) {
  const found = findPostgres();
  const { targets, leftOut } = choose(options.targets, found);
  if (targets.length === 0) return undefined;
  let postgres;
  if (targets.some(({ needsPostgres }) => needsPostgres) && 'bin' in found) {
    postgres = await startPostgres(found.bin, folder, (stop) => {
      keep.stopPostgres = stop;
    });
    say(`PostgreSQL ${postgres.version} started`);
  }
  const machine = machineFacts(postgres?.version);
  const hashMs = await hashCpuMs();
  const signMs = signCpuMs();
  const servers = [];
  const starts = [];
  for (const target of targets) {
    try {
      const { server, first } = await firstStart(target, folder, postgres);
      servers.push(server);
      starts.push({ target: target.name, first, starts: [] });
    } catch (error) {
      await stopAll();
      say(`${target.name} is left out: ${error.message}`);
      leftOut.push({ name: target.name, reason: error.message.split('\n')[0], failed: true });
    }
  }
  for (let i = 0; i < options.starts; i++) {
    for (const [index, server] of servers.entries()) {
      const start = await coldStart(server);
      starts[index].starts.push(start);
      say(`start ${i + 1} ${server.target.name}: ${start.ms.toFixed(0)} ms, ${start.restMb.toFixed(0)} MB at rest`);
    }
  }
  for (const server of servers) await startServer(server, server.target.readyPath);
  const { cells, skipped } = await measureCells(options, servers, postgres);
  const names = servers.map(({ target }) => target.name);
  const verified = cells.reduce((sum, { result }) => sum + (result?.verified ?? 0), 0);
  const rows = summarise(cells, names);
  return {
    machine,
    hashMs,
    signMs,
    starts,
    leftOut,
    skipped,
    rows,
    verified,
    cells,
    targets: servers.map(({ target }) => target),
  };
}

/** Keeps the report; a folder that cannot be written must not lose a long run, it has been printed. */
function save(date, markdown, report) {
  const name = `${date.slice(0, 19).replaceAll(':', '-')}Z`;
  try {
    mkdirSync(RESULTS, { recursive: true });
    writeFileSync(join(RESULTS, `${name}.md`), markdown);
    writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`);
    say(`kept in bench/results/${name}.md and .json`);
  } catch (error) {
    say(`the report could not be written to bench/results: ${error.message}`);
  }
}

/** Ends what was started, even when one part of it fails. */
async function cleanUp(folder, keep) {
  await close();
  try {
    keep.stopPostgres?.();
  } catch (error) {
    say(error.message);
  }
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {import('./options.mjs').Options} options
 * @returns {Promise<number>} exit code
 */
export async function run(options) {
  if (!hasProc) say('no /proc here: CPU and memory figures will be missing (Linux has them)');
  const folder = mkdtempSync(join(tmpdir(), 'clinch-bench-'));
  /** @type {{stopPostgres?: () => void}} */
  const keep = {};
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) return;
    interrupted = true;
    say('interrupted, ending what was started');
    void cleanUp(folder, keep).finally(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
  try {
    const date = new Date().toISOString();
    const measured = await measure(options, folder, keep);
    if (!measured) {
      say('nothing left to measure');
      return 1;
    }
    const targets = measured.targets.map(({ name, title }) => ({ name, title }));
    const report = { date, command: options.command, options, ...measured, targets };
    const markdown = toMarkdown(report);
    console.log(markdown);
    save(date, markdown, report);
    const failed =
      report.leftOut.some((target) => target.failed) ||
      report.rows.some(({ errors, rounds }) => errors > 0 || rounds === 0);
    return failed ? 1 : 0;
  } catch (error) {
    if (interrupted) await new Promise(() => {});
    say(error.stack);
    return 1;
  } finally {
    if (!interrupted) await cleanUp(folder, keep);
  }
}
