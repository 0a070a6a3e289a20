import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import { CustomScopes } from '../../src/custom-scopes/custom-scopes.js';
import { Database } from '../../src/database/database.js';
import { sqliteConnection } from '../../src/database/data-source.js';
import { ConsentStore } from '../../src/interaction/consent-store.js';
import { DatabaseClock } from '../../src/operations/database-clock.js';
import { startNode, type Node } from '../security/support/b-server.js';
import { AdminApi } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp } from '../support/builders.js';
import { testDatabaseKind } from '../support/postgres.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { aCode } from '../support/tokens.js';
import { credentials, postToken, redeem } from '../support/user-agent.js';

const ON_POSTGRES = testDatabaseKind() === 'postgres';

let clinch: TestClinch;
beforeAll(async () => {
  clinch = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1' });
});
afterAll(() => clinch.stop());

async function signInPage(address: string): Promise<Response> {
  const answer = await fetch(`${clinch.url}/device`, {
    redirect: 'manual',
    headers: { accept: 'text/html', 'x-forwarded-for': address },
  });
  await answer.text();
  return answer;
}

describe.runIf(!ON_POSTGRES)('an embedded database whose disk is full (D09)', () => {
  it('reads on, answers 503 to what writes, and needs no restart when there is room again', async () => {
    const connection = sqliteConnection(clinch.app.get(Database).dataSource);
    const pages = Number(connection.pragma('page_count', { simple: true }));
    connection.pragma(`max_page_count = ${pages}`);
    const statuses: number[] = [];
    // Free space in the pages that are there is used up first.
    while (!statuses.includes(503) && statuses.length < 3_000) {
      statuses.push((await signInPage(`192.0.2.${statuses.length % 250}`)).status);
    }
    const full = await signInPage('192.0.2.9');
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '2']);
    for (const path of ['/oidc/jwks', '/.well-known/openid-configuration', '/readyz', '/livez']) {
      const answer = await fetch(clinch.url + path);
      await answer.text();
      expect([path, answer.status]).toEqual([path, 200]);
    }
    const stored = statuses.filter((status) => status === 303).length;
    const rows = connection.prepare('SELECT COUNT(*) AS n FROM interactions').all() as { n: number }[];
    expect(rows[0]?.n).toBe(stored);
    connection.pragma('max_page_count = 1073741823');
    expect((await signInPage('192.0.2.9')).status).toBe(303);
    expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
  });
});

describe('a node whose clock is wrong (D11)', () => {
  async function readyWith(skew: number): Promise<{ status: number; text: string }> {
    const { now } = Date;
    // What was read within the last second is the answer for everybody.
    Reflect.set(clinch.app.get(DatabaseClock, { strict: false }), 'asked', undefined);
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + skew * 1_000);
    const answer = await fetch(`${clinch.url}/readyz`);
    const text = await answer.text();
    clock.mockRestore();
    return { status: answer.status, text };
  }

  it.runIf(ON_POSTGRES).each([
    [33, 'ahead of'],
    [-33, 'behind'],
  ])('of %d s is not ready, says to which side, and is ready again when it is right', async (skew, side) => {
    const { status, text } = await readyWith(skew);
    expect(status).toBe(503);
    // A busy machine reads the two clocks a moment apart.
    expect(text).toMatch(new RegExp(`the clock is 3[1-5] seconds ${side} that of the database`));
    expect(await readyWith(0)).toEqual({ status: 200, text: '{"status":"ready"}' });
  });

  it.each([25, -25])('by %d s only is ready', async (skew) => {
    expect((await readyWith(skew)).status).toBe(200);
  });

  it.runIf(!ON_POSTGRES)('is ready with an embedded database, whose clock is its own', async () => {
    expect((await readyWith(3_600)).status).toBe(200);
  });
});

describe('what strangers can have stored', () => {
  it('is bounded for one address, and for no other', async () => {
    const statuses: number[] = [];
    for (let round = 0; round < 13; round++) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => signInPage('198.51.100.7')));
      statuses.push(...answers.map(({ status }) => status));
    }
    expect(statuses.filter((status) => status === 303)).toHaveLength(1_200);
    expect(statuses.filter((status) => status === 429)).toHaveLength(100);
    const refused = await signInPage('198.51.100.7');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await signInPage('198.51.100.8')).status).toBe(303);
  });
});

