import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Permission } from '../../src/dingtalk-simulator/app.js';
import { PERMISSIONS } from '../../src/dingtalk-simulator/app.js';
import type { FaultKind } from '../../src/dingtalk-simulator/faults.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { DEFAULT_MAPPING } from '../../src/dingtalk/people/profile-mapping.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { freePort } from '../support/postgres.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { startDingTalk } from '../support/start-dingtalk.js';

const SECRET = 'the-secret-of-the-console';

let clinch: TestClinch;
let admin: AdminApi;
let dingtalk: DingTalkSimulator;
let usual: Json;

beforeAll(async () => {
  dingtalk = await startDingTalk({ apps: [{ clientSecret: SECRET }] });
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  const { login, api, oapi } = dingtalk.bases;
  const { clientId, corpId } = dingtalk.app;
  usual = {
    client_id: clientId,
    client_secret: SECRET,
    login_base_url: login,
    api_base_url: api,
    oapi_base_url: oapi,
    stream_events: true,
    mapping: { ...DEFAULT_MAPPING, phone_number: ['mobile'] },
  };
  await admin.made('identity-sources', { ...usual, id: 'acme', name: 'Acme', corp_id: corpId });
  // Each check calls each API once, and one after the other they are more than 20 in a second.
  dingtalk.faults.switches.throttle = false;
});
afterEach(async () => {
  dingtalk.faults.reset();
  dingtalk.faults.switches.throttle = false;
  Object.assign(dingtalk.app, { published: true, egressAllowed: true, stream: true });
  dingtalk.app.scope = { departments: [1], users: [] };
  dingtalk.app.permissions = new Set(PERMISSIONS);
  await admin.call('PUT', 'identity-sources/acme', { ...usual, name: 'Acme' });
});
afterAll(async () => {
  await clinch.stop();
  await dingtalk.stop();
});

interface Found extends Json {
  readonly check: string;
  readonly ok: boolean;
  readonly permission?: string;
}

async function check(changes: object = {}, id = 'acme'): Promise<{ ok: boolean; findings: Found[]; body: Json }> {
  if (Object.keys(changes).length > 0) {
    const changed = await admin.call('PATCH', `identity-sources/${id}`, changes);
    expect(changed.status, JSON.stringify(changed.body)).toBe(200);
  }
  const { status, body } = await admin.call('POST', `identity-sources/${id}/check`);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(JSON.stringify(body)).not.toContain(SECRET);
  // How long this machine takes is no matter of these tests.
  const findings = (body['findings'] as Found[]).filter((finding) => finding.check !== 'time');
  return { ok: findings.every(({ ok }) => ok), findings, body };
}

/** The findings that are not good: each must say in both languages what is wrong and what to do. */
function problemsOf(findings: readonly Found[]): string[] {
  return findings
    .filter(({ ok }) => !ok)
    .map((finding) => {
      for (const field of ['problem', 'problem_zh', 'advice', 'advice_zh']) expect(finding[field]).toBeTruthy();
      const { check, permission } = finding;
      return permission === undefined ? check : `${check} ${permission}`;
    });
}

const named = (findings: readonly Found[], check: string) => findings.filter((finding) => finding.check === check);

