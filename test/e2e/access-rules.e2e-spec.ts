import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { AccessPolicy } from '../../src/access/access-policy.js';
import type { AccessRequest } from '../../src/access/access-decision.js';
import { AppsOfPerson } from '../../src/access/apps-of-person.js';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import { AuditLog } from '../../src/audit/audit-log.js';
import { Expressions } from '../../src/expressions/expressions.js';
import { Organisation } from '../support/access.js';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { askForCodes, confirmationPage, DEVICE_CODE_GRANT, poll } from '../support/device.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, responseParameters, UserAgent } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;
let acme: Organisation;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  acme = await Organisation.of(clinch);
});
afterAll(() => clinch.stop());

const ruled = (accessRule: string) => anApp(clinch, { accessRule });

async function decide(app: TestApp, { id }: TestPerson, request: Partial<AccessRequest> = {}) {
  const client = await clinch.app.get(ClientRegistry).find(app.clientId);
  const account = await clinch.app.get(AccountStore).find(id);
  if (client === undefined || account === undefined) throw new Error('no such app or person');
  const asked = { endpoint: 'authorize', address: '2001:db8::7', amr: ['pwd'], ...request } as const;
  return (await clinch.app.get(AccessPolicy).decide(account, client, asked)).reason;
}

describe('an access rule', () => {
  it.each([
    ['user.username.startsWith("li.")', 'everyone'],
    ['user.username == "nobody"', 'rule_refused'],
    ['user.departments.exists(d, "Sales" in d.path)', 'everyone'],
    ['user.departments.exists(d, "Research" in d.path)', 'rule_refused'],
    ['inNetwork(request.address, "2001:db8::/120")', 'everyone'],
    ['inNetwork(request.address, "2001:db8:0:0:1::/80")', 'rule_refused'],
    ['"pwd" in request.amr && request.endpoint == "authorize"', 'everyone'],
    ['"otp" in request.amr', 'rule_refused'],
    ['request.time > timestamp("2020-01-01T00:00:00Z")', 'everyone'],
    ['"auditor" in app.roles', 'rule_refused'],
    // What is absent cannot be read, and what comes to no answer opens nothing.
    ['user.custom.level > 3', 'rule_failed'],
    ['app.account == "x"', 'rule_failed'],
    ['!(app.account == "x")', 'rule_failed'],
  ])('%s: %s', async (rule, kind) => {
    const person = await aPerson(clinch);
    await acme.put(person, 'Sales East');
    expect((await decide(await ruled(rule), person)).kind).toBe(kind);
  });

  it('holds beside the assignment: neither is enough alone', async () => {
    const app = await anApp(clinch, { access: 'assigned', accessRule: '"otp" in request.amr' });
    const person = await aPerson(clinch);
    expect((await decide(app, person, { amr: ['otp'] })).kind).toBe('not_assigned');
    await admin.call('POST', `apps/${app.clientId}/assignments`, { subject: { type: 'user', id: person.id } });
    expect((await decide(app, person)).kind).toBe('rule_refused');
    expect((await decide(app, person, { amr: ['pwd', 'otp'] })).kind).toBe('assigned');
  });

  it('sees the roles and permissions that the person has in the app', async () => {
    const app = await ruled('"auditor" in app.roles && "reports:read" in app.permissions');
    const person = await aPerson(clinch);
    expect((await decide(app, person)).kind).toBe('rule_refused');
    await admin.call('POST', 'roles', { client_id: app.clientId, name: 'auditor', permissions: ['reports:read'] });
    const subject = { type: 'user', id: person.id };
    await admin.call('POST', `apps/${app.clientId}/assignments`, { subject, role: 'auditor' });
    expect((await decide(app, person)).kind).toBe('everyone');
  });

  it('is refused when it is saved, with its place, if it can come to no answer', async () => {
    const app = await anApp(clinch);
    for (const rule of ['user.', 'user.username', 'nothing == 1', 'user.username.matches("(")', 'x'.repeat(3_000)]) {
      const answer = await admin.call('PATCH', `apps/${app.clientId}`, { access_rule: rule });
      expect(answer.status, rule.slice(0, 40)).toBe(400);
      expect(fieldsOf(answer)).toEqual(['access_rule']);
    }
    expect((await admin.call('GET', `apps/${app.clientId}`)).body['access_rule']).toBeNull();
  });

  it('is of weight in the list of what somebody may open', async () => {
    const person = await aPerson(clinch);
    const [open, closed] = [await ruled(`user.id == "${person.id}"`), await ruled('"otp" in request.amr')];
    const account = await clinch.app.get(AccountStore).find(person.id);
    if (account === undefined) throw new Error('no such person');
    const ids = (await clinch.app.get(AppsOfPerson).of(account, { address: '192.0.2.1', amr: [] })).map(({ id }) => id);
    expect(ids).toContain(open.clientId);
    expect(ids).not.toContain(closed.clientId);
  });
});

