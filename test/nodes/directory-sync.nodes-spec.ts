import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bigCompany } from '../../src/dingtalk-simulator/big-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { Directory } from '../../src/directory/directory.js';
import type { SyncResult } from '../support/directory-sync.js';
import { anIdentitySource } from '../support/identity-source.js';
import { createDatabase, freePort, testDatabaseKind, type TestDatabase } from '../support/postgres.js';
import { NODES_MASTER_KEY, seed } from '../support/seed.js';
import { startDingTalk } from '../support/start-dingtalk.js';
import { OPERATOR } from '../support/start-clinch.js';
import { type RunningServer, startServer } from '../support/start-processes.js';

const PEOPLE = 1_000;
const DEPARTMENTS = 60;
/** Milliseconds from the start of a run, or from its takeover, to each kill. */
const KILLS = [300, 900, 2_500];
/** One embedded database has one node; a server database has two. */
const NODES = testDatabaseKind() === 'postgres' ? 2 : 1;
/** Milliseconds: a lease of ten seconds, a look every three, and a busy machine. */
const TAKEN_OVER_WITHIN = 20_000;

interface Node {
  readonly env: Record<string, string>;
  readonly server: RunningServer;
}

let database: TestDatabase;
let dingtalk: DingTalkSimulator;
let nodes: Node[];

const databases: TestDatabase[] = [];

/** A database with a source that leads to the simulated DingTalk, and the nodes on it. */
async function deploy(count: number): Promise<void> {
  database = await createDatabase();
  databases.push(database);
  await seed(database.url, (clinch) =>
    anIdentitySource(clinch, {
      corpId: dingtalk.company.corpId,
      clientId: dingtalk.app.clientId,
      secret: dingtalk.app.clientSecret,
      loginBaseUrl: dingtalk.bases.login,
      apiBaseUrl: dingtalk.bases.api,
      oapiBaseUrl: dingtalk.bases.oapi,
      syncDetails: 'none',
    }),
  );
  const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
  nodes = [];
  for (const port of ports) nodes.push(await startNode(port, ports[0] ?? 0));
}

async function startNode(port: number, first: number): Promise<Node> {
  const env = {
    DATABASE_URL: database.url,
    CLINCH_MASTER_KEY: NODES_MASTER_KEY,
    CLINCH_LOG_LEVEL: 'error',
    CLINCH_ADMIN_CLIENT_ID: OPERATOR.id,
    CLINCH_ADMIN_CLIENT_SECRET: OPERATOR.secret,
    PORT: String(port),
    CLINCH_ISSUER: `http://127.0.0.1:${first}`,
  };
  return { env, server: await startServer({ env }) };
}

beforeAll(async () => {
  dingtalk = await startDingTalk({ company: bigCompany(PEOPLE, DEPARTMENTS) });
});
afterAll(async () => {
  await Promise.all((nodes ?? []).map(({ server }) => server.kill()));
  await dingtalk?.stop();
  await Promise.all(databases.map((each) => each.drop()));
});

/** Asks whichever node is alive. */
async function ask(method: string, path = '', body?: object): Promise<Record<string, unknown>> {
  const url = nodes[0]?.server.url ?? '';
  const token = await fetch(`${url}/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${OPERATOR.id}:${OPERATOR.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'clinch:admin' }),
  });
  const { access_token: accessToken } = (await token.json()) as { access_token: string };
  const answer = await fetch(`${url}/admin/api/v1/identity-sources/acme/sync-runs${path}`, {
    method,
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Record<string, unknown>;
}

async function ended(id: string): Promise<SyncResult> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const run = (await ask('GET', `/${id}`)) as unknown as SyncResult;
    if (['done', 'failed', 'cancelled', 'waiting_for_approval'].includes(run.state)) return run;
    if (Date.now() > deadline) throw new Error(`the sync is still ${JSON.stringify(run)}`);
    await delay(250);
  }
}

/** What is known of everybody, whatever ids it was given. */
async function snapshot(): Promise<{ people: number; hash: string }> {
  return seed(database.url, async ({ app }) => {
    const rows: { user_id: string; account_id: string; record: string; status: string }[] = await app
      .get(DataSource)
      .query(
        `SELECT i.user_id, i.account_id, i.record, a.status FROM federated_identities i
         JOIN accounts a ON a.id = i.account_id ORDER BY i.user_id`,
      );
    const hash = createHash('sha256');
    for (const { user_id, account_id, record, status } of rows) {
      const places = (await app.get(Directory).departmentsOf(account_id)).map(({ path, order, leader }) => [
        path.map(({ name }) => name).join('/'),
        order,
        leader,
      ]);
      const roles = (await app.get(Directory).rolesOf(account_id)).map(({ name }) => name);
      hash.update(
        JSON.stringify([
          user_id,
          record,
          status,
          places.map((place) => JSON.stringify(place)).toSorted(),
          roles.toSorted(),
        ]),
      );
    }
    const [accounts]: { count: number }[] = await app.get(DataSource).query('SELECT COUNT(*) AS count FROM accounts');
    expect(Number(accounts?.count)).toBe(rows.length);
    return { people: rows.length, hash: hash.digest('base64url') };
  });
}

/** Kills the node that works, which is the one that was asked or has taken over, and starts it again. */
async function killTheWorker(): Promise<void> {
  const [worker, ...others] = nodes;
  if (worker === undefined) throw new Error('no node runs');
  await worker.server.kill();
  nodes = [...others, { ...worker, server: await startServer({ env: worker.env }) }];
}

describe('D13: a sync whose node is killed', () => {
  it('goes on where it was, and comes to the same as one that was left in peace', async () => {
    await deploy(1);
    await ended(((await ask('POST', '', {})) as { id: string }).id);
    await Promise.all(nodes.map(({ server }) => server.stop()));
    const inPeace = await snapshot();
    expect(inPeace.people).toBe(dingtalk.company.size);

    await deploy(NODES);
    const { id } = (await ask('POST', '', {})) as { id: string };
    for (const milliseconds of KILLS) {
      await delay(milliseconds);
      await killTheWorker();
      const readBefore = dingtalk.calls('/oapi/topapi/v2/user/list').length;
      const { state } = (await ask('GET', `/${id}`)) as unknown as SyncResult;
      if (state === 'done') break;
      await expect
        .poll(
          async () =>
            dingtalk.calls('/oapi/topapi/v2/user/list').length > readBefore ||
            ((await ask('GET', `/${id}`)) as unknown as SyncResult).state !== state,
          { timeout: TAKEN_OVER_WITHIN, interval: 100 },
        )
        .toBe(true);
    }
    expect(await ended(id)).toMatchObject({ state: 'done', error: null, progress: { errors: 0 } });
    // What the first run has left would be seen here.
    const second = await ended(((await ask('POST', '', {})) as { id: string }).id);
    expect(second).toMatchObject({ state: 'done', progress: { differences: 0, people_applied: 0, people_gone: 0 } });
    for (const { server } of nodes) expect(server.output()).toBe('');
    await Promise.all(nodes.map(({ server }) => server.stop()));
    expect(await snapshot()).toEqual(inPeace);
  }, 170_000);
});
