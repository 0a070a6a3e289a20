import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { changeApp, claimsOf, codeOf, signedIn } from '../security/support/arrange.js';
import { RevokedTokenEntity } from '../../src/token-signing/revoked-token.entity.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { askForCodes, confirmationPage, DEVICE_CODE_GRANT } from '../support/device.js';
import { refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import {
  authorizeUrl,
  postToken,
  redeem,
  responseParameters,
  UserAgent,
  type Answer,
  type TokenAnswer,
} from '../support/user-agent.js';

const ORDERS = 'https://orders.example.com';
const STOCK = 'urn:example:stock';

let clinch: TestClinch;
let admin: AdminApi;
let person: TestPerson;
let app: TestApp;
let agent: UserAgent;
let ordersPath: string;

const ACCESS = [
  { resource: ORDERS, scope: 'orders:read status' },
  { resource: STOCK, scope: 'status' },
];
const SCOPES = [
  { name: 'orders:read', description: 'See your orders' },
  { name: 'orders:write', description: 'Place orders for you' },
  { name: 'status' },
];

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  const orders = { identifier: ORDERS, name: 'Order <desk>', scopes: SCOPES, access_token_lifetime: 600 };
  ordersPath = `api-resources/${String((await admin.made('api-resources', orders))['id'])}`;
  const stock = { identifier: STOCK, name: 'Stock', scopes: [{ name: 'status', description: 'See the stock' }] };
  await admin.made('api-resources', stock);
  person = await aPerson(clinch);
  app = await anAppWith({});
  agent = await signedIn(clinch, app, person);
});
afterAll(() => clinch.stop());

function anAppWith(differences: Partial<ClientEntity>): Promise<TestApp> {
  return anApp(clinch, { scope: 'openid profile email reports:read', apiAccess: ACCESS, ...differences });
}

async function tokensFor(
  scope: string,
  resource: string | undefined,
  more: Record<string, string> = {},
): Promise<TokenAnswer> {
  const code = await codeOf(clinch, agent, app, { scope, resource, nonce: 'n-1' });
  return redeem(clinch.url, app, code, more);
}

function expectToken({ status, body }: TokenAnswer, aud: string, scope: string): Json {
  expect(status, JSON.stringify(body)).toBe(200);
  const claims = claimsOf(body['access_token']);
  expect([claims['aud'], claims['scope'] ?? '', body['scope'] ?? '']).toEqual([aud, scope, scope]);
  return claims;
}

function expectError({ status, body }: TokenAnswer, error: string): void {
  expect([status, body['error']], JSON.stringify(body)).toEqual([400, error]);
}

async function userinfoStatus({ body }: TokenAnswer): Promise<number> {
  const headers = { Authorization: `Bearer ${String(body['access_token'])}` };
  return (await fetch(`${clinch.url}/oidc/userinfo`, { headers })).status;
}

function errorOf(answer: Answer): string | null {
  expect(answer.headers.get('location'), answer.text.slice(0, 200)).toContain(app.redirectUri);
  const parameters = responseParameters(answer);
  expect([parameters.get('state'), parameters.get('iss'), parameters.get('code')]).toEqual([
    'the-state',
    clinch.url,
    null,
  ]);
  return parameters.get('error');
}

