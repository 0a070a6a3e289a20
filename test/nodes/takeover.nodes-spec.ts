import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, freePort, type TestDatabase } from '../support/postgres.js';
import { NODES_MASTER_KEY } from '../support/seed.js';
import { OPERATOR } from '../support/start-clinch.js';
import { type RunningServer, startServer } from '../support/start-processes.js';

/** What operators are told: a job of a node that died is another one's within so long. */
const WITHIN_MS = 15_000;
const LEASE = 'audit-chain';

let database: TestDatabase;
let client: pg.Client;
let first: RunningServer;
let second: RunningServer;

beforeAll(async () => {
  database = await createDatabase();
  const env = {
    DATABASE_URL: database.url,
    CLINCH_MASTER_KEY: NODES_MASTER_KEY,
    CLINCH_LOG_LEVEL: 'error',
    CLINCH_ISSUER: `http://127.0.0.1:${await freePort()}`,
    CLINCH_ADMIN_CLIENT_ID: OPERATOR.id,
    CLINCH_ADMIN_CLIENT_SECRET: OPERATOR.secret,
  };
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  first = await startServer({ env });
  // Alone, so it is the one who has it.
  await until(async () => (await holder()) !== undefined);
  second = await startServer({ env });
});
afterAll(async () => {
  await Promise.all([first?.kill(), second?.kill()]);
  await client?.end();
  await database?.drop();
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not come true within 30 s');
    await delay(100);
  }
}

async function holder(): Promise<string | undefined> {
  const { rows } = await client.query<{ holder: string }>('SELECT holder FROM leases WHERE name = $1', [LEASE]);
  return rows[0]?.holder;
}

/** How many events of tokens there are, and how many of them have no place in the chain yet. */
async function events(): Promise<{ all: number; unchained: number }> {
  const { rows } = await client.query<{ all: number; unchained: number }>(
    `SELECT COUNT(*)::int AS all, (COUNT(*) FILTER (WHERE seq IS NULL))::int AS unchained
     FROM audit_events WHERE event = 'token.issued'`,
  );
  return rows[0] ?? { all: 0, unchained: 0 };
}

async function token({ url }: RunningServer): Promise<number> {
  const { status } = await fetch(`${url}/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${OPERATOR.id}:${OPERATOR.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return status;
}

describe('a node that has a lease is killed (kill -9)', () => {
  it('and the other one goes on with its work within 15 s', async () => {
    const dead = await holder();
    await first.kill();
    const killed = performance.now();
    for (let each = 0; each < 5; each++) expect(await token(second)).toBe(200);
    await until(async () => (await events()).all === 5);
    await until(async () => (await events()).unchained === 0);
    expect(performance.now() - killed).toBeLessThan(WITHIN_MS);
    expect(await holder()).not.toBe(dead);
    expect(second.output()).toBe('');
  });
});
