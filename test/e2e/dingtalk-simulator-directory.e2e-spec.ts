import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bigCompany } from '../../src/dingtalk-simulator/big-company.js';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { startDingTalk } from '../support/start-dingtalk.js';

type Body = Record<string, unknown>;

let dingtalk: DingTalkSimulator;

beforeAll(async () => {
  dingtalk = await startDingTalk({ apps: [{ clientSecret: 'simulator-secret-3', stream: false }] });
});

afterEach(() => {
  dingtalk.faults.reset();
  const { app } = dingtalk;
  app.permissions = new Set([...app.permissions, 'qyapi_get_department_list', 'fieldMobile', 'fieldEmail']);
  app.scope = { departments: [1], users: [] };
  app.egressAllowed = true;
});

afterAll(async () => {
  await dingtalk.stop();
});

async function post(path: string, body: object | URLSearchParams): Promise<Body> {
  const isForm = body instanceof URLSearchParams;
  const token = dingtalk.world.tokens.forApp(dingtalk.app);
  const response = await fetch(`${dingtalk.bases.oapi}${path}?access_token=${token}`, {
    method: 'POST',
    ...(isForm ? {} : { headers: { 'content-type': 'application/json' } }),
    body: isForm ? body : JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Body;
}

/** The result of a call that succeeds. */
async function result(path: string, body: object | URLSearchParams = {}): Promise<Body> {
  const answer = await post(path, body);
  expect(answer).toMatchObject({ errcode: 0, errmsg: 'ok', request_id: expect.any(String) as string });
  return answer.result as Body;
}

const person = (userid: string) => result('/topapi/v2/user/get', { userid });
const code = async (path: string, body: object = {}) => (await post(path, body)).errcode;

describe('topapi/v2/user/get', () => {
  it('tells everything about somebody who has everything', async () => {
    const answer = await person(samplePeople.ordinary);
    expect(answer).toMatchObject({
      userid: 'u010',
      unionid: 'UNION000010',
      name: '徐鹏',
      active: true,
      admin: false,
      boss: false,
      senior: false,
      real_authed: true,
      hide_mobile: false,
      state_code: '86',
      mobile: '13800000010',
      telephone: '8010',
      job_number: 'E00010',
      title: '高级工程师',
      email: 'xupeng@mail.example',
      org_email: 'u010@corp.example',
      dept_id_list: [212],
      manager_userid: 'u017',
      exclusive_account: false,
      role_list: [{ id: 9301, name: '工程师', group_name: '岗位' }],
    });
    expect(typeof answer.hired_date).toBe('number');
    expect(typeof answer.extension).toBe('string');
  });

  it('tells both departments of somebody who is in two', async () => {
    const answer = await person(samplePeople.inTwoDepartments);
    expect(answer.dept_id_list).toEqual([212, 411]);
    expect(answer.leader_in_dept).toEqual([
      { dept_id: 212, leader: false },
      { dept_id: 411, leader: true },
    ]);
  });

  it('leaves out what there is not, instead of saying null', async () => {
    expect(await person(samplePeople.withoutPhone)).not.toHaveProperty('mobile');
    expect(await person(samplePeople.withoutAvatar)).not.toHaveProperty('avatar');
    const withoutMail = await person(samplePeople.withoutEmail);
    expect(withoutMail).not.toHaveProperty('email');
    expect(withoutMail).not.toHaveProperty('org_email');
  });

  it('leaves out what the app has no permission for', async () => {
    dingtalk.app.permissions.delete('fieldMobile');
    dingtalk.app.permissions.delete('fieldEmail');
    const answer = await person(samplePeople.ordinary);
    for (const name of ['mobile', 'state_code', 'email', 'org_email', 'work_place', 'remark', 'extension']) {
      expect(answer).not.toHaveProperty(name);
    }
  });

  it('says who is disabled', async () => {
    expect(await person(samplePeople.disabled)).toMatchObject({ exclusive_account: true, disable_status: true });
    expect(await person(samplePeople.enterpriseAccount)).toMatchObject({ disable_status: false });
    expect(await person(samplePeople.ordinary)).not.toHaveProperty('disable_status');
  });

  it('knows those who left from those who never were', async () => {
    expect(await code('/topapi/v2/user/get', { userid: samplePeople.leftBefore })).toBe(60121);
    expect(await code('/topapi/v2/user/get', { userid: 'nobody' })).toBe(33012);
    expect(await code('/topapi/v2/user/get', {})).toBe(400002);
  });

  it('takes a form as well as JSON, and nothing else', async () => {
    expect(await result('/topapi/v2/user/get', new URLSearchParams({ userid: 'u010' }))).toMatchObject({
      userid: 'u010',
    });
    const address = `${dingtalk.bases.oapi}/topapi/v2/user/get?access_token=${dingtalk.world.tokens.forApp(dingtalk.app)}`;
    const asText = await fetch(address, { method: 'POST', body: '{"userid":"u010"}' });
    expect(await asText.json()).toMatchObject({ errcode: 43004 });
    const headers = { 'content-type': 'application/json' };
    expect(await (await fetch(address, { method: 'POST', headers, body: '{' })).json()).toMatchObject({
      errcode: 43009,
    });
    expect(await (await fetch(address)).json()).toMatchObject({ errcode: 43002 });
  });
});

describe('the lists of people', () => {
  it('come in pages of at most a hundred, of direct members only', async () => {
    const company = bigCompany(700, 28);
    const big = await startDingTalk({ company, apps: [{ stream: false }] });
    try {
      const ids: string[] = [];
      for (let cursor = 0, pages = 0; pages < 20; pages += 1) {
        const token = big.world.tokens.forApp(big.app);
        const response = await fetch(`${big.bases.oapi}/topapi/v2/user/list?access_token=${token}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ dept_id: 1, cursor, size: 100 }),
        });
        const page = ((await response.json()) as { result: Body }).result;
        ids.push(...(page.list as { userid: string }[]).map(({ userid }) => userid));
        if (page.has_more !== true) break;
        cursor = Number(page.next_cursor);
      }
      expect(ids).toEqual(company.membersOf(1).map(({ userid }) => userid));
      expect(ids.length).toBeGreaterThan(200);
    } finally {
      await big.stop();
    }
  });

  it('have rows that say less than the person does', async () => {
    const { list } = await result('/topapi/v2/user/list', { dept_id: 411, cursor: 0, size: 100 });
    const row = (list as Body[]).find(({ userid }) => userid === 'u003');
    expect(row).toMatchObject({ dept_id_list: [212, 411], leader: true, unionid: 'UNION000003' });
    for (const name of ['role_list', 'manager_userid', 'leader_in_dept', 'senior', 'real_authed']) {
      expect(row).not.toHaveProperty(name);
    }
  });

  it('refuse a size above a hundred, departments below 1, and what the app may not read', async () => {
    const page = { cursor: 0, size: 100 };
    expect(await code('/topapi/v2/user/list', { dept_id: 1, cursor: 0, size: 101 })).toBe(400002);
    expect(await code('/topapi/user/listsimple', { dept_id: 1, cursor: 0, size: 101 })).toBe(40069);
    expect(await code('/topapi/v2/user/list', { dept_id: -1, ...page })).toBe(60003);
    dingtalk.app.scope = { departments: [400], users: ['u010'] };
    expect(await code('/topapi/v2/user/list', { dept_id: 1, ...page })).toBe(50004);
    expect(await code('/topapi/v2/user/list', { dept_id: 411, ...page })).toBe(0);
    expect(await code('/topapi/v2/user/get', { userid: 'u001' })).toBe(50002);
    expect(await code('/topapi/v2/user/get', { userid: 'u010' })).toBe(0);
    // These two are not limited by it.
    expect(await code('/topapi/user/listid', { dept_id: 1 })).toBe(0);
    expect(await code('/topapi/v2/department/listsubid', { dept_id: 1 })).toBe(0);
  });
});

describe('who a person is in the organisation', () => {
  it('by unionid, which tells colleagues from contacts', async () => {
    const byUnionid = (unionid: string) => result('/topapi/user/getbyunionid', { unionid });
    expect(await byUnionid('UNION000010')).toEqual({ contact_type: 0, userid: 'u010' });
    expect(await byUnionid('UNION-EXTERNAL-1')).toEqual({ contact_type: 1, userid: 'x001' });
    expect(await code('/topapi/user/getbyunionid', { unionid: 'UNION000009' })).toBe(60121);
    expect(await code('/topapi/user/getbyunionid', { unionid: 'UNION900001' })).toBe(60121);
  });

  it('by mobile number', async () => {
    expect(await result('/topapi/v2/user/getbymobile', { mobile: '13800000010' })).toEqual({ userid: 'u010' });
    expect(await code('/topapi/v2/user/getbymobile', { mobile: '13999999999' })).toBe(60121);
    expect(await code('/topapi/v2/user/getbymobile', { mobile: 'x' })).toBe(40104);
  });

  it('as administrators', async () => {
    expect(await result('/topapi/user/listadmin')).toEqual([
      { userid: 'u001', sys_level: 1 },
      { userid: 'u002', sys_level: 2 },
    ]);
    expect(await post('/topapi/user/get_admin_scope', { userid: 'u001' })).toMatchObject({ errcode: 0, dept_ids: [1] });
    expect(await result('/topapi/user/count', { only_active: false })).toEqual({ count: 299 });
    expect(await result('/topapi/user/count', { only_active: true })).toEqual({ count: 298 });
  });
});

describe('departments', () => {
  it('are told one by one, and one level at a time', async () => {
    const root = await result('/topapi/v2/department/get', { dept_id: 1 });
    expect(root).toMatchObject({ dept_id: 1, name: '克林奇科技有限公司', dept_manager_userid_list: ['u001'] });
    expect(root).not.toHaveProperty('parent_id');
    const below = (await result('/topapi/v2/department/listsub')) as unknown as Body[];
    expect(below.map(({ dept_id }) => dept_id)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900]);
    expect(below[0]).toEqual({
      dept_id: 100,
      name: '总经办',
      parent_id: 1,
      create_dept_group: true,
      auto_add_user: true,
    });
    expect(await result('/topapi/v2/department/listsubid', { dept_id: 210 })).toEqual({
      dept_id_list: [211, 212, 213],
    });
  });

  it('know the way to the root', async () => {
    const chain = { parent_id_list: [212, 210, 200, 1] };
    expect(await result('/topapi/v2/department/listparentbydept', { dept_id: 212 })).toEqual(chain);
    expect(await result('/topapi/v2/department/listparentbyuser', { userid: 'u003' })).toEqual({
      parent_list: [{ parent_dept_id_list: [212, 210, 200, 1] }, { parent_dept_id_list: [411, 410, 400, 1] }],
    });
  });

  it('do not exist below 1', async () => {
    for (const dept_id of [0, -1, 4711]) expect(await code('/topapi/v2/department/get', { dept_id })).toBe(60003);
    dingtalk.faults.switches.departmentMinusOne = 'u010';
    expect((await person('u010')).dept_id_list).toEqual([-1, 212]);
  });
});

describe('roles, in three spellings', () => {
  it('by group', async () => {
    const { hasMore, list } = await result('/topapi/role/list', { size: 2, offset: 0 });
    expect(hasMore).toBe(true);
    expect((list as Body[])[0]).toMatchObject({
      groupId: 9100,
      name: '默认',
      roles: [{ id: 9101, name: '主管' }, {}, {}],
    });
    expect(await code('/topapi/role/list', { size: 201, offset: 0 })).toBe(40069);
  });

  it('one by one', async () => {
    expect(await post('/topapi/role/getrole', { roleId: 9101 })).toMatchObject({
      role: { name: '主管', groupId: 9100 },
    });
    const { role_group } = await post('/topapi/role/getrolegroup', { group_id: 9300 });
    expect(role_group).toMatchObject({ group_name: '岗位', roles: [{ role_id: 9301, role_name: '工程师' }, {}] });
    expect(await code('/topapi/role/getrole', { roleId: 1 })).toBe(33011);
  });

  it('with their holders', async () => {
    const answer = await result('/topapi/role/simplelist', { role_id: 9101, size: 3, offset: 0 });
    expect(answer).toMatchObject({ hasMore: true, nextCursor: 3 });
    expect((answer.list as Body[])[0]).toEqual({ userid: 'u001', name: '王建国', manageScopes: [] });
  });
});

describe('what an app may do', () => {
  it('is told by auth/scopes', async () => {
    const token = dingtalk.world.tokens.forApp(dingtalk.app);
    const scopes = (address: string) => fetch(address).then((response) => response.json());
    expect(await scopes(`${dingtalk.bases.oapi}/auth/scopes?access_token=${token}`)).toMatchObject({
      errcode: 0,
      auth_org_scopes: { authed_user: [], authed_dept: [1] },
    });
    // No gateway stands before the old paths: the code is where one looks for it.
    expect(await scopes(`${dingtalk.bases.oapi}/auth/scopes?access_token=no`)).toMatchObject({ errcode: 40014 });
    expect(await scopes(`${dingtalk.bases.oapi}/auth/scopes`)).toMatchObject({ errcode: 41001 });
  });

  it('is refused at the gate with 88 and the code as a string', async () => {
    dingtalk.app.permissions.delete('qyapi_get_department_list');
    const denied = await post('/topapi/v2/department/listsub', {});
    expect(denied).toMatchObject({ errcode: 88, sub_code: '60011' });
    expect(denied.sub_msg).toContain('requiredScopes=[qyapi_get_department_list]');
    dingtalk.app.egressAllowed = false;
    expect(await post('/topapi/v2/user/get', { userid: 'u001' })).toMatchObject({ errcode: 88, sub_code: '60020' });
  });

  it('is so many calls to one API in a second', async () => {
    dingtalk.faults.switches.callsPerSecond = 1;
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/topapi/user/count', {})));
    const refused = answers.find(({ errcode }) => errcode !== 0);
    expect(refused).toMatchObject({ errcode: 88, sub_code: '90018' });
    expect(refused?.sub_msg).toContain('apiPath:/topapi/user/count');
    dingtalk.faults.switches.throttle = false;
    expect(await code('/topapi/user/count')).toBe(0);
  });

  it('ends at paths that there are not', async () => {
    expect(await post('/topapi/v2/user/nothing', {})).toMatchObject({ errcode: 22 });
    expect(await post('/nothing', {})).toMatchObject({ errcode: 404 });
    const api = await fetch(`${dingtalk.bases.api}/v1.0/contact/nothing`);
    expect(api.status).toBe(404);
    expect(await api.json()).toMatchObject({ code: 'InvalidAction.NotFound' });
    const outside = await fetch(`${dingtalk.bases.api}/nothing`);
    expect(outside.status).toBe(200);
    expect(await outside.json()).toMatchObject({ errcode: 404 });
  });
});

describe('GET /v1.0/contact/empLeaveRecords', () => {
  it('tells who left', async () => {
    const headers = { 'x-acs-dingtalk-access-token': dingtalk.world.tokens.forApp(dingtalk.app) };
    const startTime = new Date(Date.now() - 60_000).toISOString();
    const address = `${dingtalk.bases.api}/v1.0/contact/empLeaveRecords?nextToken=0&maxResults=50&startTime=`;
    const answer = await fetch(address + encodeURIComponent(startTime), { headers });
    expect((await answer.json()) as Body).toMatchObject({
      records: [{ userId: 'u009', name: '孙丽', leaveReason: 'leave' }],
    });
    const wrong = await fetch(`${address}yesterday`, { headers });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ code: 'invalidParameter.param.invalid' });
  });
});
