import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startPostgresCluster, type PostgresCluster } from '../support/postgres.js';
import { NODES_MASTER_KEY } from '../support/seed.js';
import { OPERATOR } from '../support/start-clinch.js';
import { type RunningServer, startServer } from '../support/start-processes.js';

const CLIENTS = 10;

let cluster: PostgresCluster;
let server: RunningServer;
/** Between Clinch and PostgreSQL, so that the way can be cut without a word. */
let way: Way;

/** A way that can fall silent: connections stay, and nothing comes through. */
class Way {
  private readonly sockets = new Set<Socket>();
  private silent = false;
  private readonly listener = createServer((socket) => this.pass(socket));

  constructor(private readonly to: number) {}

  async listen(): Promise<number> {
    this.listener.listen(0, '127.0.0.1');
    await once(this.listener, 'listening');
    const address = this.listener.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  fallSilent(silent: boolean): void {
    this.silent = silent;
    for (const socket of this.sockets) socket[silent ? 'pause' : 'resume']();
  }

  close(): void {
    this.listener.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private pass(socket: Socket): void {
    const onward = connect(this.to, '127.0.0.1');
    for (const [each, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.sockets.add(each);
      each.on('data', (data) => other.write(data));
      each.on('close', () => {
        this.sockets.delete(each);
        other.destroy();
      });
      each.on('error', () => other.destroy());
      if (this.silent) each.pause();
    }
  }
}

beforeAll(async () => {
  cluster = await startPostgresCluster();
  way = new Way(Number(new URL(cluster.adminUrl).port));
  const database = new URL(cluster.adminUrl);
  database.port = String(await way.listen());
  server = await startServer({
    env: {
      DATABASE_URL: database.href,
      CLINCH_MASTER_KEY: NODES_MASTER_KEY,
      CLINCH_LOG_LEVEL: 'error',
      CLINCH_TRUST_PROXY: '127.0.0.1',
      CLINCH_ADMIN_CLIENT_ID: OPERATOR.id,
      CLINCH_ADMIN_CLIENT_SECRET: OPERATOR.secret,
      PORT: String(await freePort()),
    },
  });
});
afterAll(async () => {
  await server?.kill();
  way?.close();
  await cluster?.stop();
});

interface Answered {
  readonly status: number;
  readonly retryAfter: string | null;
  /** Milliseconds, by a clock that only goes forward: when it was answered, and how long that took. */
  readonly at: number;
  readonly took: number;
}

/** Each from elsewhere, so that none of the limits that count addresses matters here. */
function anyAddress(): string {
  return `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;
}

/** Asks for what takes the database: a page that stores what waits for the person. */
async function write(): Promise<Answered> {
  const began = performance.now();
  const answer = await fetch(`${server.url}/device`, {
    redirect: 'manual',
    headers: { accept: 'text/html', 'x-forwarded-for': anyAddress() },
  });
  await answer.text();
  const at = performance.now();
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), at, took: at - began };
}

/** Clients that ask one thing after the other. @returns all answers */
async function during(fault: () => Promise<void>): Promise<Answered[]> {
  const answers: Answered[] = [];
  const over = new AbortController();
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!over.signal.aborted) {
      answers.push(await write());
      await delay(25);
    }
  });
  try {
    await fault();
  } finally {
    over.abort();
    await Promise.all(clients);
  }
  return answers;
}

function expectOnlyUnavailable(answers: readonly Answered[]): void {
  expect([...new Set(answers.map(({ status }) => status))].toSorted((a, b) => a - b)).toEqual([303, 503]);
  for (const { status, retryAfter } of answers) if (status === 503) expect(Number(retryAfter)).toBeGreaterThan(0);
}

async function statusOf(path: string): Promise<number> {
  const answer = await fetch(server.url + path);
  await answer.text();
  return answer.status;
}

describe('PostgreSQL goes and comes back (D07)', () => {
  it.each(['fast', 'immediate'] as const)('%s: only 503 meanwhile, and it goes on within 2 s', async (mode) => {
    let back = 0;
    const answers = await during(async () => {
      await delay(300);
      await cluster.halt(mode);
      await delay(1_500);
      expect(await statusOf('/readyz')).toBe(503);
      expect(await statusOf('/livez')).toBe(200);
      for (const path of [
        '/oidc/jwks',
        '/.well-known/openid-configuration',
        '/.well-known/oauth-authorization-server',
      ]) {
        expect([path, await statusOf(path)]).toEqual([path, 200]);
      }
      await cluster.resume();
      back = performance.now();
      await delay(2_500);
    });
    expectOnlyUnavailable(answers);
    const first = answers.find(({ status, at }) => status === 303 && at > back);
    expect((first?.at ?? Infinity) - back).toBeLessThan(2_000);
    expect(await statusOf('/readyz')).toBe(200);
  });
});

describe('PostgreSQL is there and does not do what is asked (D08)', () => {
  async function administer(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: cluster.adminUrl });
    await client.connect();
    await client.query(statement);
    await client.end();
  }

  it('read-only: 503, and it goes on when that is over', async () => {
    const answers = await during(async () => {
      await delay(300);
      await administer('ALTER SYSTEM SET default_transaction_read_only = on');
      await administer('SELECT pg_reload_conf()');
      await delay(1_000);
      // It holds for this session too.
      const client = new pg.Client({ connectionString: cluster.adminUrl });
      await client.connect();
      await client.query('SET default_transaction_read_only = off');
      await client.query('ALTER SYSTEM RESET default_transaction_read_only');
      await client.query('SELECT pg_reload_conf()');
      await client.end();
      await delay(1_000);
    });
    expectOnlyUnavailable(answers);
    expect((await write()).status).toBe(303);
  });

  it('a table is locked: 503 after the 2 s that a statement waits for a lock', async () => {
    const client = new pg.Client({ connectionString: cluster.adminUrl });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE interactions IN ACCESS EXCLUSIVE MODE');
    const answers = await Promise.all(Array.from({ length: 30 }, write));
    await client.query('ROLLBACK');
    await client.end();
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(Math.max(...answers.map(({ took }) => took))).toBeLessThan(6_000);
    expect((await write()).status).toBe(303);
  });

  it('silent: every request is answered within 9 s, and it goes on with connections that work', async () => {
    way.fallSilent(true);
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 30 }, write));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(performance.now() - began).toBeLessThan(9_000);
    expect(await statusOf('/livez')).toBe(200);
    way.fallSilent(false);
    const back = performance.now();
    while ((await write()).status !== 303) expect(performance.now() - back).toBeLessThan(5_000);
  });

  it('has not ended the process, nor written a line of its own about the pool', () => {
    expect(() => process.kill(server.pid, 0)).not.toThrow();
    expect(server.output()).not.toMatch(/uncaught|unhandled/i);
  });
});