describe('RFC 8707 §2.1: an app asks for a person at an API', () => {
  it('gets an access token for that API alone, and the id_token as ever', async () => {
    const answer = await tokensFor('openid email orders:read status', ORDERS);
    const claims = expectToken(answer, ORDERS, 'orders:read status');
    expect(claims).toMatchObject({ iss: clinch.url, sub: person.id, client_id: app.clientId, amr: ['pwd'] });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(600);
    expect(answer.body['expires_in']).toBe(600);
    expect(claimsOf(answer.body['id_token'])).toMatchObject({ aud: app.clientId, sub: person.id, nonce: 'n-1' });
    expect(await userinfoStatus(answer)).toBe(401);
  });

  it('gets of the scope what it may have, there and by itself', async () => {
    const asked = 'openid orders:read orders:write clinch:admin unknown reports:read';
    expectToken(await tokensFor(asked, ORDERS), ORDERS, 'orders:read');
    expectToken(await tokensFor('openid status', STOCK), STOCK, 'status');
    expectToken(await tokensFor('openid orders:read', STOCK), STOCK, '');
    expectToken(await tokensFor('openid orders:read reports:read', undefined), clinch.url, 'openid reports:read');
  });

  it('gets no claims for userinfo into a token for somebody else', async () => {
    const claims = JSON.stringify({ userinfo: { email: null } });
    const code = await codeOf(clinch, agent, app, { scope: 'openid orders:read', resource: ORDERS, claims });
    const answer = await redeem(clinch.url, app, code);
    expect(expectToken(answer, ORDERS, 'orders:read')).not.toHaveProperty('userinfo_claims');
  });

  it('means Clinch itself by the issuer and by an empty value', async () => {
    for (const resource of [clinch.url, '']) {
      const answer = await tokensFor('openid email status', resource);
      expectToken(answer, clinch.url, 'openid email');
      expect(await userinfoStatus(answer)).toBe(200);
    }
  });

  it.each([
    ['unknown', 'https://nowhere.example'],
    ['not quite it', `${ORDERS}/`],
    ['with a fragment', `${ORDERS}#x`],
    ['no URI', 'orders'],
  ])('is told of a resource that is %s', async (_, resource) => {
    expect(errorOf(await agent.get(authorizeUrl(clinch.url, app, { resource })))).toBe('invalid_target');
  });

  it('is told of an API that is not for it, and of two at once', async () => {
    const other = await anAppWith({ apiAccess: [{ resource: STOCK, scope: 'status' }] });
    expect(errorOf(await agent.get(authorizeUrl(clinch.url, other, { resource: ORDERS })))).toBe('invalid_target');
    for (const second of [STOCK, ORDERS, '']) {
      const url = `${authorizeUrl(clinch.url, app, { resource: ORDERS })}&resource=${encodeURIComponent(second)}`;
      expect(errorOf(await agent.get(url))).toBe('invalid_target');
    }
  });

  it('has no way to the admin API, whatever scope it has', async () => {
    const greedy = await anAppWith({ scope: 'openid clinch:admin' });
    const resource = `${clinch.url}/admin/api/v1`;
    const url = authorizeUrl(clinch.url, greedy, { resource, scope: 'openid clinch:admin' });
    expect(errorOf(await agent.get(url))).toBe('invalid_target');
  });
});

