import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CLIENT_SECRET,
  clientsOfTest,
  fakeDingTalk,
  reply,
  sourceAt,
  TOKEN_PATH,
  type FakeAnswer,
  type FakeDingTalk,
} from '../../../test/support/fake-dingtalk.js';
import { freePort } from '../../../test/support/postgres.js';
import { DingTalkError } from './dingtalk-error.js';
import type { DingTalkClient } from './dingtalk-client.js';

const USER = '/topapi/v2/user/get';
const PERSON = { userid: 'u001', unionid: 'UNION0001', name: '张三' };
const NOW = { retries: 0 };

let dingtalk: FakeDingTalk;
let client: DingTalkClient;
let lines: object[];

beforeEach(async () => {
  dingtalk = await fakeDingTalk();
  lines = [];
  client = clientsOfTest(lines).of(sourceAt(dingtalk.url));
});
afterEach(async () => {
  vi.useRealTimers();
  await dingtalk.stop();
});

const ok = (result: object) => ({ errcode: 0, errmsg: 'ok', result });
const answersWith = (path: string, answer: FakeAnswer) => dingtalk.answer(path, () => answer);

async function failure(attempt: Promise<unknown>): Promise<DingTalkError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DingTalkError)) throw new Error(`not a DingTalkError: ${String(error)}`);
  return error;
}

describe('a call', () => {
  it('goes to the old host with the app’s token in the query and JSON in the body', async () => {
    answersWith(USER, ok(PERSON));
    expect(await client.user('u001')).toMatchObject({ ...PERSON });
    const [token] = dingtalk.callsTo(TOKEN_PATH);
    expect(token?.body).toEqual({
      client_id: 'dingclinchdemo0001',
      client_secret: CLIENT_SECRET,
      grant_type: 'client_credentials',
    });
    const [call] = dingtalk.callsTo(USER);
    expect(call?.query.get('access_token')).toBe('token-1');
    expect(call?.body).toEqual({ userid: 'u001', language: 'zh_CN' });
  });

  it('goes to the new host with the person’s token in a header of its own', async () => {
    answersWith('/v1.0/oauth2/userAccessToken', { accessToken: 'of-person', expireIn: 7200, corpId: 'dingcorp0001' });
    answersWith('/v1.0/contact/users/me', { nick: '三', unionId: 'UNION0001' });
    expect(await client.userToken('a-code')).toEqual({ accessToken: 'of-person', corpId: 'dingcorp0001' });
    expect(await client.unionIdOf('of-person')).toBe('UNION0001');
    expect(dingtalk.callsTo('/v1.0/contact/users/me')[0]?.headers['x-acs-dingtalk-access-token']).toBe('of-person');
    expect(dingtalk.callsTo(TOKEN_PATH)).toHaveLength(0);
  });

  it('writes one line when it fails, without a secret, and none when it succeeds', async () => {
    answersWith(USER, ok(PERSON));
    await client.user('u001');
    expect(lines).toEqual([]);
    answersWith(USER, { errcode: 40_035, errmsg: 'bad token-1', request_id: 'r1' });
    const error = await failure(client.user('u001', NOW));
    expect(error.message).toBe(`${USER}: 40035 bad […] (request r1)`);
    expect(lines).toMatchObject([{ kind: 'dingtalk', source: 'acme', call: USER, fault: 'refused', error: '40035' }]);
  });
});

const STALE = { errcode: 88, sub_code: '40014', sub_msg: '不合法的access_token' };

