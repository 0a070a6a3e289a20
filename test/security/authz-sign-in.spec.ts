import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuthorizationCodeStore } from '../../src/authorization-code/authorization-code-store.js';
import { Database } from '../../src/database/database.js';
import { NO_REQUESTED_CLAIMS } from '../../src/protocol/requested-claims.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, redeem, responseParameters, UserAgent } from '../support/user-agent.js';
import { ask, askRaw, changeApp, claimsOf, codeOf, signedIn } from './support/arrange.js';
import { expectErrorRedirect, expectOurPage, expectOwnPage, expectPage400 } from './support/expectations.js';

const SECOND = 1000;

describe('who signs in, and where the answer goes (OpenID Connect Core 1.0 §3.1.2)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    person = await aPerson(clinch);
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(() => clinch.stop());

  function passTime(milliseconds: number): void {
    const now = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: now + milliseconds });
  }

  it('AUTHZ-17 answers prompt=none without a session at the app, without a page', async () => {
    const answer = await ask(clinch, app, { prompt: 'none' });
    expectErrorRedirect(answer, app, 'login_required', clinch.url);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('AUTHZ-18 answers prompt=none at the app when the consent is missing', async () => {
    const asking = await anApp(clinch, { requireConsent: true });
    const agent = await signedIn(clinch, app, person);
    const answer = await agent.get(authorizeUrl(clinch.url, asking, { prompt: 'none' }));
    expectErrorRedirect(answer, asking, ['consent_required', 'interaction_required'], clinch.url);
  });

  it('AUTHZ-20 asks for the password again with prompt=login, and the old session alone gives no code', async () => {
    const agent = await signedIn(clinch, app, person);
    const before = claimsOf((await redeem(clinch.url, app, await codeOf(clinch, agent, app))).body['id_token']);
    passTime(5 * SECOND);
    const answer = await agent.get(authorizeUrl(clinch.url, app, { prompt: 'login' }));
    expectOurPage(answer, clinch.url, '/login');
    const interaction = new URL(answer.headers.get('location') ?? '').searchParams.get('interaction') ?? '';
    const jumped = await agent.get(`/oidc/authorize/continue?interaction=${interaction}`);
    expectOurPage(jumped, clinch.url, '/login');
    const signed = responseParameters(await agent.signIn(await agent.follow(answer), person));
    const { body } = await redeem(clinch.url, app, signed.get('code') ?? '');
    expect(Number(claimsOf(body['id_token'])['auth_time'])).toBeGreaterThanOrEqual(Number(before['auth_time']) + 5);
  });

  it('AUTHZ-21 asks for consent again with prompt=consent', async () => {
    const asking = await anApp(clinch, { requireConsent: true });
    const agent = new UserAgent(clinch.url);
    expect((await agent.authorize(authorizeUrl(clinch.url, asking), person)).has('code')).toBe(true);
    expect(responseParameters(await agent.get(authorizeUrl(clinch.url, asking))).has('code')).toBe(true);
    const again = await agent.get(authorizeUrl(clinch.url, asking, { prompt: 'consent' }));
    expectOurPage(again, clinch.url, '/consent');
    const interaction = new URL(again.headers.get('location') ?? '').searchParams.get('interaction') ?? '';
    expectOurPage(await agent.get(`/oidc/authorize/continue?interaction=${interaction}`), clinch.url, '/consent');
    const denied = await agent.press(await agent.follow(again), 'deny');
    expectErrorRedirect(denied, asking, 'access_denied', clinch.url);
  });

  it('AUTHZ-22 takes select_account, and refuses create and unknown prompts at the app', async () => {
    const agent = await signedIn(clinch, app, person);
    expectOurPage(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'select_account' })), clinch.url, '/login');
    for (const prompt of ['create', 'xyz', 'none login', 'LOGIN', 'login  consent']) {
      expectErrorRedirect(await ask(clinch, app, { prompt }), app, 'invalid_request', clinch.url);
    }
  });

  it.each([
    ['0', 0],
    ['1', 2 * SECOND],
  ])('AUTHZ-23 asks for the password again with max_age=%s after %i ms', async (maxAge, wait) => {
    const agent = await signedIn(clinch, app, person);
    passTime(wait);
    const now = Math.floor(Date.now() / SECOND);
    const answer = await agent.get(authorizeUrl(clinch.url, app, { max_age: maxAge }));
    expectOurPage(answer, clinch.url, '/login');
    const silent = await agent.get(authorizeUrl(clinch.url, app, { max_age: maxAge, prompt: 'none' }));
    expectErrorRedirect(silent, app, 'login_required', clinch.url);
    const signed = responseParameters(await agent.signIn(await agent.follow(answer), person));
    const { body } = await redeem(clinch.url, app, signed.get('code') ?? '');
    expect(Number(claimsOf(body['id_token'])['auth_time'])).toBeGreaterThanOrEqual(now);
  });

  it.each(['-1', '1e9', '99999999999999999999', 'abc', '1.5', '+1', '0x10', ' 1'])(
    'AUTHZ-24 refuses max_age=%s at the app',
    async (maxAge) => {
      expectErrorRedirect(await ask(clinch, app, { max_age: maxAge }), app, 'invalid_request', clinch.url);
    },
  );

  it('AUTHZ-24 takes the largest max_age that it reads', async () => {
    const agent = await signedIn(clinch, app, person);
    const answer = await agent.get(authorizeUrl(clinch.url, app, { max_age: '9999999999' }));
    expect(responseParameters(answer).has('code')).toBe(true);
    expectOurPage(await ask(clinch, app, { max_age: '9999999999' }), clinch.url, '/login');
  });

  it('AUTHZ-26 trusts no id_token_hint but an id_token of ours for this app', async () => {
    const agent = await signedIn(clinch, app, person);
    const { body } = await redeem(clinch.url, app, await codeOf(clinch, agent, app));
    const [header = '', payload = '', signature = ''] = String(body['id_token']).split('.');
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const forged = (claims: Record<string, unknown>) =>
      new SignJWT({ ...claimsOf(body['id_token']), ...claims })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
        .sign(stranger);
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT', kid })).toString('base64url');
    const hints = [
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      await forged({}),
      await forged({ iss: 'https://other.example' }),
      String(body['access_token']),
      'x',
      'a.b.c',
    ];
    for (const hint of hints) {
      const answer = await agent.get(authorizeUrl(clinch.url, app, { id_token_hint: hint, prompt: 'none' }));
      expectErrorRedirect(answer, app, ['invalid_request', 'login_required'], clinch.url);
    }
    const other = await anApp(clinch);
    const foreign = await agent.get(authorizeUrl(clinch.url, other, { id_token_hint: String(body['id_token']) }));
    expectErrorRedirect(foreign, other, 'invalid_request', clinch.url);
    const good = await agent.get(authorizeUrl(clinch.url, app, { id_token_hint: String(body['id_token']) }));
    expect(responseParameters(good).has('code')).toBe(true);
  });

  it('AUTHZ-26 gives no code for somebody else than the hint names', async () => {
    const agent = await signedIn(clinch, app, person);
    const { body } = await redeem(clinch.url, app, await codeOf(clinch, agent, app));
    const other = await aPerson(clinch);
    const elsewhere = await signedIn(clinch, app, other);
    const url = authorizeUrl(clinch.url, app, { id_token_hint: String(body['id_token']) });
    const silent = await elsewhere.get(`${url}&prompt=none`);
    expectErrorRedirect(silent, app, 'login_required', clinch.url);
    const page = await elsewhere.follow(await elsewhere.get(url));
    expectErrorRedirect(await elsewhere.signIn(page, other), app, 'access_denied', clinch.url);
  });

  it('AUTHZ-37 leads from the login and the consent form to the app by 303', async () => {
    const asking = await anApp(clinch, { requireConsent: true });
    const agent = new UserAgent(clinch.url);
    const login = await agent.follow(await agent.get(authorizeUrl(clinch.url, asking)));
    const { action, hidden } = formOf(login);
    const signed = await agent.post(action, { ...hidden, username: person.username, password: person.password });
    expect(signed.status).toBe(303);
    const consent = await agent.follow(signed);
    const form = formOf(consent);
    const allowed = await agent.post(form.action, { ...form.hidden, decision: 'allow' });
    expect(allowed.status).toBe(303);
    const last = await agent.follow(allowed);
    expect(last.status).toBe(303);
    expect(responseParameters(last).has('code')).toBe(true);
    expect(await agent.get(allowed.headers.get('location') ?? '')).toMatchObject({ status: 400 });
  });

  it('AUTHZ-37 gives no Referer to the app', async () => {
    const agent = new UserAgent(clinch.url);
    const login = await agent.follow(await agent.get(authorizeUrl(clinch.url, app)));
    expect(login.headers.get('referrer-policy')).toMatch(/^no-referrer\b/);
  });

  it('AUTHZ-40 answers in the modes that discovery publishes, and refuses all others at the app', async () => {
    const metadata = (await (await fetch(`${clinch.url}/.well-known/openid-configuration`)).json()) as {
      response_modes_supported: string[];
    };
    expect(metadata.response_modes_supported).toEqual(['query', 'fragment', 'form_post']);
    const agent = await signedIn(clinch, app, person);
    const by = (mode: string) => agent.get(authorizeUrl(clinch.url, app, { response_mode: mode }));
    expect((await by('query')).headers.get('location')).toContain(`${app.redirectUri}?code=`);
    expect((await by('fragment')).headers.get('location')).toContain(`${app.redirectUri}#code=`);
    expect((await by('form_post')).status).toBe(200);
    for (const mode of ['xyz', 'query.jwt', 'QUERY', 'web_message', 'query fragment']) {
      expectErrorRedirect(await by(mode), app, 'invalid_request', clinch.url);
    }
    for (const mode of ['query', 'fragment', 'form_post']) {
      const twice = await askRaw(clinch, app, `response_mode=${mode}`, { response_mode: mode });
      expectErrorRedirect(twice, app, 'invalid_request', clinch.url);
    }
  });

  it('AUTHZ-41 submits the form_post page without an inline permission, and escapes what is in it', async () => {
    const agent = await signedIn(clinch, app, person);
    const state = `"><script>alert(1)</script>'&amp;`;
    const escaped = 'value="&quot;';
    const answer = await agent.get(authorizeUrl(clinch.url, app, { response_mode: 'form_post', state }));
    expectOwnPage(answer, 200);
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).toMatch(/script-src 'sha256-[\w+/=]+'(;|$)/);
    // Either the app's origin or its scheme: an app may send the person on to another host of its own.
    expect(policy).toMatch(/form-action 'self' https:/);
    expect(answer.text).not.toContain('<script>alert');
    expect(answer.text).toContain(escaped);
    const plain = `'" <b &amp; é🙂`;
    const form = formOf(await agent.get(authorizeUrl(clinch.url, app, { response_mode: 'form_post', state: plain })));
    expect(form.action).toBe(app.redirectUri);
    expect(form.hidden).toMatchObject({ state: plain, iss: clinch.url });
    const error = await ask(clinch, app, { response_mode: 'form_post', response_type: 'x', state });
    expectOwnPage(error, 200);
    expect(formOf(error).hidden).toMatchObject({ error: 'unsupported_response_type', iss: clinch.url });
    expect(error.text).not.toContain('<script>alert');
  });

  it('AUTHZ-42 makes codes of 256 bits without repeats or structure', async () => {
    const store = clinch.app.get(AuthorizationCodeStore);
    // The codes are what matters here; 10,000 durable rows would only take time.
    vi.spyOn(clinch.app.get(Database), 'run').mockResolvedValue(1);
    const request = {
      clientId: app.clientId,
      redirectUri: app.redirectUri,
      responseMode: 'query',
      scope: ['openid'],
      prompt: [],
      acrValues: [],
      requestedClaims: NO_REQUESTED_CLAIMS,
    } as const;
    const session = { id: 'none', chainId: 'none', accountId: person.id, authTime: new Date(), acr: 'x', amr: ['pwd'] };
    const codes = await Promise.all(Array.from({ length: 10_000 }, () => store.issue(request, session, 60)));
    expect(new Set(codes).size).toBe(10_000);
    const bytes = codes.map((code) => Buffer.from(code, 'base64url'));
    expect(bytes.every(({ length }) => length === 32)).toBe(true);
    for (let position = 0; position < 32; position++) {
      const counts = Array.from({ length: 256 }, () => 0);
      for (const code of bytes) counts[code[position] ?? 0]! += 1;
      const expected = 10_000 / 256;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // 255 degrees of freedom: mean 255, deviation 22.6; six deviations either way.
      expect(chiSquare).toBeGreaterThan(120);
      expect(chiSquare).toBeLessThan(391);
    }
  });

  it('AUTHZ-43 refuses somebody whom the app does not let in, with prompt=none and an older session too', async () => {
    const assigned = await anApp(clinch, { access: 'assigned' });
    const agent = await signedIn(clinch, app, person);
    const silent = await agent.get(authorizeUrl(clinch.url, assigned, { prompt: 'none' }));
    expectErrorRedirect(silent, assigned, 'access_denied', clinch.url);
    for (const prompt of [undefined, 'consent']) {
      const answer = await agent.get(authorizeUrl(clinch.url, assigned, { prompt }));
      expectOurPage(answer, clinch.url, '/refused');
      const told = await agent.press(await agent.follow(answer), 'back');
      expectErrorRedirect(told, assigned, 'access_denied', clinch.url);
    }
    const stranger = new UserAgent(clinch.url);
    const page = await stranger.follow(await stranger.get(authorizeUrl(clinch.url, assigned)));
    const refused = await stranger.signIn(page, person);
    expectErrorRedirect(await stranger.press(refused, 'back'), assigned, 'access_denied', clinch.url);
  });

  it('AUTHZ-43 refuses a person whose session is older than the policy, also half way through consent', async () => {
    const closing = await anApp(clinch, { requireConsent: true });
    const agent = await signedIn(clinch, app, person);
    const consent = await agent.follow(await agent.get(authorizeUrl(clinch.url, closing)));
    await changeApp(clinch, closing, { access: 'assigned' });
    const refused = await agent.press(consent, 'allow');
    expectErrorRedirect(await agent.press(refused, 'back'), closing, 'access_denied', clinch.url);
    const silent = await agent.get(authorizeUrl(clinch.url, closing, { prompt: 'none' }));
    expectErrorRedirect(silent, closing, 'access_denied', clinch.url);
  });

  it('gives exactly one answer to an interaction that is continued many times at once', async () => {
    const agent = await signedIn(clinch, app, person);
    const answer = await agent.get(authorizeUrl(clinch.url, app, { prompt: 'select_account' }));
    const page = await agent.follow(answer);
    const { action, hidden } = formOf(page);
    const chosen = await agent.post(action, { ...hidden, decision: 'continue' });
    const target = chosen.headers.get('location') ?? '';
    const all = await Promise.all(Array.from({ length: 10 }, () => agent.get(target)));
    expect(all.filter(({ headers }) => headers.get('location')?.includes('code=')).length).toBe(1);
    for (const lost of all.filter(({ status }) => status !== 303)) expectPage400(lost, [app.redirectUri]);
  });

  it('gives nothing for an interaction of another browser', async () => {
    const victim = new UserAgent(clinch.url);
    const target = (await victim.get(authorizeUrl(clinch.url, app))).headers.get('location') ?? '';
    const thief = await signedIn(clinch, app, person);
    for (const path of ['/login', '/consent', '/refused', '/app-account', '/oidc/authorize/continue']) {
      expectPage400(await thief.get(`${path}${new URL(target).search}`), [app.redirectUri]);
    }
  });

  it('sends no code to an address that was taken off the registration while the person signed in', async () => {
    const moved = await anApp(clinch, { redirectUris: ['https://app.example/old', 'https://app.example/new'] });
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, moved)));
    await changeApp(clinch, moved, { redirectUris: ['https://app.example/new'] });
    expectPage400(await agent.signIn(page, person), ['https://app.example/old']);
  });
});
