import { describe, expect, it } from 'vitest';
import { newClientEntity } from '../app-registry/client-defaults.js';
import { Client } from '../app-registry/client.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { launchDestination, ownPage } from './launch-destination.js';

const issuer = 'https://id.example';

function app(differences: Partial<ClientEntity> = {}): Client {
  const redirectUris = ['https://app.example/cb', 'https://other.example:8443/cb'];
  return new Client(Object.assign(newClientEntity('crm', 'CRM'), { redirectUris, ...differences }), []);
}

describe('where an app is opened (OpenID Connect Core 1.0 §4)', () => {
  it('is its initiation URL, with issuer, hint and target, and its own query kept', () => {
    const client = app({
      initiateLoginUri: 'https://app.example/start?tenant=a%20b',
      clientUri: 'https://app.example/',
    });
    const facts = { issuer, loginHint: 'li.hua+x', targetLinkUri: 'https://app.example/page?a=1' };
    expect(launchDestination(client, facts)).toBe(
      'https://app.example/start?tenant=a%20b&iss=https%3A%2F%2Fid.example&login_hint=li.hua%2Bx' +
        '&target_link_uri=https%3A%2F%2Fapp.example%2Fpage%3Fa%3D1',
    );
  });

  it('is else its page, and else the origin of its first redirect URI on the web', () => {
    expect(launchDestination(app({ clientUri: 'https://app.example/home' }), { issuer })).toBe(
      'https://app.example/home',
    );
    expect(launchDestination(app(), { issuer })).toBe('https://app.example/');
  });

  it('is the page that was asked for, where the app begins by itself', () => {
    const targetLinkUri = 'https://app.example/page';
    expect(launchDestination(app({ clientUri: 'https://app.example/' }), { issuer, targetLinkUri })).toBe(
      targetLinkUri,
    );
  });

  it('is nowhere for a native app without a page', () => {
    const native = { applicationType: 'native', redirectUris: ['http://127.0.0.1/cb', 'com.example.app:/cb'] } as const;
    const differences = { ...native, redirectUris: [...native.redirectUris] };
    expect(launchDestination(app(differences), { issuer })).toBeUndefined();
    expect(ownPage(app(differences), 'http://127.0.0.1/cb')).toBeUndefined();
  });
});

describe('the page of an app that a link asks for', () => {
  const client = app({ clientUri: 'https://www.app.example/home', initiateLoginUri: 'https://start.example/go' });

  it.each([
    ['https://app.example/deep?x=1#part', 'https://app.example/deep?x=1#part'],
    ['https://other.example:8443/', 'https://other.example:8443/'],
    ['https://www.app.example/', 'https://www.app.example/'],
    ['https://start.example/x', 'https://start.example/x'],
    ['https://app.example\\@evil.example/', 'https://app.example/@evil.example/'],
  ])('may be %s', (asked, given) => {
    expect(ownPage(client, asked)).toBe(given);
  });

  it.each([
    'https://evil.example/',
    'https://app.example.evil.example/',
    'https://app.example@evil.example/',
    'https://user@app.example/',
    'http://app.example/',
    'https://app.example:8443/',
    'https://other.example/',
    '//evil.example/',
    '/deep',
    'javascript:alert(1)//https://app.example/',
    `https://app.example/${'x'.repeat(2_000)}`,
  ])('may not be %s', (asked) => {
    expect(ownPage(client, asked)).toBeUndefined();
  });
});
