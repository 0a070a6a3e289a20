import { SignJWT, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { TokenSigningService } from '../../src/token-signing/token-signing.service.js';
import { AdminApi } from '../support/admin-api.js';
import { anApp, aPerson, REDIRECT_URI, type TestApp, type TestPerson } from '../support/builders.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, postToken, redeem, responseParameters, UserAgent } from '../support/user-agent.js';
import { claimsOf, forgedJwt, headerOf, loginPage, tokensFor, userinfo, type Tokens } from './support/b-flow.js';
import { captureLog } from './support/b-log.js';

const REALM_ONLY = 'Bearer realm="clinch"';

async function expectInvalidToken(response: Response): Promise<void> {
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  await response.body?.cancel();
}

describe('/oidc/userinfo under attack', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;
  let tokens: Tokens;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    person = await aPerson(clinch);
    tokens = await tokensFor(clinch, app, person);
  });
  afterAll(() => clinch.stop());
  afterEach(() => vi.useRealTimers());

  const sign = (differences: Record<string, unknown>, typ: 'JWT' | 'at+jwt' = 'at+jwt') =>
    clinch.app.get(TokenSigningService).sign(typ, { ...claimsOf(tokens.accessToken), ...differences });

  it('USERINFO-02 takes POST with the header and POST with the body, and challenges without an error otherwise', async () => {
    expect((await userinfo(clinch, tokens.accessToken, { method: 'POST' })).status).toBe(200);
    const body = new URLSearchParams({ access_token: tokens.accessToken });
    const byForm = await fetch(`${clinch.url}/oidc/userinfo`, { method: 'POST', body });
    expect(byForm.status).toBe(200);
    expect(byForm.headers.get('cache-control')).toBe('no-store');
    const without = await fetch(`${clinch.url}/oidc/userinfo`, { method: 'POST' });
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toBe(REALM_ONLY);
    expect(without.headers.get('cache-control')).toBe('no-store');
  });

  it('USERINFO-04 refuses expired, revoked, unknown and garbage tokens', async () => {
    const { accessToken, expiresIn } = await tokensFor(clinch, app, person);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + (expiresIn + 1) * 1000 });
    await expectInvalidToken(await userinfo(clinch, accessToken));
    vi.useRealTimers();

    const revoked = await tokensFor(clinch, app, person);
    expect((await redeem(clinch.url, app, revoked.code)).status).toBe(400);
    await expectInvalidToken(await userinfo(clinch, revoked.accessToken));

    const cut = tokens.accessToken.slice(0, -2);
    const foreignKid = forgedJwt(
      { ...headerOf(tokens.accessToken), kid: 'nobody' },
      claimsOf(tokens.accessToken),
      'AA',
    );
    for (const garbage of [cut, foreignKid, 'a', 'a.b.c', '....', 'x'.repeat(6_000), 'bm90IGEgand0']) {
      await expectInvalidToken(await userinfo(clinch, garbage));
    }
  });

  it('USERINFO-05 refuses a token without the scope openid', async () => {
    const response = await userinfo(clinch, await sign({ scope: 'profile email' }));
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="insufficient_scope"/);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('USERINFO-06 refuses a token that is sent twice', async () => {
    const { accessToken } = tokens;
    const both = await userinfo(clinch, accessToken, {
      method: 'POST',
      headers: { Authorization: `Bearer ${accessToken}` },
      body: new URLSearchParams({ access_token: accessToken }),
    });
    const repeated = await fetch(`${clinch.url}/oidc/userinfo`, {
      method: 'POST',
      body: new URLSearchParams([
        ['access_token', accessToken],
        ['access_token', accessToken],
      ]),
    });
    for (const response of [both, repeated]) {
      expect(response.status).toBe(400);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_request"/);
    }
  });

  it('USERINFO-07 refuses a token in the query, and does not log it', async () => {
    const log = captureLog(clinch.app);
    const response = await fetch(`${clinch.url}/oidc/userinfo?access_token=${tokens.accessToken}`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(REALM_ONLY);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(log.text()).not.toContain(tokens.accessToken);
  });

  it('USERINFO-09 refuses an id_token, an assertion, the token of another issuer, and alg none', async () => {
    const claims = claimsOf(tokens.accessToken);
    const header = headerOf(tokens.accessToken);
    const { privateKey } = await generateKeyPair('RS256');
    const signed = (differences: Record<string, unknown>) =>
      new SignJWT({ ...claims, ...differences }).setProtectedHeader({ ...header, alg: 'RS256' }).sign(privateKey);
    const presented = [
      tokens.idToken,
      forgedJwt({ alg: 'none', typ: 'at+jwt' }, claims),
      forgedJwt({ ...header, alg: 'none' }, claims),
      forgedJwt({ ...header, alg: 'HS256' }, claims, 'AAAA'),
      await signed({ iss: 'https://evil.test' }),
      await signed({}),
      await sign({ iss: 'https://evil.test' }),
      await sign({}, 'JWT'),
      await sign({ aud: 'https://evil.test' }),
      await signed({ iss: app.clientId, sub: app.clientId, aud: `${clinch.url}/oidc/token` }),
      tokens.code,
    ];
    for (const token of presented) await expectInvalidToken(await userinfo(clinch, token));
  });

  it('USERINFO-10 says nothing more than was granted', async () => {
    expect(await (await userinfo(clinch, tokens.accessToken)).json()).toEqual({ sub: person.id });
    const withPhone = await tokensFor(clinch, app, person, { scope: 'openid phone' });
    expect(Object.keys((await (await userinfo(clinch, withPhone.accessToken)).json()) as object).sort()).toEqual([
      'phone_number',
      'phone_number_verified',
      'sub',
    ]);
    const withoutPermission = await anApp(clinch, { scope: 'openid profile' });
    const claims = JSON.stringify({ userinfo: { phone_number: { essential: true }, email: null } });
    const asked = await tokensFor(clinch, withoutPermission, person, { scope: 'openid phone email', claims });
    expect(await (await userinfo(clinch, asked.accessToken)).json()).toEqual({ sub: person.id });
  });

  it('USERINFO-10 asks for consent to what the claims parameter reaches into', async () => {
    const careful = await anApp(clinch, { requireConsent: true, scope: 'openid email phone' });
    const reader = await aPerson(clinch);
    const agent = new UserAgent(clinch.url);
    const plain = await agent.signIn(await loginPage(clinch, careful, agent), reader);
    expect(plain.text).not.toMatch(/phone number/i);
    await agent.press(plain, 'allow');
    const claims = JSON.stringify({ userinfo: { phone_number: null } });
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, careful, { claims })));
    expect(page.text).toContain('value="allow"');
    expect(page.text).toMatch(/phone number/i);
    const silent = await agent.get(authorizeUrl(clinch.url, careful, { claims, prompt: 'none' }));
    expect(responseParameters(silent).get('error')).toBe('consent_required');
    const code = responseParameters(await agent.press(page, 'allow')).get('code') ?? '';
    const { body } = await redeem(clinch.url, careful, code);
    const said = await (await userinfo(clinch, String(body['access_token']))).json();
    expect(said).toMatchObject({ phone_number: '+8613800000000' });
  });

  it('USERINFO-10 gives a claim that was asked for by name without its scope, as far as the app may have it', async () => {
    const other = await anApp(clinch, { scope: 'openid phone' });
    const claims = JSON.stringify({ userinfo: { phone_number: null } });
    const asked = await tokensFor(clinch, other, person, { claims });
    expect(await (await userinfo(clinch, asked.accessToken)).json()).toHaveProperty('phone_number');
    expect(claimsOf(asked.accessToken)['scope']).toBe('openid');
  });

  it('USERINFO-11 leaves out what has no value, and keeps the types of the specification', async () => {
    const bare = await aPerson(clinch, { nickname: null, website: '', phoneNumber: null, email: null, address: null });
    const scope = 'openid profile email phone address';
    const few = await tokensFor(clinch, app, bare, { scope });
    const said = (await (await userinfo(clinch, few.accessToken)).json()) as Record<string, unknown>;
    for (const value of Object.values(said)) expect([null, '']).not.toContain(value);
    for (const name of ['nickname', 'website', 'email', 'email_verified', 'phone_number', 'address']) {
      expect(said).not.toHaveProperty(name);
    }
    const all = await tokensFor(clinch, app, person, { scope });
    const full = (await (await userinfo(clinch, all.accessToken)).json()) as Record<string, unknown>;
    expect(full['phone_number']).toMatch(/^\+[1-9]\d{6,14}$/);
    expect(full['phone_number_verified']).toBe(false);
    expect(full['email_verified']).toBe(true);
    expect(full['updated_at']).toBeTypeOf('number');
  });

  it('USERINFO-12 offers no signed answer, says so, and gives none whatever is asked for', async () => {
    const discovery = (await (await fetch(`${clinch.url}/.well-known/openid-configuration`)).json()) as object;
    expect(Object.keys(discovery).filter((name) => /^userinfo_(sign|encrypt)/.test(name))).toEqual([]);
    const admin = await AdminApi.of(clinch);
    const wish = { client_name: 'Signed', redirect_uris: [REDIRECT_URI], userinfo_signed_response_alg: 'RS256' };
    expect((await admin.call('POST', 'apps', wish)).status).toBe(400);
    const { accessToken } = await tokensFor(clinch, app, person);
    const headers = { Authorization: `Bearer ${accessToken}`, Accept: 'application/jwt' };
    const answer = await fetch(`${clinch.url}/oidc/userinfo`, { headers });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await answer.json()).toMatchObject({ sub: person.id });
  });

  it('USERINFO-13 refuses a token that speaks of no person', async () => {
    const machine = await anApp(clinch, { grantTypes: ['client_credentials'], scope: 'openid profile reports:read' });
    const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    const get = async (id: string, secret: string) =>
      (await postToken(clinch.url, { grant_type: 'client_credentials' }, { Authorization: basic(id, secret) })).body;
    for (const answer of [await get(machine.clientId, machine.clientSecret), await get(OPERATOR.id, OPERATOR.secret)]) {
      const response = await userinfo(clinch, String(answer['access_token']));
      expect([401, 403]).toContain(response.status);
    }
    // Even an app whose id were an account's: a token about the app itself never speaks of a person.
    const namesake = await anApp(clinch, { clientId: person.id, grantTypes: ['client_credentials'] });
    const stolen = await sign({ sub: namesake.clientId, client_id: namesake.clientId, scope: 'openid profile' });
    await expectInvalidToken(await userinfo(clinch, stolen));
  });

  it('USERINFO-14 refuses the token of somebody who was disabled after it was issued', async () => {
    const leaver = await aPerson(clinch);
    const { accessToken } = await tokensFor(clinch, app, leaver);
    expect((await userinfo(clinch, accessToken)).status).toBe(200);
    await clinch.app.get(AccountStore).repository.update({ id: leaver.id }, { status: 'disabled' });
    await expectInvalidToken(await userinfo(clinch, accessToken));
  });

  it('USERINFO-16 refuses an access token for another API', async () => {
    await expectInvalidToken(await userinfo(clinch, await sign({ aud: 'https://api.example' })));
    await expectInvalidToken(await userinfo(clinch, await sign({ aud: `${clinch.url}/admin/api/v1` })));
    await expectInvalidToken(await userinfo(clinch, await clinch.adminToken()));
  });
});