describe('the check of an identity source', () => {
  it('finds all good where it is', async () => {
    const { findings, body } = await check();
    expect(problemsOf(findings)).toEqual([]);
    expect(findings.map(({ check, permission = '' }) => `${check} ${permission}`.trim())).toEqual([
      'reachable',
      'credentials',
      'address',
      'range',
      'permission qyapi_get_member',
      'permission qyapi_get_department_list',
      'permission qyapi_get_department_member',
      'permission Contact.User.Read',
      'permission fieldMobile',
      'permission fieldEmail',
      'in_app_sign_in',
      'browser_sign_in open_app_api_base',
      'events',
    ]);
    expect(body['milliseconds']).toBeGreaterThan(0);
    for (const finding of named(findings, 'permission')) expect(finding['permission_name']).toBeTruthy();
  });

  it('tries only what is switched on', async () => {
    const off = { browser_sign_in: false, in_app_sign_in: false, stream_events: false, mapping: { name: ['name'] } };
    const { findings } = await check(off);
    expect(problemsOf(findings)).toEqual(['events']);
    expect(JSON.stringify(findings)).not.toMatch(/in_app_sign_in|browser_sign_in|Contact|fieldMobile|fieldEmail/);
    expect(dingtalk.calls('/api/v1.0/gateway').length).toBe(1);
    const pushed = await check({
      callback_events: true,
      callback_token: 'clinchTok1',
      callback_aes_key: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
    });
    expect(problemsOf(pushed.findings)).toEqual([]);
    // A source that is switched off can be tried as well: that is when it matters.
    expect((await check({ enabled: false })).ok).toBe(true);
  });

  it('asks for phone numbers only where they are taken or matched by', async () => {
    const asksForPhones = async (changes: object) =>
      JSON.stringify((await check(changes)).findings).includes('fieldMobile');
    expect(await asksForPhones({ mapping: null })).toBe(false);
    expect(await asksForPhones({ match_by: ['phone_number'] })).toBe(true);
    expect(await asksForPhones({ match_by: [], mapping: { 'custom.desk': ['telephone'] } })).toBe(true);
  });

  it('says of wrong credentials and of an app without a version that it may be either', async () => {
    const wrong = await check({ client_secret: 'wrong' });
    expect(problemsOf(wrong.findings)).toEqual(['credentials']);
    expect(named(wrong.findings, 'reachable')).toMatchObject([{ ok: true }]);
    expect(named(wrong.findings, 'credentials')[0]?.['advice']).toMatch(/Client Secret.*published.*CorpId/);
    await admin.call('PATCH', 'identity-sources/acme', { client_secret: SECRET });
    dingtalk.app.published = false;
    const { findings } = await check();
    expect(problemsOf(findings)).toEqual(['credentials']);
    expect(findings.at(-1)).toMatchObject({ code: 'invalid.client' });
  });

  it.each([
    ['another organisation', 'dingcorp0002', 'unauthorized.client'],
    ['no organisation at all', 'dingnowhere', 'unknownError'],
  ])('says when the CorpId is that of %s', async (_, corp_id, code) => {
    const id = corp_id;
    await admin.made('identity-sources', { ...usual, id, name: 'Other', corp_id });
    const { findings } = await check({}, id);
    expect(problemsOf(findings)).toEqual(['credentials']);
    expect(findings.at(-1)).toMatchObject({ code });
    await admin.call('DELETE', `identity-sources/${id}`);
  });

  it.each<[Permission, string[]]>([
    ['open_app_api_base', ['permission open_app_api_base']],
    ['Contact.User.Read', ['permission Contact.User.Read']],
    ['qyapi_get_member', ['permission qyapi_get_member']],
    ['qyapi_get_department_list', ['permission qyapi_get_department_list']],
    ['qyapi_get_department_member', ['permission qyapi_get_department_member']],
    ['fieldMobile', ['permission fieldMobile']],
    ['fieldEmail', ['permission fieldEmail']],
  ])('names %s when it is missing, by code and by the console’s name', async (permission, expected) => {
    dingtalk.app.permissions.delete(permission);
    // Whoever may not read the list cannot be asked who has a phone number, but DingTalk says what may be read.
    const { findings } = await check();
    expect(problemsOf(findings)).toEqual(expected);
    const missing = findings.find(({ ok }) => !ok);
    expect(missing?.['permission_name']).toMatch(/[\u4e00-\u9fff]/);
    expect(missing?.['advice']).toContain(missing?.['permission_name']);
    expect(missing?.['advice_zh']).toContain(missing?.['permission_name']);
  });

  it('names the address that DingTalk saw and that is not on the list', async () => {
    dingtalk.faults.fail('ip-not-listed', { path: '/oapi' });
    const { findings } = await check();
    expect(problemsOf(findings)).toEqual(['address']);
    expect(named(findings, 'credentials')).toMatchObject([{ ok: true }]);
    expect(named(findings, 'address')[0]).toMatchObject({ code: '60020' });
    expect(named(findings, 'address')[0]?.['advice']).toContain('203.0.113.7');
    dingtalk.faults.heal();
    dingtalk.app.egressAllowed = false;
    expect(problemsOf((await check()).findings)).toEqual(['address']);
  });

  it('says when the visible range is not the whole organisation, and needs no more than that', async () => {
    dingtalk.app.scope = { departments: [400], users: [] };
    expect(problemsOf((await check()).findings)).toEqual(['range']);
    dingtalk.app.scope = { departments: [], users: ['u010'] };
    expect(problemsOf((await check()).findings)).toEqual(['range']);
  });

  it.each<[FaultKind, string]>([
    ['throttled', 'reachable'],
    ['api-throttled', 'reachable'],
    ['ip-banned', 'reachable'],
    ['ip-banned-html', 'reachable'],
    ['busy', 'reachable'],
    ['backend-timeout', 'reachable'],
    ['authentication-timeout', 'reachable'],
    ['empty-body', 'reachable'],
    ['not-json', 'reachable'],
    ['huge-body', 'reachable'],
    ['http-403', 'reachable'],
    ['http-429', 'reachable'],
    ['http-500', 'reachable'],
    ['http-504', 'reachable'],
    ['hang', 'reachable'],
    ['refuse', 'reachable'],
    ['token-expired', 'credentials'],
    ['ip-not-listed', 'address'],
  ])('answers with a finding when everything is %s', async (kind, expected) => {
    dingtalk.faults.fail(kind);
    expect(problemsOf((await check()).findings)).toEqual([expected]);
  });

  it('answers within ten seconds when single calls hang, and says which', async () => {
    dingtalk.faults.fail('hang', { path: '/oapi/topapi/v2/user/getuserinfo' });
    dingtalk.faults.fail('hang', { path: '/api/v1.0/oauth2/userAccessToken' });
    const startedAt = performance.now();
    const { findings } = await check();
    expect(performance.now() - startedAt).toBeLessThan(11_000);
    expect(problemsOf(findings)).toEqual(['in_app_sign_in', 'browser_sign_in open_app_api_base']);
  });

  it('says when the channel for events cannot be opened, and when nobody is there', async () => {
    dingtalk.faults.fail('http-500', { path: '/api/v1.0/gateway' });
    expect(problemsOf((await check()).findings)).toEqual(['events']);
    dingtalk.faults.heal();
    const nowhere = { api_base_url: `http://127.0.0.1:${await freePort()}`, client_secret: SECRET };
    expect(problemsOf((await check(nowhere)).findings)).toEqual(['reachable']);
  });

  it('is nothing for a source that is not there, and for those who may only read', async () => {
    expect((await admin.call('POST', 'identity-sources/nobody/check')).status).toBe(404);
    expect((await admin.call('GET', 'identity-sources/nobody/setup')).status).toBe(404);
  });
});

