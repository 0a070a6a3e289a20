import { describe, expect, it } from 'vitest';
import type { GrantedResource } from '../app-registry/resource-access.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { scopeOn, scopeWithoutResource, type ClientScope } from './client-scope.js';

function granted(identifier: string, scope: readonly string[]): GrantedResource {
  const resource = { id: identifier, identifier, name: identifier, accessTokenLifetime: null, clientIds: [] };
  return { resource: { ...resource, scopes: [], createdAt: null, updatedAt: null }, scope };
}
const orders = granted('urn:example:orders', ['read', 'orders:write']);
const stock = granted('urn:example:stock', ['read', 'stock:write']);
const audience = granted('urn:example:audience', []);

function codeOf(decide: () => ClientScope): string {
  try {
    return JSON.stringify(decide());
  } catch (error) {
    return error instanceof OAuthError ? error.code : 'another error';
  }
}

describe('RFC 8707 §2: a scope on an API', () => {
  it('is all that there is, or what was asked for', () => {
    expect(scopeOn(orders, undefined)).toEqual({ resource: 'urn:example:orders', scope: ['read', 'orders:write'] });
    expect(scopeOn(orders, ['orders:write'])).toEqual({ resource: 'urn:example:orders', scope: ['orders:write'] });
    expect(scopeOn(audience, undefined)).toEqual({ resource: 'urn:example:audience', scope: [] });
  });

  it('is refused as a whole when a part of it is not there', () => {
    expect(codeOf(() => scopeOn(orders, ['read', 'stock:write']))).toBe('invalid_scope');
    expect(codeOf(() => scopeOn(audience, ['read']))).toBe('invalid_scope');
  });
});

describe('a request without resource', () => {
  it.each<[string, string | undefined, string[], GrantedResource[], ClientScope]>([
    ['has what it has, without any API', undefined, ['a', 'b'], [], { scope: ['a', 'b'] }],
    ['may have nothing at all', undefined, [], [], { scope: [] }],
    ['means the only API there is', undefined, [], [orders], scopeOn(orders, undefined)],
    ['means no API when there are two', undefined, [], [orders, stock], { scope: [] }],
    ['means what is its own beside an API', undefined, ['a'], [orders], { scope: ['a'] }],
    ['means the API whose scope it asks for', 'stock:write', ['a'], [orders, stock], scopeOn(stock, ['stock:write'])],
    [
      'means the API that has all of it',
      'read stock:write',
      [],
      [orders, stock],
      scopeOn(stock, ['read', 'stock:write']),
    ],
    ['means its own scope when it asks for that', 'a', ['a', 'b'], [orders], { scope: ['a'] }],
  ])('%s', (_, scope, own, apis, expected) => {
    expect(scopeWithoutResource(scope?.split(' '), own, apis)).toEqual(expected);
  });

  it.each<[string, string, string[], GrantedResource[], string]>([
    ['a scope that nothing has', 'x', ['a'], [orders], 'invalid_scope'],
    ['a scope that is there in part', 'read x', ['a'], [orders], 'invalid_scope'],
    ['a scope that two APIs have', 'read', [], [orders, stock], 'invalid_target'],
    ['scopes of two APIs', 'orders:write stock:write', [], [orders, stock], 'invalid_target'],
    ['a scope of an API and its own', 'a orders:write', ['a'], [orders], 'invalid_target'],
  ])('is refused with %s', (_, scope, own, apis, code) => {
    expect(codeOf(() => scopeWithoutResource(scope.split(' '), own, apis))).toBe(code);
  });
});