describe('the token of the app', () => {
  it('is fetched once for fifty calls at the same time, and again near its end only', async () => {
    dingtalk.answer(TOKEN_PATH, async (_, count) => {
      await sleep(50);
      return { access_token: `token-${count}`, expires_in: 7200 };
    });
    answersWith(USER, ok(PERSON));
    const paths = ['/topapi/v2/user/get', '/topapi/user/getbyunionid', '/topapi/v2/user/getuserinfo'];
    for (const path of paths) answersWith(path, ok(PERSON));
    await Promise.all(
      Array.from({ length: 17 }, () => [
        client.user('u'),
        client.findByUnionId('u'),
        client.userOfInAppCode('c'),
      ]).flat(),
    );
    expect(dingtalk.callsTo(TOKEN_PATH)).toHaveLength(1);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6_890_000 });
    await client.user('u001');
    expect(dingtalk.callsTo(TOKEN_PATH)).toHaveLength(1);
    vi.setSystemTime(Date.now() + 20_000);
    await client.user('u001');
    expect(dingtalk.callsTo(TOKEN_PATH)).toHaveLength(2);
  });

  it.each<[string, FakeAnswer]>([
    ['40014 behind 88', STALE],
    ['42001', { errcode: 42_001, errmsg: 'expired' }],
    ['InvalidAuthentication of the new host', { errcode: 88, sub_code: 'InvalidAuthentication' }],
  ])('is renewed once at %s, and the call repeated once', async (_, stale) => {
    dingtalk.answer(USER, ({ query }) => (query.get('access_token') === 'token-1' ? stale : ok(PERSON)));
    expect(await client.user('u001', NOW)).toMatchObject(PERSON);
    await client.user('u001', NOW);
    expect(dingtalk.callsTo(TOKEN_PATH)).toHaveLength(2);
    expect(dingtalk.callsTo(USER)).toHaveLength(3);
  });

  it('is not renewed again and again when no token is ever good', async () => {
    answersWith(USER, STALE);
    expect(await failure(client.user('u001'))).toMatchObject({ fault: 'credentials', code: '40014' });
    expect(dingtalk.callsTo(TOKEN_PATH)).toHaveLength(2);
    expect(dingtalk.callsTo(USER)).toHaveLength(2);
  });

  it('is renewed once for many calls that all found it stale', async () => {
    dingtalk.answer(USER, ({ query }) => (query.get('access_token') === 'token-1' ? STALE : ok(PERSON)));
    await Promise.all(Array.from({ length: 10 }, () => client.user('u001', NOW)));
    expect(dingtalk.callsTo(TOKEN_PATH)).toHaveLength(2);
    expect(dingtalk.callsTo(USER)).toHaveLength(20);
  });

  it('belongs to the secret: another one is tried at once', async () => {
    answersWith(USER, ok(PERSON));
    const clients = clientsOfTest();
    await clients.of(sourceAt(dingtalk.url)).user('u001');
    await clients.of(sourceAt(dingtalk.url, {}, 'another-secret')).user('u001');
    await clients.of(sourceAt(dingtalk.url)).user('u001');
    expect(dingtalk.callsTo(TOKEN_PATH).map(({ body }) => body['client_secret'])).toEqual([
      CLIENT_SECRET,
      'another-secret',
    ]);
  });

  it('is still fetched for the others when the first who asked has no more time', async () => {
    dingtalk.answer(TOKEN_PATH, async () => {
      await sleep(300);
      return { access_token: 'token-1', expires_in: 7200 };
    });
    answersWith(USER, ok(PERSON));
    const end = new AbortController();
    const first = failure(client.user('u001', { signal: end.signal, retries: 0 }));
    const second = client.user('u001', NOW);
    end.abort(new Error('the person has left'));
    expect((await first).fault).toBe('unavailable');
    expect(await second).toMatchObject(PERSON);
    expect(dingtalk.callsTo(TOKEN_PATH)).toHaveLength(1);
  });

  it('cannot be had with a secret that was sealed under another master key', async () => {
    const source = sourceAt(dingtalk.url, { clientSecret: 'v1.00000000.AAAA.AAAA.AAAA' });
    const error = await failure(clientsOfTest().of(source).user('u001'));
    expect(error).toMatchObject({ fault: 'credentials' });
    expect(dingtalk.calls).toHaveLength(0);
  });

  it.each([{}, { access_token: '' }, { access_token: 'x' }, { access_token: 'x', expires_in: 0 }])(
    'is none in the answer %j',
    async (answer) => {
      answersWith(TOKEN_PATH, answer);
      expect((await failure(client.user('u001', NOW))).fault).toBe('unavailable');
    },
  );
});

