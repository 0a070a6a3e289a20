import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Company } from '../../src/dingtalk-simulator/company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { DirectorySyncs } from '../../src/dingtalk/directory/directory-syncs.js';
import { DirectoryUpdates } from '../../src/dingtalk/directory/directory-updates.js';
import { dueTime, SyncSchedule } from '../../src/dingtalk/directory/sync-schedule.js';
import { IdentitySources } from '../../src/dingtalk/source/identity-sources.js';
import { DepartmentStore } from '../../src/directory/department-store.js';
import type { Json } from '../support/admin-api.js';
import { aSyncedSource, KnownHere, type SyncedSource, type Syncs } from '../support/directory-sync.js';
import { anIdentitySource, type SourceOfTest } from '../support/identity-source.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const SILENT = { silent: true } as const;
const USER_LIST = '/oapi/topapi/v2/user/list';
const SUBDEPARTMENTS = '/oapi/topapi/v2/department/listsub';

let clinch: TestClinch;
let synced: SyncedSource;
let here: KnownHere;
let company: Company;
let dingtalk: DingTalkSimulator;
let syncs: Syncs;

async function connect(settings: SourceOfTest = {}): Promise<void> {
  synced = await aSyncedSource(clinch, settings);
  ({ company, dingtalk, syncs } = synced);
  here = new KnownHere(clinch, synced.source.id);
}

const query = (sql: string): Promise<unknown> => clinch.app.get(DataSource).query(sql);

beforeAll(async () => {
  clinch = await startClinch();
});
afterEach(() => dingtalk.stop());
afterAll(() => clinch.stop());

describe('DING-22: lists that come empty, or half', () => {
  it.each(['empty', 'half'] as const)('%s: the run stops and asks, and disables nobody', async (lists) => {
    await connect();
    await syncs.run();
    dingtalk.faults.switches.lists = lists;
    const run = await syncs.run();
    expect(run.state).toBe('waiting_for_approval');
    expect(run.error).toMatch(/of 12 people would be disabled/);
    expect(await here.people('disabled')).toEqual([]);
    expect((await syncs.call('POST', '', {})).status).toBe(409);
    expect((await syncs.tell(run.id, 'cancel')).state).toBe('cancelled');
    expect((await syncs.call('POST', `/${run.id}/approve`)).status).toBe(409);
  });

  it('disable nobody even when approved: each is asked for at DingTalk', async () => {
    await connect();
    await syncs.run();
    dingtalk.faults.switches.lists = 'half';
    const { id } = await syncs.run();
    const run = await syncs.tell(id, 'approve');
    expect(run).toMatchObject({ state: 'done', progress: { people_disabled: 0 } });
    expect(await here.people('disabled')).toEqual([]);
  });

  it('disable those who are gone indeed, once approved', async () => {
    await connect();
    await syncs.run();
    for (const userid of ['a200', 'b200', 'c200']) company.leave(userid, SILENT);
    const { id, state } = await syncs.run();
    expect([state, await here.people('disabled')]).toEqual(['waiting_for_approval', []]);
    const run = await syncs.tell(id, 'approve');
    expect(run).toMatchObject({ state: 'done', progress: { people_disabled: 3, people_gone: 3 } });
    expect(await here.people('disabled')).toEqual(['a200', 'b200', 'c200']);
  });

  it('ask as well where everybody seems to be somebody else of the same user id', async () => {
    await connect();
    await syncs.run();
    const where = `WHERE source_id = '${synced.source.id}'`;
    await query(`UPDATE federated_identities SET union_id = 'other ' || union_id ${where}`);
    const run = await syncs.run();
    expect([run.state, await here.people('disabled')]).toEqual(['waiting_for_approval', []]);
    expect(run.error).toMatch(/12 of 12 people would be disabled/);
    expect((await syncs.tell(run.id, 'approve')).state).toBe('done');
    expect(await here.people('disabled')).toHaveLength(12);
  });

  it('makes way for the next run by the schedule', async () => {
    await connect();
    await syncs.run();
    dingtalk.faults.switches.lists = 'empty';
    const { id } = await syncs.run();
    dingtalk.faults.reset();
    await clinch.app.get(DirectorySyncs).startDue(synced.source);
    expect((await syncs.read(id)).state).toBe('cancelled');
    const { body } = await syncs.call('GET');
    const [latest] = body['items'] as Json[];
    expect(latest).toMatchObject({ requested_by: 'schedule' });
    expect((await syncs.ended(String(latest?.['id']))).state).toBe('done');
  });

  it('is judged again when a dry run is applied', async () => {
    await connect();
    await syncs.run();
    dingtalk.faults.switches.lists = 'empty';
    const { id, state } = await syncs.run({ dry_run: true });
    expect(state).toBe('done');
    expect((await syncs.tell(id, 'apply')).state).toBe('waiting_for_approval');
    expect(await here.people('disabled')).toEqual([]);
  });
});

