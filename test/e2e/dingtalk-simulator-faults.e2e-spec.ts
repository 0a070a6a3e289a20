import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultKind } from '../../src/dingtalk-simulator/faults.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { startDingTalk } from '../support/start-dingtalk.js';

let dingtalk: DingTalkSimulator;

beforeAll(async () => {
  dingtalk = await startDingTalk({ apps: [{ clientSecret: 'simulator-secret-4', stream: false }] });
});

afterEach(() => {
  dingtalk.faults.reset();
});

afterAll(async () => {
  await dingtalk.stop();
});

const COUNT = '/oapi/topapi/user/count';

async function count(body: object = {}): Promise<Response> {
  const token = dingtalk.world.tokens.forApp(dingtalk.app);
  return fetch(`${dingtalk.url}${COUNT}?access_token=${token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
}

async function leaveRecords(): Promise<Response> {
  const headers = { 'x-acs-dingtalk-access-token': dingtalk.world.tokens.forApp(dingtalk.app) };
  const startTime = new Date(Date.now() - 60_000).toISOString();
  return fetch(`${dingtalk.bases.api}/v1.0/contact/empLeaveRecords?startTime=${startTime}`, { headers });
}

describe('failures of calls to oapi', () => {
  it.each<[FaultKind, object]>([
    ['token-expired', { errcode: 88, sub_code: '40014' }],
    ['throttled', { errcode: 88, sub_code: '90018' }],
    ['api-throttled', { errcode: 88, sub_code: '90002' }],
    ['ip-not-listed', { errcode: 88, sub_code: '60020' }],
    ['out-of-range', { errcode: 50004 }],
    ['ip-banned', { status: 1111, wait: 5, source: 'x5', punish: 'deny' }],
    ['busy', { errcode: -1 }],
    ['backend-timeout', { errcode: 15, sub_code: 'isp.top-remote-connection-timeout' }],
    ['authentication-timeout', { errcode: 88 }],
  ])('%s', async (kind, shape) => {
    dingtalk.faults.fail(kind, { path: COUNT, times: 1 });
    const response = await count();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject(shape);
    expect(await (await count()).json()).toMatchObject({ errcode: 0 });
  });

  it('are told without a gateway by the old paths', async () => {
    dingtalk.faults.fail('throttled', { path: '/oapi/gettoken' });
    const response = await fetch(`${dingtalk.bases.oapi}/gettoken?appkey=a&appsecret=b`);
    expect(await response.json()).toMatchObject({ errcode: 90018 });
  });

  it('make another token when the old one has expired', async () => {
    const before = dingtalk.world.tokens.forApp(dingtalk.app);
    dingtalk.faults.fail('token-expired', { times: 1 });
    await count();
    expect(dingtalk.world.tokens.forApp(dingtalk.app)).not.toBe(before);
    expect(dingtalk.world.tokens.appOf(before)).toBeUndefined();
  });

  it('befall one department only when so told', async () => {
    dingtalk.faults.fail('out-of-range', { path: COUNT, deptId: 7 });
    expect(await (await count({ dept_id: 7 })).json()).toMatchObject({ errcode: 50004 });
    expect(await (await count({ dept_id: 8 })).json()).toMatchObject({ errcode: 0 });
  });
});

describe('failures of calls to api', () => {
  it.each<[FaultKind, number, string]>([
    ['token-expired', 400, 'InvalidAuthentication'],
    ['throttled', 403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi'],
    ['http-403', 403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi'],
    ['api-throttled', 403, 'Forbidden.AccessDenied.QpsLimitForApi'],
    ['ip-not-listed', 403, 'Forbidden.AccessDenied.IpNotInWhiteList'],
    ['http-500', 500, 'server.error'],
    ['busy', 500, 'system.error'],
  ])('%s', async (kind, status, code) => {
    dingtalk.faults.fail(kind, { path: '/api', times: 1 });
    const response = await leaveRecords();
    expect(response.status).toBe(status);
    const body = (await response.json()) as Record<string, unknown>;
    expect(body.code).toBe(code);
    expect(body).toHaveProperty('requestid');
  });
});

describe('failures of what stands before both', () => {
  it.each<[FaultKind, number, RegExp]>([
    ['ip-banned-html', 200, /^<html>/],
    ['http-429', 429, /Too Many/],
    ['http-504', 504, /^<html>/],
    ['empty-body', 200, /^$/],
    ['not-json', 200, /^\{"errcode":0,"result":\{"userid":$/],
  ])('%s', async (kind, status, text) => {
    dingtalk.faults.fail(kind, { times: 1 });
    const response = await count();
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(text);
  });

  it('ten megabytes', async () => {
    dingtalk.faults.fail('huge-body', { times: 1 });
    expect((await (await count()).text()).length).toBeGreaterThan(10 * 1024 * 1024);
  });

  it('a line that is cut, and one on which nothing comes', async () => {
    dingtalk.faults.fail('refuse', { times: 1 });
    await expect(count()).rejects.toThrow('fetch failed');
    dingtalk.faults.fail('hang', { path: '/oapi/gettoken', times: 1 });
    const signal = AbortSignal.timeout(200);
    await expect(fetch(`${dingtalk.bases.oapi}/gettoken`, { signal })).rejects.toThrow(/timeout|aborted/);
  });

  it('an answer that is late', async () => {
    dingtalk.faults.fail('slow', { times: 1, ms: 120 });
    const start = performance.now();
    expect(await (await count()).json()).toMatchObject({ errcode: 0 });
    expect(performance.now() - start).toBeGreaterThan(100);
  });
});

describe('switches of what answers say', () => {
  const user = async (path: string, body: object) => {
    const token = dingtalk.world.tokens.forApp(dingtalk.app);
    const response = await fetch(`${dingtalk.bases.oapi}${path}?access_token=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return ((await response.json()) as { result: Record<string, unknown> }).result;
  };

  it('half of the people, or none', async () => {
    const page = { dept_id: 212, cursor: 0, size: 100 };
    const all = (await user('/topapi/v2/user/list', page)).list as object[];
    dingtalk.faults.switches.lists = 'half';
    expect((await user('/topapi/v2/user/list', page)).list).toHaveLength(Math.ceil(all.length / 2));
    dingtalk.faults.switches.lists = 'empty';
    expect(await user('/topapi/v2/user/list', page)).toEqual({ has_more: false, list: [] });
  });

  it('no unionid, odd names, strings for numbers', async () => {
    const { switches } = dingtalk.faults;
    switches.noUnionid = true;
    expect(await user('/topapi/v2/user/get', { userid: 'u010' })).not.toHaveProperty('unionid');
    switches.poison = { userid: 'u010', name: 'nul' };
    expect((await user('/topapi/v2/user/get', { userid: 'u010' })).name).toContain('\u0000');
    switches.poison = { userid: 'u010', name: 'long' };
    expect(String((await user('/topapi/v2/user/get', { userid: 'u010' })).name).length).toBe(10_000);
    switches.stringlyTyped = true;
    expect((await user('/topapi/v2/user/get', { userid: 'u010' })).active).toBe('true');
  });
});

describe('the log of calls', () => {
  it('tells how often and when', async () => {
    dingtalk.world.calls.clear();
    const start = Date.now();
    await count();
    await count();
    await leaveRecords();
    expect(dingtalk.calls(COUNT)).toHaveLength(2);
    expect(dingtalk.calls('/oapi')).toHaveLength(2);
    expect(dingtalk.calls()).toHaveLength(3);
    expect(dingtalk.calls(COUNT)[0]?.at).toBeGreaterThanOrEqual(start);
  });
});
