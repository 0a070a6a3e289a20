import { describe, expect, it } from 'vitest';
import { formActionSources, nearestRedirectUri, redirectUriFault, redirectUriMatches } from './redirect-uri.js';

describe('redirect URIs at registration (RFC 6749 §3.1.2, RFC 9700 §4.1.3, RFC 8252 §7)', () => {
  it.each([
    ['https://app.example/cb', 'web'],
    ['https://app.example/cb?tenant=1', 'web'],
    ['http://localhost:3001/callback', 'web'],
    ['http://127.0.0.1/cb', 'native'],
    ['http://[::1]/cb', 'native'],
    ['com.example.app:/callback', 'native'],
  ] as const)('takes %s for a %s app', (uri, type) => {
    expect(redirectUriFault(uri, type)).toBeUndefined();
  });

  it.each([
    ['/cb', 'relative'],
    ['//app.example/cb', 'scheme-relative'],
    ['https:///cb', 'without a host'],
    ['https:/cb', 'with one slash'],
    [' https://app.example/cb', 'with a blank before'],
    ['https://app.example/cb#x', 'with a fragment'],
    ['https://app.example/cb#', 'with an empty fragment'],
    ['https://*.example/cb', 'with a wildcard'],
    ['https://user:pass@app.example/cb', 'with credentials'],
    ['https://app.example@evil.example/cb', 'with another host behind an at sign'],
    ['https://app.example\\@evil.example/cb', 'with a backslash'],
    ['http://app.example/cb', 'http beyond loopback'],
    ['https://例子.example/cb', 'beyond ASCII'],
    ['https://app.example/c\tb', 'with a tab'],
    ['JavaScript:alert(1)', 'a script'],
    ['data:text/html,x', 'a data URI'],
    ['myapp:/cb', 'a scheme without a dot'],
    [`https://app.example/${'a'.repeat(2000)}`, 'too long'],
  ])('refuses %s (%s)', (uri) => {
    expect(redirectUriFault(uri, 'native')).toBeTypeOf('string');
  });

  it('keeps private-use schemes for native apps', () => {
    expect(redirectUriFault('com.example.app:/callback', 'web')).toContain('native');
  });
});

describe('redirect URIs in requests (RFC 9700 §4.1.3)', () => {
  const registered = ['https://app.example/cb', 'http://127.0.0.1/cb', 'http://[::1]/cb'];

  it.each([
    'https://app.example/cb/',
    'https://app.example/CB',
    'https://APP.example/cb',
    'https://app.example:443/cb',
    'https://app.example/%63b',
    'https://app.example/cb?x=1',
    'https://app.example/x/../cb',
    'http://app.example/cb',
  ])('compares byte for byte: %s', (uri) => {
    expect(redirectUriMatches(registered, uri, 'native')).toBe(false);
  });

  it('lets the port of a loopback literal differ, for native apps only (RFC 8252 §7.3)', () => {
    expect(redirectUriMatches(registered, 'http://127.0.0.1:51004/cb', 'native')).toBe(true);
    expect(redirectUriMatches(registered, 'http://[::1]:51004/cb', 'native')).toBe(true);
    expect(redirectUriMatches(registered, 'http://127.0.0.1:51004/cb', 'web')).toBe(false);
  });

  it.each([
    'http://localhost:51004/cb',
    'http://127.0.0.2:51004/cb',
    'http://127.0.0.1:51004/cb2',
    'http://127.0.0.1:51004/cb?x=1',
    'http://127.0.0.1:0/cb',
    'http://127.0.0.1:99999/cb',
    'http://127.0.0.1:80@evil.example/cb',
    'https://127.0.0.1:51004/cb',
  ])('does not let anything else differ: %s', (uri) => {
    expect(redirectUriMatches(registered, uri, 'native')).toBe(false);
  });
});

it('names the registered URI that is most like the requested one', () => {
  const registered = ['https://other.example/x', 'https://app.example/callback'];
  expect(nearestRedirectUri(registered, 'https://app.example/calback')).toBe('https://app.example/callback');
  expect(nearestRedirectUri([], 'https://app.example/')).toBeUndefined();
});

describe('where a form may lead (CSP3 §6.4.1, form-action)', () => {
  it.each([
    ['https://app.example/cb?x=1', ['https:']],
    ['https://a;script-src.example/cb', ['https:']],
    ['http://localhost:3001/cb', ['https:', 'http://localhost:*', 'http://127.0.0.1:*']],
    ['http://127.0.0.2:3001/cb', ['https:', 'http://localhost:*', 'http://127.0.0.1:*', 'http://127.0.0.2:3001']],
    ['http://[::1]:3001/cb', ['http:']],
    ['com.example.app:/cb', ['com.example.app:']],
  ])('allows for %s', (redirectUri, sources) => {
    expect(formActionSources(redirectUri)).toEqual(sources);
  });
});