describe('somebody who is in no list and in the organisation all the same', () => {
  it('stays: a list says nothing about who moved while it was read', async () => {
    await connect({ syncDisableLimit: 100 });
    await syncs.run();
    dingtalk.faults.switches.lists = 'half';
    const run = await syncs.run();
    expect(run.state).toBe('done');
    expect(run.progress['people_gone']).toBeGreaterThan(3);
    expect(await here.people('disabled')).toEqual([]);
  });
});

describe('a department that cannot be read', () => {
  it('loses nobody: not its members, not itself; and the rest goes on', async () => {
    await connect({ syncDisableLimit: 100 });
    await syncs.run();
    dingtalk.faults.fail('out-of-range', { path: USER_LIST, deptId: 110 });
    for (const userid of ['b110', 'b200']) company.leave(userid, SILENT);
    company.join({ userid: 'n1', name: '新人', deptIds: [200] }, SILENT);
    const run = await syncs.run();
    expect(run).toMatchObject({ state: 'done', progress: { errors: 1, people_gone: 1 } });
    expect(await syncs.errors(run.id)).toEqual(['department 110']);
    expect(await here.people('disabled')).toEqual(['b200']);
    expect(await here.people()).toContain('n1');
    expect(await here.departmentsOf('c110')).toEqual(['Acme/Research/光学']);
    expect(await here.departmentsOf('a110')).toEqual(['Acme/Research/光学', 'Acme/Sales']);
  });

  it('hides what is below it: that is not gone', async () => {
    await connect({ syncDisableLimit: 100 });
    await syncs.run();
    dingtalk.faults.fail('out-of-range', { path: SUBDEPARTMENTS, deptId: 100 });
    const run = await syncs.run();
    expect(run).toMatchObject({ state: 'done', progress: { people_gone: 0, errors: 1 } });
    expect(await here.people('disabled')).toEqual([]);
    expect(await here.departmentsOf('b110')).toEqual(['Acme/Research/光学']);
    const stored = await clinch.app.get(DepartmentStore).ofSource(synced.source.id);
    expect(stored.get('110')?.removed).toBe(false);
  });

  it('is not “everybody left” when it is the root', async () => {
    await connect({ syncDisableLimit: 100 });
    await syncs.run();
    dingtalk.faults.fail('out-of-range', { path: SUBDEPARTMENTS });
    dingtalk.faults.fail('out-of-range', { path: USER_LIST });
    const run = await syncs.run();
    expect(run.state).toBe('failed');
    expect(run.error).toMatch(/None of the departments/);
    expect(await here.people('disabled')).toEqual([]);
  });
});

describe('D13: records that cannot be used', () => {
  it.each(['nul', 'long', 'markup'] as const)('a name with %s stops nobody else', async (name) => {
    await connect();
    dingtalk.faults.switches.poison = { userid: 'b100', name };
    const run = await syncs.run();
    expect(run.state).toBe('done');
    expect(await here.people()).toHaveLength(12);
    const before = await here.fingerprint();
    await syncs.run();
    expect(await here.fingerprint()).toBe(before);
  });

  it('people without union ids are nobody, and nobody is disabled for it', async () => {
    await connect();
    await syncs.run();
    dingtalk.faults.switches.noUnionid = true;
    const run = await syncs.run();
    expect(run.state).toBe('waiting_for_approval');
    expect(await syncs.errors(run.id)).toEqual(['department 1', 'department 100', 'department 110', 'department 200']);
    expect((await syncs.tell(run.id, 'approve')).progress['people_disabled']).toBe(0);
    expect(await here.people('disabled')).toEqual([]);
  });
});

