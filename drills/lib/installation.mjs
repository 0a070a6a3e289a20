// Clinch as an installation has it: one database, one or several nodes of the built server, perhaps a proxy in front.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../scripts/processes.mjs';
import { freePort } from '../../bench/lib/ports.mjs';
import { makeWorld } from '../../bench/lib/world.mjs';
import { APPS } from '../../bench/lib/settings.mjs';
import { clinch } from '../../bench/targets/clinch.mjs';
import { NotRun } from './drill.mjs';
import { startHaproxy } from './haproxy.mjs';
import { PostgresServer } from './postgres.mjs';
import { startProcess, tail } from './processes.mjs';

/** Their passwords take a moment each. */
const PEOPLE = 12;
const READY_WITHIN_MS = 180_000;
const MAIN = join('dist', 'server', 'main.js');

/** One process of the server. */
export class Node {
  /** @type {import('./processes.mjs').Running | undefined} */
  child;

  constructor(name, port, env, log) {
    this.name = name;
    this.port = port;
    this.env = env;
    this.log = log;
    this.url = `http://127.0.0.1:${port}`;
    /** Put before `node`, such as faketime. @type {string[]} */
    this.prefix = [];
    /** Options of Node itself. @type {string[]} */
    this.options = [];
    this.folder = root;
  }

  /** Starts it, and waits for /readyz unless told otherwise. */
  async start({ wait = true } = {}) {
    const [file, ...args] = [...this.prefix, process.execPath, ...this.options, MAIN];
    this.child = startProcess(file, args, { cwd: this.folder, env: this.env, log: this.log });
    if (wait) await this.untilReady();
  }

  async untilReady(withinMs = READY_WITHIN_MS) {
    const deadline = Date.now() + withinMs;
    while ((await statusOf(`${this.url}/readyz`)) !== 200) {
      if (this.child?.ended()) throw new Error(`node ${this.name} ended:\n${tail(this.log)}`);
      if (Date.now() > deadline) throw new Error(`node ${this.name} is not ready:\n${tail(this.log)}`);
      await sleep(20);
    }
  }

  stop(signal) {
    return this.child?.stop(signal) ?? Promise.resolve({ code: null, signal: null });
  }

  kill() {
    return this.child?.kill() ?? Promise.resolve();
  }

  get alive() {
    return this.child !== undefined && !this.child.ended();
  }
}

/** The status of a GET, 0 without an answer. */
export async function statusOf(url, withinMs = 5_000) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(withinMs), headers: { connection: 'close' } });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}

/**
 * @typedef {object} Wanted
 * @property {'pg' | 'sqlite'} [database]
 * @property {number} [nodes]
 * @property {boolean} [proxy] haproxy in front of the nodes, which is the issuer then
 * @property {boolean} [databaseProxy] haproxy in front of PostgreSQL
 * @property {Record<string, string | number>} [settings] of PostgreSQL
 * @property {Record<string, string>} [env]
 * @property {string} [folder] for the SQLite file
 * @property {boolean} [seeded] apps and people; true unless told otherwise
 */

export class Installation {
  /**
   * Starts everything and makes apps and people. It goes with the drill.
   * @param {import('./drill.mjs').Drill} drill
   * @param {Wanted} [wanted]
   */
  static async start(drill, wanted = {}) {
    const it = new Installation();
    await it.#begin(drill, wanted);
    return it;
  }

  async #begin(drill, { database = 'pg', nodes = 1, proxy, databaseProxy, settings, env = {}, folder, seeded = true }) {
    if (!existsSync(join(root, MAIN))) throw new NotRun(`${MAIN} is missing: run \`npm run build\``);
    this.target = clinch('drill', database);
    if (database === 'pg') {
      this.postgres = await PostgresServer.start(drill, settings);
      await this.postgres.createDatabase();
      if (databaseProxy) this.databaseProxy = await startHaproxy(drill, 'tcp', [this.postgres.port]);
    }
    const databaseUrl =
      this.postgres?.url('clinch', this.databaseProxy?.port) ?? `sqlite:${join(folder ?? drill.folder, 'clinch.db')}`;
    const ports = [];
    while (ports.length < nodes) ports.push(await freePort());
    const frontPort = proxy ? await freePort() : ports[0];
    this.issuer = `http://127.0.0.1:${frontPort}`;
    const launch = await this.target.prepare({
      folder: drill.folder,
      postgres: { createDatabase: () => undefined, url: () => databaseUrl },
      port: frontPort,
    });
    this.env = {
      ...launch.env,
      DATABASE_URL: databaseUrl,
      ...(proxy && { CLINCH_TRUST_PROXY: '127.0.0.1' }),
      ...env,
    };
    this.operator = { id: this.env.CLINCH_ADMIN_CLIENT_ID, secret: this.env.CLINCH_ADMIN_CLIENT_SECRET };
    this.nodes = ports.map((port, index) => this.node(drill, 'ABCDEFGH'[index], port));
    for (const node of this.nodes) await node.start();
    if (proxy) this.proxy = await startHaproxy(drill, 'http', ports, frontPort);
    if (seeded) this.seed = await this.target.seed(this.issuer, { most: PEOPLE });
  }

  /** A further node of this installation, not started. */
  node(drill, name, port) {
    const env = { ...this.env, PORT: String(port) };
    const node = new Node(name, port, env, join(drill.folder, `node-${name}.log`));
    drill.onEnd(() => node.kill());
    return node;
  }

  /** What virtual users of the bench need to know. @param {number} users */
  world(users) {
    return makeWorld({ issuer: this.issuer, seed: this.seed, users });
  }

  /**
   * One more app.
   * @param {keyof typeof APPS} like an app of the bench
   * @param {object} [fields]
   */
  async addApp(name, like, fields = {}) {
    const app = await this.target.addApp(this.issuer, name, APPS[like], fields);
    if (app.refused) throw new Error(app.refused);
    this.seed.apps[name] = app;
    return app;
  }

  async adminToken() {
    const pair = Buffer.from(`${this.operator.id}:${this.operator.secret}`).toString('base64');
    const answer = await fetch(`${this.issuer}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${pair}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'clinch:admin' }),
    });
    return (await answer.json()).access_token;
  }

  /**
   * A call of the admin API.
   * @returns {Promise<{status: number, body: any, headers: Headers}>}
   */
  async admin(method, path, body = undefined, headers = {}) {
    this.token ??= await this.adminToken();
    const answer = await fetch(`${this.issuer}/admin/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
      headers: answer.headers,
    };
  }

  /** What all nodes have logged, line by line. */
  logs() {
    return this.nodes.map(({ log }) => tail(log, 100_000)).join('\n');
  }
}

/** A secret for a drill's app or person. */
export const randomSecret = () => randomBytes(24).toString('base64url');
