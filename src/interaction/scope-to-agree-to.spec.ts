import { describe, expect, it } from 'vitest';
import { NO_REQUESTED_CLAIMS } from '../protocol/requested-claims.js';
import { nameWithin } from './api-scope.js';
import { scopeToAgreeTo } from './scope-to-agree-to.js';

const ORDERS = 'https://orders.example.com';
const STOCK = 'https://orders.example.com/stock';
const client = { scope: ['openid', 'email'] };

function agreeTo(scope: string, resource?: string): string[] {
  const request = { scope: scope.split(' '), requestedClaims: NO_REQUESTED_CLAIMS };
  return scopeToAgreeTo(resource === undefined ? request : { ...request, resource }, client);
}

describe('what a person is asked about', () => {
  it('is the scope as it stands, without an API', () => {
    expect(agreeTo('openid email reports:read')).toEqual(['openid', 'email', 'reports:read']);
  });

  it('is the scopes of OpenID Connect by their names, and those of an API by its identifier too', () => {
    expect(agreeTo('openid offline_access read', ORDERS)).toEqual(['openid', 'offline_access', `${ORDERS}#read`]);
  });

  it('is never the same for two APIs that use one name', () => {
    expect(agreeTo('read', ORDERS)).not.toEqual(agreeTo('read', STOCK));
    expect(agreeTo('read', ORDERS)).not.toEqual(agreeTo('read'));
    expect(nameWithin(ORDERS, `${ORDERS}#read#all`)).toBe('read#all');
    expect(nameWithin(ORDERS, `${STOCK}#read`)).toBeUndefined();
    expect(nameWithin(ORDERS, 'read')).toBeUndefined();
  });

  it('is what single claims reach into, as far as the app may have it', () => {
    const requestedClaims = { idToken: ['email'], userinfo: ['phone_number'] };
    expect(scopeToAgreeTo({ scope: ['openid'], requestedClaims, resource: ORDERS }, client)).toEqual([
      'openid',
      'email',
    ]);
  });
});
