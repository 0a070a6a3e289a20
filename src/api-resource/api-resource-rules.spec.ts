import { describe, expect, it } from 'vitest';
import type { ApiFields } from './api-resource.dto.js';
import { apiProblems, scopeNameFault, type ApiRuleContext } from './api-resource-rules.js';
import { newApi, toApi, withFields } from './api-resource-wire.js';

const CONTEXT: ApiRuleContext = {
  issuer: 'https://id.example.com',
  isConfidentialApp: async (clientId) => clientId === 'orders-backend',
};

function anApi(differences: ApiFields = {}) {
  const usual = withFields(newApi(), { identifier: 'https://orders.example.com', name: 'Orders' });
  return withFields(usual, differences);
}

async function problemsOf(differences: ApiFields): Promise<string[]> {
  const problems = await apiProblems(anApi(differences), CONTEXT);
  return problems.map(({ field, problem }) => `${field} ${problem}`);
}

describe('an API that is acceptable', () => {
  it.each<[string, ApiFields]>([
    ['one without scopes', {}],
    ['one with scopes', { scopes: [{ name: 'orders:read', description: 'See' }, { name: 'https://x.example/w' }] }],
    ['a name that another API has too', { scopes: [{ name: 'read' }] }],
    ['one with a backend', { client_ids: ['orders-backend'] }],
    ['one beside the issuer', { identifier: 'https://id.example.com/orders' }],
  ])('is %s', async (_, differences) => {
    expect(await problemsOf(differences)).toEqual([]);
  });
});

describe('an API that is not', () => {
  it.each<[string, ApiFields, RegExp]>([
    ['no identifier', { identifier: '' }, /^identifier is required/],
    ['the issuer', { identifier: 'https://id.example.com' }, /^identifier is Clinch itself/],
    ['the issuer with a slash', { identifier: 'https://id.example.com/' }, /^identifier is Clinch itself/],
    ['a fragment', { identifier: 'https://orders.example.com/#x' }, /^identifier may not hold a fragment/],
    ['no name', { name: ' ' }, /^name is required/],
    ['a scope twice', { scopes: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] }, /^scopes\.2\.name is there twice/],
    ['an unknown app', { client_ids: ['orders-backend', 'nobody'] }, /^client_ids\.1 is no registered app/],
  ])('has %s', async (_, differences, problem) => {
    const problems = await problemsOf(differences);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});

describe('RFC 6749 §3.3: the name of a scope', () => {
  it.each(['read', 'orders:read', 'https://api.example.com/orders.read', '!', 'x'.repeat(100)])('may be %s', (name) => {
    expect(scopeNameFault(name)).toBeUndefined();
  });

  it.each([undefined, '', 'a b', 'a"b', 'a\\b', 'ä', 'a\0', 'a\n', 'x'.repeat(101)])('may not be %j', (name) => {
    expect(scopeNameFault(name)).toBeDefined();
  });

  it.each(['openid', 'profile', 'email', 'phone', 'address', 'offline_access'])('may not be %s', (name) => {
    expect(scopeNameFault(name)).toMatch(/OpenID Connect/);
  });

  it.each(['clinch:admin', 'clinch:users:read', 'clinch:'])('may not be %s', (name) => {
    expect(scopeNameFault(name)).toMatch(/may not begin with clinch:/);
  });
});

describe('the wire', () => {
  it('gives back what was sent', () => {
    const scopes = [{ name: 'orders:read', description: 'See your orders' }, { name: 'orders:write' }];
    const sent = { scopes, access_token_lifetime: 600, client_ids: ['orders-backend'] };
    expect(toApi(anApi(sent))).toMatchObject({ identifier: 'https://orders.example.com', name: 'Orders', ...sent });
  });

  it('keeps what was not sent, and takes null for a value', () => {
    const api = withFields(anApi({ access_token_lifetime: 600 }), { name: 'Sales' });
    expect(toApi(api)).toMatchObject({ name: 'Sales', access_token_lifetime: 600 });
    expect(toApi(withFields(api, { access_token_lifetime: null }))).toMatchObject({ access_token_lifetime: null });
  });
});
