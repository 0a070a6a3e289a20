// A PostgreSQL of the benchmark's own: temporary data directory, own port on 127.0.0.1, ended at the end.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { freePort } from './ports.mjs';
import { assertOpen } from './processes.mjs';

const TOOLS = ['initdb', 'pg_ctl', 'postgres'];
const OWNER = 'bench';
const ROOTS = ['/usr/lib/postgresql', '/usr/local/pgsql', '/usr/local/opt', '/opt/homebrew/opt'];
const isRoot = process.getuid?.() === 0;

export const HOW_TO_GET =
  'Install the PostgreSQL server programs (Debian, Ubuntu: `apt-get install postgresql`; Fedora: `dnf install postgresql-server`) ' +
  'or put their bin folder on PATH.';

function pathFolders() {
  return (process.env.PATH ?? '').split(delimiter).filter(Boolean);
}

/** @returns {string[]} folders that may hold the server programs, best first */
function candidates() {
  const folders = pathFolders();
  for (const root of ROOTS) {
    let names = [];
    try {
      names = readdirSync(root);
    } catch {
      continue;
    }
    names.sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a));
    folders.push(join(root, 'bin'), ...names.map((name) => join(root, name, 'bin')));
  }
  return folders;
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const RUNUSER = [...pathFolders(), '/usr/sbin', '/sbin'].map((folder) => join(folder, 'runuser')).find(isProgram);

/** @returns {{bin: string} | {missing: string}} */
export function findPostgres() {
  const bin = candidates().find((folder) => TOOLS.every((tool) => isProgram(join(folder, tool))));
  if (!bin) return { missing: `PostgreSQL (${TOOLS.join(', ')}) was not found. ${HOW_TO_GET}` };
  if (isRoot && (!RUNUSER || spawnSync('id', ['-u', 'postgres']).status !== 0)) {
    return {
      missing: 'PostgreSQL does not run as root, and `runuser` or the user `postgres` to run it as is missing.',
    };
  }
  return { bin };
}

/** Runs a PostgreSQL program, as the user `postgres` when we are root. */
function call(bin, tool, args, cwd) {
  const [file, ...rest] = isRoot
    ? [RUNUSER, '-u', 'postgres', '--', join(bin, tool), ...args]
    : [join(bin, tool), ...args];
  const options = { cwd, encoding: /** @type {const} */ ('utf8'), timeout: 90_000, stdio: ['ignore', 'pipe', 'pipe'] };
  const done = spawnSync(file, rest, /** @type {any} */ (options));
  if (done.status !== 0) throw new Error(`${tool} failed: ${done.stderr || done.stdout || done.error?.message}`);
}

/**
 * @typedef {object} Postgres
 * @property {number} pid of the postmaster
 * @property {string} version
 * @property {(database: string) => string} url
 * @property {(database: string) => Promise<void>} createDatabase
 */

/**
 * @param {string} bin
 * @param {string} folder an existing temporary folder
 * @param {(stop: () => void) => void} started told at once how to end it
 * @returns {Promise<Postgres>}
 */
export async function startPostgres(bin, folder, started) {
  const home = join(folder, 'postgres');
  const data = join(home, 'data');
  mkdirSync(home);
  if (isRoot) {
    chmodSync(folder, 0o711);
    execFileSync('chown', ['postgres', home]);
  }
  call(bin, 'initdb', ['-D', data, '-U', OWNER, '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N'], home);
  const port = await freePort();
  assertOpen();
  const settings = [
    `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories=''`,
    '-c shared_buffers=256MB -c max_connections=100',
  ].join(' ');
  call(bin, 'pg_ctl', ['-D', data, '-l', join(home, 'log'), '-o', settings, '-w', '-t', '60', 'start'], home);
  const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const url = (database) => `postgres://${OWNER}@127.0.0.1:${port}/${database}`;
  const query = async (text) => {
    const client = new pg.Client({ connectionString: url('postgres') });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  let stopped = false;
  const stop = () => {
    if (stopped) return;
    stopped = true;
    call(bin, 'pg_ctl', ['-D', data, '-m', 'fast', '-w', '-t', '30', 'stop'], home);
  };
  started(stop);
  const [{ server_version: version }] = await query('SHOW server_version');
  return { pid, version, url, createDatabase: async (name) => void (await query(`CREATE DATABASE "${name}"`)) };
}
