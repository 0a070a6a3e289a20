import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aRefreshingApp, aRefreshToken, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, postToken, type TokenAnswer } from '../support/user-agent.js';
import { userinfo } from './support/b-flow.js';
import { captureLog, type CapturedLog } from './support/b-log.js';
import { expectInvalidClient, expectTokenError } from './support/expectations.js';

describe('revocation (RFC 7009)', () => {
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

  async function post(body: string | URLSearchParams, headers: Record<string, string> = {}): Promise<TokenAnswer> {
    const answer = await fetch(`${clinch.url}/oidc/revoke`, { method: 'POST', headers, body });
    const text = await answer.text();
    const json = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: answer.status, headers: answer.headers, body: json };
  }

  const revoke = (token: string, by = app, more: Record<string, string> = {}) => {
    const { headers, form } = credentials(by);
    return post(new URLSearchParams({ token, ...form, ...more }), headers);
  };

  async function tokens(of = app) {
    const { body } = await refresh(clinch.url, of, (await aRefreshToken(clinch, of, person)).token);
    return { access: String(body['access_token']), refresh: String(body['refresh_token']) };
  }

  const isAlive = async (access: string) => (await userinfo(clinch, access)).status === 200;

  function expectDone(answer: TokenAnswer): void {
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({});
    expect(answer.headers.get('content-length')).toBe('0');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  }

  it('REVOKE-01 ends a refresh token, its family, and the access tokens of the grant', async () => {
    const own = await tokens();
    const other = await tokens();
    expectDone(await revoke(own.refresh));
    expectTokenError(await refresh(clinch.url, app, own.refresh), 'invalid_grant');
    expect(await isAlive(own.access)).toBe(false);
    expect(await isAlive(other.access)).toBe(true);
    expect((await refresh(clinch.url, app, other.refresh)).status).toBe(200);
    expect(log.audit('token.revoked')).toEqual([expect.objectContaining({ clientId: app.clientId })]);
    expect(log.text()).not.toContain(own.refresh);
  });

  it('ends the family for a token that has been spent already', async () => {
    const { token } = await aRefreshToken(clinch, app, person);
    const next = String((await refresh(clinch.url, app, token)).body['refresh_token']);
    expectDone(await revoke(token));
    expectTokenError(await refresh(clinch.url, app, next), 'invalid_grant');
  });

  it('ends an access token at once, and leaves its refresh token', async () => {
    const own = await tokens();
    expectDone(await revoke(own.access));
    expect(await isAlive(own.access)).toBe(false);
    const after = await refresh(clinch.url, app, own.refresh);
    expect(await isAlive(String(after.body['access_token']))).toBe(true);
  });

  it('ends a token of the admin API for the admin API', async () => {
    const machine = await anApp(clinch, { grantTypes: ['client_credentials'], scope: 'clinch:admin' });
    const { headers } = credentials(machine);
    const granted = await postToken(clinch.url, { grant_type: 'client_credentials' }, headers);
    const token = String(granted.body['access_token']);
    const ask = () => fetch(`${clinch.url}/admin/api/v1/apps`, { headers: { Authorization: `Bearer ${token}` } });
    expect((await ask()).status).toBe(200);
    expectDone(await revoke(token, machine));
    expect((await ask()).status).toBe(401);
  });

  it('REVOKE-03 answers 200 for what is unknown, revoked or nonsense', async () => {
    const own = await tokens();
    expectDone(await revoke(own.refresh));
    expectDone(await revoke(own.refresh));
    for (const text of ['x', 'clinch_rt_x', own.access.slice(0, -2), 'a.b.c', '%', '💥', 'x'.repeat(10_000)]) {
      expectDone(await revoke(text));
    }
    expect(log.audit('token.revoked')).toHaveLength(1);
  });

  it('REVOKE-04 leaves the tokens of another client alone', async () => {
    const other = await aRefreshingApp(clinch);
    const own = await tokens();
    expectDone(await revoke(own.refresh, other));
    expectDone(await revoke(own.access, other));
    expect(await isAlive(own.access)).toBe(true);
    expect((await refresh(clinch.url, app, own.refresh)).status).toBe(200);
    expect(log.audit('token.revoked')).toEqual([]);
  });

  it('REVOKE-05 refuses a confidential client that does not prove who it is', async () => {
    const own = await tokens();
    expectInvalidClient(await post(new URLSearchParams({ token: own.refresh, client_id: app.clientId })));
    expectInvalidClient(await post(new URLSearchParams({ token: own.refresh })));
    const wrong = `Basic ${Buffer.from(`${app.clientId}:wrong`).toString('base64')}`;
    expectInvalidClient(await post(new URLSearchParams({ token: own.refresh }), { Authorization: wrong }));
    expect(await isAlive(own.access)).toBe(true);
  });

  it('REVOKE-06 serves a public client by its client_id', async () => {
    const open = await aRefreshingApp(clinch, { tokenEndpointAuthMethod: 'none' });
    const own = await tokens(open);
    expectDone(await revoke(own.refresh, open));
    expectTokenError(await refresh(clinch.url, open, own.refresh), 'invalid_grant');
  });

  it('REVOKE-07 refuses a missing token, repeats, JSON and GET', async () => {
    const { headers } = credentials(app);
    expectTokenError(await post(new URLSearchParams({ token_type_hint: 'access_token' }), headers), 'invalid_request');
    expectTokenError(await post(new URLSearchParams('token=a&token=b'), headers), 'invalid_request');
    const json = { ...headers, 'Content-Type': 'application/json' };
    expectTokenError(await post(JSON.stringify({ token: 'a' }), json), 'invalid_request');
    const get = await fetch(`${clinch.url}/oidc/revoke?token=a`, { headers });
    expect(get.status).toBe(405);
    expect(get.headers.get('allow')).toBe('POST');
  });

  it.each(['access_token', 'refresh_token', 'id_token', 'nonsense', ''])(
    'REVOKE-08 finds the token whatever the hint is: %j',
    async (hint) => {
      const own = await tokens();
      expectDone(await revoke(own.refresh, app, { token_type_hint: hint }));
      expect(await isAlive(own.access)).toBe(false);
      const other = await tokens();
      expectDone(await revoke(other.access, app, { token_type_hint: hint }));
      expect(await isAlive(other.access)).toBe(false);
    },
  );

  it('REVOKE-10 ignores a callback parameter', async () => {
    const answer = await revoke((await tokens()).access, app, { callback: 'alert' });
    expectDone(answer);
    expect(answer.headers.get('content-type')).toBeNull();
  });

  it('may be called by the scripts of a registered public app, and of nobody else', async () => {
    const open = await aRefreshingApp(clinch, {
      tokenEndpointAuthMethod: 'none',
      redirectUris: ['https://spa.example/cb'],
    });
    const own = await tokens(open);
    const ask = (origin: string) =>
      post(new URLSearchParams({ token: own.refresh, client_id: open.clientId }), { Origin: origin });
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await ask('https://spa.example')).headers.get('access-control-allow-origin')).toBe('https://spa.example');
  });
});