describe('DingTalk throttles, or is away', () => {
  it('goes on when it may', async () => {
    await connect();
    dingtalk.faults.fail('throttled', { path: USER_LIST, times: 4 });
    dingtalk.faults.fail('busy', { path: SUBDEPARTMENTS, times: 2 });
    expect(await syncs.run()).toMatchObject({ state: 'done', progress: { people_read: 12, errors: 0 } });
  });

  it('waits and tries again, and disables nobody', async () => {
    await connect();
    await syncs.run();
    dingtalk.faults.fail('http-500', { path: '/oapi/auth/scopes', times: 3 });
    const id = await syncs.start();
    const waiting = await syncs.until(id, ({ next_attempt_at, state }) => next_attempt_at !== null || state === 'done');
    expect(waiting.error).toMatch(/DingTalk does not answer/);
    expect(await syncs.ended(id)).toMatchObject({ state: 'done', error: null });
    expect(await here.people('disabled')).toEqual([]);
  });

  it('gives up after a while, in words', async () => {
    await connect();
    dingtalk.faults.fail('http-500', { path: '/oapi/auth/scopes' });
    const id = await syncs.start();
    await syncs.until(id, ({ next_attempt_at }) => next_attempt_at !== null);
    await query(`UPDATE directory_sync_runs SET failing_since = 1, next_attempt_at = 1 WHERE id = '${id}'`);
    const run = await syncs.ended(id);
    expect(run.state).toBe('failed');
    expect(run.error).toMatch(/DingTalk does not answer.*It was tried \d+ times/);
  });

  it('fails at once for what an administrator has to mend', async () => {
    await connect();
    dingtalk.app.permissions.delete('qyapi_get_department_list');
    const missing = await syncs.run();
    expect(missing.state).toBe('failed');
    expect(missing.error).toContain('qyapi_get_department_list');
    dingtalk.app.published = false;
    dingtalk.app.egressAllowed = false;
    expect((await syncs.run()).state).toBe('failed');
  });
});

describe('who works on a run', () => {
  it('is one at a time for a source, and says so', async () => {
    await connect();
    dingtalk.faults.fail('slow', { path: SUBDEPARTMENTS, ms: 2_000 });
    const id = await syncs.start();
    const refused = await syncs.call('POST', '', { dry_run: true });
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining(id) as unknown } });
    expect((await syncs.tell(id, 'cancel')).state).toBe('cancelled');
    dingtalk.faults.reset();
    expect((await syncs.run()).state).toBe('done');
  });

  it('ends with its source, and nothing of it is applied to another one of that id', async () => {
    await connect();
    const { id: dry } = await syncs.run({ dry_run: true });
    dingtalk.faults.fail('slow', { path: SUBDEPARTMENTS, ms: 2_000 });
    const id = await syncs.start();
    await synced.admin.call('DELETE', `identity-sources/${synced.source.id}`);
    await anIdentitySource(clinch, { id: synced.source.id, corpId: 'dingcorp-of-somebody-else' });
    clinch.app.get(IdentitySources).forget();
    expect((await syncs.ended(id)).state).toBe('cancelled');
    expect((await syncs.call('POST', `/${dry}/apply`)).status).toBe(409);
  });

  it('goes no further once the source is switched off', async () => {
    await connect();
    const { id } = await syncs.run({ dry_run: true });
    await synced.admin.call('PATCH', `identity-sources/${synced.source.id}`, { enabled: false });
    const run = await syncs.tell(id, 'apply');
    expect(run).toMatchObject({ state: 'failed', error: expect.stringContaining('switched off') as string });
    expect(await here.people()).toEqual([]);
  });

  it('takes over from a node that has died', async () => {
    await connect();
    const id = 'left-behind';
    await query(
      `INSERT INTO directory_sync_runs (id, source_id, active_key, kind, state, requested_by, approved, source_version,
         applied_to, progress, attempts, node, lease_until, created_at, started_at)
       VALUES ('${id}', '${synced.source.id}', '${synced.source.id}', 'full', 'fetching', 'test', FALSE, 1, '', '{}', 0,
         'a node that died', ${Date.now() + 1_500}, ${Date.now()}, ${Date.now()})`,
    );
    expect((await syncs.ended(id)).state).toBe('done');
    expect(await here.people()).toHaveLength(12);
  });
});

