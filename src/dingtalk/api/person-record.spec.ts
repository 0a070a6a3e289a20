import { describe, expect, it } from 'vitest';
import { readDepartment, readFailedEvent, readPageOfPeople, readRoles } from './directory-answers.js';
import { readPerson } from './person-record.js';

const WHO = { userid: 'u001', unionid: 'UNION0001', name: '张三' };

describe('a person’s record', () => {
  it('is read from the documented answer', () => {
    const record = readPerson({
      ...WHO,
      active: true,
      admin: false,
      hide_mobile: false,
      state_code: '86',
      mobile: '13800000001',
      job_number: 'E001',
      title: '工程师',
      email: '',
      org_email: 'zhangsan@corp.example',
      dept_id_list: [100, 200, -1],
      dept_order_list: [{ dept_id: 100, order: 1 }],
      leader_in_dept: [{ dept_id: 200, leader: true }],
      dept_position_list: [{ dept_id: 200, title: '主管', is_main: true }],
      role_list: [{ id: 1001, name: '负责人', group_name: '默认' }],
      manager_userid: 'u009',
      hired_date: 1_597_573_616_828,
      exclusive_account: false,
      extension: '{"爱好":"旅游","年龄":"24"}',
    });
    expect(record).toEqual({
      ...WHO,
      active: true,
      admin: false,
      mobile: '+8613800000001',
      job_number: 'E001',
      title: '工程师',
      email: '',
      org_email: 'zhangsan@corp.example',
      departments: [
        { id: 100, order: 1 },
        { id: 200, leader: true, title: '主管', main: true },
      ],
      roles: [{ id: 1001, name: '负责人', group_name: '默认' }],
      manager_userid: 'u009',
      hired_date: 1_597_573_616_828,
      exclusive_account: false,
      extension: { 爱好: '旅游', 年龄: '24' },
    });
  });

  it('is the same from the samples of the documentation, which have strings and single members', () => {
    const record = readPerson({
      ...WHO,
      active: 'true',
      disable_status: 'false',
      hired_date: '1597573616828',
      dept_id_list: '[2,3]',
      dept_order_list: { dept_id: '2', order: '7' },
      leader_in_dept: { dept_id: '2', leader: 'true' },
      role_list: { id: '100', name: '总监' },
    });
    expect(record).toEqual({
      ...WHO,
      active: true,
      disable_status: false,
      hired_date: 1_597_573_616_828,
      departments: [{ id: 2, order: 7, leader: true }, { id: 3 }],
      roles: [{ id: 100, name: '总监' }],
    });
  });

  it('knows of a row the place in the department that it was listed in', () => {
    const row = { ...WHO, dept_id_list: [2, 3], dept_order: 5, leader: true };
    expect(readPerson(row, 3)?.departments).toEqual([{ id: 2 }, { id: 3, order: 5, leader: true }]);
    expect(readPerson(WHO, 3)?.departments).toEqual([{ id: 3 }]);
    expect(readPerson(WHO)).toEqual(WHO);
  });

  it.each<[string, object]>([
    ['no user id', { userid: undefined }],
    ['no union id', { unionid: '' }],
    // With the character taken out it would be the id of somebody else.
    ['a control character in the user id', { userid: 'u001\u0000' }],
    ['a space in the union id', { unionid: 'UNION0001 ' }],
    ['a user id of 200 characters', { userid: 'u'.repeat(200) }],
    ['a user id that is a list', { userid: ['u001'] }],
  ])('is nobody’s with %s', (_, differences) => {
    expect(readPerson({ ...WHO, ...differences })).toBeUndefined();
  });

  it.each<[unknown, unknown, string | undefined]>([
    ['13800000001', '86', '+8613800000001'],
    ['13800000001', undefined, '+8613800000001'],
    ['13800000001', '+86', '+8613800000001'],
    [13_800_000_001, 86, '+8613800000001'],
    ['91234567', '852', '+85291234567'],
    ['+852-9123 4567', '86', '+85291234567'],
    ['', '86', ''],
    ['155****3240', '86', undefined],
    ['12345', undefined, undefined],
  ])('has for the phone %j of country %j the number %j', (mobile, state_code, number) => {
    const record = readPerson({ ...WHO, mobile, state_code });
    expect(record?.mobile).toBe(number);
    expect(record?.dropped).toEqual(number === undefined ? ['mobile'] : undefined);
  });

  it('holds nothing that nobody sees, cuts names, and drops what would be another value when cut', () => {
    const record = readPerson({
      ...WHO,
      name: `\u202e张\u0000三\n${'😀'.repeat(300)}`,
      nickname: 'A\ud800B',
      org_email: `${'a'.repeat(300)}@corp.example`,
      remark: 17,
      work_place: { city: '杭州' },
    });
    expect(record?.name).toBe(`张三${'😀'.repeat(198)}`);
    expect(record).toMatchObject({ nickname: 'AB', remark: '17', dropped: ['org_email', 'work_place'] });
    expect(record).not.toHaveProperty('org_email');
  });

  it('takes of its own fields what is text, and nothing that reaches behind an object', () => {
    const extension = '{"__proto__":"x","constructor":"y","a":1,"b":true,"c":{"d":1},"e":"f"}';
    expect(readPerson({ ...WHO, extension })?.extension).toEqual({ a: '1', b: 'true', e: 'f' });
    expect(readPerson({ ...WHO, extension: '' })?.extension).toEqual({});
    expect(readPerson({ ...WHO, extension: 'no JSON' })?.dropped).toEqual(['extension']);
  });
});

