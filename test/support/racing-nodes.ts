import { expect } from 'vitest';
import { Pool } from 'undici';
import { freePort, testDatabaseKind, type TestDatabase } from './postgres.js';
import { NODES_MASTER_KEY } from './seed.js';
import { type RunningServer, startServer } from './start-processes.js';

/** One embedded database has one node; a server database has two. */
export const NODES = testDatabaseKind() === 'postgres' ? 2 : 1;
export const PARALLEL = 10;

/** What one of many requests at once was answered with. */
export interface Outcome {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

interface Node {
  readonly server: RunningServer;
  /** Connections that are open already, so that what is sent in one tick arrives together. */
  readonly pool: Pool;
}

/** All nodes of one deployment, raced by requests that arrive at all of them at once. */
export class RacingNodes {
  private constructor(private readonly nodes: readonly Node[]) {}

  /** On a database that was seeded. The caller stops them. */
  static async start(database: Pick<TestDatabase, 'url'>): Promise<RacingNodes> {
    const port = String(await freePort());
    const env = {
      DATABASE_URL: database.url,
      CLINCH_MASTER_KEY: NODES_MASTER_KEY,
      CLINCH_ISSUER: `http://127.0.0.1:${port}`,
      CLINCH_LOG_LEVEL: 'error',
    };
    const servers = [await startServer({ env: { ...env, PORT: port } })];
    while (servers.length < NODES) servers.push(await startServer({ env }));
    return new RacingNodes(
      await Promise.all(servers.map(async (server) => ({ server, pool: await openPool(server, PARALLEL / NODES) }))),
    );
  }

  /** The address of a node; they take turns. */
  url(index: number): string {
    return this.at(index).server.url;
  }

  /** Sends the same form to the token endpoint of all nodes in one tick; which node is asked first changes by round. */
  tenTimes(round: number, form: Record<string, string>, headers: Record<string, string>): Promise<Outcome[]> {
    return Promise.all(
      Array.from({ length: PARALLEL }, (_, index) => postToken(this.at(round + index).pool, form, headers)),
    );
  }

  /** As `tenTimes`, but so many times, each over a connection of its own. */
  async manyTimes(count: number, form: Record<string, string>, headers: Record<string, string>): Promise<Outcome[]> {
    const pools = await Promise.all(this.nodes.map(({ server }) => openPool(server, count / NODES)));
    try {
      return await Promise.all(
        pools.flatMap((pool) => Array.from({ length: count / NODES }, () => postToken(pool, form, headers))),
      );
    } finally {
      await Promise.all(pools.map((pool) => pool.close()));
    }
  }

  /** The servers log errors only: an unhappy database would stand here, even if the client was told something else. */
  expectNothingLogged(): void {
    for (const { server } of this.nodes) expect(server.output()).toBe('');
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(({ pool, server }) => pool.close().then(() => server.stop())));
  }

  private at(index: number): Node {
    const node = this.nodes[index % this.nodes.length];
    if (node === undefined) throw new Error('no node runs');
    return node;
  }
}

async function openPool({ url }: RunningServer, connections: number): Promise<Pool> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const open = async (): Promise<void> => (await pool.request({ method: 'GET', path: '/livez' })).body.dump();
  await Promise.all(Array.from({ length: connections }, open));
  return pool;
}

async function postToken(pool: Pool, form: Record<string, string>, headers: Record<string, string>): Promise<Outcome> {
  const answer = await pool.request({
    method: 'POST',
    path: '/oidc/token',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> };
}