describe('a call that fails', () => {
  it('is tried again after a second when the failure passes', async () => {
    dingtalk.answer(USER, (_, count) => (count === 1 ? { errcode: -1, errmsg: '系统繁忙' } : ok(PERSON)));
    expect(await client.user('u001', { retries: 1 })).toMatchObject(PERSON);
    const [first, second] = dingtalk.callsTo(USER);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
    expect(lines).toEqual([]);
  });

  it.each<[string, FakeAnswer, number]>([
    ['for a person who waits', { errcode: -1 }, 0],
    ['at a refusal', { errcode: 40_035 }, 3],
    ['when the month’s calls are spent', { errcode: 88, sub_code: '90020' }, 3],
    ['without a permission', { errcode: 60_011 }, 3],
  ])('is not tried again %s', async (_, answer, retries) => {
    answersWith(USER, answer);
    await failure(client.user('u001', { retries }));
    expect(dingtalk.callsTo(USER)).toHaveLength(1);
  });

  it('is not waited for beyond the caller’s time, neither by itself nor between two tries', async () => {
    answersWith(USER, () => undefined);
    const startedAt = performance.now();
    const error = await failure(client.user('u001', { signal: AbortSignal.timeout(300), retries: 0 }));
    expect(error.fault).toBe('unavailable');
    answersWith(USER, { errcode: -1 });
    await failure(client.user('u001', { signal: AbortSignal.timeout(300), retries: 3 }));
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect(dingtalk.callsTo(USER)).toHaveLength(2);
  });

  it('is given up after five seconds', async () => {
    answersWith(USER, () => undefined);
    const startedAt = performance.now();
    expect(await failure(client.user('u001', NOW))).toMatchObject({ fault: 'unavailable' });
    expect(performance.now() - startedAt).toBeGreaterThan(4_900);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });

  it('has no answer when that is ten megabytes, a redirect or no JSON, or when nobody is there', async () => {
    answersWith(USER, reply(200, `{"errcode":0,"pad":"${'x'.repeat(10 * 1024 * 1024)}"}`));
    expect((await failure(client.user('u001', NOW))).message).toContain('more than 5242880 bytes');
    answersWith(USER, reply(302, ''));
    expect((await failure(client.user('u001', NOW))).fault).toBe('unavailable');
    const nowhere = clientsOfTest().of(sourceAt(`http://127.0.0.1:${await freePort()}`));
    expect((await failure(nowhere.user('u001', NOW))).fault).toBe('unavailable');
  });

  it('leaves no token in a message when the address may not be called', async () => {
    answersWith(USER, ok(PERSON));
    const source = sourceAt(dingtalk.url, { oapiBaseUrl: 'http://10.0.0.1' });
    const error = await failure(clientsOfTest().of(source).user('u001', NOW));
    expect(error.fault).toBe('unavailable');
    expect(error.message).toContain('not public');
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain('token-1');
  });

  it('stops the calls after five in a row, tells once, and begins again with a probe', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    answersWith(USER, reply(500, ''));
    for (let each = 0; each < 8; each += 1) {
      expect((await failure(client.user('u001', NOW))).fault).toBe('unavailable');
    }
    expect(dingtalk.callsTo(USER)).toHaveLength(5);
    expect(lines.slice(4)).toMatchObject([{ state: 'away', source: 'acme' }, { fault: 'unavailable' }]);
    vi.setSystemTime(Date.now() + 30_000);
    answersWith(USER, ok(PERSON));
    expect(await client.user('u001', NOW)).toMatchObject(PERSON);
    expect(lines.at(-1)).toMatchObject({ state: 'back' });
  });

  it('never stops the calls for being too many', async () => {
    answersWith(USER, { errcode: 88, sub_code: '90018' });
    for (let each = 0; each < 7; each += 1) expect((await failure(client.user('u001', NOW))).fault).toBe('throttled');
    expect(dingtalk.callsTo(USER)).toHaveLength(7);
  });
});