describe('a page of a department’s people', () => {
  const page = (result: object, cursor = 0) => readPageOfPeople({ result }, '/list', 7, cursor);

  it('counts the rows that are about nobody', () => {
    const list = [WHO, { name: '无名' }, 'x', { ...WHO, unionid: undefined }];
    expect(page({ list, has_more: true, next_cursor: '100' })).toEqual({
      users: [{ ...WHO, departments: [{ id: 7 }] }],
      skipped: 3,
      nextCursor: 100,
    });
    expect(page({ has_more: 'false' })).toEqual({ users: [], skipped: 0, nextCursor: undefined });
  });

  it.each<[string, object]>([
    ['does not say whether there is more', { list: [WHO] }],
    ['has no list', { has_more: true, next_cursor: 100 }],
    ['has no cursor', { list: [WHO], has_more: true }],
    ['stands still', { list: [WHO], has_more: true, next_cursor: 100 }],
  ])('is none when it %s', (_, result) => {
    expect(() => page(result, 100)).toThrow(expect.objectContaining({ fault: 'refused' }) as Error);
  });
});

describe('departments, roles and events', () => {
  it('are read from what comes', () => {
    expect(readDepartment({ dept_id: 1, name: '根\u0000', order: '3', dept_manager_userid_list: 'u001' })).toEqual({
      id: 1,
      name: '根',
      order: 3,
      managers: ['u001'],
    });
    expect(readDepartment({ dept_id: 5, name: '五', parent_id: 1 })).toEqual({ id: 5, name: '五', parentId: 1 });
    expect(readDepartment({ dept_id: -1, name: '家校' })).toBeUndefined();
    const list = [
      { groupId: 1, name: '默认', roles: [{ id: 9, name: '负责人' }] },
      { name: '空', roles: [] },
    ];
    expect(readRoles({ list })).toEqual({ roles: [{ id: 9, name: '负责人', groupName: '默认' }], groups: 2 });
    const event = { call_back_tag: 'user_add_org', event_time: 1_700_000_000_000, user_add_org: { userid: ['u001'] } };
    expect(readFailedEvent(event)).toEqual({
      type: 'user_add_org',
      time: new Date(1_700_000_000_000),
      payload: { userid: ['u001'] },
    });
    expect(readFailedEvent({ call_back_tag: 'label_conf_add', roleLabelChange: '{"scope":"1"}' })?.payload).toEqual({
      scope: '1',
    });
    expect(readFailedEvent({ call_back_tag: '__proto__' })).toBeUndefined();
  });
});
