import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CLIENT_SECRET,
  clientsOfTest,
  fakeDingTalk,
  sourceAt,
  TOKEN_PATH,
  type FakeAnswer,
  type FakeDingTalk,
} from '../../../test/support/fake-dingtalk.js';
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
afterEach(() => dingtalk.stop());

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
    expect(await client.user('u001')).toEqual({ ...PERSON });
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
