import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DingTalkError } from '../../src/dingtalk/api/dingtalk-error.js';
import { DirectorySyncs } from '../../src/dingtalk/directory/directory-syncs.js';
import { DirectoryUpdates } from '../../src/dingtalk/directory/directory-updates.js';
import { FailedEventList } from '../../src/dingtalk/events/failed-event-list.js';
import { EventInbox } from '../../src/dingtalk/events/event-inbox.js';
import type { IncomingEvent } from '../../src/dingtalk/events/incoming-event.js';
import {
  accountOf,
  aMember,
  connectDingTalk,
  standing,
  statusOf,
  storedEvents,
  untilEvents,
  untilOut,
  type Connected,
} from '../support/dingtalk-events.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const USER_GET = '/oapi/topapi/v2/user/get';

describe('the events of a directory', () => {
  let clinch: TestClinch;
  let connected: Connected;

  beforeEach(async () => {
    clinch = await startClinch();
    connected = await connectDingTalk(clinch, { callback: true, timings: { pushRetriesMs: [100, 100] } });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await clinch.stop();
    await connected.dingtalk.stop();
  });

  const send = (type: string, payload: Record<string, unknown>) =>
    connected.dingtalk.events.pushRaw(connected.source.corpId, type, payload);
  const put = (type: string, payload: Record<string, unknown>, eventId?: string) => {
    const event: IncomingEvent = { eventId, type, payload, via: 'callback', bornAt: undefined };
    return clinch.app.get(EventInbox).put(connected.source, event, 5_000);
  };
  const outcomes = async () => (await storedEvents(clinch)).map(({ type, outcome }) => [type, outcome]);

  it('that come twice have one effect', async () => {
    const member = await aMember(connected, await aRefreshingApp(clinch), 'u010');
    const refreshed = vi.spyOn(clinch.app.get(DirectoryUpdates), 'refreshPerson');
    connected.dingtalk.faults.switches.duplicateEvents = true;
    connected.dingtalk.company.leave('u010');
    await untilOut(connected, member);
    await connected.dingtalk.events.settled();
    expect(await untilEvents(clinch, 1)).toHaveLength(1);
    expect(refreshed).toHaveBeenCalledTimes(1);
  });

  it('DING-08 that come late and out of order leave things as they are at DingTalk', async () => {
    const app = await aRefreshingApp(clinch);
    const member = await aMember(connected, app, 'u010');
    const { company, faults, events } = connected.dingtalk;
    faults.switches.holdEvents = true;
    company.change('u010', { title: '经理' });
    company.leave('u010');
    company.rehire('u010');
    company.leave('u012');
    events.release('reversed');
    await untilEvents(clinch, 3);
    expect(await statusOf(clinch, member.accountId)).toBe('active');
    expect(await standing(connected, member)).toEqual({ session: true, active: true });
    const states = Object.fromEntries(
      (await storedEvents(clinch)).map(({ type, subject, state }) => [`${type} ${subject}`, state]),
    );
    // Somebody who has left is still there: that is looked at again, for five minutes.
    expect(states).toMatchObject({ 'user_leave_org u010': 'pending', 'user_add_org u010': 'done' });
  });

  it('bring back who left, with the old user id and with another one, and no old session', async () => {
    const app = await aRefreshingApp(clinch);
    const [same, other] = [await aMember(connected, app, 'u013'), await aMember(connected, app, 'u010')];
    const { company } = connected.dingtalk;
    company.leave('u013');
    company.leave('u010');
    await untilOut(connected, same);
    await untilOut(connected, other);
    company.rehire('u013');
    company.rehire('u010', { newUserid: 'u010b' });
    await untilEvents(clinch, 4);
    for (const [member, userid] of [
      [same, 'u013'],
      [other, 'u010b'],
    ] as const) {
      expect(await accountOf(clinch, userid)).toBe(member.accountId);
      expect(await statusOf(clinch, member.accountId)).toBe('active');
      expect(await standing(connected, member)).toEqual({ session: false, active: false });
      expect((await refresh(clinch.url, app, member.refreshToken)).status).toBe(400);
    }
  });

  it('are believed when the directory shows it, which may be a moment later', async () => {
    const member = await aMember(connected, await aRefreshingApp(clinch), 'u010');
    const { company } = connected.dingtalk;
    send('user_leave_org', { userId: ['u010'] });
    await untilEvents(clinch, 1, ['pending']);
    await expect.poll(outcomes, { timeout: 5_000 }).toEqual([['user_leave_org', 'looking_again']]);
    expect(await statusOf(clinch, member.accountId)).toBe('active');
    company.leave('u010', { silent: true });
    await untilOut(connected, member);
    await expect.poll(outcomes, { timeout: 5_000 }).toEqual([['user_leave_org', 'departed']]);
  });

  it('of a joining are believed when the directory shows it, too', async () => {
    const { company } = connected.dingtalk;
    send('user_add_org', { userId: ['n900'] });
    await expect.poll(outcomes, { timeout: 5_000 }).toEqual([['user_add_org', 'looking_again']]);
    company.join({ name: '新人', deptIds: [1], userid: 'n900' }, { silent: true });
    await untilEvents(clinch, 1);
    expect(await outcomes()).toEqual([['user_add_org', 'updated']]);
    expect(await statusOf(clinch, await accountOf(clinch, 'n900'))).toBe('active');
  });

  it('that the directory contradicts for five minutes are given up', async () => {
    await aMember(connected, await aRefreshingApp(clinch), 'u010');
    const now = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now });
    await put('user_leave_org', { userId: ['u010'] }, 'one');
    for (const seconds of [1, 5, 30, 300]) {
      const waiting = [{ state: 'pending', outcome: 'looking_again' }];
      await expect.poll(() => storedEvents(clinch), { timeout: 10_000 }).toMatchObject(waiting);
      const looks = connected.dingtalk.calls(USER_GET).length;
      vi.setSystemTime(now + seconds * 1_000 + 1);
      await expect.poll(() => connected.dingtalk.calls(USER_GET).length, { timeout: 10_000 }).toBe(looks + 1);
    }
    await expect.poll(outcomes, { timeout: 5_000 }).toEqual([['user_leave_org', 'still_there']]);
  });

  it('of somebody who has left already are over at once', async () => {
    const member = await aMember(connected, await aRefreshingApp(clinch), 'u010');
    connected.dingtalk.company.leave('u010', { silent: true });
    await clinch.app.get(DirectoryUpdates).refreshPerson(connected.source, 'u010', 'test');
    expect(await statusOf(clinch, member.accountId)).toBe('disabled');
    await put('user_leave_org', { userId: ['u010'] });
    await put('user_leave_org', { userId: ['nobody'] });
    await untilEvents(clinch, 2);
  });

  it('about several people are a row for each, and stop nobody else when one of them fails', async () => {
    const updates = clinch.app.get(DirectoryUpdates);
    const refreshPerson = updates.refreshPerson.bind(updates);
    vi.spyOn(updates, 'refreshPerson').mockImplementation(async (source, userid, by) => {
      if (userid === 'u002') throw new Error('something broke');
      return refreshPerson(source, userid, by);
    });
    await put('user_modify_org', { userId: ['u001', 'u002', 'u003', 'u001'] }, 'three');
    const rows = await untilEvents(clinch, 3, ['done', 'failed']);
    const states = Object.fromEntries(rows.map(({ subject, state }) => [subject, state]));
    expect(states).toEqual({ u001: 'done', u002: 'failed', u003: 'done' });
    expect(rows.find(({ subject }) => subject === 'u002')?.error).toContain('something broke');
    expect(new Set(rows.map(({ event_id: id }) => id))).toEqual(new Set(['three']));
  });

  it('of one person are never worked on twice at a time, and those that wait are answered together', async () => {
    const updates = clinch.app.get(DirectoryUpdates);
    let [running, most, calls] = [0, 0, 0];
    vi.spyOn(updates, 'refreshPerson').mockImplementation(async () => {
      most = Math.max(most, ++running);
      calls++;
      await new Promise((done) => setTimeout(done, 100));
      running--;
      return 'unchanged';
    });
    await put('user_modify_org', { userId: ['u001'] }, 'first');
    await expect.poll(() => running, { timeout: 5_000, interval: 5 }).toBe(1);
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => put('user_modify_org', { userId: ['u001'] }, `e${index}`)),
    );
    await untilEvents(clinch, 31);
    expect(most).toBe(1);
    expect(calls).toBeLessThan(6);
  });

  it('of many people are worked on together, eight at a time', async () => {
    let [running, most] = [0, 0];
    vi.spyOn(clinch.app.get(DirectoryUpdates), 'refreshPerson').mockImplementation(async () => {
      most = Math.max(most, ++running);
      await new Promise((done) => setTimeout(done, 50));
      running--;
      return 'unchanged';
    });
    await put('user_modify_org', { userId: Array.from({ length: 40 }, (_, index) => `p${index}`) });
    await untilEvents(clinch, 40);
    expect(most).toBe(8);
  });

  it('wait while DingTalk is away, and nobody is disabled because of it', async () => {
    const member = await aMember(connected, await aRefreshingApp(clinch), 'u010');
    const { company, faults } = connected.dingtalk;
    faults.fail('busy', { path: USER_GET });
    company.leave('u010');
    await expect
      .poll(async () => (await storedEvents(clinch))[0]?.attempts ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0);
    expect((await storedEvents(clinch))[0]).toMatchObject({
      state: 'pending',
      error: expect.stringMatching(/^(busy|unavailable)/) as string,
    });
    expect(await statusOf(clinch, member.accountId)).toBe('active');
    faults.heal();
    await untilOut(connected, member, 25_000);
  });

  it('wait for the operator too, while the app may not ask: a departure is not lost over it', async () => {
    const member = await aMember(connected, await aRefreshingApp(clinch), 'u010');
    const { app, company } = connected.dingtalk;
    app.permissions.delete('qyapi_get_member');
    company.leave('u010');
    await expect
      .poll(async () => (await storedEvents(clinch))[0]?.attempts ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0);
    expect((await storedEvents(clinch))[0]).toMatchObject({
      state: 'pending',
      error: expect.stringMatching(/^permission: /) as string,
    });
    expect(await statusOf(clinch, member.accountId)).toBe('active');
    app.permissions.add('qyapi_get_member');
    await untilOut(connected, member, 25_000);
  });

  it('fail with words when waiting does not help, and do no harm', async () => {
    const member = await aMember(connected, await aRefreshingApp(clinch), 'u010');
    const fault = new DingTalkError('refused', '', 'the answer has no userid or no unionid');
    vi.spyOn(clinch.app.get(DirectoryUpdates), 'refreshPerson').mockRejectedValue(fault);
    await put('user_modify_org', { userId: ['u010'] });
    const [event] = await untilEvents(clinch, 1, ['failed']);
    expect(event?.error).toMatch(/^refused: /);
    expect(await statusOf(clinch, member.accountId)).toBe('active');
  });

  it('that DingTalk could not ask for in a whole day are given up', async () => {
    const fault = new DingTalkError('busy', '-1', 'the system is busy');
    vi.spyOn(clinch.app.get(DirectoryUpdates), 'refreshPerson').mockRejectedValue(fault);
    await put('user_modify_org', { userId: ['u010'] });
    await untilEvents(clinch, 1, ['pending']);
    const dataSource = clinch.app.get(DataSource);
    await dataSource.query(`UPDATE directory_events SET received_at = ${Date.now() - 86_400_000}, next_attempt_at = 1`);
    const [event] = await untilEvents(clinch, 1, ['failed']);
    expect(event?.error).toBe('busy: the system is busy');
  });

  it('about departments and roles have these read again; what is for nobody is noted', async () => {
    const updates = clinch.app.get(DirectoryUpdates);
    const departments = vi.spyOn(updates, 'refreshDepartments').mockResolvedValue();
    const roles = vi.spyOn(updates, 'refreshRole').mockResolvedValue();
    await put('org_dept_modify', { deptId: [212, -1, 0, 'x'] }, 'a');
    await put('label_conf_modify', { labelIdList: [1001] }, 'b');
    await put('org_remove', {}, 'c');
    await put('something_new', { userId: ['u001'] }, 'd');
    await put('user_modify_org', { userId: [] }, 'e');
    const rows = await untilEvents(clinch, 5);
    expect(Object.fromEntries(rows.map(({ event_id: id, outcome }) => [id, outcome]))).toEqual({
      a: 'refreshed',
      b: 'refreshed',
      c: 'noted',
      d: 'noted',
      e: 'noted',
    });
    expect(departments.mock.calls.map(([, ids, by]) => [ids, by])).toEqual([[[212], 'event a']]);
    expect(roles.mock.calls.map(([, id, by]) => [id, by])).toEqual([[1001, 'event b']]);
  });

  it('that were stored before a crash are worked on after it', async () => {
    const member = await aMember(connected, await aRefreshingApp(clinch), 'u010');
    connected.dingtalk.company.leave('u010', { silent: true });
    const dataSource = clinch.app.get(DataSource);
    await put('user_leave_org', { userId: ['u010'] });
    await untilEvents(clinch, 1);
    // As a worker leaves it that dies: claimed, for a while that is over, and the account as it was.
    await dataSource.query(`UPDATE accounts SET status = 'active', disabled_by = NULL, signed_out_at = NULL`);
    await dataSource.query(`UPDATE federated_identities SET left_at = NULL`);
    await dataSource.query(
      `UPDATE directory_events SET state = 'working', claim = 'dead', next_attempt_at = ${Date.now() - 1}, finished_at = NULL`,
    );
    await untilEvents(clinch, 1);
    expect(await statusOf(clinch, member.accountId)).toBe('disabled');
  });

  it('that could not be delivered are fetched from DingTalk’s list', async () => {
    const member = await aMember(connected, await aRefreshingApp(clinch), 'u010');
    const { dingtalk } = connected;
    const address = dingtalk.app.callback;
    if (address === undefined) throw new Error('there is no callback');
    dingtalk.app.callback = { ...address, url: `${clinch.url}/dingtalk/nobody/events` };
    dingtalk.company.leave('u010');
    await dingtalk.events.settled();
    expect(await statusOf(clinch, member.accountId)).toBe('active');
    const list = clinch.app.get(FailedEventList);
    await list.look();
    await untilOut(connected, member);
    expect(await untilEvents(clinch, 1)).toMatchObject([
      { type: 'user_leave_org', via: 'failed_list', subject: 'u010' },
    ]);
    // Whoever looks, the next look is in five minutes.
    await list.look();
    expect(dingtalk.calls('/oapi/call_back/get_call_back_failed_result')).toHaveLength(1);
  });

  it('that are lost between the list and the database are made up for by a full sync', async () => {
    const reconcile = vi.spyOn(clinch.app.get(DirectorySyncs), 'reconcileSoon').mockResolvedValue();
    const { dingtalk } = connected;
    const address = dingtalk.app.callback;
    if (address === undefined) throw new Error('there is no callback');
    dingtalk.app.callback = { ...address, url: `${clinch.url}/dingtalk/nobody/events` };
    dingtalk.company.leave('u010');
    await dingtalk.events.settled();
    vi.spyOn(clinch.app.get(EventInbox), 'put').mockRejectedValue(new Error('disk full'));
    await clinch.app.get(FailedEventList).look();
    expect(reconcile).toHaveBeenCalledWith(connected.source, 'undelivered events lost');
  });
});