describe('consents that are given at once', () => {
  it('are all there afterwards', async () => {
    const [{ clientId }, person] = await Promise.all([anApp(clinch), aPerson(clinch)]);
    const client = await clinch.app.get(ClientRegistry).find(clientId);
    if (client === undefined) throw new Error('the app is not there');
    const scopes = Array.from({ length: 12 }, (_, index) => `scope-${index}`);
    const consents = clinch.app.get(ConsentStore);
    await Promise.all(scopes.map((scope) => consents.add(person.id, client, [scope])));
    expect([...(await consents.find(person.id, client))].toSorted()).toEqual(scopes.toSorted());
  });

  it('bring nothing back that is withdrawn in the same moment', async () => {
    const [{ clientId }, person] = await Promise.all([anApp(clinch), aPerson(clinch)]);
    const client = await clinch.app.get(ClientRegistry).find(clientId);
    if (client === undefined) throw new Error('the app is not there');
    const consents = clinch.app.get(ConsentStore);
    const custom = clinch.app.get(CustomScopes);
    await consents.add(person.id, client, ['old']);
    // Between what `add` reads and what it writes lies this question.
    const among = custom.among.bind(custom);
    vi.spyOn(custom, 'among').mockImplementationOnce(async (names) => {
      expect(await consents.withdraw(person.id, clientId, async () => undefined)).toBe(true);
      return among(names);
    });
    await consents.add(person.id, client, ['new']);
    expect(await consents.find(person.id, client)).toEqual(['new']);
  });

  it('in twenty rounds of giving and withdrawing at once, what was withdrawn stays so', async () => {
    const [{ clientId }, person] = await Promise.all([anApp(clinch), aPerson(clinch)]);
    const client = await clinch.app.get(ClientRegistry).find(clientId);
    if (client === undefined) throw new Error('the app is not there');
    const consents = clinch.app.get(ConsentStore);
    for (let round = 0; round < 20; round++) {
      await consents.add(person.id, client, [`old-${round}`]);
      await Promise.all([
        ...[0, 1, 2].map((index) => consents.add(person.id, client, [`new-${round}-${index}`])),
        consents.withdraw(person.id, clientId, async () => undefined),
      ]);
      expect(await consents.find(person.id, client)).not.toContain(`old-${round}`);
    }
  });
});

// One embedded database has one node.
describe.runIf(ON_POSTGRES)('what was disabled on one node', () => {
  let other: Node;
  let admin: AdminApi;

  beforeAll(async () => {
    other = await startNode({ url: clinch.databaseUrl }, { CLINCH_ISSUER: clinch.url });
    admin = await AdminApi.of(clinch);
  });
  afterAll(() => other.stop());

  const own = async (app: TestApp) => {
    const { headers, form } = credentials(app);
    return (await postToken(other.url, { grant_type: 'client_credentials', ...form }, headers)).status;
  };

  it('an app is refused by the other one within a second', async () => {
    const app = await anApp(clinch, { grantTypes: ['client_credentials'], redirectUris: [], scope: '' });
    expect(await own(app)).toBe(200);
    expect((await admin.call('PATCH', `apps/${app.clientId}`, { enabled: false })).status).toBe(200);
    await delay(1_000);
    expect(await own(app)).toBe(401);
  });

  it('a person is refused by the other one at once', async () => {
    const [app, person] = await Promise.all([anApp(clinch), aPerson(clinch)]);
    const { body } = await redeem(clinch.url, app, await aCode(clinch, app, person, { scope: ['openid'] }));
    const userinfo = async () => {
      const answer = await fetch(`${other.url}/oidc/userinfo`, {
        headers: { authorization: `Bearer ${String(body['access_token'])}` },
      });
      await answer.text();
      return answer.status;
    };
    expect(await userinfo()).toBe(200);
    expect((await admin.call('PATCH', `users/${person.id}`, { status: 'disabled' })).status).toBe(200);
    expect(await userinfo()).toBe(401);
  });
});
