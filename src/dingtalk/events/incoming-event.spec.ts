import { describe, expect, it } from 'vitest';
import { digestOf, noteOf, readEvent, type IncomingEvent } from './incoming-event.js';

const event = (type: unknown, payload: Record<string, unknown> = {}, eventId: unknown = 'evt-1'): IncomingEvent => ({
  eventId,
  type,
  payload,
  via: 'callback',
  bornAt: undefined,
});

const keysOf = (type: string, payload: Record<string, unknown>) =>
  readEvent(event(type, payload)).subjects.map(({ kind, key }) => `${kind} ${key}`);

describe('what an event is about', () => {
  it.each([
    ['user_add_org', { userId: ['u1', 'u2'] }, ['person u1', 'person u2']],
    ['user_leave_org', { UserId: ['u1'] }, ['person u1']],
    ['user_leave_org', { userid: ['u1', 'u1'] }, ['person u1']],
    ['user_active_org', { userId: 'u1' }, ['person u1']],
    ['user_modify_org', { userId: [7, '张三02'] }, ['person 7', 'person 张三02']],
    ['org_admin_add', { userId: ['u1'] }, ['person u1']],
    ['label_user_change', { userIdList: ['u1'], labelIdList: [5], action: 'add' }, ['person u1']],
    ['org_dept_modify', { deptId: [12, '13'] }, ['department 12', 'department 13']],
    ['label_conf_del', { labelIdList: [5] }, ['role 5']],
    ['org_change', {}, ['none ']],
    ['something_new', { userId: ['u1'] }, ['none ']],
  ])('%s with %j', (type, payload, expected) => {
    expect(keysOf(type, payload)).toEqual(expected);
  });

  it('is nobody, when there is nothing that can be an id', () => {
    const hostile = ['', 'x'.repeat(129), 'a\u0000b', '\ud800', null, {}, [], true, 1e300];
    expect(keysOf('user_leave_org', { userId: hostile }).filter((key) => !/^person [\d.e+]+$/.test(key))).toEqual([]);
    expect(keysOf('user_leave_org', { userId: ['', null] })).toEqual(['none ']);
    expect(keysOf('org_dept_modify', { deptId: [0, -1, 1.5, '1e3', 'x', null] })).toEqual(['none ']);
  });

  it('is known by DingTalk’s id, or by what it says', () => {
    const payload = { timeStamp: '1', userId: ['u1'] };
    expect(readEvent(event('user_add_org', payload)).eventId).toBe('evt-1');
    for (const id of [null, '', 7, 'with space', 'x'.repeat(129), '\u0000']) {
      const { eventId } = readEvent(event('user_add_org', payload, id));
      expect(eventId).toMatch(/^[\w-]{43}$/);
      expect(readEvent(event('user_add_org', { userId: ['u1'], timeStamp: '1' }, id)).eventId).toBe(eventId);
      expect(readEvent(event('user_leave_org', payload, id)).eventId).not.toBe(eventId);
      expect(readEvent(event('user_add_org', { ...payload, timeStamp: '2' }, id)).eventId).not.toBe(eventId);
    }
    for (const type of [undefined, 7, 'a b', 'x'.repeat(65), '']) expect(readEvent(event(type)).type).toBe('unknown');
  });

  it('has the same digest in whatever order it comes', () => {
    expect(digestOf({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(digestOf({ b: [{ d: 3, c: 2 }], a: 1 }));
    expect(digestOf({ a: [1, 2] })).not.toBe(digestOf({ a: [2, 1] }));
  });
});

describe('what is kept of an event', () => {
  it('is ids and names of fields, and no value of a person', () => {
    const diffInfo = {
      prev: { email: 'old@corp.example', telephone: '1' },
      curr: { email: 'new@corp.example', name: '张三' },
      userid: 'u1',
    };
    const payload = { timeStamp: '1', userId: ['u1'], diffInfo, preLabelList: ['{"name":"x"}'], long: 'x'.repeat(101) };
    expect(noteOf(payload, { kind: 'person', key: 'u1' })).toEqual({
      timeStamp: '1',
      changed: ['email', 'name'],
      emptied: ['telephone'],
    });
    expect(noteOf(payload, { kind: 'person', key: 'u2' })).toEqual({ timeStamp: '1' });
  });

  it.each([[null], [7], ['x'], [[]], [[null]], [{ prev: null, curr: [] }]])(
    'is something for a difference of %j',
    (diffInfo) => {
      expect(() => noteOf({ diffInfo }, { kind: 'person', key: 'u1' })).not.toThrow();
    },
  );
});
