import { describe, expect, it } from 'vitest';
import { AdminScopeError, adminScopesOf, areaOf, covers, neededScope } from './admin-scope.js';

describe('what an operation of the admin API needs', () => {
  it.each([
    ['apps', 'GET', 'clinch:apps:read'],
    ['apps/:client_id/secrets', 'GET', 'clinch:apps:read'],
    ['apps/:client_id/secrets', 'HEAD', 'clinch:apps:read'],
    ['apps/:client_id/secrets', 'POST', 'clinch:apps:write'],
    ['users', 'PATCH', 'clinch:users:write'],
    ['users', 'DELETE', 'clinch:users:write'],
    ['api-resources', 'PUT', 'clinch:api-resources:write'],
  ])('at %s with %s is %s', (path, method, scope) => {
    expect(neededScope(areaOf(path), method)).toBe(scope);
  });
});

describe('what a scope allows', () => {
  it.each<[string, string, boolean]>([
    ['clinch:admin', 'clinch:users:write', true],
    ['clinch:users:write', 'clinch:users:write', true],
    ['clinch:users:write', 'clinch:users:read', false],
    ['clinch:users:read', 'clinch:users:write', false],
    ['clinch:apps:read clinch:apps:write', 'clinch:users:read', false],
    ['clinch:apps:read clinch:apps:write', 'clinch:admin', false],
    ['', 'clinch:users:read', false],
    ['clinch: clinch:users users:read', 'clinch:users:read', false],
  ])('%j, what needs %s: %s', (granted, needed, allowed) => {
    expect(covers(granted.split(' '), needed)).toBe(allowed);
  });

  it('knows its own among others', () => {
    expect(adminScopesOf('openid clinch:users:read reports:clinch: clinch:x')).toEqual([
      'clinch:users:read',
      'clinch:x',
    ]);
    expect(adminScopesOf('')).toEqual([]);
  });
});

describe('RFC 6750 §3.1: insufficient_scope', () => {
  it('names what is needed', () => {
    const error = new AdminScopeError('clinch:users:read');
    expect(error).toMatchObject({ status: 403, code: 'insufficient_scope', scope: 'clinch:users:read' });
    expect(error.description).toContain('clinch:users:read');
  });
});
