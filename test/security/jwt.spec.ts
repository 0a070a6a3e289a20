import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, postToken, redeem, UserAgent } from '../support/user-agent.js';
import { claimsOf, headerOf, tokensFor, userinfo } from './support/b-flow.js';

describe('issued tokens, decoded', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  it('JWT-01 puts every claim that OpenID Connect asks for into the id_token', async () => {
    const nonce = 'n -._~"\\<>&é李';
    const { idToken, accessToken } = await tokensFor(clinch, app, person, { nonce, max_age: '3600' });
    const claims = claimsOf(idToken);
    expect(claims).toMatchObject({ iss: clinch.url, nonce, sub: person.id });
    expect(String(claims['sub'])).toMatch(/^[\x21-\x7e]{1,255}$/);
    expect([claims['aud']].flat()).toContain(app.clientId);
    for (const time of ['exp', 'iat', 'auth_time']) expect(Number.isInteger(claims[time]), time).toBe(true);
    expect(Number(claims['exp'])).toBeGreaterThan(Number(claims['iat']));
    const half = createHash('sha256').update(accessToken).digest().subarray(0, 16);
    expect(claims['at_hash']).toBe(half.toString('base64url'));
    if ([claims['aud']].flat().length > 1) expect(claims['azp']).toBe(app.clientId);
    expect((await tokensFor(clinch, app, person)).idToken).not.toContain('nonce');
  });

  it('JWT-02 signs id_tokens with RS256, whatever the request says', async () => {
    const { idToken } = await tokensFor(clinch, app, person, { id_token_signed_response_alg: 'none', alg: 'none' });
    expect(headerOf(idToken)).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    expect(Object.keys(headerOf(idToken)).sort()).toEqual(['alg', 'kid', 'typ']);
    const keys = createRemoteJWKSet(new URL(`${clinch.url}/oidc/jwks`));
    await expect(jwtVerify(idToken, keys, { issuer: clinch.url, audience: app.clientId })).resolves.toBeDefined();
  });

  it('JWT-03 makes access tokens after RFC 9068', async () => {
    const { accessToken } = await tokensFor(clinch, app, person, { scope: 'openid email' });
    expect(headerOf(accessToken)).toMatchObject({ typ: 'at+jwt', alg: 'RS256' });
    const claims = claimsOf(accessToken);
    expect(claims).toMatchObject({ iss: clinch.url, sub: person.id, client_id: app.clientId, scope: 'openid email' });
    expect(String(claims['jti'])).toMatch(/^[A-Za-z0-9_-]{22,}$/);
    for (const time of ['exp', 'iat']) expect(Number.isInteger(claims[time]), time).toBe(true);
    const keys = createRemoteJWKSet(new URL(`${clinch.url}/oidc/jwks`));
    await expect(jwtVerify(accessToken, keys, { issuer: clinch.url, typ: 'at+jwt' })).resolves.toBeDefined();
    const again = await tokensFor(clinch, app, person);
    expect(claimsOf(again.accessToken)['jti']).not.toBe(claims['jti']);
    for (const personal of ['email', 'name', 'phone_number']) expect(claims).not.toHaveProperty(personal);
  });

  it('JWT-04 names one audience, never a star and never nothing', async () => {
    const user = claimsOf((await tokensFor(clinch, app, person)).accessToken);
    const operator = claimsOf(await clinch.adminToken());
    expect(user['aud']).toBe(clinch.url);
    expect(operator['aud']).toBe(`${clinch.url}/admin/api/v1`);
  });

  it('JWT-04 gives no person a token for the admin API, whatever scope the app has', async () => {
    const greedy = await anApp(clinch, { scope: 'openid clinch:admin' });
    const { accessToken } = await tokensFor(clinch, greedy, person, { scope: 'openid clinch:admin' });
    expect(claimsOf(accessToken)['aud']).toBe(clinch.url);
    const basic = `Basic ${Buffer.from(`${OPERATOR.id}:${OPERATOR.secret}`).toString('base64')}`;
    const form = { grant_type: 'client_credentials', scope: 'openid clinch:admin' };
    expect((await postToken(clinch.url, form, { Authorization: basic })).body).toMatchObject({
      error: 'invalid_scope',
    });
  });

  const strange = {
    'a name of 10 kB': '名'.repeat(3_400),
    emoji: '👩‍💻🏳️‍🌈',
    'right to left': '\u202Eמנהל\u202C',
    NUL: 'a\u0000b',
    'a lone surrogate': 'a\ud800b',
  };
  it.each(Object.entries(strange))('JWT-06 keeps tokens small and clean with %s', async (kind, name) => {
    const values = { name, givenName: name, familyName: name, nickname: name };
    const storable = kind === 'NUL' && process.env['CLINCH_TEST_DATABASE'] === 'postgres' ? {} : values;
    const odd = await aPerson(clinch, storable);
    const wanted = { name: null, given_name: null, family_name: null, nickname: null };
    const claims = JSON.stringify({ id_token: wanted, userinfo: wanted });
    const agent = new UserAgent(clinch.url);
    const answer = await agent.authorize(authorizeUrl(clinch.url, app, { claims, scope: 'openid profile' }), odd);
    const { status, body } = await redeem(clinch.url, app, answer.get('code') ?? '');
    expect(status).toBe(200);
    for (const token of [String(body['id_token']), String(body['access_token'])]) {
      expect(token.length).toBeLessThanOrEqual(8_192);
      expect(JSON.stringify(claimsOf(token))).not.toContain('\\u0000');
    }
    expect((await userinfo(clinch, String(body['access_token']))).status).toBe(200);
  });

  it('JWT-06 does not let a request blow the access token up', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `${'x'.repeat(97)}${index + 10}`);
    const claims = JSON.stringify({ userinfo: Object.fromEntries(names.map((name) => [name, null])) });
    const agent = new UserAgent(clinch.url);
    const answer = await agent.authorize(authorizeUrl(clinch.url, app, { claims, nonce: 'n'.repeat(1_000) }), person);
    const { body } = await redeem(clinch.url, app, answer.get('code') ?? '');
    expect(String(body['access_token']).length).toBeLessThanOrEqual(8_192);
  });

  it('JWT-08 keeps the subject over a change of name, mail and phone', async () => {
    const mover = await aPerson(clinch);
    const before = claimsOf((await tokensFor(clinch, app, mover)).idToken)['sub'];
    const { repository } = clinch.app.get(AccountStore);
    const renamed = `new.${mover.username}`;
    const changes = {
      username: renamed,
      usernameKey: renamed,
      email: 'new@example.com',
      phoneNumber: '+8613900000000',
    };
    await repository.update({ id: mover.id }, { ...changes, name: '新名' });
    const after = claimsOf((await tokensFor(clinch, app, { ...mover, username: renamed })).idToken)['sub'];
    expect(after).toBe(before);
  });

  it('JWT-08 gives a new person of an old name another subject', async () => {
    const first = await aPerson(clinch);
    const before = claimsOf((await tokensFor(clinch, app, first)).idToken)['sub'];
    await clinch.app.get(AccountStore).repository.delete({ id: first.id });
    const second = await aPerson(clinch, { username: first.username });
    expect(claimsOf((await tokensFor(clinch, app, second)).idToken)['sub']).not.toBe(before);
  });

  it('JWT-09 names a person differently in every sector, by values that lead back to nobody', async () => {
    const inSector = (host: string) => anApp(clinch, { subjectType: 'pairwise', redirectUris: [`https://${host}/cb`] });
    const [one, two, twin] = await Promise.all(['one.example', 'two.example', 'one.example'].map(inSector));
    const subjects = [];
    for (const each of [one, two, twin]) {
      if (each === undefined) throw new Error('no app');
      subjects.push(String(claimsOf((await tokensFor(clinch, each, person)).idToken)['sub']));
    }
    const [first = '', second = '', third] = subjects;
    expect(third).toBe(first);
    expect(second).not.toBe(first);
    for (const subject of [first, second]) {
      expect(subject).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(subject).not.toContain(person.id);
      // Not a hash that anybody could make who has a list of people: it is keyed (OpenID Connect Core 1.0 §8.1).
      for (const sector of ['one.example', 'two.example'])
        for (const glue of ['', ' ', '|']) {
          const guesses = [`${sector}${glue}${person.id}`, `${person.id}${glue}${sector}`];
          for (const guess of guesses) expect(createHash('sha256').update(guess).digest('base64url')).not.toBe(subject);
        }
    }
  });
});
