import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { DeviceCodeEntity } from '../../src/device-flow/device-code.entity.js';
import { DeviceCodeStore } from '../../src/device-flow/device-code-store.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestPerson } from '../support/builders.js';
import {
  aCli,
  askForCodes,
  atCodeForm,
  changeDevice,
  confirmationPage,
  DEVICE_CODE_GRANT,
  deviceOf,
  poll,
  postDeviceAuthorization,
} from '../support/device.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, postToken, UserAgent, type TokenAnswer } from '../support/user-agent.js';
import { changeApp } from './support/arrange.js';
import { expectOwnPage } from './support/expectations.js';
import { createDatabase, startNode } from './support/b-server.js';

const WORDS = MESSAGES.en.device;
const LETTERS = /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/;

function expectError({ status, body, headers }: TokenAnswer, code: string, expectedStatus = 400): void {
  expect(body['error']).toBe(code);
  expect(status).toBe(expectedStatus);
  expect(headers.get('content-type')).toContain('application/json');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('pragma')).toBe('no-cache');
}

describe('the device flow under attack', () => {
  let clinch: TestClinch;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1' });
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  let addresses = 0;
  /** As from an address that no limit has met yet. */
  const stranger = () => ({ 'X-Forwarded-For': `10.7.${++addresses >> 8}.${addresses & 255}` });

  /** A device that waits, and the page that asks a person about it. */
  async function waiting(who = person) {
    const app = await aCli(clinch);
    const codes = await askForCodes(clinch.url, app);
    return { app, codes, ...(await confirmationPage(clinch.url, codes, who)) };
  }

  /** Somebody who enters codes, from an address of their own. */
  async function entering() {
    const from = stranger();
    const { agent, page } = await atCodeForm(clinch.url, await aPerson(clinch));
    const { hidden } = formOf(page);
    return {
      agent,
      from,
      enter: (user_code: string) => agent.post('/device', { ...hidden, user_code }, from),
    };
  }

  it('DEVICE-01 answers a public client in JSON that is not cached', async () => {
    const { clientId } = await aCli(clinch);
    const { status, headers, body } = await postDeviceAuthorization(clinch.url, { client_id: clientId });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('application/json');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
    expect(Object.keys(body).sort()).toEqual([
      'device_code',
      'expires_at',
      'expires_in',
      'interval',
      'user_code',
      'verification_uri',
      'verification_uri_complete',
    ]);
  });

  it('DEVICE-02 refuses what is no request of the device flow', async () => {
    const { clientId } = await aCli(clinch);
    const url = `${clinch.url}/oidc/device_authorization`;
    const got = await fetch(`${url}?client_id=${clientId}`);
    expect(got.status).toBe(405);
    expect(got.headers.get('allow')).toBe('POST');
    const json = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ client_id: clientId }),
    });
    expect([json.status, await json.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    const twice = new URLSearchParams([
      ['client_id', clientId],
      ['scope', 'openid'],
      ['scope', 'email'],
    ]);
    expectError(await postDeviceAuthorization(clinch.url, twice), 'invalid_request');
    expectError(await postDeviceAuthorization(clinch.url, {}), 'invalid_request');
    expectError(await postDeviceAuthorization(clinch.url, { client_id: clientId, scope: 'a"b' }), 'invalid_scope');
    const unknown = await postDeviceAuthorization(clinch.url, { client_id: 'app-nobody' });
    expectError(unknown, 'invalid_client', 401);
    expect(unknown.headers.get('www-authenticate')).toContain('Basic realm');
    const without = await anApp(clinch, { tokenEndpointAuthMethod: 'none' });
    expectError(await postDeviceAuthorization(clinch.url, { client_id: without.clientId }), 'unauthorized_client');
  });

  it('DEVICE-02 refuses what is no poll, and what is no page', async () => {
    const app = await aCli(clinch);
    const { device_code } = await askForCodes(clinch.url, app);
    const form = { grant_type: DEVICE_CODE_GRANT, client_id: app.clientId };
    expectError(await postToken(clinch.url, form), 'invalid_request');
    expectError(
      await postToken(
        clinch.url,
        new URLSearchParams([...Object.entries(form), ['device_code', device_code], ['device_code', device_code]]),
      ),
      'invalid_request',
    );
    expectError(await postToken(clinch.url, { ...form, device_code: 'x' }), 'invalid_grant');
    expectError(await postToken(clinch.url, { ...form, device_code: 'A'.repeat(43) }), 'invalid_grant');
    const without = await anApp(clinch, { tokenEndpointAuthMethod: 'none' });
    expectError(
      await postToken(clinch.url, { ...form, client_id: without.clientId, device_code }),
      'unauthorized_client',
    );
    for (const method of ['PUT', 'DELETE', 'HEAD']) {
      expect((await fetch(`${clinch.url}/device`, { method })).status, method).toBe(405);
    }
    const { agent } = await entering();
    expectOwnPage(await agent.get('/device?user_code=BBBB-BBBB&user_code=CCCC-CCCC'), 400);
    expectOwnPage(await agent.get('/device?user_code=%zz'), 400);
    const json = await fetch(`${clinch.url}/device`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{}',
    });
    expect(json.status).toBe(400);
  });

  it('DEVICE-03 asks a confidential client for its secret, at both endpoints', async () => {
    const app = await anApp(clinch, { grantTypes: [DEVICE_CODE_GRANT] });
    const { device_code } = await askForCodes(clinch.url, app);
    const named = { client_id: app.clientId };
    for (const answer of [
      await postDeviceAuthorization(clinch.url, named),
      await postToken(clinch.url, { ...named, grant_type: DEVICE_CODE_GRANT, device_code }),
    ]) {
      expectError(answer, 'invalid_client', 401);
      expect(answer.headers.get('www-authenticate')).toContain('Basic realm');
    }
  });

  it('DEVICE-04 says that nobody has answered yet', async () => {
    const app = await aCli(clinch);
    expectError(await poll(clinch.url, app, await askForCodes(clinch.url, app)), 'authorization_pending');
  });

  it('DEVICE-06 counts the polls of two nodes together', async () => {
    const database = await createDatabase();
    const a = await startNode(database);
    const b = await startNode(database);
    try {
      const app = await aCli(a);
      const codes = await askForCodes(a.url, app);
      expectError(await poll(a.url, app, codes), 'authorization_pending');
      expectError(await poll(b.url, app, codes), 'slow_down');
      expectError(await poll(a.url, app, codes), 'slow_down');
      expect((await deviceOf(b, app.clientId)).pollInterval).toBe(15);
      const answers = await Promise.all([a, b, a, b].map((node) => poll(node.url, app, codes)));
      for (const answer of answers) expectError(answer, 'slow_down');
      expect((await deviceOf(a, app.clientId)).pollInterval).toBe(35);
    } finally {
      await Promise.all([a.stop(), b.stop()]);
      await database.drop();
    }
  });

  it('DEVICE-08 says that the code has expired, be it allowed or not', async () => {
    for (const decision of [undefined, 'allow']) {
      const { app, codes, agent, page } = await waiting();
      if (decision !== undefined) await agent.press(page, decision);
      await changeDevice(clinch, app.clientId, { expiresAt: new Date(Date.now() - 1) });
      for (let count = 0; count < 2; count++) expectError(await poll(clinch.url, app, codes), 'expired_token');
    }
  });

  it('DEVICE-08 takes no answer for a code that has expired', async () => {
    const { app, codes, agent, page } = await waiting();
    await changeDevice(clinch, app.clientId, { expiresAt: new Date(Date.now() - 1) });
    expectOwnPage(await agent.press(page, 'allow'), 409);
    expect((await agent.get(`/device?user_code=${codes.user_code}`)).text).toContain(WORDS.userCode);
    expectError(await poll(clinch.url, app, codes), 'expired_token');
  });

  it('DEVICE-09 gives the tokens once', async () => {
    const { app, codes, agent, page } = await waiting();
    await agent.press(page, 'allow');
    const { status, headers } = await poll(clinch.url, app, codes);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
    expectError(await poll(clinch.url, app, codes), 'invalid_grant');
  });

  it('DEVICE-10 gives nothing to another client, and does no harm to the code', async () => {
    const { app, codes, agent, page } = await waiting();
    const others = [await aCli(clinch), await anApp(clinch, { grantTypes: [DEVICE_CODE_GRANT] })];
    for (const other of others) expectError(await poll(clinch.url, other, codes), 'invalid_grant');
    expect((await deviceOf(clinch, app.clientId)).polledAt).toBeNull();
    await agent.press(page, 'allow');
    for (const other of others) expectError(await poll(clinch.url, other, codes), 'invalid_grant');
    expect((await poll(clinch.url, app, codes)).status).toBe(200);
  });

  it('DEVICE-12 makes device codes of 256 bits without repeats, and keeps their digests only', async () => {
    const app = await aCli(clinch, { tokenEndpointAuthMethod: 'client_secret_basic' });
    const all = await Promise.all(Array.from({ length: 60 }, () => askForCodes(clinch.url, app)));
    const codes = all.map(({ device_code }) => device_code);
    expect(new Set(codes).size).toBe(60);
    for (const code of codes) expect(Buffer.from(code, 'base64url')).toHaveLength(32);
    const rows = await clinch.app.get(DataSource).getRepository(DeviceCodeEntity).findBy({ clientId: app.clientId });
    const stored = JSON.stringify(rows);
    for (const { device_code, user_code } of all) {
      expect(stored).not.toContain(device_code);
      expect(stored).not.toContain(user_code);
      expect(stored).not.toContain(user_code.replace('-', ''));
    }
  });

  it('DEVICE-14 makes user codes of eight letters without vowels, shown with a dash', async () => {
    const app = await aCli(clinch, { tokenEndpointAuthMethod: 'client_secret_basic' });
    const all = await Promise.all(Array.from({ length: 60 }, () => askForCodes(clinch.url, app)));
    for (const { user_code } of all) expect(user_code).toMatch(LETTERS);
    expect(new Set(all.map(({ user_code }) => user_code)).size).toBe(60);
  });

  it('DEVICE-14 makes another user code when one is taken', async () => {
    const store = clinch.app.get(DeviceCodeStore);
    const request = { clientId: (await aCli(clinch)).clientId, scope: [], resource: undefined, address: '192.0.2.1' };
    const digest = Reflect.get(store, 'keyring').digest.bind(Reflect.get(store, 'keyring'));
    let asked = 0;
    // Twice the digest of one and the same code: the second device finds it taken.
    const first = await store.begin(request);
    const spied = {
      digest: (purpose: string, value: string): string =>
        purpose === 'user-code' && asked++ === 0 ? digest(purpose, first.userCode) : digest(purpose, value),
      digests: (purpose: string, value: string): string[] => [digest(purpose, value)],
    };
    const second = new DeviceCodeStore(Reflect.get(store, 'database'), spied as never);
    const { userCode } = await second.begin(request);
    expect(asked).toBe(2);
    expect(userCode).not.toBe(first.userCode);
    expect(await store.findPending(userCode)).toBeDefined();
  });

  it.each([
    ['lower case', (code: string) => code.toLowerCase()],
    ['spaces', (code: string) => ` ${code.split('').join(' ')} `],
    ['no dash', (code: string) => code.replace('-', '')],
    [
      'full-width letters',
      (code: string) => code.replace(/[A-Z]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
    ],
    ['zero-width characters', (code: string) => `\u200b${code.replace('-', '\u200d-\ufeff')}`],
    ['a trailing newline', (code: string) => `${code}\r\n`],
    ['another dash', (code: string) => code.replace('-', '\u2014')],
  ])('DEVICE-15 takes the code with %s, typed and in the address', async (_name, spell) => {
    const codes = await askForCodes(clinch.url, await aCli(clinch));
    const { agent, from, enter } = await entering();
    const typed = spell(codes.user_code);
    for (const page of [await enter(typed), await agent.get(`/device?user_code=${encodeURIComponent(typed)}`, from)]) {
      expectOwnPage(page, 200);
      expect(page.text).toContain(codes.user_code);
      expect(page.text).toContain('value="allow"');
    }
  });

  it.each([
    ['a NUL', '\u0000'],
    ['a NUL in a code', 'BCDF\u0000GHJK'],
    ['% of SQL', '%'],
    ['eight %', '%%%%-%%%%'],
    ['_ of SQL', '____-____'],
    ['a quote', "' OR 1=1 --"],
    ['10 kB', 'B'.repeat(10_000)],
    ['an emoji', '🙂🙂🙂🙂🙂🙂🙂🙂'],
    ['a dotless ı', 'BCDF-GHJı'],
    ['markup', '"><script>alert(1)</script>'],
    ['the mark of a broken letter', '\ufffdBCD-FGHJ'],
  ])('DEVICE-16 answers %s with the form, and finds nothing', async (_name, typed) => {
    await askForCodes(clinch.url, await aCli(clinch));
    const { agent, from, enter } = await entering();
    const address = `/device?user_code=${encodeURIComponent(typed)}`;
    for (const page of [await enter(typed), ...(typed.length < 5_000 ? [await agent.get(address, from)] : [])]) {
      expectOwnPage(page, 400);
      expect(page.text).toContain('name="user_code"');
      expect(page.text).not.toContain('value="allow"');
      expect(page.text).not.toContain('<script>alert');
    }
  });

  it('DEVICE-16 takes an array for what it is: not a code', async () => {
    const codes = await askForCodes(clinch.url, await aCli(clinch));
    const { agent, from } = await entering();
    for (const name of ['user_code[]', 'user_code[0]', 'user_code.x']) {
      const page = await agent.get(`/device?${encodeURIComponent(name)}=${codes.user_code}`, from);
      expectOwnPage(page, 200);
      expect(page.text).not.toContain('value="allow"');
    }
  });

  it('DEVICE-17 asks, even somebody who is signed in and has agreed before', async () => {
    const { app, agent, page } = await waiting();
    await agent.press(page, 'allow');
    const codes = await askForCodes(clinch.url, app);
    const again = await agent.get(`/device?user_code=${codes.user_code}`);
    expectOwnPage(again, 200);
    expect(again.text).toContain(codes.user_code);
    expect(again.text).toContain('value="deny"');
    expectError(await poll(clinch.url, app, codes), 'authorization_pending');
  });

  it('DEVICE-19 takes an answer by its form only', async () => {
    const { app, codes, agent, page } = await waiting();
    for (const decision of ['allow', 'deny']) {
      const answer = await agent.get(`/device?user_code=${codes.user_code}&decision=${decision}`);
      expectOwnPage(answer, 405);
      expect(answer.headers.get('allow')).toBe('POST');
    }
    const { hidden } = formOf(page);
    const query = new URLSearchParams({ ...hidden, decision: 'allow' });
    expect((await agent.get(`/device?${query.toString()}`)).status).toBe(405);
    expect((await deviceOf(clinch, app.clientId)).decision).toBeNull();
    expectOwnPage(await agent.post('/device', { ...hidden, decision: 'perhaps' }), 400);
    expect((await deviceOf(clinch, app.clientId)).decision).toBeNull();
  });

  it('DEVICE-19 CSRF-01 refuses answers and codes without their token, or with a foreign one', async () => {
    const { app, codes, agent, page } = await waiting();
    const { hidden } = formOf(page);
    const other = await waiting();
    const entry = await atCodeForm(clinch.url, person);
    const another = await aCli(clinch);
    const second = await agent.get((await askForCodes(clinch.url, another)).verification_uri_complete);
    const foreign = [
      '',
      'A'.repeat(43),
      hidden['csrf_token']?.slice(0, -1) ?? '',
      formOf(other.page).hidden['csrf_token'] ?? '',
      formOf(entry.page).hidden['csrf_token'] ?? '',
      // Of the same browser and person, about another device.
      formOf(second).hidden['csrf_token'] ?? '',
      // Of the same browser and person, for entering codes.
      formOf(await agent.get('/device')).hidden['csrf_token'] ?? '',
    ];
    for (const csrf_token of foreign) {
      for (const decision of ['allow', 'deny']) {
        expectOwnPage(await agent.post('/device', { ...hidden, csrf_token, decision }), 403);
      }
    }
    expectOwnPage(await other.agent.post('/device', { ...hidden, decision: 'allow' }), 403);
    expectOwnPage(await new UserAgent(clinch.url).post('/device', { ...hidden, decision: 'allow' }), 403);
    expectOwnPage(await agent.post('/device', { user_code: codes.user_code }), 403);
    expectOwnPage(await agent.post('/device', { ...hidden, user_code: codes.user_code }), 403);
    expect((await deviceOf(clinch, app.clientId)).decision).toBeNull();
    expect((await agent.post('/device', { ...hidden, decision: 'deny' })).status).toBe(200);
  });

  it.each([
    ['Origin: https://evil.test', { Origin: 'https://evil.test' }],
    ['Origin: null', { Origin: 'null' }],
    ['Sec-Fetch-Site: cross-site', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('CSRF-02 refuses good tokens with %s', async (_name, headers: Record<string, string>) => {
    const { app, agent, page } = await waiting();
    expectOwnPage(await agent.post('/device', { ...formOf(page).hidden, decision: 'allow' }, headers), 403);
    const { hidden } = formOf(await agent.get('/device'));
    expectOwnPage(await agent.post('/device', { ...hidden, user_code: 'BBBB-BBBB' }, headers), 403);
    expect((await deviceOf(clinch, app.clientId)).decision).toBeNull();
  });

  it('DEVICE-20 lets nobody answer for the code that somebody else has entered', async () => {
    const [first, second] = [await aPerson(clinch), await aPerson(clinch)];
    const { app, codes, agent, page } = await waiting(first);
    const { hidden } = formOf(page);
    // In the same browser, where the second has signed in since.
    await agent.authorize(authorizeUrl(clinch.url, await anApp(clinch), { prompt: 'login' }), second);
    for (const decision of ['allow', 'deny']) {
      expectOwnPage(await agent.post('/device', { ...hidden, decision }), 403);
    }
    // In a browser of their own.
    const other = (await atCodeForm(clinch.url, second)).agent;
    expectOwnPage(await other.post('/device', { ...hidden, decision: 'allow' }), 403);
    // With the token of the page that they were shown themselves, about another code.
    const own = await waiting(second);
    const mixed = { ...formOf(own.page).hidden, user_code: codes.user_code, decision: 'allow' };
    expectOwnPage(await own.agent.post('/device', mixed), 403);
    expect(await deviceOf(clinch, app.clientId)).toMatchObject({ decision: null, accountId: null });
  });

  it('DEVICE-21 refuses a person who may not use the app, and tells the device', async () => {
    const { app, codes, agent, page } = await waiting();
    await changeApp(clinch, app, { access: 'assigned' });
    const answer = await agent.press(page, 'allow');
    expectOwnPage(answer, 403);
    expect(answer.text).toContain(MESSAGES.en.error.situations.access_denied.title);
    expectError(await poll(clinch.url, app, codes), 'access_denied');
    await changeApp(clinch, app, { access: 'everyone' });
    expectOwnPage(await agent.press(page, 'allow'), 409);
    expectError(await poll(clinch.url, app, codes), 'access_denied');
  });

  it('DEVICE-21 gives nothing to a device whose person has lost the app since', async () => {
    const { app, codes, agent, page } = await waiting();
    await agent.press(page, 'allow');
    await changeApp(clinch, app, { access: 'assigned' });
    expectError(await poll(clinch.url, app, codes), 'invalid_grant');
  });

  it('DEVICE-22 stops an address that asks for ever more codes, and nobody else', async () => {
    const app = await aCli(clinch);
    const from = stranger();
    const ask = (headers: Record<string, string>) =>
      postDeviceAuthorization(clinch.url, { client_id: app.clientId }, headers);
    const statuses: number[] = [];
    for (let batch = 0; batch < 10; batch++) {
      const answers = await Promise.all(Array.from({ length: 32 }, () => ask(from)));
      statuses.push(...answers.map(({ status }) => status));
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(300);
    const refused = await ask(from);
    expectError(refused, 'temporarily_unavailable', 429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1_000);
    const rows = clinch.app.get(DataSource).getRepository(DeviceCodeEntity);
    expect(await rows.countBy({ clientId: app.clientId })).toBe(300);
    expect((await ask(stranger())).status).toBe(200);
    const proven = await anApp(clinch, {
      grantTypes: [DEVICE_CODE_GRANT],
      tokenEndpointAuthMethod: 'client_secret_post',
    });
    const form = { client_id: proven.clientId, client_secret: proven.clientSecret };
    expect((await postDeviceAuthorization(clinch.url, form, from)).status).toBe(200);
  });

  it('DEVICE-23 keeps every answer of the device flow out of caches', async () => {
    const { app, codes, agent, page } = await waiting();
    const json = [
      await postDeviceAuthorization(clinch.url, { client_id: app.clientId }),
      await postDeviceAuthorization(clinch.url, { client_id: 'app-nobody' }),
      await poll(clinch.url, app, codes),
    ];
    const pages = [
      page,
      await agent.get('/device'),
      await agent.get('/device?user_code=BBBB-BBBB', stranger()),
      await agent.press(page, 'deny'),
      await agent.press(page, 'allow'),
      await agent.post('/device', {}),
      await new UserAgent(clinch.url).get('/device'),
    ];
    for (const { headers } of [...json, ...pages]) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('etag')).toBeNull();
    }
  });
});
