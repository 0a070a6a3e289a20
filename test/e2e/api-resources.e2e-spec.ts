import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiResourceAdministration } from '../../src/api-resource/api-resource-administration.js';
import { ApiResources } from '../../src/api-resource/api-resources.js';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { anApp } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let admin: AdminApi;
let made = 0;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

const identifier = () => `https://orders.example.com/${++made}`;
const SCOPES = [{ name: 'orders:read', description: 'See your orders' }, { name: 'orders:write' }];

async function anApi(differences: object = {}): Promise<Json> {
  return admin.made('api-resources', { identifier: identifier(), name: 'Orders', ...differences });
}
const MACHINE = { client_name: 'Machine', grant_types: ['client_credentials'], scope: 'reports:write' };
const pathOf = (api: Json) => `api-resources/${String(api['id'])}`;

describe('the registry of APIs', () => {
  it('has the defaults of the contract', async () => {
    const api = await anApi();
    expect(api).toEqual({
      id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/) as string,
      identifier: api['identifier'],
      name: 'Orders',
      scopes: [],
      access_token_lifetime: null,
      client_ids: [],
      created_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      updated_at: api['created_at'],
    });
    expect((await admin.call('GET', pathOf(api))).body).toEqual(api);
  });

  it('changes what is sent, replaces the rest, and never the identifier', async () => {
    const api = await anApi({ scopes: SCOPES, access_token_lifetime: 600 });
    const changed = await admin.call('PATCH', pathOf(api), { name: 'Sales' });
    expect(changed.body).toMatchObject({ name: 'Sales', scopes: SCOPES, access_token_lifetime: 600 });
    const replaced = await admin.call('PUT', pathOf(api), { name: 'Stock' });
    expect(replaced.body).toMatchObject({ identifier: api['identifier'], name: 'Stock', scopes: [] });
    expect(replaced.body).toMatchObject({ access_token_lifetime: null, created_at: api['created_at'] });
    for (const method of ['PATCH', 'PUT']) {
      const answer = await admin.call(method, pathOf(api), { name: 'x', identifier: identifier() });
      expect(answer.status).toBe(400);
      expect(fieldsOf(answer)).toEqual(['identifier']);
      const same = await admin.call(method, pathOf(api), { name: 'x', identifier: api['identifier'] });
      expect(same.status).toBe(200);
    }
  });

  it('takes an identifier once', async () => {
    const { identifier: taken } = await anApi();
    const answer = await admin.call('POST', 'api-resources', { identifier: taken, name: 'Other' });
    expect(answer).toMatchObject({ status: 409, body: { type: 'urn:clinch:problem:conflict' } });
    expect(fieldsOf(answer)).toEqual(['identifier']);
    const own = await admin.call('POST', 'api-resources', { identifier: `${clinch.url}/admin/api/v1`, name: 'x' });
    expect(own.status).toBe(409);
  });

  it.each<[string, object, string]>([
    ['an unknown field', { is_admin: true }, 'is_admin'],
    ['an id', { id: 'mine' }, 'id'],
    ['no address', { identifier: 'orders' }, 'identifier'],
    ['a fragment', { identifier: 'https://orders.example.com/#x' }, 'identifier'],
    ['the issuer', { identifier: '{issuer}' }, 'identifier'],
    ['no name', { name: '' }, 'name'],
    ['a lifetime of 299 seconds', { access_token_lifetime: 299 }, 'access_token_lifetime'],
    ['a lifetime of 86401 seconds', { access_token_lifetime: 86_401 }, 'access_token_lifetime'],
    ['a scope of OpenID Connect', { scopes: [{ name: 'openid' }] }, 'scopes.0.name'],
    ['a scope of Clinch', { scopes: [{ name: 'clinch:admin' }] }, 'scopes.0.name'],
    ['a scope without a name', { scopes: [{ description: 'x' }] }, 'scopes.0.name'],
    ['an unknown field of a scope', { scopes: [{ name: 'a', admin: true }] }, 'scopes.0.admin'],
    ['a scope that is a text', { scopes: ['orders:read'] }, 'scopes'],
    ['a list of lists', { scopes: [[{ name: 'a' }]] }, 'scopes'],
    ['a scope twice', { scopes: [{ name: 'a' }, { name: 'a' }] }, 'scopes.1.name'],
    ['an app that is not there', { client_ids: ['nobody'] }, 'client_ids.0'],
    ['scopes that are null', { scopes: null }, 'scopes'],
  ])('refuses %s by name', async (_, differences, field) => {
    const body = JSON.stringify({ identifier: identifier(), name: 'Orders', ...differences });
    const answer = await admin.call('POST', 'api-resources', body.replace('{issuer}', clinch.url));
    expect(answer).toMatchObject({ status: 400, body: { type: 'urn:clinch:problem:invalid-field' } });
    expect(new Set(fieldsOf(answer))).toEqual(new Set([field]));
  });

  it('is stood for by confidential apps only', async () => {
    const backend = await anApp(clinch, { grantTypes: ['client_credentials'] });
    const publicApp = await anApp(clinch, { tokenEndpointAuthMethod: 'none' });
    const api = await anApi({ client_ids: [backend.clientId] });
    expect(api['client_ids']).toEqual([backend.clientId]);
    const refused = await admin.call('PATCH', pathOf(api), { client_ids: [backend.clientId, publicApp.clientId] });
    expect(fieldsOf(refused)).toEqual(['client_ids.1']);
  });

  it('is stood for no longer by an app that was deleted, whose id another one may get', async () => {
    const first = await anApp(clinch, { grantTypes: ['client_credentials'] });
    const second = await anApp(clinch, { grantTypes: ['client_credentials'] });
    const api = await anApi({ client_ids: [first.clientId, second.clientId] });
    expect((await admin.call('DELETE', `apps/${first.clientId}`)).status).toBe(204);
    expect((await admin.call('GET', pathOf(api))).body['client_ids']).toEqual([second.clientId]);
  });

  it('ends with its deletion', async () => {
    const api = await anApi();
    expect((await admin.call('DELETE', pathOf(api))).status).toBe(204);
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : { name: 'x' };
      expect((await admin.call(method, pathOf(api), body)).status, method).toBe(404);
    }
    await admin.made('api-resources', { identifier: api['identifier'], name: 'Again' });
  });

  it('loses no change to another at the same time: it is there, or it was refused', async () => {
    // Without HTTP between them, so that both have read the API before one of them writes it.
    const administration = clinch.app.get(ApiResourceAdministration);
    for (let round = 0; round < 5; round += 1) {
      const api = await anApi();
      const changes = [{ name: 'Other' }, { access_token_lifetime: 300 }, { scopes: [{ name: `scope:${round}` }] }];
      const outcomes = await Promise.allSettled(
        changes.map((each) => administration.change(String(api['id']), each, {})),
      );
      const { body } = await admin.call('GET', pathOf(api));
      expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
      outcomes.forEach((outcome, index) => {
        if (outcome.status === 'fulfilled') expect(body).toMatchObject(changes[index] ?? {});
        else expect(outcome.reason).toMatchObject({ status: 409 });
      });
    }
  });

  it('is walked page by page, the admin API first', async () => {
    for (let each = 0; each < 3; each += 1) await anApi();
    const seen: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = `limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = await admin.call('GET', `api-resources?${query}`);
      expect(body['items']).toHaveLength(1);
      seen.push(...(body['items'] as Json[]).map(({ id }) => id));
      cursor = body['next_cursor'] as string | null;
    }
    const all = (await admin.call('GET', 'api-resources?limit=200')).body['items'] as Json[];
    expect(seen).toEqual(all.map(({ id }) => id));
    expect(seen[0]).toBe('clinch-admin');
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('the admin API among them', () => {
  it('says what it is', async () => {
    const { body } = await admin.call('GET', 'api-resources/clinch-admin');
    expect(body).toMatchObject({ id: 'clinch-admin', identifier: `${clinch.url}/admin/api/v1`, created_at: null });
    expect((body['scopes'] as Json[]).map(({ name }) => name)).toContain('clinch:admin');
  });

  it('cannot be changed', async () => {
    for (const method of ['PATCH', 'PUT', 'DELETE']) {
      const body = method === 'DELETE' ? undefined : { name: 'Mine' };
      const answer = await admin.call(method, 'api-resources/clinch-admin', body);
      expect(answer).toMatchObject({
        status: 409,
        body: { detail: expect.stringContaining('own admin API') as string },
      });
    }
  });
});

describe('what the flows see', () => {
  it('is a change at once, on this node', async () => {
    const apis = clinch.app.get(ApiResources);
    const wanted = identifier();
    expect(await apis.find(wanted)).toBeUndefined();
    const api = await admin.made('api-resources', { identifier: wanted, name: 'Orders' });
    expect(await apis.find(wanted)).toMatchObject({ name: 'Orders' });
    await admin.call('PATCH', pathOf(api), { name: 'Sales' });
    expect(await apis.find(wanted)).toMatchObject({ name: 'Sales' });
    await admin.call('DELETE', pathOf(api));
    expect(await apis.find(wanted)).toBeUndefined();
  });

  it('is found byte for byte', async () => {
    const api = await anApi();
    const exact = String(api['identifier']);
    const apis = clinch.app.get(ApiResources);
    expect(await apis.find(exact)).toBeDefined();
    for (const other of [`${exact}/`, exact.toUpperCase(), `${exact}?`, `${exact}#x`, `${exact}\0`, '']) {
      expect(await apis.find(other), other).toBeUndefined();
    }
  });
});

