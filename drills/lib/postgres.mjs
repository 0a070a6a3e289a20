// PostgreSQL servers of a drill's own: restarted, killed, copied to a standby, promoted.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { getPostgres } from '../../scripts/tools.mjs';
import { freePort } from '../../bench/lib/ports.mjs';
import { NotRun } from './drill.mjs';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const USER = 'clinch';

/** PostgreSQL does not run as root; there it runs as the user `postgres`. */
function asOwner(file, args) {
  return isRoot ? ['runuser', ['-u', 'postgres', '--', file, ...args]] : [file, args];
}

function ownedHome(folder, name) {
  const home = join(folder, name);
  mkdirSync(home, { mode: 0o700 });
  if (isRoot) {
    const idOf = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    chmodSync(folder, 0o711);
    chownSync(home, idOf('-u'), idOf('-g'));
  }
  return home;
}

export class PostgresServer {
  #bin;
  #home;
  #settings;
  #stopped = true;

  constructor(bin, home, port, settings) {
    this.#bin = bin;
    this.#home = home;
    this.#settings = settings;
    this.port = port;
    this.data = join(home, 'data');
    this.log = join(home, 'log');
  }

  /**
   * A new server with nothing in it, as PostgreSQL comes: fsync and synchronous commit are on. It goes with the drill.
   * @param {import('./drill.mjs').Drill} drill
   * @param {Record<string, string | number>} [settings]
   * @param {string} [name]
   */
  static async start(drill, settings = {}, name = 'postgres') {
    const { path, missing } = await getPostgres();
    if (path === undefined) throw new NotRun(missing);
    const home = ownedHome(drill.folder, name);
    // Where only the server's own programs are linked to the PATH, the others lie beside what the links lead to.
    const bin = dirname(realpathSync(join(path, 'postgres')));
    const server = new PostgresServer(bin, home, await freePort(), { shared_buffers: '128MB', ...settings });
    await server.#call('initdb', ['-D', server.data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N']);
    drill.onEnd(() => server.stop('immediate'));
    await server.start();
    return server;
  }

  /**
   * A copy that follows this server and can be promoted.
   * @param {import('./drill.mjs').Drill} drill
   * @param {string} name
   */
  async standby(drill, name) {
    const home = ownedHome(drill.folder, name);
    const { synchronous_standby_names: _, ...settings } = this.#settings;
    const standby = new PostgresServer(this.#bin, home, await freePort(), settings);
    const from = `host=127.0.0.1 port=${this.port} user=${USER} application_name=${name}`;
    await this.#call('pg_basebackup', ['-D', standby.data, '-d', from, '-R', '-X', 'stream', '-c', 'fast'], home);
    drill.onEnd(() => standby.stop('immediate'));
    await standby.start();
    return standby;
  }

  async start() {
    const own = { port: this.port, listen_addresses: '127.0.0.1', unix_socket_directories: "''", ...this.#settings };
    const options = Object.entries(own).map(([name, value]) => `-c ${name}=${value}`);
    await this.#control('-l', this.log, '-o', options.join(' '), '-w', '-t', '60', 'start');
    this.#stopped = false;
    this.pid = Number(readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  /** @param {'fast' | 'immediate' | 'smart'} mode */
  async stop(mode = 'fast') {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.#control('-m', mode, '-w', '-t', '60', 'stop');
  }

  /** Ends the postmaster as a power cut would; what it leaves behind ends by itself. */
  async kill() {
    process.kill(this.pid, 'SIGKILL');
    this.#stopped = true;
  }

  async promote() {
    await this.#control('-w', '-t', '60', 'promote');
  }

  /** @param {Record<string, string | number>} settings for the next start */
  set(settings) {
    this.#settings = { ...this.#settings, ...settings };
  }

  url(database = 'clinch', port = this.port) {
    return `postgres://${USER}@127.0.0.1:${port}/${database}`;
  }

  /** One statement over a connection of its own. */
  async query(sql, database = 'clinch') {
    const client = new pg.Client({ connectionString: this.url(database) });
    // A server that is killed ends the connection as well.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async createDatabase(name = 'clinch') {
    await this.query(`CREATE DATABASE "${name}"`, 'postgres');
  }

  /** Runs one of PostgreSQL's programs, such as pg_dump. Gives what it printed. */
  async program(name, args) {
    return this.#call(name, args);
  }

  #control(...args) {
    return this.#call('pg_ctl', ['-D', this.data, ...args]);
  }

  async #call(tool, args, cwd = this.#home) {
    const [file, all] = asOwner(join(this.#bin, tool), args);
    try {
      const { stdout } = await run(file, all, { cwd, maxBuffer: 64 << 20 });
      return stdout;
    } catch (error) {
      throw new Error(`${tool} failed: ${error.stderr || error.stdout || error.message}`, { cause: error });
    }
  }
}
