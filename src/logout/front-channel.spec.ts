import { describe, expect, it } from 'vitest';
import type { EnteredApp } from './entered-apps.js';
import { frameSources, logoutFrames, toldApps } from './front-channel.js';

const ISSUER = 'https://login.example.com/sso';
const IDENTIFIED = 'iss=https%3A%2F%2Flogin.example.com%2Fsso&sid=s1';

function anApp(differences: Partial<EnteredApp> = {}): EnteredApp {
  return {
    name: 'App',
    sessionId: 's1',
    backchannelLogoutUri: null,
    frontchannelLogoutUri: 'https://app.example/out',
    ...differences,
  };
}

describe('OpenID Connect Front-Channel Logout 1.0 §3: the frames of a sign-out', () => {
  it.each([
    ['https://app.example/out', `https://app.example/out?${IDENTIFIED}`],
    ['https://app.example/out?a=b', `https://app.example/out?a=b&${IDENTIFIED}`],
    ['https://app.example', `https://app.example?${IDENTIFIED}`],
  ])('open %s with iss and sid behind what it holds', (frontchannelLogoutUri, address) => {
    expect(logoutFrames([anApp({ frontchannelLogoutUri })], ISSUER)).toEqual([{ name: 'App', address }]);
  });

  it('leave out apps that are told behind the browser, and those that are not told at all', () => {
    const others = [
      anApp({ backchannelLogoutUri: 'https://app.example/back' }),
      anApp({ frontchannelLogoutUri: null }),
    ];
    expect(logoutFrames(others, ISSUER)).toEqual([]);
  });

  it('may come from their own origins and from nowhere else', () => {
    const frames = [
      'https://a.example/out',
      'https://a.example/other',
      'https://b.example:8443/out',
      'http://localhost:3001/out',
    ].map((address) => ({ name: 'App', address }));
    expect(frameSources(frames)).toEqual(['https://a.example', 'https://b.example:8443', 'http://localhost:3001']);
    // A policy cannot name an IPv6 address.
    expect(frameSources([{ name: 'App', address: 'http://[::1]:3001/out' }])).toEqual(['http:']);
  });

  it('name each app that is told once', () => {
    const told = [
      anApp(),
      anApp({ sessionId: 's2' }),
      anApp({ name: 'Back', frontchannelLogoutUri: null, backchannelLogoutUri: 'https://b.example/back' }),
      anApp({ name: 'Silent', frontchannelLogoutUri: null }),
    ];
    expect(toldApps(told)).toEqual(['App', 'Back']);
  });
});
