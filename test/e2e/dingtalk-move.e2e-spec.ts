import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import type { TestApp } from '../support/builders.js';
import { accountOf, CALLBACK_KEYS } from '../support/dingtalk-events.js';
import { appOf, SOURCE, sourceOf, throughDingTalk } from '../support/dingtalk-organisation.js';
import { smallCompany, Syncs } from '../support/directory-sync.js';
import { anIdentitySource } from '../support/identity-source.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { startDingTalk } from '../support/start-dingtalk.js';
import { authorizeUrl, redeem, responseParameters, UserAgent, type TokenAnswer } from '../support/user-agent.js';

const SILENT = { silent: true } as const;
const [SALES, SUPPORT] = [200, 300];
const PERSON = 'b200';
const SCOPE = 'openid roles groups offline_access';

/** What the apps here would like to know. */
const CLAIMS: ClientEntity['idTokenClaims'] = [
  { name: 'department', value: 'user.departments[0].name', in: ['id_token'], on_error: 'omit' },
  { name: 'path', value: "user.departments[0].path.join('/')", in: ['access_token'], on_error: 'omit' },
];

let clinch: TestClinch;
let dingtalk: DingTalkSimulator;
let admin: AdminApi;
/** Only for Sales. */
let shop: TestApp;
/** For everybody, with another role in each department. */
let desk: TestApp;
let agent: UserAgent;
let accountId: string;
/** The newest refresh token of each app. */
const refreshTokens = new Map<TestApp, string>();

beforeAll(async () => {
  clinch = await startClinch({ CLINCH_LOCAL_SIGN_IN: 'off' });
  admin = await AdminApi.of(clinch);
  const company = smallCompany('dingcorpmove');
  company.createDepartment({ id: SUPPORT, name: 'Support', parentId: 1 }, SILENT);
  dingtalk = await startDingTalk({ company, apps: [{ ...appOf(clinch), stream: false }] });
  dingtalk.app.callback = { url: `${clinch.url}/dingtalk/${SOURCE}/events`, ...CALLBACK_KEYS };
  await anIdentitySource(clinch, { ...sourceOf(dingtalk), ...CALLBACK_KEYS, callbackEvents: true });
  expect(await new Syncs(admin, SOURCE).run()).toMatchObject({ state: 'done' });
  const claimed = { scope: SCOPE, idTokenClaims: CLAIMS, requireConsent: false };
  shop = await aRefreshingApp(clinch, { ...claimed, access: 'assigned' });
  desk = await aRefreshingApp(clinch, claimed);
  await makeGroup('Sales people', SALES);
  await makeGroup('Support people', SUPPORT);
  await assign(shop, SALES, 'seller');
  await assign(desk, SALES, 'seller');
  await assign(desk, SUPPORT, 'helper');
  accountId = await accountOf(clinch, PERSON);
  agent = new UserAgent(clinch.url);
});
afterAll(async () => {
  await clinch.stop();
  await dingtalk.stop();
});

async function done(method: string, path: string, body?: object): Promise<Json> {
  const answer = await admin.call(method, path, body);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}

async function departmentOf(externalId: number): Promise<string> {
  const { items } = await done('GET', `departments?source=${SOURCE}&limit=200`);
  return String((items as Json[]).find((each) => each['external_id'] === String(externalId))?.['id']);
}

async function makeGroup(name: string, department: number): Promise<void> {
  await done('POST', 'groups', { name, kind: 'department', department_id: await departmentOf(department) });
}

async function assign({ clientId }: TestApp, department: number, role: string): Promise<void> {
  await done('POST', 'roles', { client_id: clientId, name: role });
  const subject = { type: 'department', id: await departmentOf(department) };
  await done('POST', `apps/${clientId}/assignments`, { subject, role });
}

/** In the simulated DingTalk, which tells by the callback; until it has arrived here. */
async function move(department: number, name: string): Promise<void> {
  dingtalk.company.move(PERSON, [department]);
  const departments = async () =>
    ((await done('GET', `users/${accountId}/departments`))['items'] as Json[]).map((each) => each['name']);
  await expect.poll(departments, { timeout: 5_000, interval: 20 }).toEqual([name]);
}

async function appsOfPerson(): Promise<unknown[]> {
  return ((await done('GET', `users/${accountId}/apps`))['items'] as Json[]).map((each) => each['client_id']);
}

/** What the tokens of an answer say, and the refresh token for the next time. */
function told(app: TestApp, { status, body }: TokenAnswer): Json {
  expect(status, JSON.stringify(body)).toBe(200);
  refreshTokens.set(app, String(body['refresh_token']));
  const [idToken, accessToken] = [decodeJwt(String(body['id_token'])), decodeJwt(String(body['access_token']))];
  const { roles, groups, department } = idToken;
  expect({ roles: accessToken['roles'], groups: accessToken['groups'] }).toEqual({ roles, groups });
  return { roles, groups, department, path: accessToken['path'] };
}

async function signIn(app: TestApp): Promise<Json> {
  const asked = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { scope: SCOPE })));
  const isOurs = asked.headers.get('location')?.startsWith(dingtalk.bases.login) !== true;
  const answer = isOurs ? asked : await agent.follow(await throughDingTalk(agent, asked, PERSON));
  return told(app, await redeem(clinch.url, app, responseParameters(answer).get('code') ?? ''));
}

const refreshed = (app: TestApp) => refresh(clinch.url, app, refreshTokens.get(app) ?? '');

const AS_SELLER = { roles: ['seller'], groups: ['Sales people'], department: 'Sales', path: 'Acme/Sales' };
const AS_HELPER = { roles: ['helper'], groups: ['Support people'], department: 'Support', path: 'Acme/Support' };

describe('a person who is moved from Sales to Support, and back', () => {
  it('has the app of Sales, with its role, claims and groups', async () => {
    expect(await signIn(shop)).toEqual(AS_SELLER);
    expect(await signIn(desk)).toEqual(AS_SELLER);
    expect(await appsOfPerson()).toEqual(expect.arrayContaining([shop.clientId, desk.clientId]));
  });

  it('loses it at the next refresh, and is somebody else to the app of both', async () => {
    await move(SUPPORT, 'Support');
    expect(await refreshed(shop)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(told(desk, await refreshed(desk))).toEqual(AS_HELPER);
    const apps = await appsOfPerson();
    expect(apps).toContain(desk.clientId);
    expect(apps).not.toContain(shop.clientId);
    const silent = await agent.get(authorizeUrl(clinch.url, shop, { scope: SCOPE, prompt: 'none' }));
    expect(responseParameters(silent).get('error')).toBe('access_denied');
  });

  it('has all of it again after the way back, without a new sign-in', async () => {
    await move(SALES, 'Sales');
    expect(await appsOfPerson()).toContain(shop.clientId);
    expect(told(shop, await refreshed(shop))).toEqual(AS_SELLER);
    expect(told(desk, await refreshed(desk))).toEqual(AS_SELLER);
  });
});