describe('what the methods make of the answers', () => {
  it('says of a person who was read alone that there is no manager and no role, if there is none', async () => {
    answersWith(USER, ok(PERSON));
    expect(await client.user('u001')).toEqual({ ...PERSON, manager_userid: '', roles: [] });
    answersWith(USER, ok({ ...PERSON, manager_userid: 'u009', role_list: [{ id: 7, name: 'r', group_name: 'g' }] }));
    const roles = [{ id: 7, name: 'r', group_name: 'g' }];
    expect(await client.user('u001')).toEqual({ ...PERSON, manager_userid: 'u009', roles });
  });

  it('is nobody where there is nobody', async () => {
    for (const errcode of [60_121, 33_012]) {
      answersWith(USER, { errcode });
      expect(await client.user('u999')).toBeUndefined();
    }
    answersWith('/topapi/user/getbyunionid', { errcode: 60_121 });
    expect(await client.findByUnionId('U')).toBeUndefined();
    answersWith('/topapi/v2/department/get', { errcode: 60_003 });
    expect(await client.department(5)).toBeUndefined();
  });

  it.each<[unknown, boolean]>([
    [0, false],
    ['0', false],
    [1, true],
    [undefined, true],
    [null, true],
  ])('takes a person of contact_type %j for a stranger: %s', async (contact_type, external) => {
    answersWith('/topapi/user/getbyunionid', ok({ userid: 'u001', contact_type }));
    expect(await client.findByUnionId('U')).toEqual({ userid: 'u001', external });
  });

  it('is a refusal where an answer does not say whom it is about', async () => {
    answersWith(USER, ok({ userid: 'u001', name: '张三' }));
    expect((await failure(client.user('u001'))).fault).toBe('refused');
    answersWith('/v1.0/contact/users/me', { nick: '三' });
    expect((await failure(client.unionIdOf('t'))).fault).toBe('refused');
    answersWith('/topapi/v2/user/getuserinfo', ok({ userid: '' }));
    expect((await failure(client.userOfInAppCode('c'))).fault).toBe('refused');
  });

  it('never asks for departments below 1', async () => {
    for (const id of [0, -1, -7, 1.5]) {
      expect((await failure(client.departmentUsers(id, 0))).fault).toBe('not_found');
      expect((await failure(client.subDepartments(id))).fault).toBe('not_found');
      expect(await client.department(id)).toBeUndefined();
    }
    expect(dingtalk.calls).toHaveLength(0);
  });

  it('reads the pages of roles to the end', async () => {
    dingtalk.answer('/topapi/role/list', ({ body }) =>
      ok({ hasMore: body['offset'] === 0, list: [{ name: 'G', roles: [{ id: body['offset'], name: 'R' }] }] }),
    );
    expect((await client.roles()).map(({ id }) => id)).toEqual([0, 200]);
    answersWith('/topapi/role/simplelist', ok({ hasMore: true, list: [{ userid: 'u001' }] }));
    expect(await client.roleMembers(9, 100)).toEqual({ userids: ['u001'], nextOffset: 200 });
  });

  it('takes an organisation only when the token names one', async () => {
    const path = '/v1.0/oauth2/userAccessToken';
    answersWith(path, { accessToken: 'of-person', expireIn: 7200 });
    expect(await client.userToken('code')).toEqual({ accessToken: 'of-person', corpId: undefined });
    answersWith(path, reply(400, { code: 'invalidParameter.authCode.notFound', message: '不合法的临时授权码 code-1' }));
    const error = await failure(client.userToken('code-1'));
    expect(error).toMatchObject({ fault: 'bad_code', code: 'invalidParameter.authCode.notFound' });
    expect(error.message).not.toContain('code-1');
  });
});
