import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RefreshTokenEntity } from '../../src/refresh-token/refresh-token.entity.js';
import { Database } from '../../src/database/database.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aRefreshingApp, aRefreshToken, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, postToken, redeem, responseParameters, UserAgent } from '../support/user-agent.js';
import { changeApp, claimsOf, disable, signedIn } from './support/arrange.js';
import { userinfo } from './support/b-flow.js';
import { captureLog, type CapturedLog } from './support/b-log.js';
import { createDatabase, startNode } from './support/b-server.js';
import { expectInvalidClient, expectTokenError, expectTokens } from './support/expectations.js';

const SECOND = 1000;

describe('refresh tokens (RFC 6749 §6, RFC 9700 §4.14)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;
  let log: CapturedLog;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_LOG_LEVEL: 'info' });
    log = captureLog(clinch.app);
    app = await aRefreshingApp(clinch);
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());
  beforeEach(() => log.clear());
  afterEach(() => vi.useRealTimers());

  const token = async (of = app, who = person) => (await aRefreshToken(clinch, of, who)).token;
  const use = (refreshToken: string, differences: Record<string, string> = {}, of = app) =>
    refresh(clinch.url, of, refreshToken, differences);
  const next = async (refreshToken: string, of = app) => {
    const answer = await use(refreshToken, {}, of);
    expectTokens(answer);
    return { token: String(answer.body['refresh_token']), body: answer.body };
  };
  const timePasses = (seconds: number) => {
    const now = Date.now();
    vi.useFakeTimers({ toFake: ['Date'] }).setSystemTime(now + seconds * SECOND);
  };
  const familiesOf = (who: TestPerson) =>
    clinch.app.get(Database).dataSource.getRepository(RefreshTokenEntity).findBy({ accountId: who.id });

  describe('when one is issued', () => {
    async function tokensOf(of: TestApp, differences: Record<string, string> = {}) {
      const agent = await signedIn(clinch, of, person);
      const answer = await agent.follow(await agent.get(authorizeUrl(clinch.url, of, differences)));
      const tokens = await redeem(clinch.url, of, responseParameters(answer).get('code') ?? '');
      expectTokens(tokens);
      return tokens.body;
    }

    it('comes with offline_access, and not without', async () => {
      expect(await tokensOf(app, { scope: 'openid offline_access' })).toMatchObject({
        refresh_token: expect.stringMatching(/^clinch_rt_[\w-]{86}$/) as string,
        scope: 'openid offline_access',
      });
      expect(await tokensOf(app, { scope: 'openid' })).not.toHaveProperty('refresh_token');
    });

    it('comes always where the app is set so', async () => {
      const always = await aRefreshingApp(clinch, { refreshTokenIssuance: 'always', scope: 'openid' });
      expect(await tokensOf(always)).toHaveProperty('refresh_token');
    });

    it('does not come for an app without the grant, whatever it asks for', async () => {
      const without = await anApp(clinch, { scope: 'openid offline_access', refreshTokenIssuance: 'always' });
      expect(await tokensOf(without, { scope: 'openid offline_access' })).not.toHaveProperty('refresh_token');
    });
  });

  it('REFRESH-01 gives a new refresh token, access token and id_token at every use', async () => {
    const first = await token();
    const answer = await use(first);
    expectTokens(answer);
    expect(answer.body['refresh_token']).toMatch(/^clinch_rt_/);
    expect(answer.body['refresh_token']).not.toBe(first);
    const idToken = claimsOf(answer.body['id_token']);
    const access = claimsOf(answer.body['access_token']);
    expect(idToken).toMatchObject({ sub: person.id, aud: app.clientId, iss: clinch.url });
    expect(access).toMatchObject({ sub: person.id, client_id: app.clientId });
    expect((await userinfo(clinch, String(answer.body['access_token']))).status).toBe(200);
  });

  it('keeps auth_time, sid and acr of the sign-in, and sends no nonce (OpenID Connect Core 1.0 §12.2)', async () => {
    const agent = new UserAgent(clinch.url);
    const asked = { scope: 'openid offline_access', nonce: 'the-nonce' };
    const code = (await agent.authorize(authorizeUrl(clinch.url, app, asked), person)).get('code') ?? '';
    const { body } = await redeem(clinch.url, app, code);
    const before = claimsOf(body['id_token']);
    expect(before['nonce']).toBe('the-nonce');
    timePasses(30);
    const after = claimsOf((await next(String(body['refresh_token']))).body['id_token']);
    for (const claim of ['iss', 'sub', 'aud', 'azp', 'auth_time', 'sid', 'acr', 'amr']) {
      expect(before[claim], claim).toBeDefined();
      expect(after[claim], claim).toEqual(before[claim]);
    }
    expect(after).not.toHaveProperty('nonce');
    expect(Number(after['iat'])).toBeGreaterThan(Number(before['iat']));
  });

  it('REFRESH-02 ends the whole family when a spent token comes again after the grace', async () => {
    const [first, other] = [await token(), await token()];
    const second = await next(first);
    timePasses(11);
    expectTokenError(await use(first), 'invalid_grant');
    expect(log.audit('refresh_token.reused')).toHaveLength(1);
    expectTokenError(await use(second.token), 'invalid_grant');
    expect((await userinfo(clinch, String(second.body['access_token']))).status).toBe(401);
    // Only what the presenter proved to own: another family of the same person in the same app lives.
    await next(other);
  });

  it('REFRESH-02 ends the family for a spent token of any generation', async () => {
    const first = await token();
    const second = await next(first);
    const third = await next(second.token);
    expectTokenError(await use(first), 'invalid_grant');
    expectTokenError(await use(third.token), 'invalid_grant');
    expect(log.audit('refresh_token.reused')).toHaveLength(1);
  });

  it('REFRESH-03 gives the very same successor within the grace', async () => {
    const first = await token();
    const second = await next(first);
    timePasses(9);
    const again = await next(first);
    expect(again.token).toBe(second.token);
    expect(again.body['access_token']).not.toBe(second.body['access_token']);
    expect(log.audit('refresh_token.reused')).toEqual([]);
    await next(second.token);
  });

  it.each([
    [0, 0],
    [60, 59],
  ])('REFRESH-03 keeps to the grace of the app: %i s', async (grace, passed) => {
    const own = await aRefreshingApp(clinch, { refreshTokenGrace: grace });
    const first = await token(own);
    const second = await next(first, own);
    timePasses(passed);
    const again = await use(first, {}, own);
    if (grace === 0) expectTokenError(again, 'invalid_grant');
    else expect(again.body['refresh_token']).toBe(second.token);
    timePasses(2);
    expectTokenError(await use(first, {}, own), 'invalid_grant');
  });

  it('keeps the successor only as ciphertext that its predecessor opens', async () => {
    const own = await aPerson(clinch);
    const first = await token(app, own);
    const second = await next(first);
    const [row] = await familiesOf(own);
    expect(row).toMatchObject({ generation: 2, sealedToken: expect.any(String) as string });
    expect(JSON.stringify(row)).not.toContain(second.token.slice(10, 40));
    expect(JSON.stringify(row)).not.toContain(first.slice(40, 70));
  });

  it('REFRESH-05 answers 50 parallel refreshes of one token with one successor', async () => {
    const own = await aPerson(clinch);
    const first = await token(app, own);
    const answers = await Promise.all(Array.from({ length: 50 }, () => use(first)));
    for (const answer of answers) expectTokens(answer);
    expect(new Set(answers.map(({ body }) => body['refresh_token'])).size).toBe(1);
    expect(await familiesOf(own)).toEqual([expect.objectContaining({ generation: 2 })]);
    await next(String(answers[0]?.body['refresh_token']));
  });

  it('REFRESH-07 refuses the token to another client, and leaves its family alone', async () => {
    const other = await aRefreshingApp(clinch);
    const first = await token();
    expectTokenError(await use(first, {}, other), 'invalid_grant');
    const second = await next(first);
    timePasses(30);
    expectTokenError(await use(first, {}, other), 'invalid_grant');
    expect(log.audit('refresh_token.reused')).toEqual([]);
    await next(second.token);
  });

  it('REFRESH-08 refuses a wider scope, and costs nothing', async () => {
    const first = await token();
    for (const scope of ['openid profile email', 'openid admin', 'clinch:admin']) {
      expectTokenError(await use(first, { scope }), 'invalid_scope');
    }
    expectTokenError(await use(first, { scope: 'open"id' }), 'invalid_scope');
    await next(first);
  });

  it('REFRESH-09 narrows the scope of one access token, and of no more', async () => {
    const narrow = await use(await token(), { scope: 'openid' });
    expectTokens(narrow);
    expect(narrow.body['scope']).toBe('openid');
    expect(claimsOf(narrow.body['access_token'])['scope']).toBe('openid');
    const whole = await next(String(narrow.body['refresh_token']));
    expect(whole.body['scope']).toBe('openid profile offline_access');
  });

  it('REFRESH-11 ends after the idle lifetime', async () => {
    const own = await aRefreshingApp(clinch, { refreshTokenIdleLifetime: 600 });
    let current = await token(own);
    for (let uses = 0; uses < 3; uses++) {
      timePasses(500);
      current = (await next(current, own)).token;
    }
    timePasses(601);
    expectTokenError(await use(current, {}, own), 'invalid_grant');
  });

  it('REFRESH-11 ends after the absolute lifetime, however often it was rotated', async () => {
    const own = await aRefreshingApp(clinch, { refreshTokenLifetime: 3_600 });
    let current = await token(own);
    for (let uses = 0; uses < 4; uses++) {
      timePasses(890);
      current = (await next(current, own)).token;
    }
    timePasses(41);
    expectTokenError(await use(current, {}, own), 'invalid_grant');
  });

  it('an idle lifetime that the app was given since counts for tokens that are out already', async () => {
    const own = await aRefreshingApp(clinch);
    const [used, idle] = [await token(own), await token(own)];
    timePasses(400);
    const current = await next(used, own);
    timePasses(300);
    await changeApp(clinch, own, { refreshTokenIdleLifetime: 600 });
    expectTokenError(await use(idle, {}, own), 'invalid_grant');
    await next(current.token, own);
  });

  it('a family that has expired still takes its access tokens along when it is revoked', async () => {
    const own = await aRefreshingApp(clinch, { refreshTokenIdleLifetime: 600 });
    const { body, token: last } = await next(await token(own), own);
    timePasses(700);
    const { headers } = credentials(own);
    await fetch(`${clinch.url}/oidc/revoke`, { method: 'POST', headers, body: new URLSearchParams({ token: last }) });
    expect((await userinfo(clinch, String(body['access_token']))).status).toBe(401);
  });

  it('a lifetime that the app was given since counts for tokens that are out already', async () => {
    const own = await aRefreshingApp(clinch);
    const current = await token(own);
    timePasses(4_000);
    await changeApp(clinch, own, { refreshTokenLifetime: 3_600 });
    expectTokenError(await use(current, {}, own), 'invalid_grant');
  });

  it('REFRESH-13 takes no access token for a refresh token, and the reverse', async () => {
    const { body } = await use(await token());
    expectTokenError(await use(String(body['access_token'])), 'invalid_grant');
    expectTokenError(await use(String(body['id_token'])), 'invalid_grant');
    expect((await userinfo(clinch, String(body['refresh_token']))).status).toBe(401);
    const code = { grant_type: 'authorization_code', redirect_uri: app.redirectUri };
    const { headers } = credentials(app);
    expectTokenError(
      await postToken(clinch.url, { ...code, code: String(body['refresh_token']) }, headers),
      'invalid_grant',
    );
  });

  it('REFRESH-14 refuses a token that was changed in any place, and leaves its family alone', async () => {
    const good = await token();
    const flip = (index: number) => good.slice(0, index) + (good[index] === 'A' ? 'B' : 'A') + good.slice(index + 1);
    const changed = [
      good.slice(0, -1),
      `${good}A`,
      `${good} `,
      ` ${good}`,
      good.toLowerCase(),
      good.toUpperCase(),
      good.replace('clinch_rt_', ''),
      `${good}=`,
      `${good}${good}`,
      'clinch_rt_',
      'x'.repeat(10_000),
      ...[10, 20, 40, 60, 80, 95].map(flip),
    ];
    for (const text of changed) expectTokenError(await use(text), 'invalid_grant');
    expect(log.audit('refresh_token.reused')).toEqual([]);
    await next(good);
  });

  it('REFRESH-15 raises no alarm for a token that was ended in an orderly way', async () => {
    const first = await token();
    const second = await next(first);
    const { headers } = credentials(app);
    const body = new URLSearchParams({ token: second.token });
    expect((await fetch(`${clinch.url}/oidc/revoke`, { method: 'POST', headers, body })).status).toBe(200);
    for (const ended of [second.token, first]) expectTokenError(await use(ended), 'invalid_grant');
    expect(log.audit('refresh_token.reused')).toEqual([]);
  });

  it('REFRESH-16 still knows a spent token after all nodes have been restarted', async () => {
    const database = await createDatabase();
    const before = await startNode(database);
    const own = await aRefreshingApp(before);
    const who = await aPerson(before);
    const first = (await aRefreshToken(before, own, who)).token;
    const second = String((await refresh(before.url, own, first)).body['refresh_token']);
    await before.stop();
    const after = await startNode(database, { CLINCH_ISSUER: before.url });
    timePasses(11);
    expectTokenError(await refresh(after.url, own, first), 'invalid_grant');
    expectTokenError(await refresh(after.url, own, second), 'invalid_grant');
    await after.stop();
    await database.drop();
  });

  it('REFRESH-17 leaves nothing alive when a refresh and a revocation meet', async () => {
    const { headers } = credentials(app);
    for (let round = 0; round < 40; round++) {
      const first = await token();
      const revocation = () =>
        fetch(`${clinch.url}/oidc/revoke`, { method: 'POST', headers, body: new URLSearchParams({ token: first }) });
      const [refreshed, revoked] =
        round % 2 === 0
          ? await Promise.all([use(first), revocation()])
          : await Promise.all([revocation(), use(first)]).then(([a, b]) => [b, a] as const);
      expect(revoked.status).toBe(200);
      expect([200, 400]).toContain(refreshed.status);
      const { refresh_token: successor, access_token: access } = refreshed.body as Record<string, string | undefined>;
      for (const left of [first, successor ?? first]) expectTokenError(await use(left), 'invalid_grant');
      if (access !== undefined) expect((await userinfo(clinch, access)).status).toBe(401);
    }
  });

  it('REFRESH-18 serves a public client by its client_id, and rotates every time', async () => {
    const open = await aRefreshingApp(clinch, { tokenEndpointAuthMethod: 'none' });
    const first = await token(open);
    const second = await next(first, open);
    expect(second.token).not.toBe(first);
    await next(second.token, open);
  });

  it('REFRESH-20 ignores DPoP, and advertises nothing of it', async () => {
    const { headers } = credentials(app);
    const form = { grant_type: 'refresh_token', refresh_token: await token() };
    const answer = await postToken(clinch.url, form, { ...headers, DPoP: 'x.y.z' });
    expectTokens(answer);
    const metadata = (await (await fetch(`${clinch.url}/.well-known/openid-configuration`)).json()) as object;
    expect(JSON.stringify(metadata)).not.toMatch(/dpop|tls_client/i);
  });

  describe('reads everything again', () => {
    it('refuses when the person was disabled, and costs nothing', async () => {
      const who = await aPerson(clinch);
      const first = await token(app, who);
      await disable(clinch, who);
      expectTokenError(await use(first), 'invalid_grant');
      expect(await familiesOf(who)).toEqual([expect.objectContaining({ generation: 1 })]);
    });

    it('refuses when the password was set anew since the sign-in', async () => {
      const who = await aPerson(clinch);
      const first = await token(app, who);
      const answer = await fetch(`${clinch.url}/admin/api/v1/users/${who.id}/password`, {
        method: 'PUT',
        headers: { Authorization: `Bearer ${await clinch.adminToken()}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ password: 'a quite new passphrase' }),
      });
      expect(answer.status).toBe(204);
      expectTokenError(await use(first), 'invalid_grant');
    });

    it('refuses when the app was closed to the person', async () => {
      const own = await aRefreshingApp(clinch);
      const first = await token(own);
      await changeApp(clinch, own, { access: 'assigned' });
      expectTokenError(await use(first, {}, own), 'invalid_grant');
      await changeApp(clinch, own, { access: 'everyone' });
      await next(first, own);
    });

    it('gives no scope that was taken from the app', async () => {
      const own = await aRefreshingApp(clinch);
      const first = await token(own);
      await changeApp(clinch, own, { scope: 'openid offline_access' });
      expect((await next(first, own)).body['scope']).toBe('openid offline_access');
    });

    it('refuses when the app is switched off, or may not refresh any more', async () => {
      const own = await aRefreshingApp(clinch);
      const first = await token(own);
      await changeApp(clinch, own, { grantTypes: ['authorization_code'] });
      expectTokenError(await use(first, {}, own), 'unauthorized_client');
      await changeApp(clinch, own, { grantTypes: ['authorization_code', 'refresh_token'], enabled: false });
      expectInvalidClient(await use(first, {}, own));
    });
  });

  it('an app that cannot rotate keeps its token', async () => {
    const own = await aRefreshingApp(clinch, { refreshTokenRotation: 'reuse', refreshTokenIdleLifetime: 600 });
    const first = await token(own);
    for (let uses = 0; uses < 3; uses++) {
      timePasses(500);
      expect((await next(first, own)).token).toBe(first);
    }
    timePasses(601);
    expectTokenError(await use(first, {}, own), 'invalid_grant');
  });

  it('a code that is replayed takes the refresh token along', async () => {
    const agent = new UserAgent(clinch.url);
    const url = authorizeUrl(clinch.url, app, { scope: 'openid offline_access' });
    const code = (await agent.authorize(url, person)).get('code') ?? '';
    const { body } = await redeem(clinch.url, app, code);
    expectTokenError(await redeem(clinch.url, app, code), 'invalid_grant');
    expectTokenError(await use(String(body['refresh_token'])), 'invalid_grant');
  });

  it('does not outlive the registration that it was issued under', async () => {
    const own = await aRefreshingApp(clinch, { clientId: 'app-that-comes-again' });
    const { token: first, body } = await next(await token(own), own);
    const access = String(body['access_token']);
    expect((await userinfo(clinch, access)).status).toBe(200);
    const admin = { Authorization: `Bearer ${await clinch.adminToken()}` };
    await fetch(`${clinch.url}/admin/api/v1/apps/${own.clientId}`, { method: 'DELETE', headers: admin });
    timePasses(5);
    const again = await aRefreshingApp(clinch, { clientId: 'app-that-comes-again' });
    expectTokenError(await use(first, {}, again), 'invalid_grant');
    // Nor do the access tokens.
    expect((await userinfo(clinch, access)).status).toBe(401);
  });

  it.each(['', undefined])('asks for the refresh_token when it is %j', async (refreshToken) => {
    const { headers } = credentials(app);
    const form = {
      grant_type: 'refresh_token',
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    };
    expectTokenError(await postToken(clinch.url, form, headers), 'invalid_request');
  });
});
