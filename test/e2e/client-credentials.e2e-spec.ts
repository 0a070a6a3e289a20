import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { claimsOf } from '../security/support/arrange.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp, type TestApp } from '../support/builders.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, postToken, type TokenAnswer } from '../support/user-agent.js';

const ORDERS = 'https://orders.example.com';
const STOCK = 'urn:example:stock';
const PRINTING = 'api://printing';

let clinch: TestClinch;
let admin: AdminApi;
let ordersPath: string;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  const scopes = [{ name: 'orders:read' }, { name: 'orders:write' }, { name: 'status' }];
  const orders = { identifier: ORDERS, name: 'Orders', scopes, access_token_lifetime: 300 };
  ordersPath = `api-resources/${String((await admin.made('api-resources', orders))['id'])}`;
  const stock = { identifier: STOCK, name: 'Stock', scopes: [{ name: 'stock:write' }, { name: 'status' }] };
  await admin.made('api-resources', stock);
  await admin.made('api-resources', { identifier: PRINTING, name: 'Printing' });
});
afterAll(() => clinch.stop());

function aMachine(differences: Partial<ClientEntity> = {}): Promise<TestApp> {
  return anApp(clinch, { grantTypes: ['client_credentials'], redirectUris: [], scope: '', ...differences });
}

function ask(app: TestApp, form: Record<string, string> | [string, string][] = {}): Promise<TokenAnswer> {
  const body = new URLSearchParams(form);
  body.set('grant_type', 'client_credentials');
  return postToken(clinch.url, body, credentials(app).headers);
}

/** The audience and the scope of the token, after a look at the rest of the answer. */
function expectToken({ status, headers, body }: TokenAnswer, aud: string, scope: string, lifetime = 7200): Json {
  expect(status, JSON.stringify(body)).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  const claims = claimsOf(body['access_token']);
  expect([claims['aud'], claims['scope'] ?? '', body['scope'] ?? '']).toEqual([aud, scope, scope]);
  expect(body['expires_in']).toBe(lifetime);
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(lifetime);
  expect(body).not.toHaveProperty('id_token');
  expect(body).not.toHaveProperty('refresh_token');
  return claims;
}

function expectError({ status, body }: TokenAnswer, error: string): void {
  expect([status, body['error']], JSON.stringify(body)).toEqual([400, error]);
  expect(body).not.toHaveProperty('access_token');
}

const BOTH = [
  { resource: ORDERS, scope: 'orders:read status' },
  { resource: STOCK, scope: 'stock:write status' },
];

describe('RFC 8707 §2: a client names the API', () => {
  it('gets what it may have there, and the lifetime of that API', async () => {
    const app = await aMachine({ apiAccess: BOTH });
    const claims = expectToken(await ask(app, { resource: ORDERS }), ORDERS, 'orders:read status', 300);
    expect(claims).toMatchObject({ iss: clinch.url, sub: app.clientId, client_id: app.clientId });
    expectToken(await ask(app, { resource: STOCK }), STOCK, 'stock:write status');
    expectToken(await ask(app, { resource: ORDERS, scope: 'status' }), ORDERS, 'status', 300);
    expectToken(await ask(app, { resource: STOCK, scope: 'status' }), STOCK, 'status');
  });

  it('gets a token that verifies by the issuer’s keys alone (RFC 9068 §4)', async () => {
    const { body } = await ask(await aMachine({ apiAccess: BOTH }), { resource: ORDERS });
    const keys = createRemoteJWKSet(new URL(`${clinch.url}/oidc/jwks`));
    const rules = { issuer: clinch.url, audience: ORDERS, typ: 'at+jwt', algorithms: ['RS256'] };
    const { payload } = await jwtVerify(String(body['access_token']), keys, rules);
    expect(payload).toMatchObject({ aud: ORDERS, scope: 'orders:read status' });
  });

  it('gets a token for an API without scopes', async () => {
    const app = await aMachine({ apiAccess: [{ resource: PRINTING, scope: '' }] });
    expectToken(await ask(app, { resource: PRINTING }), PRINTING, '');
    expectError(await ask(app, { resource: PRINTING, scope: 'print' }), 'invalid_scope');
  });

  it('gets no scope that it was not given there', async () => {
    const app = await aMachine({ apiAccess: BOTH, scope: 'reports:write' });
    for (const scope of ['orders:write', 'orders:read stock:write', 'reports:write', 'openid', 'x']) {
      expectError(await ask(app, { resource: ORDERS, scope }), 'invalid_scope');
    }
  });

  it('gets nothing for an API that is not there, or not for it', async () => {
    const app = await aMachine({ apiAccess: [{ resource: ORDERS, scope: 'orders:read' }] });
    const foreign = ['https://nowhere.example', STOCK, `${ORDERS}/`, `${clinch.url}/admin/api/v1`, `${clinch.url}/`];
    const malformed = ['orders', `${ORDERS}#x`, `${ORDERS}\0`, '\0', 'https://', 'x'.repeat(2000)];
    for (const resource of [...foreign, ...malformed]) expectError(await ask(app, { resource }), 'invalid_target');
  });

  it('names one API at a time', async () => {
    const app = await aMachine({ apiAccess: BOTH });
    for (const second of [STOCK, ORDERS, '']) {
      expectError(
        await ask(app, [
          ['resource', ORDERS],
          ['resource', second],
        ]),
        'invalid_target',
      );
    }
    expectError(
      await ask(app, [
        ['scope', 'status'],
        ['scope', 'status'],
      ]),
      'invalid_request',
    );
  });

  it('means Clinch itself by the issuer', async () => {
    const app = await aMachine({ apiAccess: BOTH, scope: 'openid reports:write clinch:users:read' });
    expectToken(await ask(app, { resource: clinch.url }), clinch.url, 'reports:write');
    for (const scope of ['orders:read', 'openid', 'clinch:users:read']) {
      expectError(await ask(app, { resource: clinch.url, scope }), 'invalid_scope');
    }
  });

  it('loses with the next token what is taken away', async () => {
    const app = await aMachine({ apiAccess: [{ resource: ORDERS, scope: 'orders:read orders:write' }] });
    await admin.call('PATCH', ordersPath, { scopes: [{ name: 'orders:read' }, { name: 'status' }] });
    expectToken(await ask(app, { resource: ORDERS }), ORDERS, 'orders:read', 300);
    const scopes = [{ name: 'orders:read' }, { name: 'orders:write' }, { name: 'status' }];
    await admin.call('PATCH', ordersPath, { scopes, access_token_lifetime: 300 });
    await admin.call('PATCH', `apps/${app.clientId}`, { api_access: [] });
    expectError(await ask(app, { resource: ORDERS }), 'invalid_target');
  });
});

