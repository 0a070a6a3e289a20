import { CompactSign, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { enter, isSignedIn, logoutUrl, SIGNED_OUT_URI, type Entered } from '../support/logout.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, UserAgent, type Answer } from '../support/user-agent.js';
import { claimsOf, codeOf } from './support/arrange.js';
import { expectOwnPage, expectPage400 } from './support/expectations.js';

const STATE = 'Zürich & 杭州 "<b>"+/=%41';

describe('the end_session_endpoint', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let other: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch, { postLogoutRedirectUris: [SIGNED_OUT_URI, 'https://app.example/out?from=clinch'] });
    other = await anApp(clinch, {
      redirectUris: ['https://other.example/cb'],
      postLogoutRedirectUris: ['https://other.example/out'],
    });
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  function here(): Promise<Entered> {
    return enter(clinch, app, person);
  }

  /** A request that the app of this suite sends, with differences. */
  function asks({ agent, idToken }: Entered, differences: Record<string, string | undefined> = {}): Promise<Answer> {
    const usual = { id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI, state: STATE };
    return agent.get(logoutUrl(clinch.url, { ...usual, ...differences }));
  }

  /** The question whether to sign out, which names no address but ours. */
  function expectQuestion(page: Answer): void {
    expectOwnPage(page, 200);
    expect(page.text).toContain('name="decision"');
    expect(page.text).not.toMatch(/href="https?:/);
  }

  it('LOGOUT-01 takes GET and POST, and no HEAD', async () => {
    const byGet = await here();
    expect((await asks(byGet)).status).toBe(303);
    const byPost = await here();
    const form = { id_token_hint: byPost.idToken, post_logout_redirect_uri: SIGNED_OUT_URI };
    const answer = await byPost.agent.post(`${clinch.url}/oidc/logout`, form);
    expect(answer.headers.get('location')).toBe(SIGNED_OUT_URI);
    expect(await isSignedIn(clinch, byPost.agent, app)).toBe(false);
    expect((await fetch(`${clinch.url}/oidc/logout`, { method: 'HEAD' })).status).toBe(405);
  });

  it('LOGOUT-03 ends the session and returns to the registered address with the state as it was', async () => {
    const entered = await here();
    const answer = await asks(entered);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const location = answer.headers.get('location') ?? '';
    expect(location.startsWith(`${SIGNED_OUT_URI}?state=`)).toBe(true);
    expect([...new URL(location).searchParams]).toEqual([['state', STATE]]);
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(false);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^clinch_session=; .*Max-Age=0/)]);
  });

  it('LOGOUT-03 keeps the query of the registered address', async () => {
    const answer = await asks(await here(), {
      post_logout_redirect_uri: 'https://app.example/out?from=clinch',
      state: 's',
    });
    expect(answer.headers.get('location')).toBe('https://app.example/out?from=clinch&state=s');
  });

  it.each([
    'https://evil.example/',
    `${SIGNED_OUT_URI}/`,
    `${SIGNED_OUT_URI}?foo=bar`,
    `${SIGNED_OUT_URI}#x`,
    SIGNED_OUT_URI.toUpperCase(),
    'https://app.example/signed-ou',
    'https://app.example/../signed-out',
    'https://app.example@evil.example/signed-out',
    'https://other.example/out',
    'https://app.example/cb',
    'javascript:alert(1)//',
    '//evil.example/',
    '"><script>alert(1)</script>',
  ])('LOGOUT-04 goes nowhere when %s was not registered by that app', async (uri) => {
    const entered = await here();
    const answer = await asks(entered, { post_logout_redirect_uri: uri });
    expectPage400(answer, uri === '"><script>alert(1)</script>' ? [uri] : ['evil.example']);
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
    // By client_id the same.
    const byId = await asks(entered, {
      id_token_hint: undefined,
      client_id: app.clientId,
      post_logout_redirect_uri: uri,
    });
    expectPage400(byId);
  });

  it('LOGOUT-05 does not redirect when the request names no app', async () => {
    const entered = await here();
    const question = await asks(entered, { id_token_hint: undefined });
    expectQuestion(question);
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
    const done = await entered.agent.press(question, 'allow');
    expectOwnPage(done, 200);
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(false);
    // And so when nobody is signed in.
    expectOwnPage(await asks(entered, { id_token_hint: undefined }), 200);
  });

  it('LOGOUT-06 refuses a client_id that is not the one of the hint', async () => {
    const entered = await here();
    expectPage400(await asks(entered, { client_id: other.clientId }));
    expectPage400(await asks(entered, { client_id: 'nobody' }));
    expectPage400(await asks(entered, { client_id: 'nobody', id_token_hint: undefined }));
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
    expect((await asks(entered, { client_id: app.clientId })).status).toBe(303);
  });

  it('LOGOUT-07 accepts a hint whose time is over', async () => {
    const hasty = await anApp(clinch, { idTokenLifetime: 1, postLogoutRedirectUris: [SIGNED_OUT_URI] });
    const entered = await enter(clinch, hasty, person);
    await new Promise((later) => setTimeout(later, 1_100));
    expect(Number(claimsOf(entered.idToken)['exp']) * 1000).toBeLessThan(Date.now());
    expect((await asks(entered)).status).toBe(303);
    expect(await isSignedIn(clinch, entered.agent, hasty)).toBe(false);
  });

  it('LOGOUT-08 takes a hint that is not an id_token of ours for nothing, and returns to nobody', async () => {
    const entered = await here();
    const { idToken, tokens } = entered;
    const [header = '', payload = '', signature = ''] = idToken.split('.');
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = claimsOf(idToken);
    const { privateKey } = await generateKeyPair('RS256');
    const own = {
      alg: 'RS256',
      typ: 'JWT',
      kid: String((JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: unknown }).kid),
    };
    const forged = (values: object) =>
      new CompactSign(Buffer.from(JSON.stringify(values))).setProtectedHeader(own).sign(privateKey);
    const elsewhere = await startClinch();
    const foreign = await enter(elsewhere, await anApp(elsewhere), await aPerson(elsewhere));
    await elsewhere.stop();
    const hints = [
      'x',
      `${header}.${payload}.`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      `${encode({ ...own, alg: 'none' })}.${payload}.${signature}`,
      `${header}.${encode({ ...claims, sub: 'x' })}.${signature}`,
      await forged(claims),
      await forged({ ...claims, iss: 'https://evil.example' }),
      foreign.idToken,
      String(tokens['access_token']),
      'A'.repeat(5_000),
    ];
    for (const hint of hints) {
      for (const client_id of [undefined, app.clientId]) {
        const question = await asks(entered, { id_token_hint: hint, client_id });
        expectQuestion(question);
        expect(question.headers.get('refresh')).toBeNull();
      }
    }
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
    // Not even once the person has said yes: the hint goes with the form.
    const question = await asks(entered, { id_token_hint: hints[1], client_id: app.clientId });
    expectOwnPage(await entered.agent.press(question, 'allow'), 200);
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(false);
    expectOwnPage(await asks(entered, { id_token_hint: hints[1], client_id: app.clientId }), 200);
  });

  it('LOGOUT-08 takes a good hint about somebody else for no proof', async () => {
    const entered = await here();
    const colleague = await enter(clinch, app, await aPerson(clinch));
    expectQuestion(await asks(entered, { id_token_hint: colleague.idToken }));
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
    expect(await isSignedIn(clinch, colleague.agent, app)).toBe(true);
  });

  it('LOGOUT-08 signs nobody out elsewhere by an id_token that was found', async () => {
    const entered = await here();
    const finder = new UserAgent(clinch.url);
    expect((await asks({ ...entered, agent: finder })).status).toBe(303);
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
  });

  it('LOGOUT-10 leaves the session alive after a hundred requests of another site without a hint', async () => {
    const entered = await here();
    const { size } = entered.agent.cookies;
    for (let time = 0; time < 100; time += 1) {
      const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'image', Accept: 'image/*' };
      const url = logoutUrl(clinch.url, time % 2 === 0 ? {} : { client_id: app.clientId, decision: 'allow' });
      expect((await entered.agent.get(url, headers)).status).toBe(200);
    }
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
    expect(entered.agent.cookies.size).toBe(size);
  });

  it('LOGOUT-11 refuses bodies that are too large, repeats and NUL', async () => {
    const { agent, idToken } = await here();
    const url = `${clinch.url}/oidc/logout`;
    expect((await agent.post(url, { state: 'x'.repeat(110_000) })).status).toBe(413);
    expect((await agent.post(url, { id_token_hint: idToken, state: 'x'.repeat(20_000) })).status).toBe(413);
    for (const name of [
      'id_token_hint',
      'client_id',
      'post_logout_redirect_uri',
      'state',
      'ui_locales',
      'logout_hint',
    ]) {
      const twice = new URLSearchParams([
        [name, 'a'],
        [name, 'b'],
      ]);
      expectPage400(await agent.post(url, twice));
      expectPage400(await agent.get(`${url}?${twice.toString()}`));
    }
    expectPage400(await agent.post(url, { id_token_hint: idToken, state: 'a\0b' }));
    expectPage400(await agent.get(`${url}?id_token_hint=${idToken}&state=a%00b`));
    expectPage400(await agent.get(`${url}?id_token_hint=${idToken}&state=%FF`));
    expectPage400(await agent.get(`${url}?state=%`));
    expectPage400(
      await agent.post(url, { decision: 'perhaps', state: '\0' }).then(() => agent.get(`${url}?client_id=%0A`)),
    );
    expect(await isSignedIn(clinch, agent, app)).toBe(true);
    // What is not known is ignored, repeated or not.
    const odd = await agent.get(`${url}?id_token_hint=${idToken}&x=1&x=2`);
    expect(odd.status).toBe(200);
    expect(await isSignedIn(clinch, agent, app)).toBe(false);
  });

  it('LOGOUT-12 leaves nothing good: cookie, code, refresh tokens; but what has offline access', async () => {
    const keeping = await aRefreshingApp(clinch, {
      postLogoutRedirectUris: [SIGNED_OUT_URI],
      refreshTokenIssuance: 'always',
    });
    const agent = new UserAgent(clinch.url);
    const offline = await enter(clinch, keeping, person, agent, 'openid offline_access');
    const online = await enter(clinch, keeping, person, agent);
    const code = await codeOf(clinch, agent, app);
    const cookies = new Map(agent.cookies);
    expect((await asks(online)).status).toBe(303);
    const thief = new UserAgent(clinch.url);
    for (const [name, value] of cookies) thief.cookies.set(name, value);
    expect(await isSignedIn(clinch, thief, app)).toBe(false);
    expect((await redeem(clinch.url, app, code)).body['error']).toBe('invalid_grant');
    const gone = await refresh(clinch.url, keeping, String(online.tokens['refresh_token']));
    expect(gone.body['error']).toBe('invalid_grant');
    const kept = await refresh(clinch.url, keeping, String(offline.tokens['refresh_token']));
    expect(kept.status, JSON.stringify(kept.body)).toBe(200);
  });

  it('LOGOUT-12 does not let a request that waited go on without a sign-in', async () => {
    const asking = await anApp(clinch, { requireConsent: true, postLogoutRedirectUris: [SIGNED_OUT_URI] });
    const entered = await here();
    const consent = await entered.agent.follow(await entered.agent.get(authorizeUrl(clinch.url, asking)));
    expect(consent.text).toContain('value="allow"');
    await asks(entered);
    const next = await entered.agent.press(consent, 'allow');
    expect(next.headers.get('location') ?? '').not.toContain('code=');
  });

  it('LOGOUT-13 does no harm the second time', async () => {
    const entered = await here();
    const state = 'Zürich & 杭州 "%41"';
    const question = await asks(entered, { id_token_hint: undefined, client_id: app.clientId, state });
    for (const _ of [1, 2]) {
      const location = (await entered.agent.press(question, 'allow')).headers.get('location') ?? '';
      expect(location.startsWith(`${SIGNED_OUT_URI}?`)).toBe(true);
      expect([...new URL(location).searchParams]).toEqual([['state', state]]);
    }
    for (const _ of [1, 2]) expect((await asks(entered)).status).toBe(303);
    const again = await here();
    const together = await Promise.all(Array.from({ length: 10 }, () => asks(again)));
    expect(together.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 303));
    expect(await isSignedIn(clinch, again.agent, app)).toBe(false);
  });

  it('LOGOUT-15 names the endpoint in its discovery document', async () => {
    const metadata = (await (await fetch(`${clinch.url}/.well-known/openid-configuration`)).json()) as object;
    expect(metadata).toMatchObject({
      end_session_endpoint: `${clinch.url}/oidc/logout`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    });
  });

  it('asks for the form that our own page showed, in this browser, for this session', async () => {
    const entered = await here();
    const stranger = await enter(clinch, app, await aPerson(clinch));
    const foreign = await stranger.agent.get(logoutUrl(clinch.url));
    expect((await entered.agent.press(foreign, 'allow')).status).toBe(403);
    const question = await entered.agent.get(logoutUrl(clinch.url));
    expect((await stranger.agent.press(question, 'allow')).status).toBe(403);
    const cross = { Origin: 'https://evil.example' };
    const form = { decision: 'allow', session: entered.sid };
    expect((await entered.agent.post(`${clinch.url}/oidc/logout`, form, cross)).status).toBe(403);
    expect((await entered.agent.post(`${clinch.url}/oidc/logout`, form)).status).toBe(403);
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
    const back = await entered.agent.press(question, 'deny');
    expect(back.url).toBe(`${clinch.url}/`);
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
  });

  it('does not ask one person and sign out another', async () => {
    const entered = await here();
    const question = await entered.agent.get(logoutUrl(clinch.url));
    const cookies = new Map(entered.agent.cookies);
    const second = await aPerson(clinch, { name: '王五' });
    await entered.agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), second);
    const done = await entered.agent.press(question, 'allow');
    // Who was asked is out, and the page says who is not.
    expect(done.text).toContain('王五');
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
    const earlier = new UserAgent(clinch.url);
    for (const [name, value] of cookies) earlier.cookies.set(name, value);
    expect(await isSignedIn(clinch, earlier, app)).toBe(false);
  });

  it('ends by a hint the session of the one whom it is about, though somebody else is the current one', async () => {
    const entered = await here();
    const second = await aPerson(clinch);
    await entered.agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), second);
    const state = 'of-the-first';
    expect((await asks(entered, { state })).headers.get('location')).toBe(`${SIGNED_OUT_URI}?state=${state}`);
    expect(await isSignedIn(clinch, entered.agent, app)).toBe(true);
    const left = await entered.agent.get(logoutUrl(clinch.url));
    expect(left.text).toContain(second.username);
    expect(left.text).not.toContain(person.username);
  });

  it('does not ask about others when the one whom the hint is about is out already', async () => {
    const entered = await here();
    const second = await aPerson(clinch);
    await entered.agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), second);
    const code = await codeOf(clinch, entered.agent, app);
    const { body } = await redeem(clinch.url, app, code);
    const later = { ...entered, idToken: String(body['id_token']) };
    expect(claimsOf(later.idToken)['sub']).toBe(second.id);
    // The second time nobody is the current one, but the first person can still be chosen.
    for (const _ of [1, 2]) expect((await asks(later)).status).toBe(303);
    expectQuestion(await entered.agent.get(logoutUrl(clinch.url)));
  });

  it('asks about the one whom logout_hint names, if they are here', async () => {
    const entered = await here();
    const second = await aPerson(clinch);
    await entered.agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), second);
    for (const logout_hint of [person.username, person.id, entered.sid]) {
      const page = await entered.agent.get(logoutUrl(clinch.url, { logout_hint }));
      expect(page.text).toContain(person.username);
    }
    const page = await entered.agent.get(logoutUrl(clinch.url, { logout_hint: 'nobody' }));
    expect(page.text).toContain(second.username);
  });

  it('echoes nothing of a logout_hint', async () => {
    const { agent } = await here();
    const page = await agent.get(logoutUrl(clinch.url, { logout_hint: 'attention-call-555-0100' }));
    expectQuestion(page);
    expect(page.text.replaceAll(/<input type="hidden"[^>]*>/g, '')).not.toContain('attention');
  });
});
