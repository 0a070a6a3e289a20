import { describe, expect, it } from 'vitest';
import { ADMIN_API_ID, type ApiResource } from '../api-resource/api-resource.js';
import { apiAccessProblems } from './api-access-rules.js';
import type { ApiAccess } from './client.entity.js';

const ORDERS = 'https://orders.example.com';
const ADMIN = 'https://id.example.com/admin/api/v1';

function anApi(id: string, identifier: string, names: readonly string[]): ApiResource {
  const scopes = names.map((name) => ({ name }));
  const times = { createdAt: new Date(), updatedAt: new Date() };
  return { id, identifier, name: id, scopes, accessTokenLifetime: null, clientIds: [], ...times };
}
const APIS = [
  anApi('orders', ORDERS, ['orders:read', 'orders:write']),
  anApi('plain', 'urn:example:plain', []),
  anApi(ADMIN_API_ID, ADMIN, ['clinch:admin']),
];

async function problemsOf(...access: Partial<ApiAccess>[]): Promise<string[]> {
  const find = async (identifier: string) => APIS.find((api) => api.identifier === identifier);
  return (await apiAccessProblems(access, find)).map(({ field, problem }) => `${field} ${problem}`);
}

describe('RFC 8707: what an app may have on APIs', () => {
  it.each<[string, ApiAccess[]]>([
    ['nothing', []],
    ['some scopes of an API', [{ resource: ORDERS, scope: 'orders:read' }]],
    ['the audience alone', [{ resource: ORDERS, scope: '' }]],
    [
      'several APIs',
      [
        { resource: ORDERS, scope: 'orders:write orders:read' },
        { resource: 'urn:example:plain', scope: '' },
      ],
    ],
  ])('takes %s', async (_, access) => {
    expect(await problemsOf(...access)).toEqual([]);
  });

  it.each<[string, Partial<ApiAccess>, RegExp]>([
    ['no resource', { scope: '' }, /^api_access\.0\.resource is required/],
    ['no scope', { resource: ORDERS }, /^api_access\.0\.scope is required/],
    ['no identifier', { resource: 'orders', scope: '' }, /^api_access\.0\.resource must be an absolute URI/],
    ['an unknown API', { resource: `${ORDERS}/`, scope: '' }, /^api_access\.0\.resource is no registered API/],
    [
      'an unknown scope',
      { resource: ORDERS, scope: 'orders:read x y' },
      /scope holds x, y; this API has orders:read, /,
    ],
    ['a scope of an API without any', { resource: 'urn:example:plain', scope: 'x' }, /this API has no scopes/],
    ['openid', { resource: ORDERS, scope: 'openid' }, /scope holds openid/],
    ['a scope twice', { resource: ORDERS, scope: 'orders:read orders:read' }, /holds a value twice/],
    ['the admin API', { resource: ADMIN, scope: 'clinch:admin' }, /begin with clinch:, go into the app’s own scope/],
  ])('refuses %s', async (_, access, problem) => {
    const problems = await problemsOf(access);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('refuses an API that is there twice, and names each fault', async () => {
    const problems = await problemsOf(
      { resource: ORDERS, scope: 'orders:read' },
      { resource: 'urn:example:plain', scope: 'x' },
      { resource: ORDERS, scope: 'orders:write' },
    );
    expect(problems.map((text) => text.split(' ')[0])).toEqual(['api_access.1.scope', 'api_access.2.resource']);
  });
});
