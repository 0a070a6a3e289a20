import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { startDingTalk } from '../support/start-dingtalk.js';

const REDIRECT_URI = 'http://localhost:3000/callback';
const SECRET = 'simulator-secret-1';

let dingtalk: DingTalkSimulator;

beforeAll(async () => {
  const app = { clientSecret: SECRET, redirectUris: [REDIRECT_URI], inAppHosts: ['localhost:3000'] };
  const other = { clientId: 'dingother0001', clientSecret: SECRET, redirectUris: [REDIRECT_URI] };
  dingtalk = await startDingTalk({ apps: [app, other] });
});

afterEach(() => {
  dingtalk.faults.reset();
});

afterAll(async () => {
  await dingtalk.stop();
});

type Body = Record<string, unknown>;

async function post(address: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

async function get(address: string, headers: Record<string, string> = {}) {
  const response = await fetch(address, { headers });
  return { status: response.status, body: (await response.json()) as Body };
}

async function appToken(): Promise<string> {
  const { clientId, clientSecret } = dingtalk.app;
  const { body } = await get(`${dingtalk.bases.oapi}/gettoken?appkey=${clientId}&appsecret=${clientSecret}`);
  return String(body.access_token);
}

async function oapi(path: string, body: object = {}): Promise<Body> {
  const answer = await post(`${dingtalk.bases.oapi}${path}?access_token=${await appToken()}`, body);
  expect(answer.status).toBe(200);
  return answer.body;
}

function loginAddress(changes: Record<string, string | undefined> = {}): string {
  const usual = { client_id: dingtalk.app.clientId, redirect_uri: REDIRECT_URI, response_type: 'code' };
  const all = { ...usual, scope: 'openid corpid', prompt: 'consent', state: 'st&te', ...changes };
  const given = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return `${dingtalk.bases.login}/oauth2/auth?${new URLSearchParams(given).toString()}`;
}

async function signIn(userid: string, changes: Record<string, string | undefined> = {}): Promise<URLSearchParams> {
  dingtalk.faults.switches.autoConfirm = userid;
  const response = await fetch(loginAddress(changes), { redirect: 'manual' });
  expect(response.status).toBe(302);
  const location = new URL(response.headers.get('location') ?? '');
  expect(`${location.origin}${location.pathname}`).toBe(REDIRECT_URI);
  return location.searchParams;
}

async function exchange(code: string | null, { clientId, clientSecret } = dingtalk.app) {
  const body = { clientId, clientSecret, grantType: 'authorization_code', code };
  return post(`${dingtalk.bases.api}/v1.0/oauth2/userAccessToken`, body);
}

const me = (token: unknown) =>
  get(`${dingtalk.bases.api}/v1.0/contact/users/me`, { 'x-acs-dingtalk-access-token': String(token) });

describe('the sign-in page', () => {
  it('sends the code by both names, with the state unchanged', async () => {
    const answer = await signIn(samplePeople.ordinary);
    expect(answer.get('authCode')).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.get('code')).toBe(answer.get('authCode'));
    expect(answer.get('state')).toBe('st&te');
  });

  it('sends only authCode when so switched', async () => {
    dingtalk.faults.switches.onlyAuthCode = true;
    expect((await signIn(samplePeople.ordinary)).has('code')).toBe(false);
  });

  it.each([
    ['an unknown client', { client_id: 'ding-nobody' }],
    ['a redirect URI that is not registered', { redirect_uri: `${REDIRECT_URI}/more` }],
    ['a response type that is not code', { response_type: 'token' }],
    ['another scope', { scope: 'openid profile' }],
    ['a nonce', { nonce: 'n' }],
  ])('shows an error and redirects nowhere for %s', async (_, changes) => {
    dingtalk.faults.switches.autoConfirm = samplePeople.ordinary;
    const response = await fetch(loginAddress(changes), { redirect: 'manual' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('data-error');
  });

  it('shows a person picker that can be searched', async () => {
    const text = await (await fetch(`${loginAddress()}&q=${encodeURIComponent('徐鹏')}`)).text();
    expect(text).toContain(`data-userid="${samplePeople.ordinary}"`);
    expect(text).not.toContain(`data-userid="${samplePeople.boss}"`);
    expect(text).toContain('data-corp');
  });

  it('sends an error when the person denies', async () => {
    const body = new URLSearchParams({ action: 'deny' });
    const response = await fetch(loginAddress(), { method: 'POST', body, redirect: 'manual' });
    const { searchParams } = new URL(response.headers.get('location') ?? '');
    expect(Object.fromEntries(searchParams)).toEqual({ error: 'access_denied', state: 'st&te' });
  });

  it('tells the page around it when it stands in a frame', async () => {
    dingtalk.faults.switches.autoConfirm = samplePeople.ordinary;
    const text = await (await fetch(loginAddress({ iframe: 'true' }))).text();
    expect(text).toMatch(
      /parent\.postMessage\(\{"success":true,"redirectUrl":"http:\/\/localhost:3000\/callback\?authCode=/,
    );
  });
});

describe('the user token', () => {
  it('comes once for a code, with the organisation that was chosen', async () => {
    const code = (await signIn(samplePeople.ordinary)).get('authCode');
    const { status, body } = await exchange(code);
    expect({ status, ...body }).toMatchObject({ status: 200, expireIn: 7200, corpId: 'dingcorp0001' });
    const again = await exchange(code);
    expect(again.status).toBe(400);
    expect(again.body).toMatchObject({ code: 'invalidParameter.authCode.notFound', message: '不合法的临时授权码' });
  });

  it('is made for the app that the code was made for', async () => {
    const [own, other] = dingtalk.world.apps;
    const code = (await signIn(samplePeople.ordinary)).get('authCode');
    expect((await exchange(code, other)).body.code).toBe('invalidParameter.authCode.notFound');
    expect((await exchange(code, own)).status).toBe(200);
  });

  it('names no organisation without the corpid scope', async () => {
    const { body } = await exchange((await signIn(samplePeople.ordinary, { scope: 'openid' })).get('authCode'));
    expect(body).not.toHaveProperty('corpId');
  });

  it('names the organisation of a stranger', async () => {
    const { body } = await exchange((await signIn(samplePeople.foreigner)).get('authCode'));
    expect(body.corpId).toBe(dingtalk.foreign.corpId);
  });

  it('is refused to a form', async () => {
    const body = new URLSearchParams({ clientId: 'x' });
    const response = await fetch(`${dingtalk.bases.api}/v1.0/oauth2/userAccessToken`, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'Missingbody' });
  });

  it('is renewed by the refresh token', async () => {
    const { body } = await exchange((await signIn(samplePeople.ordinary)).get('authCode'));
    const { clientId, clientSecret } = dingtalk.app;
    const request = { clientId, clientSecret, grantType: 'refresh_token', refreshToken: body.refreshToken };
    const renewed = await post(`${dingtalk.bases.api}/v1.0/oauth2/userAccessToken`, request);
    // While it lives, asking again gives the same one.
    expect(renewed.body.accessToken).toBe(body.accessToken);
  });

  it('reads the account, which has neither userid nor organisation', async () => {
    const { body } = await exchange((await signIn(samplePeople.nicknamed)).get('authCode'));
    const answer = await me(body.accessToken);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).sort()).toEqual(
      ['avatarUrl', 'email', 'mobile', 'nick', 'openId', 'stateCode', 'unionId', 'visitor'].sort(),
    );
    expect(answer.body).toMatchObject({ nick: '凯文 Kevin', email: 'kevin@private.example' });
  });

  it('leaves the e-mail out where there is none', async () => {
    const { body } = await exchange((await signIn(samplePeople.withoutEmail)).get('authCode'));
    expect((await me(body.accessToken)).body).not.toHaveProperty('email');
  });

  it('reads nothing without consent', async () => {
    const { body } = await exchange((await signIn(samplePeople.ordinary, { prompt: undefined })).get('authCode'));
    expect((await me(body.accessToken)).status).toBe(403);
  });

  it('is no token for the directory, and an Authorization header is none here', async () => {
    const { body } = await exchange((await signIn(samplePeople.ordinary)).get('authCode'));
    const address = `${dingtalk.bases.oapi}/topapi/v2/user/get?access_token=${String(body.accessToken)}`;
    expect((await post(address, { userid: 'u001' })).body).toMatchObject({ errcode: 88, sub_code: '40014' });
    const bearer = { authorization: `Bearer ${String(body.accessToken)}` };
    const answer = await get(`${dingtalk.bases.api}/v1.0/contact/users/me`, bearer);
    expect(answer).toMatchObject({ status: 400, body: { code: 'AuthenticationFailed.MissingParameter' } });
  });
});

describe('the token of an app', () => {
  it('is one, by three ways in three spellings', async () => {
    const { clientId, clientSecret, corpId } = dingtalk.app;
    const token = await appToken();
    const { api } = dingtalk.bases;
    const second = await post(`${api}/v1.0/oauth2/accessToken`, { appKey: clientId, appSecret: clientSecret });
    expect(second.body).toEqual({ accessToken: token, expireIn: 7200 });
    const body = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' };
    const third = await post(`${api}/v1.0/oauth2/${corpId}/token`, body);
    expect(third.body).toEqual({ access_token: token, expires_in: 7200 });
  });

  it('is refused to wrong credentials, in each way its own', async () => {
    const { clientId, corpId } = dingtalk.app;
    const { api, oapi: old } = dingtalk.bases;
    expect((await get(`${old}/gettoken?appkey=${clientId}&appsecret=no`)).body.errcode).toBe(40096);
    expect((await get(`${old}/gettoken`)).body.errcode).toBe(40035);
    const second = await post(`${api}/v1.0/oauth2/accessToken`, { appKey: clientId, appSecret: 'no' });
    expect(second).toMatchObject({ status: 400, body: { code: 'invalidClientIdOrSecret' } });
    const body = { client_id: clientId, client_secret: 'no', grant_type: 'client_credentials' };
    expect(await post(`${api}/v1.0/oauth2/${corpId}/token`, body)).toMatchObject({
      status: 400,
      body: { code: 'invalid.client' },
    });
    expect((await post(`${api}/v1.0/oauth2/nonsense/token`, body)).status).toBe(500);
  });

  it('is refused before a version is published', async () => {
    dingtalk.app.published = false;
    try {
      expect(await appToken()).toBe('undefined');
    } finally {
      dingtalk.app.published = true;
    }
  });
});

describe('the code from inside DingTalk', () => {
  const ask = (changes: object = {}) =>
    dingtalk.answerBridge({
      userid: samplePeople.boss,
      corpId: dingtalk.app.corpId,
      clientId: dingtalk.app.clientId,
      pageHost: 'localhost:3000',
      ...changes,
    });

  it('says who it is, once', async () => {
    const code = ask().result?.code;
    const answer = await oapi('/topapi/v2/user/getuserinfo', { code });
    expect(answer).toMatchObject({ errcode: 0, errmsg: 'ok' });
    expect(answer.result).toMatchObject({
      userid: 'u001',
      unionid: 'UNION000001',
      sys: true,
      sys_level: 1,
      name: '王建国',
    });
    expect(answer.result).not.toHaveProperty('corpId');
    expect((await oapi('/topapi/v2/user/getuserinfo', { code })).errcode).toBe(40078);
  });

  it('is another kind than the code from the browser', async () => {
    const browser = (await signIn(samplePeople.ordinary)).get('authCode');
    expect((await oapi('/topapi/v2/user/getuserinfo', { code: browser })).errcode).toBe(40078);
    expect((await exchange(ask().result?.code ?? null)).body.code).toBe('invalidParameter.authCode.notFound');
  });

  it('is given to pages of registered hosts only', () => {
    expect(ask({ pageHost: 'elsewhere.example' })).toMatchObject({ errorCode: '3' });
    expect(ask({ corpId: '$CORPID$' })).toMatchObject({ errorCode: '3' });
    expect(ask({ clientId: undefined })).toMatchObject({ errorCode: '0' });
  });
});