describe('people who are read one by one', () => {
  it('bring what no list says, and do not flap', async () => {
    await connect({ syncDetails: 'changed' });
    company.change('b100', { managerUserid: 'a100' }, SILENT);
    company.disable('c100', false, SILENT);
    const run = await syncs.run();
    expect(run.progress).toMatchObject({ details_read: 12, people_applied: 12 });
    const [row] = (await query(
      `SELECT record FROM federated_identities WHERE source_id = '${synced.source.id}' AND user_id = 'b100'`,
    )) as { record: string }[];
    expect(JSON.parse(row?.record ?? '')).toMatchObject({ manager_userid: 'a100' });
    const before = await here.fingerprint();
    const second = await syncs.run();
    // The organisation's own account is always asked for: no list tells whether it is switched off.
    expect(second.progress).toMatchObject({ details_read: 1, people_applied: 0 });
    expect(await here.fingerprint()).toBe(before);
  });

  it('disable whom the organisation has switched off, and keep them so', async () => {
    await connect({ syncDetails: 'changed' });
    company.disable('c100', false, SILENT);
    await syncs.run();
    company.disable('c100', true, SILENT);
    expect((await syncs.run()).progress['people_disabled']).toBe(1);
    expect(await here.people('disabled')).toEqual(['c100']);
    await syncs.run();
    expect(await here.people('disabled')).toEqual(['c100']);
    company.disable('c100', false, SILENT);
    await syncs.run();
    expect(await here.people('disabled')).toEqual([]);
  });

  it('are limited like all others', async () => {
    await connect({ syncDetails: 'all', syncDisableLimit: 20 });
    await syncs.run();
    for (const userid of ['a1', 'b1', 'c1']) company.disable(userid, true, SILENT);
    const run = await syncs.run();
    expect(run.state).toBe('waiting_for_approval');
    expect((await here.people('disabled')).length).toBeLessThanOrEqual(2);
    await syncs.tell(run.id, 'approve');
    expect(await here.people('disabled')).toEqual(['a1', 'b1', 'c1']);
  });
});

describe('reading single things again', () => {
  const updates = () => clinch.app.get(DirectoryUpdates);
  const refresh = (userid: string) => updates().refreshPerson(synced.source, userid, 'test');

  it('follows one person, into a department that was not known before', async () => {
    await connect();
    await syncs.run();
    expect(await refresh('b100')).toBe('updated');
    expect(await refresh('b100')).toBe('unchanged');
    company.createDepartment({ id: 300, name: 'Law', parentId: 1 }, SILENT);
    company.createDepartment({ id: 310, name: 'Patents', parentId: 300 }, SILENT);
    company.move('b100', [310], SILENT);
    company.roles.give(901, 'b100');
    expect(await refresh('b100')).toBe('updated');
    expect(await here.departmentsOf('b100')).toEqual(['Acme/Law/Patents']);
    expect(await here.rolesOf('b100')).toEqual(['主管']);
  });

  it('knows who has left, or was switched off', async () => {
    await connect();
    await syncs.run();
    company.leave('b100', SILENT);
    company.disable('c100', true, SILENT);
    expect([await refresh('b100'), await refresh('c100'), await refresh('b100')]).toEqual([
      'departed',
      'departed',
      'unchanged',
    ]);
    expect(await here.people('disabled')).toEqual(['b100', 'c100']);
    expect(await here.departmentsOf('b100')).toEqual([]);
  });

  it('follows departments and roles', async () => {
    await connect();
    await syncs.run();
    company.changeDepartment(110, { name: 'Optics', parentId: 200, managers: ['b200'] }, SILENT);
    company.roles.put({ id: 901, name: '经理', groupId: 900 });
    company.roles.give(901, 'c200');
    await updates().refreshDepartments(synced.source, [110, -1], 'test');
    await updates().refreshRole(synced.source, 901, 'test');
    expect(await here.departmentsOf('b110')).toEqual(['Acme/Sales/Optics']);
    expect(await here.rolesOf('c200')).toEqual(['经理']);
    const stored = await clinch.app.get(DepartmentStore).ofSource(synced.source.id);
    expect(stored.get('110')?.managers).toEqual([await here.accountOf('b200')]);
    company.removeDepartment(110, SILENT);
    company.removeRole(901, SILENT);
    await updates().refreshDepartments(synced.source, [110], 'test');
    await updates().refreshRole(synced.source, 901, 'test');
    expect(await here.departmentsOf('b110')).toEqual([]);
    expect(await here.rolesOf('c200')).toEqual([]);
  });
});