describe('an app that wants an app account', () => {
  it('keeps out who has none', async () => {
    const app = await anApp(clinch, { requireAccount: true });
    const person = await aPerson(clinch);
    expect((await decide(app, person)).kind).toBe('no_app_account');
    const account = { user: person.id, username: 'li' };
    expect((await admin.call('POST', `apps/${app.clientId}/accounts`, account)).status).toBe(201);
    expect((await decide(app, person)).kind).toBe('everyone');
    await admin.call('PATCH', `apps/${app.clientId}`, { access_rule: 'app.account == "li"' });
    expect((await decide(app, person)).kind).toBe('everyone');
  });
});

describe('access that is taken away', () => {
  const SCOPE = { scope: 'openid offline_access' };

  async function signIn(app: TestApp, person: TestPerson, agent = new UserAgent(clinch.url)) {
    const code = (await agent.authorize(authorizeUrl(clinch.url, app, SCOPE), person)).get('code') ?? '';
    return { agent, code };
  }

  it.each<[string, Json]>([
    ['a switch', { access: 'assigned' }],
    ['a rule', { access_rule: 'user.username == "nobody"' }],
  ])('by %s is away at the next refresh, redemption and request', async (_, change) => {
    const app = await aRefreshingApp(clinch);
    const person = await aPerson(clinch);
    const { agent, code } = await signIn(app, person);
    const first = await redeem(clinch.url, app, code);
    const { code: another } = await signIn(app, person, agent);
    expect((await admin.call('PATCH', `apps/${app.clientId}`, change)).status).toBe(200);
    const refreshed = await refresh(clinch.url, app, String(first.body['refresh_token']));
    expect([refreshed.status, refreshed.body['error']]).toEqual([400, 'invalid_grant']);
    const redeemed = await redeem(clinch.url, app, another);
    expect([redeemed.status, redeemed.body['error']]).toEqual([400, 'invalid_grant']);
    const asked = responseParameters(await agent.get(authorizeUrl(clinch.url, app, { ...SCOPE, prompt: 'none' })));
    expect(asked.get('error')).toBe('access_denied');
    // A refused refresh costs nothing: who is let in again goes on with what they have.
    await admin.call('PATCH', `apps/${app.clientId}`, { access: 'everyone', access_rule: null });
    expect((await refresh(clinch.url, app, String(first.body['refresh_token']))).status).toBe(200);
  });

  it('with an assignment follows the person from one department to another', async () => {
    const app = await aRefreshingApp(clinch, { access: 'assigned' });
    const person = await aPerson(clinch);
    await acme.put(person, 'Sales Shanghai');
    const subject = { type: 'department', id: acme.id('Sales') };
    await admin.call('POST', `apps/${app.clientId}/assignments`, { subject });
    const { code } = await signIn(app, person);
    let token = String((await redeem(clinch.url, app, code)).body['refresh_token']);
    token = String((await refresh(clinch.url, app, token)).body['refresh_token']);
    await acme.put(person, 'Research');
    expect((await refresh(clinch.url, app, token)).body['error']).toBe('invalid_grant');
    await acme.put(person, 'Sales');
    expect((await refresh(clinch.url, app, token)).status).toBe(200);
  });

  it('lets no device in, and opens no tile', async () => {
    const app = await aRefreshingApp(clinch, {
      access: 'assigned',
      grantTypes: ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT],
      initiateLoginUri: 'https://app.example/login',
    });
    const person = await aPerson(clinch);
    const codes = await askForCodes(clinch.url, app, SCOPE);
    const { agent, page } = await confirmationPage(clinch.url, codes, person);
    expect((await agent.press(page, 'allow')).status).toBe(403);
    expect((await poll(clinch.url, app, codes)).body['error']).toBe('access_denied');
    expect((await agent.get(`${clinch.url}/launch/${app.clientId}`)).status).toBe(403);
  });

  it('by an end that comes while codes are redeemed leaves every redemption on one side of it', async () => {
    const app = await aRefreshingApp(clinch, { access: 'assigned' });
    const person = await aPerson(clinch);
    const path = `apps/${app.clientId}/assignments`;
    const { body } = await admin.call('POST', path, { subject: { type: 'user', id: person.id } });
    const { agent, code } = await signIn(app, person);
    const codes = [code];
    for (let more = 0; more < 7; more++) codes.push((await signIn(app, person, agent)).code);
    const [end, ...answers] = await Promise.all([
      admin.call('DELETE', `${path}/${String(body['id'])}`),
      ...codes.map((each) => redeem(clinch.url, app, each)),
    ]);
    expect(end.status).toBe(204);
    for (const { status, body: tokens } of answers) {
      expect([200, 400]).toContain(status);
      if (status === 400) expect(tokens['error']).toBe('invalid_grant');
      else
        expect((await refresh(clinch.url, app, String(tokens['refresh_token']))).body['error']).toBe('invalid_grant');
    }
  });
});

