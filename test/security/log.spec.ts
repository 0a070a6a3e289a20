import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anApp, aPerson } from '../support/builders.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, formOf, pkce, postToken, redeem, UserAgent } from '../support/user-agent.js';
import { adminOf, type Admin } from './support/b-admin.js';
import { loginPage, tokensFor, userinfo } from './support/b-flow.js';
import { captureLog, type CapturedLog } from './support/b-log.js';
import { rawRequest } from './support/b-raw.js';
import { MASTER_KEY } from './support/b-server.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INSIDES = /\bat .*\.[jt]s|node_modules|\/src\/|SELECT |INSERT |SQLITE|QueryFailed|typeorm|nestjs|express\b/i;

describe('what is written down', () => {
  let clinch: TestClinch;
  let log: CapturedLog;
  let admin: Admin;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_LOG_LEVEL: 'trace' });
    log = captureLog(clinch.app);
    admin = adminOf(clinch);
  });
  afterAll(() => clinch.stop());
  beforeEach(() => log.clear());

  it('LOG-01 writes no secret, whatever goes right or wrong', async () => {
    const phoneNumber = '+8613811112222';
    const app = await anApp(clinch);
    const person = await aPerson(clinch, { phoneNumber });
    const { verifier, challenge } = pkce();
    const agent = new UserAgent(clinch.url);
    const planted: Record<string, string> = {
      'client secret': app.clientSecret,
      'operators’ secret': OPERATOR.secret,
      'master key': MASTER_KEY,
      password: person.password,
      verifier,
      phone: phoneNumber,
    };
    // The way as it should go.
    const request = {
      scope: 'openid phone',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      nonce: 'planted-nonce-1',
    };
    const page = await loginPage(clinch, app, agent, request);
    planted['CSRF token'] = formOf(page).hidden['csrf_token'] ?? '';
    planted['interaction'] = formOf(page).hidden['interaction'] ?? '';
    planted['wrong password'] = randomBytes(9).toString('base64url');
    await agent.signIn(page, { username: person.username, password: planted['wrong password'] });
    const answer = new URL((await agent.signIn(page, person)).headers.get('location') ?? '').searchParams;
    planted['code'] = answer.get('code') ?? '';
    for (const [name, value] of agent.cookies) planted[`cookie ${name}`] = value;
    const { body } = await redeem(clinch.url, app, planted['code'], { code_verifier: verifier });
    planted['access token'] = String(body['access_token']);
    planted['id token'] = String(body['id_token']);
    expect((await userinfo(clinch, planted['access token'])).status).toBe(200);

    // Everything that can go wrong with each of them.
    planted['wrong secret'] = `clinch_cs_${randomBytes(32).toString('base64url')}`;
    planted['planted assertion'] = `eyJ.${randomBytes(40).toString('base64url')}.sig`;
    const { headers, form } = credentials(app);
    await redeem(clinch.url, app, planted['code'], { code_verifier: verifier });
    await redeem(clinch.url, { ...app, clientSecret: planted['wrong secret'] }, planted['code']);
    await redeem(clinch.url, { ...app, redirectUri: 'https://evil.test/' }, planted['code']);
    await postToken(clinch.url, { ...form, grant_type: planted['code'], code: planted['code'] }, headers);
    const assertion = {
      client_assertion: planted['planted assertion'],
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    await postToken(clinch.url, { grant_type: 'client_credentials', ...assertion });
    for (const path of [
      '/oidc/userinfo',
      '/oidc/authorize',
      '/login',
      '/consent',
      '/nowhere',
      '/NOWHERE',
      '/oidc/authorize/continue',
    ]) {
      for (const method of ['GET', 'POST', 'HEAD', 'DELETE']) {
        const query = new URLSearchParams({ ...planted, code: planted['code'], id_token_hint: planted['id token'] });
        const init = {
          method,
          redirect: 'manual' as const,
          headers: { Authorization: `Bearer ${planted['access token']}x` },
        };
        await fetch(`${clinch.url}${path}?${query.toString().slice(0, 6_000)}`, init);
        if (method === 'POST') await fetch(clinch.url + path, { ...init, body: new URLSearchParams(planted) });
      }
    }
    await agent.get(authorizeUrl(clinch.url, app, { id_token_hint: planted['id token'], prompt: 'none' }));
    await agent.get(authorizeUrl(clinch.url, app, { id_token_hint: `${planted['id token']}x`, prompt: 'none' }));
    await agent.post('/login', {
      ...formOf(page).hidden,
      username: person.username,
      password: `${person.password}\u0000`,
    });

    // Administration.
    planted['admin token'] = await clinch.adminToken();
    planted['new password'] = 'amber-canyon-lantern-42';
    const created = await admin('POST', '/users', {
      username: `new.${Date.now()}`,
      password: planted['new password'],
      phone_number: phoneNumber,
    });
    await admin('PATCH', `/users/${String(created.body['id'])}`, {
      password: `${planted['new password']}x`,
      nonsense: planted['new password'],
    });
    await admin('POST', '/users', { username: person.username, password: planted['new password'] });
    const made = await admin('POST', '/apps', { client_name: 'Made', redirect_uris: ['https://made.example/cb'] });
    planted['made secret'] = String(made.body['client_secret']);
    const added = await admin('POST', `/apps/${String(made.body['client_id'])}/secrets`, {});
    if (typeof added.body['client_secret'] === 'string') planted['added secret'] = added.body['client_secret'];

    const text = log.text();
    expect(log.lines().length).toBeGreaterThan(60);
    for (const [name, secret] of Object.entries(planted)) {
      expect(secret.length, name).toBeGreaterThan(8);
      expect(text.includes(secret), name).toBe(false);
      expect(text.includes(encodeURIComponent(secret)), name).toBe(false);
      expect(text.includes(Buffer.from(secret).toString('base64').replace(/=+$/, '')), name).toBe(false);
    }
  });

  it('LOG-03 cuts long paths and user agents', async () => {
    const long = 'y'.repeat(7_000);
    await rawRequest(clinch.url, 'GET', `/${long}`, { 'User-Agent': long });
    await rawRequest(clinch.url, 'GET', `/oidc/authorize?client_id=${long}&redirect_uri=${long}`);
    await rawRequest(clinch.url, 'GET', `/admin/api/v1/apps/${long}`);
    await postToken(clinch.url, { grant_type: 'authorization_code', client_id: long });
    await postToken(clinch.url, { grant_type: long });
    expect(log.lines().length).toBeGreaterThanOrEqual(5);
    for (const line of log.lines()) expect(JSON.stringify(line).length).toBeLessThan(2_500);
    expect(log.text()).not.toContain('y'.repeat(400));
  });

  it('LOG-03 writes one line for one event, whatever is in it', async () => {
    const evil = 'a\\n{"kind":"audit","event":"sign_in.succeeded"}\u2028\u0085';
    await fetch(`${clinch.url}/${encodeURIComponent(evil)}`, { headers: { 'User-Agent': '{"kind":"audit"}' } });
    const agent = new UserAgent(clinch.url);
    await agent.signIn(await loginPage(clinch, await anApp(clinch), agent), { username: evil, password: 'x' });
    expect(log.audit('sign_in.succeeded')).toEqual([]);
    for (const line of log.text().trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it('LOG-04 shows no insides on error pages and in JSON, but the id to ask for', async () => {
    const app = await anApp(clinch);
    const { headers } = credentials(app);
    const answers = [
      await fetch(`${clinch.url}/oidc/authorize?client_id=%00`, { headers: { Accept: 'text/html' } }),
      await fetch(`${clinch.url}/oidc/token`, { method: 'POST', headers, body: 'x' }),
      await fetch(`${clinch.url}/oidc/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'x' }) }),
      await fetch(`${clinch.url}/login`, { method: 'POST', headers: { Accept: 'text/html' } }),
      await fetch(`${clinch.url}/nowhere/%`, { headers: { Accept: 'text/html' } }),
      await fetch(`${clinch.url}/admin/api/v1/users/%`),
      await fetch(`${clinch.url}/oidc/userinfo`, { headers: { Authorization: 'Bearer a.b.c' } }),
    ];
    for (const answer of answers) {
      const text = await answer.text();
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(text).not.toMatch(INSIDES);
      const id = answer.headers.get('x-request-id') ?? '';
      expect(id).toMatch(UUID);
      if (answer.headers.get('content-type')?.startsWith('text/html') === true) expect(text).toContain(id);
      expect(log.text()).toContain(id);
    }
  });

  it('LOG-04 takes no request id from outside', async () => {
    const answer = await fetch(`${clinch.url}/livez`, { headers: { 'X-Request-Id': 'forged', Traceparent: 'forged' } });
    expect(answer.headers.get('x-request-id')).toMatch(UUID);
    expect(log.text()).not.toContain('forged');
  });

  it('LOG-05 records sign-ins, consent, tokens, replays and administration, with who and whence', async () => {
    const app = await anApp(clinch, { requireConsent: true });
    const person = await aPerson(clinch);
    const agent = new UserAgent(clinch.url);
    await agent.signIn(await loginPage(clinch, app, agent), { ...person, password: 'wrong' });
    const { code } = await tokensFor(clinch, app, person, {}, agent);
    await redeem(clinch.url, app, code);
    await redeem(clinch.url, { ...app, clientSecret: 'x'.repeat(40) }, code);
    const refused = await agent.get(authorizeUrl(clinch.url, app, { prompt: 'consent' }));
    await agent.press(await agent.follow(refused), 'deny');
    const { body } = await admin('POST', '/users', { username: `u.${Date.now()}` });
    await admin('PATCH', `/users/${String(body['id'])}`, { nickname: 'N', password: 'amber-canyon-lantern-42' });
    const made = await admin('POST', '/apps', { client_name: 'Made', redirect_uris: ['https://made.example/cb'] });
    await admin('PATCH', `/apps/${String(made.body['client_id'])}`, { client_name: 'Changed' });
    await admin('DELETE', `/apps/${String(made.body['client_id'])}`);

    const events = [
      'sign_in.failed',
      'sign_in.succeeded',
      'consent.given',
      'consent.denied',
      'code.issued',
      'token.issued',
    ];
    events.push(
      'client_authentication.failed',
      'account.created',
      'account.changed',
      'app.created',
      'app.changed',
      'app.deleted',
    );
    for (const event of events) {
      const [line] = log.audit(event);
      expect(line, event).toBeDefined();
      expect(line, event).toMatchObject({
        time: expect.any(Number) as number,
        node: expect.any(String) as string,
        address: '127.0.0.1',
        traceId: expect.stringMatching(UUID) as string,
      });
      // The user agent stands in the request's own line, under the same id.
      const request = log.lines().find((each) => each['kind'] === 'request' && each['traceId'] === line?.['traceId']);
      expect(request, event).toHaveProperty('userAgent');
    }
    expect(log.audit('code.replayed')).toHaveLength(1);
    expect(log.audit('sign_in.succeeded')[0]).toMatchObject({ accountId: person.id });
    expect(log.audit('account.changed')[0]).toMatchObject({ clientId: OPERATOR.id });
  });

  it('LOG-07 writes addresses without their query', async () => {
    const query = 'code=planted-code&state=planted-state&id_token_hint=planted-hint&access_token=planted-token';
    for (const path of [
      '/',
      '/oidc/authorize',
      '/nowhere',
      '/login',
      '/oidc/userinfo',
      '/admin/api/v1/apps',
      '/livez',
      '//x',
    ]) {
      await rawRequest(clinch.url, 'GET', `${path}?${query}`);
      await rawRequest(clinch.url, 'GET', `http://evil.test${path}?${query}`);
      await rawRequest(clinch.url, 'GET', path, { Referer: `https://app.example/cb?${query}` });
    }
    expect(log.lines().filter(({ kind }) => kind === 'request').length).toBeGreaterThanOrEqual(20);
    expect(log.text()).not.toContain('planted-');
    expect(log.text()).not.toContain('?');
  });
});