describe('what to paste into DingTalk’s console', () => {
  it('is complete and exact', async () => {
    const { body } = await admin.call('GET', 'identity-sources/acme/setup');
    expect(body).toMatchObject({
      redirect_url: `${clinch.url}/dingtalk/acme/callback`,
      events_url: `${clinch.url}/dingtalk/acme/events`,
      home_page_url: `${clinch.url}/launch/{client_id}?corpid=$CORPID$`,
      in_app_host: new URL(clinch.url).host,
    });
    const codes = (body['permissions'] as Json[]).map(({ code }) => code);
    expect(codes).toEqual(PERMISSIONS.filter((each) => codes.includes(each)));
    expect(codes).toHaveLength(8);
    expect((body['events'] as Json[]).map(({ code }) => code)).toContain('user_leave_org');
    const steps = body['steps'] as Json[];
    for (const step of steps) {
      for (const field of ['place', 'title', 'title_zh', 'text', 'text_zh']) expect(step[field]).toBeTruthy();
      expect(step['text_zh']).toMatch(/[\u4e00-\u9fff]/);
    }
    const values = JSON.stringify(steps);
    for (const value of ['redirect_url', 'home_page_url', 'in_app_host']) expect(values).toContain(body[value]);
    for (const value of [...codes, dingtalk.app.corpId, dingtalk.app.clientId]) expect(values).toContain(value);
  });

  it('follows what is switched on', async () => {
    const before = JSON.stringify((await admin.call('GET', 'identity-sources/acme/setup')).body['steps']);
    expect(before).toContain('Stream 模式推送');
    expect(before).not.toContain('/dingtalk/acme/events');
    await admin.call('POST', 'identity-sources/acme/callback-keys');
    const callback = { callback_events: true, stream_events: false, browser_sign_in: false };
    await admin.call('PATCH', 'identity-sources/acme', callback);
    const after = JSON.stringify((await admin.call('GET', 'identity-sources/acme/setup')).body['steps']);
    expect(after).toContain('/dingtalk/acme/events');
    expect(after).not.toMatch(/Stream 模式推送|Contact\.User\.Read/);
  });
});
