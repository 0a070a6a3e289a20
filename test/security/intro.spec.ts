import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aRefreshingApp, aRefreshToken, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, postToken, type TokenAnswer } from '../support/user-agent.js';
import { changeApp, claimsOf, disable } from './support/arrange.js';
import { startNode } from './support/b-server.js';
import { expectInvalidClient, expectTokenError } from './support/expectations.js';

describe('introspection (RFC 7662)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await aRefreshingApp(clinch);
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  async function post(
    body: string | URLSearchParams,
    headers: Record<string, string> = {},
    base = clinch.url,
  ): Promise<TokenAnswer> {
    const answer = await fetch(`${base}/oidc/introspect`, { method: 'POST', headers, body });
    const json = JSON.parse(await answer.text()) as Record<string, unknown>;
    return { status: answer.status, headers: answer.headers, body: json };
  }

  const introspect = (
    token: string,
    by = app,
    more: Record<string, string> = {},
    headers: Record<string, string> = {},
  ) => {
    const proof = credentials(by);
    return post(new URLSearchParams({ token, ...proof.form, ...more }), { ...proof.headers, ...headers });
  };

  async function tokens(of = app, who = person) {
    const { body } = await refresh(clinch.url, of, (await aRefreshToken(clinch, of, who)).token);
    return {
      access: String(body['access_token']),
      refresh: String(body['refresh_token']),
      id: String(body['id_token']),
    };
  }

  function expectInactive(answer: TokenAnswer): void {
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual({ active: false });
  }

  it('says what an access token says, and whose it is (RFC 7662 §2.2)', async () => {
    const { access } = await tokens();
    const answer = await introspect(access);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { jti, iat, exp, auth_time } = claimsOf(access);
    expect(answer.body).toEqual({
      active: true,
      token_type: 'Bearer',
      iss: clinch.url,
      sub: person.id,
      aud: clinch.url,
      client_id: app.clientId,
      scope: 'openid profile offline_access',
      username: person.username,
      jti,
      iat,
      exp,
      auth_time,
    });
  });

  it('says of an app’s own token that it is about no person', async () => {
    const machine = await anApp(clinch, { grantTypes: ['client_credentials'], scope: 'reports:write' });
    const { body } = await postToken(clinch.url, { grant_type: 'client_credentials' }, credentials(machine).headers);
    const answer = await introspect(String(body['access_token']), machine);
    expect(answer.body).toMatchObject({ active: true, sub: machine.clientId, scope: 'reports:write' });
    expect(answer.body).not.toHaveProperty('username');
  });

  it('INTRO-02 refuses who does not prove to be a confidential client', async () => {
    const { access } = await tokens();
    const token = new URLSearchParams({ token: access });
    expectInvalidClient(await post(token));
    const wrong = `Basic ${Buffer.from(`${app.clientId}:wrong`).toString('base64')}`;
    expectInvalidClient(await post(token, { Authorization: wrong }));
    expectInvalidClient(await post(token, { Authorization: `Bearer ${access}` }));
    const open = await aRefreshingApp(clinch, { tokenEndpointAuthMethod: 'none' });
    expectInvalidClient(await introspect((await tokens(open)).access, open));
  });

  it('INTRO-04 tells another client nothing', async () => {
    const other = await aRefreshingApp(clinch);
    const own = await tokens();
    const jwt = { Accept: 'application/token-introspection+jwt' };
    for (const token of Object.values(own)) {
      expectInactive(await introspect(token, other));
      expectInactive(await introspect(token, other, {}, jwt));
    }
  });

  it('INTRO-05, INTRO-06, INTRO-11 refuses a missing token, repeats, JSON and GET', async () => {
    const { headers } = credentials(app);
    expectTokenError(await post(new URLSearchParams({ token: '' }), headers), 'invalid_request');
    expectTokenError(await post(new URLSearchParams('token=a&token=b'), headers), 'invalid_request');
    const json = { ...headers, 'Content-Type': 'application/json' };
    expectTokenError(await post(JSON.stringify({ token: 'a' }), json), 'invalid_request');
    const get = await fetch(`${clinch.url}/oidc/introspect?token=a`, { headers });
    expect(get.status).toBe(405);
    expect(get.headers.get('allow')).toBe('POST');
  });

  it.each(['access_token', 'refresh_token', 'nonsense'])('INTRO-07 answers the same for the hint %s', async (hint) => {
    const own = await tokens();
    for (const token of [own.access, own.refresh]) {
      const [with_, without] = [await introspect(token, app, { token_type_hint: hint }), await introspect(token)];
      expect(with_.body).toEqual(without.body);
      expect(with_.body['active']).toBe(true);
    }
  });

  it('INTRO-09 shows a refresh token to its own client, while it is the newest', async () => {
    const own = await tokens();
    expect((await introspect(own.refresh)).body).toMatchObject({
      active: true,
      token_type: 'refresh_token',
      client_id: app.clientId,
      sub: person.id,
      scope: 'openid profile offline_access',
    });
    await refresh(clinch.url, app, own.refresh);
    expectInactive(await introspect(own.refresh));
    // To be looked at is no use of it: nobody was signed out.
    expect((await refresh(clinch.url, app, own.refresh)).status).toBe(200);
  });

  it('an id_token is no token to introspect', async () => {
    expectInactive(await introspect((await tokens()).id));
  });

  it('INTRO-10 stops a client that tries out texts, and still answers for its real tokens', async () => {
    const scanner = await aRefreshingApp(clinch);
    const own = await tokens(scanner);
    const answers: TokenAnswer[] = [];
    for (let index = 0; index < 310; index++) answers.push(await introspect(`random-${index}`, scanner));
    expectInactive(answers[0] as TokenAnswer);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(300);
    const last = answers.at(-1) as TokenAnswer;
    expectTokenError(last, 'invalid_request', 429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await introspect(own.access, scanner)).body['active']).toBe(true);
    expectInactive(await introspect('random'));
  });

  it('INTRO-12 says it of a token that was revoked on another node, at once', async () => {
    const node = await startNode({ url: clinch.databaseUrl }, { CLINCH_ISSUER: clinch.url });
    const own = await tokens();
    const { headers } = credentials(app);
    const ask = () => post(new URLSearchParams({ token: own.access }), headers, node.url);
    expect((await ask()).body['active']).toBe(true);
    await fetch(`${clinch.url}/oidc/revoke`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ token: own.access }),
    });
    expectInactive(await ask());
    await node.stop();
  });

  describe('is inactive', () => {
    it('after its time', async () => {
      const own = await aRefreshingApp(clinch);
      const { access } = await tokens(own);
      vi.useFakeTimers({ toFake: ['Date'] }).setSystemTime(Date.now() + 7_201_000);
      // It was ours, so it is nobody's trying things out, however often it comes.
      for (let times = 0; times < 310; times++) await introspect(access, own);
      expectInactive(await introspect(access, own));
      vi.useRealTimers();
    });

    it('when it was revoked, itself or by its refresh token', async () => {
      const { headers } = credentials(app);
      for (const kind of ['access', 'refresh'] as const) {
        const own = await tokens();
        await fetch(`${clinch.url}/oidc/revoke`, {
          method: 'POST',
          headers,
          body: new URLSearchParams({ token: own[kind] }),
        });
        expectInactive(await introspect(own.access));
        if (kind === 'refresh') expectInactive(await introspect(own.refresh));
      }
    });

    it('when its person is disabled', async () => {
      const who = await aPerson(clinch);
      const own = await tokens(app, who);
      await disable(clinch, who);
      expectInactive(await introspect(own.access));
      expectInactive(await introspect(own.refresh));
    });

    it('when its app is switched off, which then cannot even ask', async () => {
      const own = await aRefreshingApp(clinch);
      const { access } = await tokens(own);
      await changeApp(clinch, own, { enabled: false });
      expectInvalidClient(await introspect(access, own));
    });
  });
});
