import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DepartmentStore } from '../../src/directory/department-store.js';
import { DEFAULT_MAPPING } from '../../src/dingtalk/people/profile-mapping.js';
import { aSyncedSource, KnownHere, type SyncedSource } from '../support/directory-sync.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { countRows } from '../support/rows.js';
import { DataSource } from 'typeorm';
import type { Company } from '../../src/dingtalk-simulator/company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import type { Syncs } from '../support/directory-sync.js';
import type { SourceOfTest } from '../support/identity-source.js';

const SILENT = { silent: true } as const;
const EVERYBODY = ['1', '100', '110', '200'].flatMap((id) => ['a', 'b', 'c'].map((letter) => letter + id)).toSorted();

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

beforeAll(async () => {
  clinch = await startClinch();
});
afterAll(() => clinch.stop());

describe('a full sync', () => {
  beforeEach(() => connect({ syncDisableLimit: 10 }));
  afterEach(() => dingtalk.stop());

  it('brings departments, people with all their places, managers and roles', async () => {
    const run = await syncs.run();
    expect(run).toMatchObject({ kind: 'full', state: 'done', error: null });
    expect(run.progress).toMatchObject({
      departments_known: 4,
      departments_read: 4,
      people_read: 12,
      people_applied: 12,
      people_gone: 0,
      roles_read: 1,
      errors: 0,
    });
    expect(await here.people()).toEqual(EVERYBODY);
    expect(await here.departmentsOf('a110')).toEqual(['Acme/Research/光学', 'Acme/Sales']);
    expect(await here.rolesOf('a100')).toEqual(['主管']);
    const research = (await clinch.app.get(DepartmentStore).ofSource(synced.source.id)).get('100');
    expect(research).toMatchObject({ order: 1, managers: [await here.accountOf('a100')] });
  });

  it('writes nothing when nothing has changed', async () => {
    await syncs.run();
    const before = await here.fingerprint();
    const run = await syncs.run();
    expect(run.progress).toMatchObject({ differences: 0, people_applied: 0, people_read: 12 });
    expect(await here.fingerprint()).toBe(before);
  });

  it('keeps nothing of what it has read', async () => {
    await syncs.run();
    const staged = async () => {
      const dataSource = clinch.app.get(DataSource);
      const tables = ['directory_sync_people', 'directory_sync_departments', 'directory_sync_roles'];
      return (await Promise.all(tables.map((table) => countRows(dataSource, table)))).reduce((a, b) => a + b);
    };
    await expect.poll(staged, { timeout: 15_000 }).toBe(0);
  });

  it('follows people and departments', async () => {
    await syncs.run();
    company.move('b200', [110], SILENT);
    company.change('b100', { title: '主任' }, SILENT);
    company.renameDepartment(200, '销售', SILENT);
    company.changeDepartment(110, { parentId: 200 }, SILENT);
    company.createDepartment({ id: 300, name: 'Law', parentId: 1 }, SILENT);
    company.join({ userid: 'n1', name: '新人', deptIds: [300] }, SILENT);
    company.roles.put({ id: 902, name: '法务', groupId: 900 });
    company.roles.take(901, 'a100');
    company.roles.give(901, 'b100');
    const { id } = await syncs.run();
    expect(await here.departmentsOf('b200')).toEqual(['Acme/销售/光学']);
    expect(await here.departmentsOf('n1')).toEqual(['Acme/Law']);
    expect([await here.rolesOf('a100'), await here.rolesOf('b100')]).toEqual([[], ['主管']]);
    expect(await syncs.differences(id)).toEqual([
      'department_changed 200',
      'department_moved 110',
      'department_new 300',
      'person_changed b100',
      'person_new n1',
      'places_changed b200',
      'role_members_changed 901',
      'role_new 902',
    ]);
  });

  it('takes a department away that is gone, and moves its people', async () => {
    await syncs.run();
    company.removeDepartment(110, SILENT);
    await syncs.run();
    expect(await here.departmentsOf('b110')).toEqual(['Acme/Research']);
    expect(await here.departmentsOf('a110')).toEqual(['Acme/Sales']);
    expect((await clinch.app.get(DepartmentStore).ofSource(synced.source.id)).get('110')?.removed).toBe(true);
  });

  it('disables who is gone, and takes them out of departments and roles', async () => {
    await syncs.run();
    company.leave('a100', SILENT);
    const run = await syncs.run();
    expect(run.progress).toMatchObject({ people_gone: 1, people_disabled: 1, people_present: 12 });
    expect(await here.people('disabled')).toEqual(['a100']);
    expect([await here.departmentsOf('a100'), await here.rolesOf('a100')]).toEqual([[], []]);
    expect(await syncs.differences(run.id)).toContain('person_gone a100');
  });

  it('lets somebody return, with the old user id or another one', async () => {
    await syncs.run();
    const before = [await here.accountOf('b100'), await here.accountOf('b200')];
    for (const userid of ['b100', 'b200']) {
      company.leave(userid, SILENT);
      await syncs.run();
    }
    expect(await here.people('disabled')).toEqual(['b100', 'b200']);
    company.rehire('b100', SILENT);
    company.rehire('b200', { ...SILENT, newUserid: 'b200-again' });
    const { id } = await syncs.run();
    expect(await here.people('disabled')).toEqual([]);
    expect([await here.accountOf('b100'), await here.accountOf('b200-again')]).toEqual(before);
    expect(await here.departmentsOf('b200-again')).toEqual(['Acme/Sales']);
    expect(await syncs.differences(id)).toContain('person_returned b200-again');
  });

  it('takes a user id that somebody else has now for another person', async () => {
    await syncs.run();
    const before = await here.accountOf('c200');
    company.leave('c200', SILENT);
    company.reuseUserid('c200', { name: '别人', deptIds: [200] }, SILENT);
    await syncs.run();
    expect(await here.people('disabled')).toEqual(['c200']);
    expect(await here.people()).toContain('c200');
    const rows: { account_id: string }[] = await clinch.app
      .get(DataSource)
      .query(
        `SELECT account_id FROM federated_identities WHERE source_id = '${synced.source.id}' AND user_id = 'c200'`,
      );
    expect(rows.map((row) => row.account_id)).toContain(before);
    expect(rows).toHaveLength(2);
  });

  it('loses nobody who is in department −1 as well, and wipes nothing that it may not see', async () => {
    await syncs.run();
    dingtalk.faults.switches.departmentMinusOne = 'b100';
    dingtalk.app.permissions.delete('fieldEmail');
    const before = await here.fingerprint();
    expect((await syncs.run()).state).toBe('done');
    expect(await here.fingerprint()).toBe(before);
  });
});