describe('RFC 8707 §2.2: the app names the API again with the code', () => {
  const scope = 'openid email orders:read';

  it('may say the same', async () => {
    expectToken(await tokensFor(scope, ORDERS, { resource: ORDERS }), ORDERS, 'orders:read');
    expectToken(await tokensFor(scope, undefined, { resource: clinch.url }), clinch.url, 'openid email');
  });

  it('may have the token for userinfo instead', async () => {
    const answer = await tokensFor(scope, ORDERS, { resource: clinch.url });
    expectToken(answer, clinch.url, 'openid email');
    expect(answer.body['expires_in']).toBe(7200);
    expect(await userinfoStatus(answer)).toBe(200);
  });

  it('may not turn to another one', async () => {
    expectError(await tokensFor(scope, ORDERS, { resource: STOCK }), 'invalid_target');
    expectError(await tokensFor(scope, ORDERS, { resource: `${ORDERS}/` }), 'invalid_target');
    expectError(await tokensFor(scope, undefined, { resource: ORDERS }), 'invalid_target');
    const code = await codeOf(clinch, agent, app, { scope, resource: ORDERS });
    const headers = { Authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}` };
    const form = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: app.redirectUri });
    form.append('resource', ORDERS);
    form.append('resource', clinch.url);
    expectError(await postToken(clinch.url, form, headers), 'invalid_target');
  });

  it('gets nothing when the API was taken from it, or from everybody, since', async () => {
    const narrowed = await anAppWith({});
    const first = await codeOf(clinch, agent, narrowed, { scope, resource: ORDERS });
    await admin.call('PATCH', `apps/${narrowed.clientId}`, { api_access: [] });
    expectError(await redeem(clinch.url, narrowed, first), 'invalid_target');
    const second = await codeOf(clinch, agent, app, { scope: 'openid orders:read status', resource: ORDERS });
    await admin.call('PATCH', ordersPath, { scopes: [{ name: 'status' }] });
    expectToken(await redeem(clinch.url, app, second), ORDERS, 'status');
    await admin.call('PATCH', ordersPath, { scopes: SCOPES });
  });
});

describe('RFC 6749 §4.1.2: a code that is used twice', () => {
  it('ends what it brought for as long as an API may give its tokens, not only as long as the app', async () => {
    await admin.call('PATCH', ordersPath, { access_token_lifetime: 86_400 });
    const code = await codeOf(clinch, agent, app, { scope: 'openid orders:read', resource: ORDERS });
    const claims = expectToken(await redeem(clinch.url, app, code), ORDERS, 'orders:read');
    expectError(await redeem(clinch.url, app, code), 'invalid_grant');
    const { expiresAt } = await clinch.app
      .get(DataSource)
      .getRepository(RevokedTokenEntity)
      .findOneByOrFail({ id: String(claims['grant_id']) });
    expect(expiresAt.getTime()).toBeGreaterThanOrEqual(Number(claims['exp']) * 1000);
    await admin.call('PATCH', ordersPath, { access_token_lifetime: 600 });
  });
});

describe('the person is asked', () => {
  const ask = { scope: 'openid orders:read status', resource: ORDERS };

  async function consentPage(asking: TestApp, differences: Record<string, string>): Promise<Answer> {
    return agent.follow(await agent.get(authorizeUrl(clinch.url, asking, differences)));
  }

  it('in the words of the API, which stay text', async () => {
    const careful = await anAppWith({ requireConsent: true });
    const page = await consentPage(careful, ask);
    expect(page.text).toContain('See your orders');
    expect(page.text).toContain('Order &lt;desk>');
    expect(page.text).toMatch(/<span class="scope-title">status<\/span>/);
    expect(page.text).not.toContain('Place orders for you');
    const answer = responseParameters(await agent.press(page, 'allow'));
    expectToken(await redeem(clinch.url, careful, answer.get('code') ?? ''), ORDERS, 'orders:read status');
  });

  it('once, and again for a scope of the same name at another API', async () => {
    const careful = await anAppWith({ requireConsent: true });
    await agent.press(await consentPage(careful, ask), 'allow');
    const again = await consentPage(careful, ask);
    expect(responseParameters(again).get('code')).not.toBeNull();
    const elsewhere = await consentPage(careful, { scope: 'openid status', resource: STOCK });
    expect(elsewhere.text).toContain('See the stock');
  });
});

describe('RFC 8707 with the other grants of a person', () => {
  const GRANTS = ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT];

  it('a refresh brings a token for the same API, or for userinfo when asked, and for no other', async () => {
    const own = await anAppWith({ grantTypes: GRANTS, refreshTokenIssuance: 'always' });
    const browser = await signedIn(clinch, own, person);
    const code = await codeOf(clinch, browser, own, { scope: 'openid status', resource: ORDERS });
    // The first token is for userinfo already; what was granted stays granted.
    const first = await redeem(clinch.url, own, code, { resource: clinch.url });
    expectToken(first, clinch.url, 'openid');
    let token = String(first.body['refresh_token']);
    const next = async (differences: Record<string, string> = {}) => {
      const answer = await refresh(clinch.url, own, token, differences);
      token = (answer.body['refresh_token'] as string | undefined) ?? token;
      return answer;
    };
    expectToken(await next(), ORDERS, 'status');
    expectToken(await next({ resource: ORDERS }), ORDERS, 'status');
    const again = await next({ resource: clinch.url });
    expectToken(again, clinch.url, 'openid');
    expect(await userinfoStatus(again)).toBe(200);
    expectError(await next({ resource: STOCK }), 'invalid_target');
    expectError(await next({ resource: 'not a uri' }), 'invalid_target');
    expectToken(await next(), ORDERS, 'status');
    // What was taken from the app since is in no token.
    await changeApp(clinch, own, { apiAccess: [{ resource: ORDERS, scope: 'orders:read' }] });
    expectToken(await next(), ORDERS, '');
    await changeApp(clinch, own, { apiAccess: [] });
    expectError(await next(), 'invalid_target');
  });

  it('a device gets a token for the API that its person was asked about', async () => {
    const own = await anAppWith({ grantTypes: GRANTS, tokenEndpointAuthMethod: 'none' });
    const codes = await askForCodes(clinch.url, own, { scope: 'openid orders:read orders:write', resource: ORDERS });
    const { agent: phone, page } = await confirmationPage(clinch.url, codes, person);
    expect(page.text).toContain('See your orders');
    expect(page.text).toContain('Order &lt;desk');
    expect(page.text).not.toContain('Place orders for you');
    await phone.press(page, 'allow');
    const form = { grant_type: DEVICE_CODE_GRANT, device_code: codes.device_code, client_id: own.clientId };
    const tokens = await postToken(clinch.url, form);
    expectToken(tokens, ORDERS, 'orders:read');
    expect(tokens.body).toHaveProperty('id_token');
  });

  it.each([STOCK.toUpperCase(), 'https://nowhere.example', 'javascript:alert(1)', 'https://orders.example.com#x'])(
    'a device is told that it may not ask for %s',
    async (resource) => {
      const own = await anAppWith({ grantTypes: GRANTS, tokenEndpointAuthMethod: 'none' });
      const body = new URLSearchParams({ client_id: own.clientId, resource });
      const answer = await fetch(`${clinch.url}/oidc/device_authorization`, { method: 'POST', body });
      expect([answer.status, ((await answer.json()) as Json)['error']]).toEqual([400, 'invalid_target']);
    },
  );
});
