import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, freePort, type TestDatabase } from '../support/postgres.js';
import { NODES } from '../support/racing-nodes.js';
import { NODES_MASTER_KEY } from '../support/seed.js';
import { type RunningServer, startProgram, startServer } from '../support/start-processes.js';

/** Seconds; the default is five. */
const DRAIN = 2;

let database: TestDatabase;
let env: Record<string, string>;
const servers = new Set<RunningServer>();

beforeEach(async () => {
  database = await createDatabase();
  env = {
    DATABASE_URL: database.url,
    CLINCH_MASTER_KEY: NODES_MASTER_KEY,
    CLINCH_LOG_LEVEL: 'error',
    CLINCH_DRAIN_SECONDS: String(DRAIN),
    CLINCH_ISSUER: `http://127.0.0.1:${await freePort()}`,
  };
});
afterEach(async () => {
  await Promise.all([...servers].map((server) => server.kill()));
  servers.clear();
  await database.drop();
});

async function start(): Promise<RunningServer> {
  const server = await startServer({ env });
  servers.add(server);
  return server;
}

interface Answer {
  readonly status: number;
  readonly connection: string | undefined;
}

async function ask(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false, headers: { Connection: 'keep-alive' } }, (answer) => {
      answer.resume().once('end', () => {
        resolve({ status: answer.statusCode ?? 0, connection: answer.headers.connection });
      });
    })
      .once('error', reject)
      .end();
  });
}

describe('a server that is asked to end', () => {
  it('says so at /readyz at once, serves for as long as a balancer needs to see it, and ends with 0', async () => {
    const server = await start();
    expect((await ask(`${server.url}/readyz`)).connection).toBe('keep-alive');
    const asked = performance.now();
    const stopped = server.stop('SIGTERM');
    await delay(150);
    expect(await ask(`${server.url}/readyz`)).toEqual({ status: 503, connection: 'close' });
    // For everybody else it is as before, but that connections end.
    while (performance.now() - asked < DRAIN * 1_000 - 300) {
      expect(await ask(`${server.url}/oidc/jwks`)).toEqual({ status: 200, connection: 'close' });
      await delay(100);
    }
    expect(await stopped).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeGreaterThan(DRAIN * 1_000);
    expect(performance.now() - asked).toBeLessThan(DRAIN * 1_000 + 6_000);
  });

  it('ends at once when it is asked a second time', async () => {
    const server = await start();
    const asked = performance.now();
    const stopped = server.stop('SIGTERM');
    await delay(200);
    process.kill(server.pid, 'SIGTERM');
    expect(await stopped).toEqual({ code: 1, signal: null });
    expect(performance.now() - asked).toBeLessThan(DRAIN * 1_000);
  });

  it('does not drain for somebody who presses Ctrl-C', async () => {
    const server = await start();
    const asked = performance.now();
    expect(await server.stop('SIGINT')).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(DRAIN * 1_000);
  });
});

/** A balancer in front of nodes: it sends new connections to those that are ready, at which it looks every 200 ms. */
class Balancer {
  private ready: RunningServer[] = [];
  private turn = 0;
  private readonly timer: NodeJS.Timeout;
  private readonly listener: Server;

  constructor(public nodes: RunningServer[]) {
    this.listener = createServer((socket) => this.pass(socket));
    this.timer = setInterval(() => void this.look(), 200);
  }

  async listen(): Promise<string> {
    await this.look();
    const port = await freePort();
    await new Promise<void>((resolve) => this.listener.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${port}`;
  }

  async look(): Promise<void> {
    const looks = this.nodes.map(async (node) => ({ node, status: await statusOf(`${node.url}/readyz`) }));
    this.ready = (await Promise.all(looks)).filter(({ status }) => status === 200).map(({ node }) => node);
  }

  close(): void {
    clearInterval(this.timer);
    this.listener.close();
  }

  private pass(socket: Socket): void {
    const node = this.ready[this.turn++ % this.ready.length];
    const onward = connect(Number(new URL(node?.url ?? '').port), '127.0.0.1');
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  }
}

async function statusOf(url: string): Promise<number | undefined> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    async (answer) => {
      await answer.text();
      return answer.status;
    },
    () => undefined,
  );
}

describe('a server that is asked to end while it starts', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 on %s, although the database has not answered yet',
    async (signal) => {
      const silent = createServer();
      await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
      const { port } = silent.address() as AddressInfo;
      const asked = new Promise<void>((connected) => silent.once('connection', () => connected()));
      const silentUrl = `postgres://clinch@127.0.0.1:${port}/clinch`;
      const program = startProgram('dist/server/main.js', {
        ...env,
        DATABASE_URL: silentUrl,
        PORT: String(await freePort()),
      });
      await asked;
      expect(await program.stop(signal)).toEqual({ code: 0, signal: null });
      silent.close();
    },
  );
});

describe.runIf(NODES === 2)('nodes behind a balancer (D19)', () => {
  it('are ended one after the other, and no request fails', async () => {
    const balancer = new Balancer([await start(), await start()]);
    const url = await balancer.listen();
    const statuses: Record<string, number> = {};
    const over = new AbortController();
    const clients = Array.from({ length: 8 }, async () => {
      while (!over.signal.aborted) {
        const status = await ask(`${url}/oidc/jwks`).then(
          (answer) => String(answer.status),
          (error: unknown) => String(error),
        );
        statuses[status] = (statuses[status] ?? 0) + 1;
        await delay(10);
      }
    });
    for (const leaving of balancer.nodes.slice()) {
      const fresh = await start();
      balancer.nodes = [...balancer.nodes, fresh];
      await balancer.look();
      expect(await leaving.stop('SIGTERM')).toEqual({ code: 0, signal: null });
      balancer.nodes = balancer.nodes.filter((node) => node !== leaving);
    }
    over.abort();
    await Promise.all(clients);
    balancer.close();
    expect(Object.keys(statuses)).toEqual(['200']);
    expect(statuses['200']).toBeGreaterThan(100);
  });
});