describe('a range that is not the root', () => {
  afterEach(() => dingtalk.stop());

  it('is walked from where it begins, with people who are named one by one', async () => {
    await connect();
    dingtalk.app.scope = { departments: [100], users: ['b200'] };
    const run = await syncs.run();
    expect(run.progress).toMatchObject({ departments_known: 2, people_read: 7, errors: 0 });
    expect(await here.people()).toEqual(['a100', 'a110', 'b100', 'b110', 'b200', 'c100', 'c110']);
    expect(await here.departmentsOf('b110')).toEqual(['Research/光学']);
    expect(await here.departmentsOf('a110')).toEqual(['Research/光学']);
  });

  it('stops and asks when it shrinks', async () => {
    await connect();
    await syncs.run();
    dingtalk.app.scope = { departments: [100], users: [] };
    const run = await syncs.run();
    expect(run.state).toBe('waiting_for_approval');
    expect(await here.people('disabled')).toEqual([]);
  });
});

describe('a dry run', () => {
  beforeEach(() => connect({ mapping: { ...DEFAULT_MAPPING, phone_number: ['mobile'] } }));
  afterEach(() => dingtalk.stop());

  it('shows what differs, and writes nothing', async () => {
    await syncs.run();
    company.leave('a100', SILENT);
    company.move('b200', [110], SILENT);
    company.change('b100', { title: '主任', mobile: '13800000001' }, SILENT);
    company.join({ userid: 'n1', name: '新人', deptIds: [1] }, SILENT);
    const before = await here.fingerprint();
    const run = await syncs.run({ dry_run: true });
    expect(run).toMatchObject({ kind: 'dry', state: 'done' });
    expect(run.progress).toMatchObject({ people_gone: 1, people_applied: 0, people_disabled: 0 });
    expect(await here.fingerprint()).toBe(before);
    expect(await syncs.differences(run.id)).toEqual([
      'person_changed b100',
      'person_gone a100',
      'person_new n1',
      'places_changed b200',
      'role_members_changed 901',
    ]);
    const { body } = await syncs.call('GET', `/${run.id}/differences?kind=person_changed`);
    expect(body['items']).toEqual([
      {
        kind: 'person_changed',
        key: 'b100',
        name: '员工 b100',
        changes: expect.arrayContaining([
          { field: 'title', before: '工程师', after: '主任' },
          { field: 'mobile', before: null, after: '+86•••••••0001' },
        ]) as unknown,
      },
    ]);
  });

  it('keeps no phone number on the way that the source does not map', async () => {
    company.change('b100', { mobile: '13800000001', telephone: '8001' }, SILENT);
    await syncs.run({ dry_run: true });
    const staged = (text: string) =>
      countRows(clinch.app.get(DataSource), 'directory_sync_people', `record LIKE '%${text}%'`);
    expect(await staged('13800000001')).toBeGreaterThan(0);
    expect(await staged('8001')).toBe(0);
  });

  it('is applied as it stands', async () => {
    const { id } = await syncs.run({ dry_run: true });
    company.join({ userid: 'later', name: '后来', deptIds: [1] }, SILENT);
    expect(await here.people()).toEqual([]);
    const run = await syncs.tell(id, 'apply');
    expect(run).toMatchObject({ kind: 'full', state: 'done' });
    expect(await here.people()).toEqual(EVERYBODY);
    expect(await here.departmentsOf('a110')).toEqual(['Acme/Research/光学', 'Acme/Sales']);
    expect((await syncs.call('POST', `/${id}/apply`)).status).toBe(409);
  });

  it('brings nobody back who has left since it read', async () => {
    await syncs.run();
    company.change('b100', { title: '主任' }, SILENT);
    const { id } = await syncs.run({ dry_run: true });
    company.leave('b100', SILENT);
    company.leave('b200', SILENT);
    await refresh('b100');
    await refresh('b200');
    await syncs.tell(id, 'apply');
    expect(await here.people('disabled')).toEqual(['b100', 'b200']);
  });

  it('is not applied once it is older than an hour', async () => {
    const { id } = await syncs.run({ dry_run: true });
    const hourAgo = Date.now() - 3_700_000;
    await clinch.app
      .get(DataSource)
      .query(`UPDATE directory_sync_runs SET finished_at = ${hourAgo} WHERE id = '${id}'`);
    expect((await syncs.call('POST', `/${id}/apply`)).status).toBe(409);
  });
});

async function refresh(userid: string): Promise<void> {
  const { DirectoryUpdates } = await import('../../src/dingtalk/directory/directory-updates.js');
  await clinch.app.get(DirectoryUpdates).refreshPerson(synced.source, userid, 'test');
}