describe('a client that names no API', () => {
  it('means the only one that it has', async () => {
    const app = await aMachine({ apiAccess: [{ resource: ORDERS, scope: 'orders:read' }] });
    expectToken(await ask(app), ORDERS, 'orders:read', 300);
  });

  it('means the one whose scope it asks for', async () => {
    const app = await aMachine({ apiAccess: BOTH, scope: 'reports:write' });
    expectToken(await ask(app, { scope: 'orders:read' }), ORDERS, 'orders:read', 300);
    expectToken(await ask(app, { scope: 'stock:write status' }), STOCK, 'stock:write status');
    expectToken(await ask(app, { scope: 'reports:write' }), clinch.url, 'reports:write');
    expectToken(await ask(app), clinch.url, 'reports:write');
  });

  it('is asked to name it when the scope does not say which one is meant', async () => {
    const app = await aMachine({ apiAccess: BOTH, scope: 'reports:write' });
    for (const scope of ['status', 'orders:read stock:write', 'reports:write orders:read']) {
      const answer = await ask(app, { scope });
      expectError(answer, 'invalid_target');
      expect(answer.body['error_description']).toContain('resource');
    }
    expectError(await ask(app, { scope: 'orders:read orders:cancel' }), 'invalid_scope');
  });

  it('has what it always had when it has no API', async () => {
    const app = await aMachine({ scope: 'openid reports:read reports:write' });
    expectToken(await ask(app), clinch.url, 'reports:read reports:write');
    expectToken(await ask(app, { scope: 'reports:read' }), clinch.url, 'reports:read');
  });
});

describe('the admin API is one of them', () => {
  const adminApi = () => `${clinch.url}/admin/api/v1`;

  it('by its scope, by its identifier, and by nothing at all', async () => {
    const headers = { Authorization: `Basic ${Buffer.from(`${OPERATOR.id}:${OPERATOR.secret}`).toString('base64')}` };
    const ways: Record<string, string>[] = [{}, { scope: 'clinch:admin' }, { resource: adminApi() }];
    for (const more of ways) {
      const answer = await postToken(clinch.url, { grant_type: 'client_credentials', ...more }, headers);
      expectToken(answer, adminApi(), 'clinch:admin');
    }
  });

  it('as far as the app’s own scope goes', async () => {
    const app = await aMachine({ scope: 'clinch:users:read clinch:apps:read reports:write', apiAccess: BOTH });
    expectToken(await ask(app, { scope: 'clinch:users:read' }), adminApi(), 'clinch:users:read');
    expectToken(await ask(app, { resource: adminApi() }), adminApi(), 'clinch:users:read clinch:apps:read');
    expectError(await ask(app, { resource: adminApi(), scope: 'clinch:admin' }), 'invalid_scope');
    expectError(await ask(app, { scope: 'clinch:users:read reports:write' }), 'invalid_target');
  });

  it('never by an entry in api_access', async () => {
    const app = await aMachine({ apiAccess: [{ resource: adminApi(), scope: 'clinch:admin' }] });
    expectError(await ask(app, { resource: adminApi() }), 'invalid_target');
    expectError(await ask(app, { scope: 'clinch:admin' }), 'invalid_scope');
  });
});