describe('what apps may have on them (api_access)', () => {
  it('has access to scopes of registered APIs, each by name', async () => {
    const resource = identifier();
    await admin.made('api-resources', { identifier: resource, name: 'Orders', scopes: [{ name: 'orders:read' }] });
    const access = [{ resource, scope: 'orders:read' }];
    const app = await admin.made('apps', { ...MACHINE, api_access: access });
    expect(app['api_access']).toEqual(access);
    const path = `apps/${String(app['client_id'])}`;
    expect((await admin.call('GET', path)).body['api_access']).toEqual(access);
    const refused: [object, string[]][] = [
      [[{ resource: 'https://nowhere.example', scope: '' }], ['api_access.0.resource']],
      [[{ resource, scope: 'orders:write' }], ['api_access.0.scope']],
      [[...access, ...access], ['api_access.1.resource']],
      [[{ resource, scope: 'orders:read', admin: true }], ['api_access.0.admin']],
      [['orders:read'], ['api_access']],
      [[{ resource: `${clinch.url}/admin/api/v1`, scope: 'clinch:admin' }], ['api_access.0.resource']],
    ];
    for (const [body, fields] of refused) {
      const answer = await admin.call('PATCH', path, { api_access: body });
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_client_metadata' } });
      expect([...new Set(fieldsOf(answer))], JSON.stringify(body)).toEqual(fields);
    }
    expect((await admin.call('PATCH', path, { client_name: 'Other' })).body['api_access']).toEqual(access);
    expect((await admin.call('PUT', path, MACHINE)).body['api_access']).toEqual([]);
  });

  it('can still be changed when an API that it has access to is gone', async () => {
    const api = await admin.made('api-resources', { identifier: 'urn:example:gone', name: 'Gone' });
    const app = await admin.made('apps', { ...MACHINE, api_access: [{ resource: 'urn:example:gone', scope: '' }] });
    await admin.call('DELETE', `api-resources/${String(api['id'])}`);
    const answer = await admin.call('PATCH', `apps/${String(app['client_id'])}`, { client_name: 'Other' });
    expect(answer).toMatchObject({ status: 200, body: { client_name: 'Other', api_access: app['api_access'] } });
  });
});
