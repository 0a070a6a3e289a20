import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redirectUriFault } from '../../src/protocol/redirect-uri.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, responseParameters, UserAgent } from '../support/user-agent.js';
import { ask, askRaw, codeOf, signedIn } from './support/arrange.js';
import { expectErrorRedirect, expectOurPage, expectPage400 } from './support/expectations.js';

const REFUSED = expect.any(String) as string;

describe('redirect URIs under attack (RFC 6749 §3.1.2, RFC 9700 §4.1, RFC 8252 §7)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let native: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    native = await anApp(clinch, {
      applicationType: 'native',
      redirectUris: ['http://127.0.0.1/cb', 'http://[::1]/six', 'com.example.app:/cb'],
    });
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  /** Asks with that address in place of the registered one: a page, and the address is not on it. */
  async function expectRefused(redirectUri: string, of: TestApp = app): Promise<void> {
    expectPage400(await ask(clinch, of, { redirect_uri: redirectUri }), [redirectUri]);
  }

  async function expectAccepted(redirectUri: string): Promise<void> {
    const agent = await signedIn(clinch, app, person);
    const answer = await agent.get(authorizeUrl(clinch.url, native, { redirect_uri: redirectUri }));
    expect(answer.headers.get('location')?.startsWith(`${redirectUri}?code=`)).toBe(true);
    const code = responseParameters(answer).get('code') ?? '';
    const { status } = await redeem(clinch.url, { ...native, redirectUri }, code);
    expect(status).toBe(200);
  }

  it.each([
    'https://app.example/cb?x=1',
    'https://app.example/cb?',
    'https://app.example/cb/',
    'https://app.example/CB',
    'https://APP.example/cb',
    'HTTPS://app.example/cb',
    'https://app.example/cb/extra',
    'https://app.example/cb/../cb',
    'https://app.example/./cb',
    'https://app.example//cb',
    'https://app.example:443/cb',
    'https://app.example:8443/cb',
    'http://app.example/cb',
    'https://app.example',
    'https://app.example/',
    'https://app.example.evil.example/cb',
    'https://evil.example/https://app.example/cb',
    'https://app.example@evil.example/cb',
    'https://evil.example\\@app.example/cb',
    'https://user@app.example/cb',
    'https://app.example/cb;x',
  ])('REDIR-01 refuses an address that differs from the registered one: %s', async (redirectUri) => {
    await expectRefused(redirectUri);
  });

  it('REDIR-02 lets the port of http://127.0.0.1 differ for a native app', async () => {
    await expectAccepted('http://127.0.0.1:51004/cb');
    await expectAccepted('http://127.0.0.1/cb');
  });

  it('REDIR-03 lets the port of http://[::1] differ, and keeps it apart from http://127.0.0.1', async () => {
    await expectAccepted('http://[::1]:51004/six');
    await expectRefused('http://127.0.0.1:51004/six', native);
    await expectRefused('http://[::1]:51004/cb', native);
    await expectRefused('http://[0:0:0:0:0:0:0:1]:51004/six', native);
  });

  it.each([
    'http://localhost:51004/cb',
    'http://localhost/cb',
    'http://127.0.0.1.evil.example:51004/cb',
    'http://127.1:51004/cb',
    'http://2130706433:51004/cb',
    'http://0.0.0.0:51004/cb',
    'http://127.0.0.1:51004/cb/',
    'http://127.0.0.1:51004/cb?x=1',
    'http://127.0.0.1:51004',
    'http://127.0.0.1:/cb',
    'http://127.0.0.1:0/cb',
    'http://127.0.0.1:65536/cb',
    'http://127.0.0.1:51004@evil.example/cb',
    'http://evil.example@127.0.0.1:51004/cb',
    'https://127.0.0.1:51004/cb',
    'com.example.app:/cb/',
    'com.example.app://cb',
    'com.example.app2:/cb',
  ])('REDIR-04 takes nothing else for a loopback address: %s', async (redirectUri) => {
    await expectRefused(redirectUri, native);
  });

  it('REDIR-04 lets no port differ for a web app', async () => {
    const web = await anApp(clinch, { redirectUris: ['http://127.0.0.1/cb'] });
    await expectRefused('http://127.0.0.1:51004/cb', web);
  });

  it('REDIR-06 refuses a fragment at registration and at /authorize', async () => {
    for (const uri of ['https://app.example/cb#', 'https://app.example/cb#frag', 'com.example.app:/cb#x']) {
      expect(redirectUriFault(uri, 'native')).toEqual(REFUSED);
    }
    await expectRefused('https://app.example/cb#');
    await expectRefused('https://app.example/cb#frag');
  });

  it.each([
    '/cb',
    'cb',
    '//app.example/cb',
    'https://',
    'https:///cb',
    'https:/app.example/cb',
    'https:app.example/cb',
    'https://:443/cb',
    'https://?x',
    ' https://app.example/cb',
    'https://app.example/cb ',
    'https://app.example /cb',
    'app.example/cb',
  ])('REDIR-08 refuses an address that is not absolute (%j)', async (uri) => {
    expect(redirectUriFault(uri, 'web')).toEqual(REFUSED);
    expect(redirectUriFault(uri, 'native')).toEqual(REFUSED);
    const answer = await ask(clinch, app, { redirect_uri: uri });
    expectPage400(answer, uri === 'cb' ? [] : [uri]);
  });

  it.each([
    'https://app.example/%63b',
    'https://app.example/c%62',
    'https://app.example%2Fcb',
    'https://app.example/%2Fcb',
    'https://app.example/%252Fcb',
    'https://app.example/x/%2e%2e/cb',
    'https://%61pp.example/cb',
  ])('REDIR-09 compares escapes as they stand: %s', async (redirectUri) => {
    await expectRefused(redirectUri);
  });

  it('REDIR-09 does not take %%2f for %%2F', async () => {
    const escaped = await anApp(clinch, { redirectUris: ['https://app.example/a%2Fb'] });
    await expectRefused('https://app.example/a%2fb', escaped);
    await expectRefused('https://app.example/a/b', escaped);
    expectOurPage(await ask(clinch, escaped), clinch.url, '/login');
  });

  it.each([
    'https://ａpp.example/cb',
    'https://app。example/cb',
    'https://аpp.example/cb',
    'https://app\u200b.example/cb',
    'https://\u202eapp.example/cb',
    'https://app.example/cb\u00ad',
  ])('REDIR-10 refuses letters that only look alike (%j)', async (redirectUri) => {
    await expectRefused(redirectUri);
    expect(redirectUriFault(redirectUri, 'web')).toEqual(REFUSED);
  });

  it('REDIR-10 keeps punycode and its letters apart', async () => {
    expect(redirectUriFault('https://xn--bcher-kva.example/cb', 'web')).toBeUndefined();
    const punycode = await anApp(clinch, { redirectUris: ['https://xn--bcher-kva.example/cb'] });
    await expectRefused('https://bücher.example/cb', punycode);
  });

  it.each([
    'htt\tps://app.example/cb',
    'https://app.example/cb\n',
    'https://app.example/\0cb',
    'https://app\r.example/cb',
  ])('REDIR-12 refuses characters that browsers leave out (%j)', async (redirectUri) => {
    await expectRefused(redirectUri);
    expect(redirectUriFault(redirectUri, 'web')).toEqual(REFUSED);
  });

  it.each([
    'https://*.example/cb',
    'https://app.example/*',
    'https://app.example/cb?*',
    '^https://app\\.example/.*$',
    'https://(a|b).example/cb',
    'https://app.example/[a-z]+',
    'https://app.example/{id}',
  ])('REDIR-14 refuses a pattern at registration: %s', (uri) => {
    expect(redirectUriFault(uri, 'web')).toEqual(REFUSED);
    expect(redirectUriFault(uri, 'native')).toEqual(REFUSED);
  });

  it.each('javascript data vbscript file blob about ws wss ftp mailto JavaScript DATA VBScript'.split(' '))(
    'REDIR-15 refuses the scheme %s at registration',
    (scheme) => {
      for (const uri of [`${scheme}:alert(1)`, `${scheme}://app.example/cb`, `${scheme}:/cb`]) {
        expect(redirectUriFault(uri, 'native')).toEqual(REFUSED);
        expect(redirectUriFault(uri, 'web')).toEqual(REFUSED);
      }
    },
  );

  it('REDIR-16 wants a domain name in reverse for a private-use scheme, for native apps', () => {
    expect(redirectUriFault('myapp:/cb', 'native')).toEqual(REFUSED);
    expect(redirectUriFault('com.example.app:/cb', 'native')).toBeUndefined();
    expect(redirectUriFault('com.example.app:/cb', 'web')).toEqual(REFUSED);
    expect(redirectUriFault('http://[::1]:3000/cb', 'native')).toBeUndefined();
    expect(redirectUriFault('http://app.example/cb', 'native')).toEqual(REFUSED);
    expect(redirectUriFault('https://user:pass@app.example/cb', 'web')).toEqual(REFUSED);
  });

  it('REDIR-17 judges the address before anything else', async () => {
    const faults = {
      response_type: 'token',
      response_mode: 'xyz',
      scope: 'no such',
      prompt: 'none login',
      max_age: '-1',
      code_challenge: 'x',
      code_challenge_method: 'plain',
      id_token_hint: 'x',
      claims: '[',
      request: 'x',
      request_uri: 'https://evil.example/r',
      registration: '{}',
    };
    const repeated = 'state=2&nonce=1&nonce=2&scope=x&display=1&display=2&response_type=x&prompt=none&max_age=x';
    const evil = 'https://evil.example/cb';
    expectPage400(await askRaw(clinch, app, repeated, { ...faults, redirect_uri: evil }), [evil, 'evil.example']);
    expectPage400(await ask(clinch, app, { prompt: 'none', redirect_uri: evil }), [evil]);
    expectPage400(await ask(clinch, app, { response_mode: 'form_post', redirect_uri: evil }), [evil]);
    const posted = new URL(authorizeUrl(clinch.url, app, { ...faults, redirect_uri: evil })).searchParams;
    expectPage400(await new UserAgent(clinch.url).post('/oidc/authorize', posted), [evil]);
  });

  // Every app is registered by an operator, which is what the rule calls trusted: its errors go to it at once.
  it('REDIR-19 sends the errors of an app that an operator registered to the app, and to nowhere else', async () => {
    const nowhere = 'returnTo=https://evil.example/&return_to=//evil.example&continue=https://evil.example/&next=x';
    const answer = await askRaw(clinch, app, nowhere, { scope: 'bad', response_type: 'code' });
    expectErrorRedirect(answer, app, 'invalid_scope', clinch.url);
    const type = await askRaw(clinch, app, nowhere, { response_type: 'bad' });
    expectErrorRedirect(type, app, 'unsupported_response_type', clinch.url);
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(`${authorizeUrl(clinch.url, app)}&${nowhere}`));
    const signed = await agent.signIn(
      { ...page, text: page.text.replace('/login"', '/login?returnTo=//evil.example"') },
      person,
    );
    expect(signed.headers.get('location')?.startsWith(`${app.redirectUri}?code=`)).toBe(true);
  });

  it('REDIR-20 takes each of several addresses, and no mix of them', async () => {
    const uris = ['https://app.example/a', 'https://app.example/b'];
    const several = await anApp(clinch, { redirectUris: uris });
    const agent = await signedIn(clinch, app, person);
    for (const redirectUri of uris) {
      const answer = await agent.get(authorizeUrl(clinch.url, several, { redirect_uri: redirectUri }));
      expect(answer.headers.get('location')?.startsWith(`${redirectUri}?code=`)).toBe(true);
    }
    for (const mix of [uris.join(' '), uris.join(','), uris.join(''), JSON.stringify(uris), 'https://app.example/']) {
      await expectRefused(mix, several);
    }
    const code = await codeOf(clinch, agent, several);
    const swapped = await redeem(clinch.url, several, code, { redirect_uri: uris[1] ?? '' });
    expect(swapped).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('REDIR-21 answers a long address at once', async () => {
    await expectRefused(`https://app.example/${'a'.repeat(1_980)}`);
    expect((await ask(clinch, app, { redirect_uri: `https://app.example/${'a'.repeat(20_000)}` })).status).toBe(431);
    expect(redirectUriFault(`https://app.example/${'a'.repeat(2_000)}`, 'web')).toEqual(REFUSED);
  });

  it('REDIR-21 spends no time on looking for the nearest of many long addresses', async () => {
    const many = Array.from({ length: 50 }, (_, index) => `https://app.example/${'a'.repeat(1_900)}${index}`);
    const large = await anApp(clinch, { redirectUris: many });
    const asked = `https://app.example/${'b'.repeat(1_980)}`;
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      await expectRefused(asked, large);
      times.push(performance.now() - start);
    }
    // The best of several, as the machine may have other things to do: an edit distance took a second.
    expect(Math.min(...times)).toBeLessThan(50);
  });

  it('leaves the query of a registered address as it is (RFC 6749 §3.1.2)', async () => {
    const withQuery = await anApp(clinch, { redirectUris: ['https://app.example/cb?tenant=a%2Fb&code=planted'] });
    const answer = await ask(clinch, withQuery, { response_type: 'x' });
    const location = answer.headers.get('location') ?? '';
    expect(location.startsWith('https://app.example/cb?tenant=a%2Fb&code=planted&error=')).toBe(true);
  });
});