describe('what starts a run by itself', () => {
  const listed = async () => (await syncs.call('GET')).body['items'] as Json[];

  it('is the schedule, once for each time that is due', async () => {
    // A day on which no test is run by chance: the server looks at the clock as well.
    await connect({ syncSchedule: '7,37 3 29 2 *', updatedAt: new Date(0) });
    const schedule = clinch.app.get(SyncSchedule);
    for (let look = 0; look < 3; look++) await schedule.look(new Date('2028-02-29T03:08:00'));
    const runs = await listed();
    expect(runs).toMatchObject([{ requested_by: 'schedule', kind: 'full' }]);
    await syncs.ended(String(runs[0]?.['id']));
    await schedule.look(new Date('2028-02-29T03:36:59'));
    expect(await listed()).toHaveLength(1);
    await schedule.look(new Date('2028-02-29T03:37:01'));
    expect(await listed()).toHaveLength(2);
    await syncs.ended(String((await listed())[0]?.['id']));
  });

  it('is the night, where changes come as events', async () => {
    await connect({ streamEvents: true, updatedAt: new Date(0) });
    const due = dueTime(synced.source, new Date('2026-03-01T03:59:59'));
    expect(due?.getHours()).toBe(3);
    expect(dueTime(synced.source, new Date('2026-03-01T06:00:00'))).toBeUndefined();
    await connect({ updatedAt: new Date(0) });
    expect(dueTime(synced.source, new Date('2026-03-01T03:59:59'))).toBeUndefined();
  });

  it('is what may have been missed, once in ten minutes', async () => {
    await connect();
    const starter = clinch.app.get(DirectorySyncs);
    for (let time = 0; time < 3; time++) await starter.reconcileSoon(synced.source, 'outage');
    const [run, ...others] = await listed();
    expect([run?.['requested_by'], others]).toEqual(['outage', []]);
    await syncs.ended(String(run?.['id']));
  });
});

describe('another mapping of profiles', () => {
  it('is applied to everybody by the next sync', async () => {
    await connect();
    await syncs.run();
    await query(
      `UPDATE identity_sources SET version = 2, mapping = '{"nickname":["title"]}' WHERE id = '${synced.source.id}'`,
    );
    clinch.app.get(IdentitySources).forget();
    expect((await syncs.run()).progress['people_applied']).toBe(12);
    expect((await syncs.run()).progress['people_applied']).toBe(0);
  });
});

describe('the admin API of syncs', () => {
  it('knows no sync of another source, and starts none of a source that is switched off', async () => {
    await connect();
    const { id } = await syncs.run();
    await dingtalk.stop();
    await connect({ enabled: false });
    expect((await syncs.call('GET', `/${id}`)).status).toBe(404);
    expect((await syncs.call('POST')).status).toBe(409);
    for (const word of ['approve', 'cancel', 'apply'])
      expect((await syncs.call('POST', `/${id}/${word}`)).status).toBe(404);
    expect((await syncs.call('GET', '/%00')).status).toBe(404);
    expect((await syncs.call('POST', '', { dry_run: 'yes' })).status).toBe(400);
    expect((await syncs.call('GET', `?cursor=bm90aGluZw`)).status).toBe(200);
  });
});
