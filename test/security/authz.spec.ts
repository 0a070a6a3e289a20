import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, responseParameters, UserAgent } from '../support/user-agent.js';
import { ask, askRaw, changeApp, claimsOf, codeOf, signedIn } from './support/arrange.js';
import { expectErrorRedirect, expectOurPage, expectPage400 } from './support/expectations.js';
import { listen, rawRequest } from './support/raw-http.js';

const PARAMETERS = (
  'client_id redirect_uri response_type response_mode scope state nonce code_challenge code_challenge_method prompt ' +
  'max_age login_hint id_token_hint ui_locales claims_locales display acr_values claims request request_uri registration'
).split(' ');

describe('the authorization request under attack (RFC 6749 §4.1, OpenID Connect Core 1.0 §3.1.2)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  it('AUTHZ-01 shows a page when client_id is missing', async () => {
    expectPage400(await ask(clinch, app, { client_id: undefined }), [app.redirectUri]);
  });

  it('AUTHZ-02 shows a page when the client is unknown, whatever redirect_uri it names', async () => {
    expectPage400(await ask(clinch, app, { client_id: 'nobody' }), [app.redirectUri]);
    const markup = '"><script>alert(1)</script>';
    expectPage400(await ask(clinch, app, { client_id: markup, redirect_uri: `https://evil.example/${markup}` }), [
      markup,
      'evil.example',
    ]);
  });

  it('AUTHZ-03 shows a page when redirect_uri is missing, although one is registered', async () => {
    expectPage400(await ask(clinch, app, { redirect_uri: undefined }), [app.redirectUri]);
  });

  it.each(['token', 'id_token', 'code token', 'code id_token', 'none', 'CODE', 'xyz'])(
    'AUTHZ-05 refuses the response type %s at the app',
    async (responseType) => {
      const answer = await ask(clinch, app, { response_type: responseType });
      expectErrorRedirect(answer, app, ['unsupported_response_type', 'unauthorized_client'], clinch.url);
    },
  );

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
    'AUTHZ-07 answers a body of type %s with a page',
    async (type) => {
      const agent = new UserAgent(clinch.url);
      const answer = await agent.post('/oidc/authorize', { client_id: app.clientId }, { 'Content-Type': type });
      expectPage400(answer);
    },
  );

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'HEAD'])('AUTHZ-08 answers %s with 405', async (method) => {
    const target = authorizeUrl('', app);
    const answer = await rawRequest(clinch.url, method, target, [['Origin', 'https://evil.example']]);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST');
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each(['client_id', 'redirect_uri'])('AUTHZ-09 shows a page when %s comes twice', async (name) => {
    const value = name === 'client_id' ? app.clientId : app.redirectUri;
    const again = new URLSearchParams({ [name]: value }).toString();
    const evil = new URLSearchParams({ [name]: 'https://evil.example/cb' }).toString();
    expectPage400(await askRaw(clinch, app, again), [app.redirectUri]);
    expectPage400(await askRaw(clinch, app, evil), ['evil.example']);
    expectPage400(await askRaw(clinch, app, `${name}=`), [app.redirectUri]);
    const form = new URL(authorizeUrl(clinch.url, app)).searchParams;
    const agent = new UserAgent(clinch.url);
    expectPage400(await agent.post(`/oidc/authorize?${again}`, form), [app.redirectUri]);
    expectPage400(await agent.post(`/oidc/authorize?${name}=&${again}`, form), [app.redirectUri]);
  });

  it.each(PARAMETERS.filter((name) => !['client_id', 'redirect_uri', 'state'].includes(name)))(
    'AUTHZ-09 refuses %s at the app when it comes twice (RFC 6749 §3.1)',
    async (name) => {
      expectErrorRedirect(await askRaw(clinch, app, `${name}=a&${name}=b`), app, 'invalid_request', clinch.url);
    },
  );

  it('AUTHZ-09 sends no state back when state comes twice', async () => {
    const answer = await askRaw(clinch, app, 'state=second');
    const location = new URL(answer.headers.get('location') ?? '');
    expect(location.searchParams.get('error')).toBe('invalid_request');
    expect(location.searchParams.has('state')).toBe(false);
  });

  it('AUTHZ-11 ignores parameters that it does not know', async () => {
    const agent = await signedIn(clinch, app, person);
    const unknown = 'foo=bar&x[y]=z&__proto__=1&constructor[prototype]=1&state[]=x&client_id[]=y&redirect_uri[0]=z';
    const answer = await agent.get(`${authorizeUrl(clinch.url, app)}&${unknown}`);
    expect([...responseParameters(answer).keys()]).toEqual(['code', 'state', 'iss']);
  });

  it('AUTHZ-13 takes an empty client_id or redirect_uri for a missing one', async () => {
    expectPage400(await ask(clinch, app, { client_id: '' }), [app.redirectUri]);
    expectPage400(await ask(clinch, app, { redirect_uri: '' }), [app.redirectUri]);
  });

  it('AUTHZ-14 refuses a scope without openid', async () => {
    for (const scope of ['profile', undefined, '', 'OPENID', 'openid2']) {
      expectErrorRedirect(await ask(clinch, app, { scope }), app, 'invalid_scope', clinch.url);
    }
  });

  it('AUTHZ-15 leaves out an unknown scope-token, and the token answer says so', async () => {
    const agent = await signedIn(clinch, app, person);
    const code = await codeOf(clinch, agent, app, { scope: 'openid email clinch:admin xyz offline_access' });
    const { body } = await redeem(clinch.url, app, code);
    expect(body['scope']).toBe('openid email');
    expect(claimsOf(body['access_token'])['scope']).toBe('openid email');
  });

  it.each(['openid\u0001', 'openid\u007f', 'openid\r\nSet-Cookie: a=b', 'openid\t', 'openid\n'])(
    'AUTHZ-16 answers a control character in scope with a page (%j)',
    async (scope) => expectPage400(await ask(clinch, app, { scope })),
  );

  it.each(['openid "quoted"', 'openid back\\slash', 'openid é', 'openid  profile', ' openid', 'openid '])(
    'AUTHZ-16 refuses a scope outside the grammar (%j)',
    async (scope) => {
      const parameters = expectErrorRedirect(await ask(clinch, app, { scope }), app, 'invalid_scope', clinch.url);
      expect(parameters.get('error_description')).not.toContain(scope);
    },
  );

  it('AUTHZ-16 refuses a scope of 64 kB, in the query and in a form', async () => {
    const scope = `openid ${'a'.repeat(64 * 1024)}`;
    expect((await ask(clinch, app, { scope })).status).toBe(431);
    const answer = await new UserAgent(clinch.url).post('/oidc/authorize', { scope });
    expect(answer.status).toBe(413);
    expect(answer.headers.get('location')).toBeNull();
    const long = `openid ${'a'.repeat(4000)}`;
    expectErrorRedirect(await ask(clinch, app, { scope: long }), app, 'invalid_scope', clinch.url);
  });

  it('AUTHZ-28 refuses a request object and reads nothing from it', async () => {
    const inside = { redirect_uri: 'https://evil.example/cb', state: 'evil', client_id: 'evil' };
    const jwt = `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify(inside)).toString('base64url')}.`;
    expectErrorRedirect(await ask(clinch, app, { request: jwt }), app, 'request_not_supported', clinch.url);
    expectPage400(await ask(clinch, app, { request: jwt, redirect_uri: undefined }), ['evil']);
  });

  it('AUTHZ-29 refuses a request_uri and opens no connection', async () => {
    const trap = await listen(() => ({ body: {} }));
    const answer = await ask(clinch, app, { request_uri: `${trap.url}/request.jwt` });
    expectErrorRedirect(answer, app, 'request_uri_not_supported', clinch.url);
    expectPage400(await ask(clinch, app, { request_uri: `${trap.url}/x`, client_id: `${trap.url}/client` }));
    expect(trap.requests).toEqual([]);
    await trap.stop();
  });

  it('AUTHZ-30 refuses registration', async () => {
    const registration = JSON.stringify({ redirect_uris: ['https://evil.example/cb'] });
    expectErrorRedirect(await ask(clinch, app, { registration }), app, 'registration_not_supported', clinch.url);
  });

  it.each(['ui_locales', 'claims_locales', 'acr_values', 'display'])(
    'AUTHZ-32 takes an unknown value of %s without an error',
    async (name) => {
      for (const value of ['tlh', 'x y z', '"><b>', 'urn:example:loa:9']) {
        expectOurPage(await ask(clinch, app, { [name]: value }), clinch.url, '/login');
      }
    },
  );

  it.each([8_000, 32_000])('AUTHZ-34 never cuts a state of %i characters', async (length) => {
    const state = 'é~'.repeat(length / 2);
    const plain = 's'.repeat(length);
    const agent = await signedIn(clinch, app, person);
    const answer = await agent.get(authorizeUrl(clinch.url, app, { state: plain }));
    if (answer.status === 303) expect(responseParameters(answer).get('state')).toBe(plain);
    else expect(answer.status).toBe(431);
    expect(answer.status).toBe(length === 8_000 ? 303 : 431);
    const posted = await agent.post('/oidc/authorize', new URL(authorizeUrl(clinch.url, app, { state })).searchParams);
    expect([413, 431]).toContain(posted.status);
  });

  it('AUTHZ-34 returns every printable character of a state unchanged', async () => {
    const state = `${String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32))}é中🙂`;
    const agent = await signedIn(clinch, app, person);
    const answer = await agent.get(authorizeUrl(clinch.url, app, { state }));
    expect(responseParameters(answer).get('state')).toBe(state);
    expectErrorRedirect(
      await ask(clinch, app, { state, response_type: 'x' }),
      app,
      'unsupported_response_type',
      clinch.url,
      state,
    );
  });

  it.each(PARAMETERS)('AUTHZ-35 answers octets that no text has in %s with a page', async (name) => {
    for (const octets of ['%00', 'a%00b', '%0d%0aX-Evil:%201', '%ff', '%c0%af', '%ed%a0%80', '%', '%zz', '%u0000']) {
      const answer = await askRaw(clinch, app, `${name}=${octets}`, { [name]: undefined });
      expectPage400(answer);
      expect(answer.headers.get('x-evil')).toBeNull();
    }
  });

  it('AUTHZ-35 survives the same octets in the name of a parameter, and in the pages of an interaction', async () => {
    for (const octets of ['%00', '%0d%0a', '%ff', '%ed%a0%80']) {
      expectOurPage(await askRaw(clinch, app, `${octets}=1&state${octets}=1`), clinch.url, '/login');
      for (const path of ['/login', '/consent', '/refused', '/app-account', '/oidc/authorize/continue']) {
        expectPage400(await new UserAgent(clinch.url).get(`${path}?interaction=${octets}`));
      }
    }
  });

  it('AUTHZ-36 answers with code, state and iss and nothing else', async () => {
    const agent = await signedIn(clinch, app, person);
    const answer = await agent.get(authorizeUrl(clinch.url, app));
    expect(answer.status).toBe(303);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const location = answer.headers.get('location') ?? '';
    expect(location.startsWith(`${app.redirectUri}?`)).toBe(true);
    const parameters = new URL(location).searchParams;
    expect([...parameters.keys()]).toEqual(['code', 'state', 'iss']);
    expect(parameters.get('iss')).toBe(clinch.url);
    expect(parameters.get('state')).toBe('the-state');
  });

  it('AUTHZ-39 takes a request without a nonce, and returns 512 characters of any script unchanged', async () => {
    const agent = await signedIn(clinch, app, person);
    const without = await redeem(clinch.url, app, await codeOf(clinch, agent, app));
    expect(claimsOf(without.body['id_token'])).not.toHaveProperty('nonce');
    const nonce = 'né中🙂"\\<'.repeat(64);
    const { body } = await redeem(clinch.url, app, await codeOf(clinch, agent, app, { nonce }));
    expect(claimsOf(body['id_token'])['nonce']).toBe(nonce);
  });

  it('AUTHZ-45 shows a page for a disabled app, also to somebody who is half way through', async () => {
    const gone = await anApp(clinch);
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, gone)));
    await changeApp(clinch, gone, { enabled: false });
    expectPage400(await ask(clinch, gone), [gone.redirectUri]);
    expectPage400(await ask(clinch, gone, { prompt: 'none' }), [gone.redirectUri]);
    const submitted = await agent.signIn(page, person);
    expectPage400(submitted, [gone.redirectUri]);
    const elsewhere = await signedIn(clinch, app, person);
    expectPage400(await elsewhere.get(authorizeUrl(clinch.url, gone)), [gone.redirectUri]);
  });
});
