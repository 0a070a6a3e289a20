import { describe, expect, it } from 'vitest';
import { ADMIN_API_ID, type ApiResource } from '../api-resource/api-resource.js';
import type { ApiResources } from '../api-resource/api-resources.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { newClientEntity } from './client-defaults.js';
import type { ClientEntity } from './client.entity.js';
import { Client } from './client.js';
import { ResourceAccess } from './resource-access.js';

const ORDERS = 'https://orders.example.com';
const STOCK = 'urn:example:stock';
const ISSUER = 'https://id.example.com';
const ADMIN = `${ISSUER}/admin/api/v1`;

function anApi(id: string, identifier: string, names: readonly string[]): ApiResource {
  const scopes = names.map((name) => ({ name }));
  return {
    id,
    identifier,
    name: id,
    scopes,
    accessTokenLifetime: null,
    clientIds: [],
    createdAt: null,
    updatedAt: null,
  };
}
const admin = anApi(ADMIN_API_ID, ADMIN, ['clinch:admin', 'clinch:users:read']);
const APIS = [anApi('orders', ORDERS, ['orders:read', 'orders:write']), anApi('stock', STOCK, []), admin];

const access = new ResourceAccess(
  {
    find: async (identifier: string) => APIS.find((api) => api.identifier === identifier),
    admin: () => admin,
  } as ApiResources,
  ClinchConfig.fromEnvironment({ CLINCH_ISSUER: ISSUER }),
);

function aClient(differences: Partial<ClientEntity>): Client {
  return new Client(Object.assign(newClientEntity('sample', 'Sample'), differences), []);
}

async function faultOf(identifier: string, client: Client): Promise<string> {
  const error: unknown = await access.resolve(identifier, client).catch((thrown: unknown) => thrown);
  return error instanceof OAuthError ? `${error.code}: ${error.description ?? ''}` : 'none';
}

const reader = aClient({ apiAccess: [{ resource: ORDERS, scope: 'orders:read' }] });

describe('RFC 8707 §2: the API that an app asks for', () => {
  it('comes with what the app may have on it', async () => {
    const { resource, scope } = await access.resolve(ORDERS, reader);
    expect(resource.id).toBe('orders');
    expect(scope).toEqual(['orders:read']);
  });

  it('leaves out what was taken off the API since', async () => {
    const client = aClient({ apiAccess: [{ resource: ORDERS, scope: 'orders:cancel orders:read' }] });
    expect((await access.resolve(ORDERS, client)).scope).toEqual(['orders:read']);
  });

  it('may be had for its audience alone', async () => {
    expect((await access.resolve(STOCK, aClient({ apiAccess: [{ resource: STOCK, scope: '' }] }))).scope).toEqual([]);
  });

  it.each([
    ['malformed', 'orders', /absolute URI/],
    ['with a fragment', `${ORDERS}#x`, /fragment/],
    ['with a NUL', `${ORDERS}\0`, /printable/],
  ])('is refused when it is %s', async (_, identifier, words) => {
    const fault = await faultOf(identifier, reader);
    expect(fault).toMatch(/^invalid_target: resource /);
    expect(fault).toMatch(words);
  });

  it('is refused alike when it is unknown and when it is not for this app', async () => {
    const unknown = await faultOf('https://nowhere.example', reader);
    expect(unknown).toMatch(/^invalid_target: /);
    expect(await faultOf(STOCK, reader)).toBe(unknown);
    expect(await faultOf(ADMIN, reader)).toBe(unknown);
    expect(await faultOf(`${ORDERS}/`, reader)).toBe(unknown);
  });

  it('is the admin API by the app’s own scope, and by no entry in api_access', async () => {
    const administrator = aClient({ scope: 'reports:write clinch:users:read clinch:unknown:read' });
    expect((await access.resolve(ADMIN, administrator)).scope).toEqual(['clinch:users:read']);
    const sly = aClient({ apiAccess: [{ resource: ADMIN, scope: 'clinch:admin' }] });
    expect(await faultOf(ADMIN, sly)).toMatch(/^invalid_target/);
  });
});

describe('an API that a person is sent for', () => {
  it('is Clinch itself by the issuer and by nothing at all', async () => {
    expect(await access.resolveForPerson(undefined, reader)).toBeUndefined();
    expect(await access.resolveForPerson(ISSUER, reader)).toBeUndefined();
  });

  it('is the one that the app has, and never the admin API', async () => {
    expect((await access.resolveForPerson(ORDERS, reader))?.scope).toEqual(['orders:read']);
    await expect(access.resolveForPerson(STOCK, reader)).rejects.toMatchObject({ code: 'invalid_target' });
    const administrator = aClient({ scope: 'openid clinch:admin' });
    await expect(access.resolveForPerson(ADMIN, administrator)).rejects.toMatchObject({ code: 'invalid_target' });
  });
});

describe('every API of an app', () => {
  it('is those that are still there, and the admin API if it has scopes of it', async () => {
    const gone = { resource: 'https://gone.example', scope: 'x' };
    const apiAccess = [gone, { resource: ORDERS, scope: 'orders:write' }];
    const ids = async (client: Client) => (await access.all(client)).map(({ resource }) => resource.id);
    expect(await ids(aClient({ apiAccess }))).toEqual(['orders']);
    expect(await ids(aClient({ apiAccess, scope: 'clinch:admin' }))).toEqual(['orders', ADMIN_API_ID]);
    expect(await ids(aClient({}))).toEqual([]);
  });
});

describe('OpenID Connect Core 1.0 §11: offline_access', () => {
  it('is of no use to an app without the refresh_token grant', () => {
    const scope = 'openid offline_access';
    expect(aClient({ scope }).scope).toEqual(['openid']);
    expect(aClient({ scope, grantTypes: ['authorization_code', 'refresh_token'] }).scope).toEqual([
      'openid',
      'offline_access',
    ]);
  });
});
