import { describe, expect, it } from 'vitest';
import { readApiAnswer, readOapiAnswer } from './answers.js';
import { DingTalkError, type DingTalkFault } from './dingtalk-error.js';

const path = '/topapi/v2/user/get';

function faultOf(read: () => unknown): DingTalkError {
  try {
    read();
  } catch (error) {
    if (error instanceof DingTalkError) return error;
    throw error;
  }
  throw new Error('was taken for a success');
}

const oapi = (body: unknown, status = 200) =>
  faultOf(() => readOapiAnswer({ path, status, body: JSON.stringify(body), secrets: ['a-token'] }));
const api = (status: number, body: unknown) =>
  faultOf(() => readApiAnswer({ path, status, body: JSON.stringify(body), secrets: ['a-token'] }));

describe('answers of the old host', () => {
  it('are believed when they say 0, also as a string', () => {
    const body = JSON.stringify({ errcode: '0', errmsg: 'ok', result: { userid: 'u001' } });
    expect(readOapiAnswer({ path, status: 200, body, secrets: [] })).toMatchObject({ result: { userid: 'u001' } });
  });

  it.each<[number, DingTalkFault]>([
    [-1, 'busy'],
    [15, 'busy'],
    [33_001, 'credentials'],
    [33_011, 'not_found'],
    [33_012, 'not_found'],
    [40_001, 'credentials'],
    [40_014, 'credentials'],
    [40_035, 'refused'],
    [40_078, 'bad_code'],
    [40_079, 'bad_code'],
    [40_089, 'credentials'],
    [40_096, 'credentials'],
    [42_001, 'credentials'],
    [43_007, 'permission'],
    [50_002, 'out_of_range'],
    [50_004, 'out_of_range'],
    [60_003, 'not_found'],
    [60_020, 'address'],
    [60_121, 'not_found'],
    [90_002, 'throttled'],
    [90_006, 'throttled'],
    [90_018, 'throttled'],
    [400_002, 'refused'],
  ])('have %i directly or behind 88, and it means %s', (code, fault) => {
    expect(oapi({ errcode: code, errmsg: 'x' })).toMatchObject({ fault, code: String(code) });
    expect(oapi({ errcode: 88, sub_code: String(code), sub_msg: 'x', errmsg: 'y' })).toMatchObject({
      fault,
      code: String(code),
    });
  });

  it('are busy when the gateway could not ask about the token, or nobody answered behind it', () => {
    expect(oapi({ errcode: 88, errmsg: 'ding talk error' })).toMatchObject({ fault: 'busy', code: '88' });
    const timedOut = { errcode: 15, sub_code: 'isp.top-remote-connection-timeout', errmsg: 'x' };
    expect(oapi(timedOut)).toMatchObject({ fault: 'busy', code: '15' });
    expect(oapi({ ...timedOut, errcode: 88 }).fault).toBe('busy');
  });

  it('name the permission that is missing', () => {
    const words =
      '应用尚未开通所需的权限：[qyapi_get_department_list]，点击链接 {requiredScopes=[qyapi_get_department_list]}';
    const error = oapi({ errcode: 88, sub_code: '60011', sub_msg: words, errmsg: `ding talk error[submsg=${words}]` });
    expect(error).toMatchObject({ fault: 'permission', requiredScopes: ['qyapi_get_department_list'] });
    const short = oapi({ errcode: 60_011, errmsg: '应用尚未开通所需的权限：[qyapi_get_member]' });
    expect(short.requiredScopes).toEqual(['qyapi_get_member']);
    expect(oapi({ errcode: 60_011, errmsg: 'no' }).requiredScopes).toEqual([]);
  });

  it.each<[string, string]>([
    ['a ban of the address', '{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"0"}'],
    ['HTML', '<html><body>blocked</body></html>'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['half of an answer', '{"errcode":0,"result":{'],
    ['a code that is none', '{"errcode":"zero"}'],
  ])('are none when there is %s', (_, body) => {
    for (const status of [200, 403, 500]) {
      expect(faultOf(() => readOapiAnswer({ path, status, body, secrets: [] })).fault).toBe('unavailable');
    }
    expect(faultOf(() => readOapiAnswer({ path, status: 429, body, secrets: [] })).fault).toBe('throttled');
    expect(faultOf(() => readOapiAnswer({ path, status: 504, body, secrets: [] })).fault).toBe('busy');
  });

  it('are quoted without secrets, in one line, and not at length', () => {
    const error = oapi({ errcode: 40_014, errmsg: `不合法的 a-token\n\u202e${'x'.repeat(5_000)}`, request_id: 'r1' });
    expect(error.message).toContain('不合法的 […]');
    expect(error.message).not.toMatch(/a-token|\n|\u202e/);
    expect(error.message.length).toBeLessThan(600);
  });
});

describe('answers of the new host', () => {
  it('are believed with HTTP 200', () => {
    expect(readApiAnswer({ path, status: 200, body: '{"unionId":"U"}', secrets: [] })).toEqual({ unionId: 'U' });
  });

  it.each<[number, string, DingTalkFault]>([
    [400, 'InvalidAuthentication', 'credentials'],
    [400, 'AuthenticationFailed.MissingParameter', 'credentials'],
    [400, 'invalidClientIdOrSecret', 'credentials'],
    [400, 'invalid.client', 'credentials'],
    [401, 'unauthorized.client', 'credentials'],
    [400, 'accesstoken.expired', 'bad_code'],
    [400, 'invalidParameter.authCode.notFound', 'bad_code'],
    [404, 'invalidParameter.user.notFound', 'not_found'],
    [403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied', 'permission'],
    [403, 'Forbidden.AccessDenied.IpNotInWhiteList', 'address'],
    [403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'throttled'],
    [403, 'Forbidden.AccessDenied.QpsLimitForApi', 'throttled'],
    [403, 'Forbidden.AccessDenied.QpmLimitForAppkeyAndApi', 'throttled'],
    [403, 'Forbidden.AccessDenied.ApiCountLimitForOrg', 'throttled'],
    [403, 'Forbidden.Something.Else', 'refused'],
    [400, 'Missingbody', 'refused'],
    [404, 'InvalidAction.NotFound', 'refused'],
    [429, 'Throttling', 'throttled'],
    [500, 'unknownError', 'busy'],
    [500, 'system.error', 'busy'],
    [504, 'GatewayTimeout', 'busy'],
  ])('with HTTP %i and %s mean %s', (status, code, fault) => {
    expect(api(status, { code, requestid: 'R', message: 'x' })).toMatchObject({ fault, code });
    expect(api(status, { Code: code, RequestId: 'R', Message: 'x' })).toMatchObject({ fault, code });
  });

  it('name the permission that is missing, however the keys are written', () => {
    const code = 'Forbidden.AccessDenied.AccessTokenPermissionDenied';
    for (const key of ['accessdenieddetail', 'AccessDeniedDetail', 'accessDeniedDetail']) {
      const error = api(403, { code, message: 'x', [key]: { requiredScopes: ['Contact.User.Read'] } });
      expect(error.requiredScopes).toEqual(['Contact.User.Read']);
    }
  });

  it('are none without a code, and refuse in the old way where the path is unknown', () => {
    expect(api(403, { hello: 'world' }).fault).toBe('unavailable');
    expect(api(302, {}).fault).toBe('unavailable');
    expect(api(200, { errcode: 404, errmsg: '请求的URI地址不存在' })).toMatchObject({ fault: 'refused', code: '404' });
    expect(api(200, { status: 1111, wait: 5, punish: 'deny' }).fault).toBe('unavailable');
  });
});
