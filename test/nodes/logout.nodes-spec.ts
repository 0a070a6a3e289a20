import { setTimeout as delay } from 'node:timers/promises';
import { DataSource, type QueryDeepPartialEntity } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountEntity } from '../../src/accounts/account.entity.js';
import { newIdentifier, newOpaqueToken } from '../../src/protocol/opaque-token.js';
import { SessionClientEntity } from '../../src/session/session-client.entity.js';
import { SessionEntity } from '../../src/session/session.entity.js';
import { aToldApp } from '../support/told-apps.js';
import { LogoutReceiver, logoutTokenCheck } from '../support/logout-receiver.js';
import { createDatabase, freePort, type TestDatabase } from '../support/postgres.js';
import { NODES } from '../support/racing-nodes.js';
import { NODES_MASTER_KEY, seed } from '../support/seed.js';
import { OPERATOR } from '../support/start-clinch.js';
import { type RunningServer, startServer } from '../support/start-processes.js';
import { postToken } from '../support/user-agent.js';

/** People who are signed out, each of which is in all of the apps. */
const PEOPLE = 1_000;
const APPS = 2;
const AT_ONCE = 16;

/** Milliseconds: a killed node's claims are free again after fifteen seconds. */
const ALL_TOLD_WITHIN_MS = 90_000;

let database: TestDatabase;
let receiver: LogoutReceiver;
let env: Record<string, string>;
let servers: RunningServer[];
let apps: string[];

beforeEach(async () => {
  servers = [];
  database = await createDatabase();
  receiver = await LogoutReceiver.start();
  const port = String(await freePort());
  env = {
    DATABASE_URL: database.url,
    CLINCH_MASTER_KEY: NODES_MASTER_KEY,
    CLINCH_LOG_LEVEL: 'error',
    CLINCH_ISSUER: `http://127.0.0.1:${port}`,
    CLINCH_ADMIN_CLIENT_ID: OPERATOR.id,
    CLINCH_ADMIN_CLIENT_SECRET: OPERATOR.secret,
    PORT: port,
  };
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  await receiver.stop();
  await database.drop();
});

/** People who are signed in, and were let into every app. @returns their ids */
async function plant(count: number): Promise<string[]> {
  return seed(database.url, async (clinch) => {
    const told = await Promise.all(Array.from({ length: APPS }, () => aToldApp(clinch, receiver)));
    apps = told.map(({ clientId }) => clientId);
    const people = Array.from({ length: count }, () => newIdentifier());
    const { manager } = clinch.app.get(DataSource);
    await manager.transaction(async (transaction) => {
      for (let start = 0; start < count; start += 50) {
        const part = people.slice(start, start + 50).map(rowsOf);
        await transaction.insert(
          AccountEntity,
          part.map(({ account }) => account),
        );
        await transaction.insert(
          SessionEntity,
          part.map(({ session }) => session),
        );
        await transaction.insert(
          SessionClientEntity,
          part.flatMap(({ entries }) => entries),
        );
      }
    });
    return people;
  });
}

function rowsOf(id: string) {
  const now = new Date();
  const later = new Date(Date.now() + 3_600_000);
  const account = { id, username: id, usernameKey: id.toLowerCase() + id, status: 'active', custom: {} };
  const flags = { emailVerified: false, phoneNumberVerified: false, createdAt: now, updatedAt: now };
  const sessionId = newIdentifier();
  const proof = { authTime: now, acr: '1', amr: 'pwd' };
  const times = { startedAt: now, lastUsedAt: now, expiresAt: later };
  const place = { userAgent: '', address: '' };
  const session = {
    id: sessionId,
    digest: newOpaqueToken(),
    chainId: sessionId,
    accountId: id,
    ...proof,
    ...place,
    ...times,
  };
  const entries = apps.map((clientId) => {
    const used = { firstUsedAt: now, lastUsedAt: now, expiresAt: later };
    return { id: newIdentifier(), sessionId, clientId, accountId: id, ...used };
  });
  return {
    account: { ...account, ...flags } as QueryDeepPartialEntity<AccountEntity>,
    session: session as QueryDeepPartialEntity<SessionEntity>,
    entries,
  };
}

async function start(): Promise<RunningServer> {
  const first = servers.length === 0;
  const { PORT, ...others } = env;
  const server = await startServer({ env: first ? { ...others, PORT: PORT ?? '' } : others });
  servers.push(server);
  return server;
}