describe('an expression that cannot be asked just now', () => {
  const SCOPE = { scope: 'openid offline_access' };
  const crowd = () =>
    vi
      .spyOn(clinch.app.get(Expressions), 'evaluateEach')
      .mockImplementation(async (_, jobs) => jobs.map(() => ({ failure: 'Too many are waiting', kind: 'crowded' })));
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each([
    ['the access rule', { accessRule: 'user.status == "active"' }],
    ['the rule of an app account', { requireAccount: true, accountRule: 'expression', accountExpression: 'user.id' }],
    [
      'the rule of an app account that the access rule reads',
      { accountRule: 'expression', accountExpression: 'user.id', accessRule: 'app.account != ""' },
    ],
    [
      'a claim that must be there',
      { idTokenClaims: [{ name: 'id', value: 'user.id', in: ['id_token'], on_error: 'fail' }] },
    ],
  ] as const)('as %s refuses no refresh and spends nothing', async (_, { ...fields }) => {
    const app = await aRefreshingApp(clinch, { ...(fields as object), refreshTokenGrace: 0 });
    const person = await aPerson(clinch);
    const answered = await new UserAgent(clinch.url).authorize(authorizeUrl(clinch.url, app, SCOPE), person);
    const token = String((await redeem(clinch.url, app, answered.get('code') ?? '')).body['refresh_token']);
    const record = vi.spyOn(clinch.app.get(AuditLog), 'record');
    const spy = crowd();
    const { status, headers, body } = await refresh(clinch.url, app, token);
    expect([status, body['error']]).toEqual([503, 'temporarily_unavailable']);
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(record.mock.calls.map(([event]) => event)).not.toContain('access.refused');
    spy.mockRestore();
    expect((await refresh(clinch.url, app, token)).status).toBe(200);
  });

  it('is told to the app at authorize; a device and a tile may be tried again', async () => {
    const app = await aRefreshingApp(clinch, {
      accessRule: 'user.status == "active"',
      grantTypes: ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT],
      initiateLoginUri: 'https://app.example/login',
    });
    const person = await aPerson(clinch);
    const codes = await askForCodes(clinch.url, app, SCOPE);
    const { agent, page } = await confirmationPage(clinch.url, codes, person);
    const record = vi.spyOn(clinch.app.get(AuditLog), 'record');
    const spy = crowd();
    const asked = responseParameters(await agent.get(authorizeUrl(clinch.url, app, SCOPE)));
    expect(asked.get('error')).toBe('temporarily_unavailable');
    const launched = await agent.get(`${clinch.url}/launch/${app.clientId}`);
    expect([launched.status, launched.headers.has('Retry-After')]).toEqual([503, true]);
    expect((await agent.press(page, 'allow')).status).toBe(503);
    expect(record.mock.calls.map(([event]) => event)).not.toContain('access.refused');
    spy.mockRestore();
    expect((await agent.press(page, 'allow')).status).toBeLessThan(400);
    expect((await poll(clinch.url, app, codes)).status).toBe(200);
  });

  it('is one wait in the line for a list of many apps', async () => {
    const person = await aPerson(clinch);
    const account = await clinch.app.get(AccountStore).find(person.id);
    if (account === undefined) throw new Error('no such person');
    const fields = { requireAccount: true, accountRule: 'expression', accountExpression: 'user.username' } as const;
    const apps = await Promise.all([1, 2, 3].map(() => anApp(clinch, fields)));
    const spy = vi.spyOn(clinch.app.get(Expressions), 'evaluateEach');
    const list = await clinch.app.get(AppsOfPerson).of(account, { address: '192.0.2.1', amr: [] });
    expect(list.map(({ id }) => id)).toEqual(expect.arrayContaining(apps.map(({ clientId }) => clientId)));
    expect(spy.mock.calls.filter(([use]) => use === 'account')).toHaveLength(1);
  });
});
