import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SessionStore } from '../../src/session/session-store.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aCli, askForCodes } from '../support/device.js';
import { aRefreshingApp, aRefreshToken } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, postToken, redeem, UserAgent } from '../support/user-agent.js';
import { changeApp, claimsOf, codeOf, disable, signedIn } from './support/arrange.js';
import { expectInvalidClient, expectTokenError, expectTokens } from './support/expectations.js';
import { asTokenAnswer, rawRequest } from './support/raw-http.js';

const SECOND = 1000;
const FORM: [string, string] = ['Content-Type', 'application/x-www-form-urlencoded'];

describe('the token endpoint under attack (RFC 6749 §3.2 and §4)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let machine: TestApp;
  let publicApp: TestApp;
  let person: TestPerson;
  let agent: UserAgent;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    machine = await anApp(clinch, { grantTypes: ['client_credentials'], scope: 'orders:read' });
    publicApp = await anApp(clinch, { tokenEndpointAuthMethod: 'none', grantTypes: ['client_credentials'] });
    person = await aPerson(clinch);
    agent = await signedIn(clinch, app, person);
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(() => clinch.stop());

  const basic = (of: TestApp): [string, string] => ['Authorization', credentials(of).headers['Authorization'] ?? ''];

  function formFor(code: string): URLSearchParams {
    return new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: app.redirectUri });
  }

  /** What follows a refusal that must not have touched the code. */
  async function expectStillGood(code: string): Promise<void> {
    expectTokens(await redeem(clinch.url, app, code));
  }

  it('TOKEN-01 refuses GET, and the code is not consumed', async () => {
    const code = await codeOf(clinch, agent, app);
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'TRACE', 'OPTIONS']) {
      const answer = await rawRequest(clinch.url, method, `/oidc/token?${formFor(code)}`, [basic(app)]);
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
    await expectStillGood(code);
  });

  it('TOKEN-02 reads nothing from the query', async () => {
    const code = await codeOf(clinch, agent, app);
    const secret = `client_id=${app.clientId}&client_secret=${app.clientSecret}`;
    const target = `/oidc/token?${formFor(code)}&${secret}`;
    for (const headers of [[], [FORM], [FORM, basic(app)]] as [string, string][][]) {
      const answer = await rawRequest(clinch.url, 'POST', target, [...headers, ['Content-Length', '0']]);
      expectTokenError(asTokenAnswer(answer), 'invalid_request');
    }
    const post = await anApp(clinch, { tokenEndpointAuthMethod: 'client_secret_post' });
    const inQuery = `/oidc/token?client_id=${post.clientId}&client_secret=${post.clientSecret}`;
    const body = 'grant_type=authorization_code&code=x&redirect_uri=y';
    expectInvalidClient(asTokenAnswer(await rawRequest(clinch.url, 'POST', inQuery, [FORM], body)));
    await expectStillGood(code);
  });

  it('TOKEN-03 answers a good request as RFC 6749 §5.1 says', async () => {
    const code = await codeOf(clinch, agent, app, { scope: 'openid email unknown' });
    const answer = await redeem(clinch.url, app, code);
    expectTokens(answer);
    expect(Object.keys(answer.body).sort()).toEqual(['access_token', 'expires_in', 'id_token', 'scope', 'token_type']);
    expect(answer.body).toMatchObject({ expires_in: 7200, scope: 'openid email' });
  });

  it('TOKEN-05 answers every error in one shape', async () => {
    const wrong: Record<string, string>[] = [
      {},
      { grant_type: 'x' },
      { grant_type: 'authorization_code' },
      { grant_type: 'authorization_code', code: 'x', redirect_uri: 'y' },
      { grant_type: 'client_credentials', scope: '"' },
      { grant_type: 'client_credentials', scope: 'admin' },
      { grant_type: '\0' },
      { grant_type: 'authorization_code', code: '\ud800', redirect_uri: '\0' },
    ];
    for (const form of wrong) {
      for (const of of [app, machine]) {
        const answer = await postToken(clinch.url, form, credentials(of).headers);
        const { error } = answer.body;
        expectTokenError(answer, String(error));
        expect([
          'invalid_request',
          'invalid_grant',
          'unsupported_grant_type',
          'unauthorized_client',
          'invalid_scope',
        ]).toContain(error);
      }
      const anonymous = await postToken(clinch.url, form);
      expectTokenError(anonymous, String(anonymous.body['error']), anonymous.status);
      expect([400, 401]).toContain(anonymous.status);
    }
    for (const body of ['%', 'grant_type=%zz', 'a=%00%', '&&&', '=', '{"grant_type":"x"}']) {
      expectTokenError(
        asTokenAnswer(await rawRequest(clinch.url, 'POST', '/oidc/token', [FORM], body)),
        'invalid_request',
      );
    }
  });

  it.each(['password', 'implicit', 'xyz', 'AUTHORIZATION_CODE', 'constructor', '__proto__', 'toString'])(
    'TOKEN-07 does not know the grant %s',
    async (grantType) => {
      const form = { grant_type: grantType, username: person.username, password: person.password };
      expectTokenError(await postToken(clinch.url, form, credentials(app).headers), 'unsupported_grant_type');
    },
  );

  it('TOKEN-08 refuses a grant that is not for this client, and the code is not consumed', async () => {
    const code = await codeOf(clinch, agent, app);
    const other = await postToken(clinch.url, formFor(code), credentials(machine).headers);
    expectTokenError(other, 'unauthorized_client');
    const form = { grant_type: 'client_credentials' };
    expectTokenError(await postToken(clinch.url, form, credentials(app).headers), 'unauthorized_client');
    await expectStillGood(code);
  });

  it('TOKEN-09 takes forms only, and the code is not consumed', async () => {
    const code = await codeOf(clinch, agent, app);
    const form = formFor(code).toString();
    const types = [
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded; charset=utf-7',
      'application/x-www-form-urlencoded; charset=utf-8; charset=utf-7',
      'application/x-www-form-urlencodedx',
      'application/x-www-form-urlencoded,text/plain',
      '',
    ];
    for (const type of types) {
      const body = type.includes('json') ? JSON.stringify(Object.fromEntries(formFor(code))) : form;
      const headers: [string, string][] = [
        basic(app),
        ...(type === '' ? [] : [['Content-Type', type] as [string, string]]),
      ];
      const answer = await rawRequest(clinch.url, 'POST', '/oidc/token', headers, body);
      expect([400, 415]).toContain(answer.status);
      expectTokenError(asTokenAnswer(answer), 'invalid_request', answer.status);
    }
    const fine: [string, string] = ['Content-Type', 'Application/X-WWW-Form-Urlencoded ; Charset="UTF-8"'];
    expectTokens(asTokenAnswer(await rawRequest(clinch.url, 'POST', '/oidc/token', [basic(app), fine], form)));
  });

  it.each('grant_type code redirect_uri code_verifier client_id client_secret scope refresh_token unknown'.split(' '))(
    'TOKEN-11 refuses %s twice, and the code is not consumed',
    async (name) => {
      const code = await codeOf(clinch, agent, app);
      for (const [first, second] of [
        [undefined, undefined],
        ['', undefined],
        [undefined, ''],
      ]) {
        const form = formFor(code);
        const value = form.get(name) ?? 'x';
        form.delete(name);
        form.append(name, first ?? value);
        form.append(name, second ?? value);
        expectTokenError(await postToken(clinch.url, form, credentials(app).headers), 'invalid_request');
      }
      await expectStillGood(code);
    },
  );

  it('TOKEN-13 ignores parameters that it does not know', async () => {
    const code = await codeOf(clinch, agent, app);
    const unknown = { foo: 'bar', 'x[y]': 'z', __proto__x: '1', 'constructor[prototype][isAdmin]': '1', 'code[]': 'y' };
    expectTokens(await redeem(clinch.url, app, code, unknown));
    const proto = 'grant_type=client_credentials&__proto__=1&constructor=1&handler=x&accountId=y';
    const answer = await rawRequest(clinch.url, 'POST', '/oidc/token', [FORM, basic(machine)], proto);
    expectTokens(asTokenAnswer(answer));
  });

  it('TOKEN-14 takes an empty value for a missing one', async () => {
    const empty = {
      scope: '',
      code_verifier: '',
      client_id: '',
      client_secret: '',
      client_assertion: '',
      resource: '',
    };
    expectTokens(await redeem(clinch.url, app, await codeOf(clinch, agent, app), empty));
    for (const name of ['grant_type', 'code', 'redirect_uri']) {
      const form = formFor('x');
      form.set(name, '');
      expectTokenError(await postToken(clinch.url, form, credentials(app).headers), 'invalid_request');
    }
  });

  it('TOKEN-15 refuses a code that is missing or no code', async () => {
    const missing = { grant_type: 'authorization_code', redirect_uri: app.redirectUri };
    expectTokenError(await postToken(clinch.url, missing, credentials(app).headers), 'invalid_request');
    const unknown = randomBytes(32).toString('base64url');
    const codes = [
      unknown,
      'x',
      unknown.slice(1),
      `${unknown}A`,
      'a'.repeat(10_240),
      `${unknown.slice(1)}\0`,
      '\0',
      "' OR 1=1--",
      'é',
    ];
    for (const code of codes) expectTokenError(await redeem(clinch.url, app, code), 'invalid_grant');
  });

  it("TOKEN-16 refuses another client's code, which stays good, and so do its tokens", async () => {
    const stranger = await anApp(clinch);
    const code = await codeOf(clinch, agent, app);
    expectTokenError(await redeem(clinch.url, stranger, code), 'invalid_grant');
    const mine = await redeem(clinch.url, app, code);
    expectTokens(mine);
    expectTokenError(await redeem(clinch.url, stranger, code), 'invalid_grant');
    const userinfo = await fetch(`${clinch.url}/oidc/userinfo`, {
      headers: { Authorization: `Bearer ${String(mine.body['access_token'])}` },
    });
    expect(userinfo.status).toBe(200);
  });

  it('TOKEN-17 wants the redirect_uri of the request', async () => {
    for (const redirectUri of [
      'https://app.example/CB',
      `${app.redirectUri}/`,
      `${app.redirectUri}?`,
      'https://evil.example/',
    ]) {
      const code = await codeOf(clinch, agent, app);
      expectTokenError(await redeem(clinch.url, app, code, { redirect_uri: redirectUri }), 'invalid_grant');
      expectTokenError(await redeem(clinch.url, app, code), 'invalid_grant');
    }
    const code = await codeOf(clinch, agent, app);
    const missing = { grant_type: 'authorization_code', code };
    expectTokenError(await postToken(clinch.url, missing, credentials(app).headers), 'invalid_request');
  });

  it('TOKEN-18 takes a code once, and a second use ends the tokens of the first', async () => {
    const code = await codeOf(clinch, agent, app);
    const first = await redeem(clinch.url, app, code);
    expectTokens(first);
    expectTokenError(await redeem(clinch.url, app, code), 'invalid_grant');
    const userinfo = await fetch(`${clinch.url}/oidc/userinfo`, {
      headers: { Authorization: `Bearer ${String(first.body['access_token'])}` },
    });
    expect(userinfo.status).toBe(401);
  });

  it('TOKEN-18 takes a code once when many ask at the same time', async () => {
    const code = await codeOf(clinch, agent, app);
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(clinch.url, app, code)));
    const good = answers.filter(({ status }) => status === 200);
    expect(good.length).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectTokenError(answer, 'invalid_grant');
  });

  it('TOKEN-20 refuses a code 30 seconds after its minute', async () => {
    const code = await codeOf(clinch, agent, app);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 90 * SECOND });
    expectTokenError(await redeem(clinch.url, app, code), 'invalid_grant');
  });

  it('TOKEN-21 refuses the code of somebody who was disabled since', async () => {
    const leaver = await aPerson(clinch);
    const code = await codeOf(clinch, await signedIn(clinch, app, leaver), app);
    await disable(clinch, leaver);
    expectTokenError(await redeem(clinch.url, app, code), 'invalid_grant');
  });

  it('TOKEN-21 refuses the code of somebody to whom the app was closed since', async () => {
    const closing = await anApp(clinch);
    const code = await codeOf(clinch, agent, closing);
    await changeApp(clinch, closing, { access: 'assigned' });
    expectTokenError(await redeem(clinch.url, closing, code), 'invalid_grant');
  });

  it('TOKEN-21 refuses the code of an app that was disabled or lost the grant since', async () => {
    const disabled = await anApp(clinch);
    const code = await codeOf(clinch, agent, disabled);
    await changeApp(clinch, disabled, { enabled: false });
    expectInvalidClient(await redeem(clinch.url, disabled, code));
    const narrowed = await anApp(clinch);
    const second = await codeOf(clinch, agent, narrowed, { scope: 'openid email' });
    await changeApp(clinch, narrowed, { scope: 'openid' });
    expect((await redeem(clinch.url, narrowed, second)).body['scope']).toBe('openid');
    const third = await codeOf(clinch, agent, narrowed);
    await changeApp(clinch, narrowed, { grantTypes: ['client_credentials'] });
    expectTokenError(await redeem(clinch.url, narrowed, third), 'unauthorized_client');
  });

  it('TOKEN-22 refuses the code of a session that has ended since', async () => {
    const someone = await aPerson(clinch);
    const code = await codeOf(clinch, await signedIn(clinch, app, someone), app);
    await clinch.app.get(SessionStore).endAllOf(someone.id);
    expectTokenError(await redeem(clinch.url, app, code), 'invalid_grant');
  });

  it('TOKEN-23 takes no other secret or identifier for a code', async () => {
    const browser = await signedIn(clinch, app, person);
    const { body } = await redeem(clinch.url, app, await codeOf(clinch, browser, app));
    const claims = claimsOf(body['access_token']);
    const waiting = await browser.get(authorizeUrl(clinch.url, app, { prompt: 'login' }));
    const interaction = new URL(waiting.headers.get('location') ?? '').searchParams.get('interaction') ?? '';
    const refreshing = await aRefreshingApp(clinch);
    const codes = await askForCodes(clinch.url, await aCli(clinch));
    const others = [
      (await aRefreshToken(clinch, refreshing, person)).token,
      codes.device_code,
      codes.user_code,
      ...browser.cookies.values(),
      interaction,
      ...['jti', 'grant_id', 'sid', 'sub'].map((name) => String(claims[name])),
      String(body['access_token']),
      String(body['id_token']),
      waiting.headers.get('x-request-id') ?? '',
      app.clientSecret,
      app.clientId,
    ];
    expect(others.length).toBeGreaterThan(9);
    for (const code of others) expectTokenError(await redeem(clinch.url, app, code), 'invalid_grant');
  });

  it('TOKEN-24 does not take two codes for one', async () => {
    for (const glue of [' ', ',', '+', '%20', '&', '']) {
      const codes = [await codeOf(clinch, agent, app), await codeOf(clinch, agent, app)];
      expectTokenError(await redeem(clinch.url, app, codes.join(glue)), 'invalid_grant');
      await expectStillGood(codes[0] ?? '');
    }
  });

  it('TOKEN-29 gives neither id_token nor refresh_token for client credentials', async () => {
    const answer = await postToken(clinch.url, { grant_type: 'client_credentials' }, credentials(machine).headers);
    expectTokens(answer);
    expect(Object.keys(answer.body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    for (const scope of ['openid', 'offline_access', 'clinch:admin', 'orders:read openid']) {
      const more = await postToken(
        clinch.url,
        { grant_type: 'client_credentials', scope },
        credentials(machine).headers,
      );
      expectTokenError(more, 'invalid_scope');
    }
  });

  it('TOKEN-30 gives a public client no token of its own', async () => {
    const form = { grant_type: 'client_credentials', client_id: publicApp.clientId };
    expectTokenError(await postToken(clinch.url, form), 'unauthorized_client');
    expectInvalidClient(await postToken(clinch.url, { ...form, client_secret: 'x' }));
  });

  it('TOKEN-32 names the client, which can be taken for no person', async () => {
    const { body } = await postToken(clinch.url, { grant_type: 'client_credentials' }, credentials(machine).headers);
    const claims = claimsOf(body['access_token']);
    expect(claims).toMatchObject({ sub: machine.clientId, client_id: machine.clientId });
    expect(claims).not.toHaveProperty('sid');
    expect(claims).not.toHaveProperty('auth_time');
    // Should an id ever coincide: the token opens nobody's data.
    const twin = await anApp(clinch, {
      clientId: person.id,
      grantTypes: ['client_credentials'],
      scope: 'openid email x',
    });
    const token = await postToken(clinch.url, { grant_type: 'client_credentials' }, credentials(twin).headers);
    const userinfo = await fetch(`${clinch.url}/oidc/userinfo`, {
      headers: { Authorization: `Bearer ${String(token.body['access_token'])}` },
    });
    expect([401, 403]).toContain(userinfo.status);
    expect(await userinfo.text()).not.toContain('lihua');
  });

  it.each(['https://other.example/', 'http://other.example', 'https://other.example/#x', 'urn:x:y', 'x', '\0', ' '])(
    'TOKEN-34 refuses a resource that is unknown or none at all, and never copies it into aud: %j',
    async (resource) => {
      const form = { grant_type: 'client_credentials', resource };
      expectTokenError(await postToken(clinch.url, form, credentials(machine).headers), 'invalid_target');
      const scoped = { ...form, scope: 'orders:read' };
      expectTokenError(await postToken(clinch.url, scoped, credentials(machine).headers), 'invalid_target');
    },
  );

  it('TOKEN-34 refuses a resource that comes twice', async () => {
    for (const second of [clinch.url, 'https://other.example/', '']) {
      const form = new URLSearchParams({ grant_type: 'client_credentials', resource: clinch.url });
      form.append('resource', second);
      expectTokenError(await postToken(clinch.url, form, credentials(machine).headers), 'invalid_target');
    }
  });
});