async function operatorToken(base: string): Promise<string> {
  const credentials = Buffer.from(`${OPERATOR.id}:${OPERATOR.secret}`).toString('base64');
  const form = { grant_type: 'client_credentials', scope: 'clinch:admin' };
  const { body } = await postToken(base, form, { Authorization: `Basic ${credentials}` });
  return String(body['access_token']);
}

/** Closes accounts, by whatever node answers: who is not answered asks the next one. */
class Closing {
  done = 0;

  constructor(
    private readonly token: string,
    private readonly people: readonly string[],
  ) {}

  async run(): Promise<void> {
    const queue = [...this.people.entries()];
    const loop = async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) await this.close(...next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, loop));
  }

  private async close(index: number, person: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const server = servers[(index + attempt) % servers.length];
      const answer = await fetch(`${server?.url}/admin/api/v1/users/${person}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        body: '{"status":"disabled"}',
      }).catch(() => undefined);
      await answer?.text();
      if (answer === undefined) await delay(50);
      else {
        expect(answer.status).toBe(200);
        this.done += 1;
        return;
      }
    }
  }
}

/** Person and app of each token, as often as it came. */
async function told(): Promise<string[]> {
  const check = logoutTokenCheck(servers.at(-1)?.url ?? '', env['CLINCH_ISSUER']);
  const tokens = receiver.received.map(async ({ app, token }) => `${(await check(app, token)).sub} ${app}`);
  return Promise.all(tokens);
}

async function untilToldOf(pairs: number): Promise<void> {
  const deadline = Date.now() + ALL_TOLD_WITHIN_MS;
  // What has come twice counts once; a token names its app and, of no interest here, its session.
  const count = () => new Set(receiver.received.map(({ token }) => subjectAndAudience(token))).size;
  while (count() < pairs && Date.now() < deadline) await delay(200);
}

function subjectAndAudience(token: string): string {
  const { sub, aud } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    string
  >;
  return `${sub} ${aud}`;
}

function everyPair(people: readonly string[]): string[] {
  return people.flatMap((person) => apps.map((app) => `${person} ${app}`)).toSorted();
}

describe(`logout tokens of ${NODES} node(s) (OpenID Connect Back-Channel Logout 1.0)`, () => {
  it('BCLO-08 arrive once each while nothing is wrong', async () => {
    const people = await plant(PEOPLE / 10);
    while (servers.length < NODES) await start();
    const closing = new Closing(await operatorToken(servers[0]?.url ?? ''), people);
    await closing.run();
    await untilToldOf(people.length * APPS);
    await delay(2_000);
    expect((await told()).toSorted()).toEqual(everyPair(people));
    for (const server of servers) expect(server.output()).toBe('');
  });

  it(`arrive at least once when a node is killed in the middle of ${PEOPLE} sign-outs`, async () => {
    const people = await plant(PEOPLE);
    // So that the node has something in hand whenever it dies.
    for (const app of apps) receiver.answer(app, { afterMs: 50 });
    while (servers.length < NODES) await start();
    const closing = new Closing(await operatorToken(servers[0]?.url ?? ''), people);
    const running = closing.run();
    while (closing.done < PEOPLE / 3) await delay(5);
    await servers[0]?.kill();
    expect(closing.done).toBeLessThan(PEOPLE);
    // With one embedded database there is nobody to take over before it is back.
    if (NODES === 1) servers[0] = await startServer({ env });
    await running;
    await untilToldOf(people.length * APPS);
    const all = await told();
    expect([...new Set(all)].toSorted()).toEqual(everyPair(people));
    // What the killed node had in hand may come twice, and no more than that.
    expect(all.length - new Set(all).size).toBeLessThanOrEqual(APPS * 5);
    expect(servers.at(-1)?.output()).toBe('');
  });

  it('arrive when the app is up again, though Clinch was killed in between', async () => {
    const people = await plant(30);
    await start();
    await receiver.down();
    await new Closing(await operatorToken(servers[0]?.url ?? ''), people).run();
    await delay(2_000);
    await servers[0]?.kill();
    servers = [];
    await start();
    await delay(1_000);
    await receiver.up();
    expect(receiver.received).toEqual([]);
    await untilToldOf(people.length * APPS);
    expect([...new Set(await told())].toSorted()).toEqual(everyPair(people));
  });
});
