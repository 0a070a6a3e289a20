import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountStore, type Account } from '../../src/accounts/account-store.js';
import { DepartmentStore } from '../../src/directory/department-store.js';
import { MembershipStore } from '../../src/directory/membership-store.js';
import { PeopleFacts, withoutPersonalData } from '../../src/person-facts/people-facts.js';
import { aPerson } from '../support/builders.js';
import { insertRows } from '../support/rows.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { Database } from '../../src/database/database.js';

let clinch: TestClinch;
let people: PeopleFacts;
let accountId = '';
let account: Account;
let ids: Record<string, string> = {};

const SOURCE = 'dingtalk-main';
const MADE = new Date('2026-01-02T03:04:05.678Z');

beforeAll(async () => {
  clinch = await startClinch();
  people = clinch.app.get(PeopleFacts);
  ({ id: accountId } = await aPerson(clinch, {
    username: 'facts.person',
    custom: { place: '杭州', level: 7 },
    createdAt: MADE,
  }));
  const departments = clinch.app.get(DepartmentStore);
  await departments.put(SOURCE, [
    { externalId: '1', name: 'Acme', parent: null },
    { externalId: '10', name: 'Research', parent: '1' },
    { externalId: '100', name: '光学', parent: '10' },
    { externalId: '20', name: 'Closed', parent: '1' },
  ]);
  ids = Object.fromEntries([...(await departments.ofSource(SOURCE))].map(([external, { id }]) => [external, id]));
  await clinch.app
    .get(MembershipStore)
    .put(
      SOURCE,
      new Map([
        [
          accountId,
          [
            { departmentId: ids['1'] ?? '', leader: true },
            { departmentId: ids['100'] ?? '', title: '工程师', main: true },
            { departmentId: ids['20'] ?? '' },
          ],
        ],
      ]),
    );
  await plant();
  const found = await clinch.app.get(AccountStore).find(accountId);
  if (found === undefined) throw new Error('there is no such person');
  account = found;
});
afterAll(() => clinch.stop());

async function plant(): Promise<void> {
  const { dataSource } = clinch.app.get(Database);
  const put = (table: string, values: Record<string, string | number | boolean | null>) =>
    insertRows(dataSource, table, 1, values);
  await dataSource.query(`UPDATE departments SET removed_at = 1 WHERE id = '${ids['20']}'`);
  const directoryRole = { source_id: SOURCE, group_name: '默认' };
  await put('directory_roles', { ...directoryRole, id: 'r-boss', external_id: '901', name: '主管' });
  await put('directory_roles', { ...directoryRole, id: 'r-gone', external_id: '902', name: '旧', removed_at: 1 });
  await put('directory_role_members', { role_id: 'r-boss', account_id: accountId });
  await put('directory_role_members', { role_id: 'r-gone', account_id: accountId });
  const group = { description: '', include_descendants: true };
  await put('groups', { ...group, id: 'g-hand', name: 'admins', name_key: 'admins', kind: 'manual' });
  await put('group_members', { group_id: 'g-hand', account_id: accountId });
  await put('groups', {
    ...group,
    id: 'g-research',
    name: 'Research people',
    name_key: 'research people',
    kind: 'department',
    department_id: ids['10'] ?? '',
  });
  const identity = { account_id: accountId, corp_id: 'dingcorp' };
  await put('federated_identities', {
    ...identity,
    id: 'i-1',
    source_id: SOURCE,
    user_id: 'u100',
    user_key: 'dingcorp u100',
    union_id: 'union-1',
  });
  await put('federated_identities', {
    ...identity,
    id: 'i-2',
    source_id: 'left',
    user_id: 'u2',
    user_key: 'dingcorp u2',
    union_id: 'union-2',
    left_at: 5,
  });
  await put('federated_identities', { ...identity, id: 'i-3', source_id: 'lost', user_id: 'u3', union_id: 'union-3' });
}

describe('the facts of a person', () => {
  it('are claims, departments, groups, roles and identities, without those that are gone', async () => {
    const facts = await people.of(account);
    expect(facts).toMatchObject({
      id: accountId,
      username: 'facts.person',
      status: 'active',
      name: '李华',
      preferred_username: 'lihua',
      email: 'lihua@example.com',
      email_verified: true,
      phone_number_verified: false,
      address: { locality: '杭州' },
      custom: { place: '杭州', level: 7 },
      created_at: MADE,
      directory_roles: [{ id: 'r-boss', source: SOURCE, external_id: '901', name: '主管', group: '默认' }],
      identities: { [SOURCE]: { corp_id: 'dingcorp', user_id: 'u100', union_id: 'union-1' } },
      groups: [
        { id: 'g-research', name: 'Research people' },
        { id: 'g-hand', name: 'admins' },
      ],
    });
    expect(facts.directory_roles).toHaveLength(1);
    expect(Object.keys(facts.identities ?? {})).toEqual([SOURCE]);
    expect(facts.updated_at).toBeInstanceOf(Date);
  });

  it('name the main department first, each with the way to it from the root', async () => {
    expect((await people.of(account)).departments).toEqual([
      {
        id: ids['100'],
        source: SOURCE,
        external_id: '100',
        name: '光学',
        path: ['Acme', 'Research', '光学'],
        path_ids: [ids['1'], ids['10'], ids['100']],
        main: true,
        leader: false,
        title: '工程师',
      },
      {
        id: ids['1'],
        source: SOURCE,
        external_id: '1',
        name: 'Acme',
        path: ['Acme'],
        path_ids: [ids['1']],
        main: false,
        leader: true,
        title: '',
      },
    ]);
  });

  it('are the same for one and for many', async () => {
    const other = await aPerson(clinch, { email: null });
    const many = await people.ofMany([accountId, other.id, 'nobody']);
    expect([...many.keys()].sort()).toEqual([accountId, other.id].sort());
    expect(many.get(accountId)).toEqual(await people.of(account));
    expect(many.get(other.id)).toMatchObject({ departments: [], groups: [], identities: {} });
    expect(many.get(other.id)).not.toHaveProperty('email');
  });

  it('lose e-mail and phone where an app may not have them', async () => {
    const facts = await people.of(account);
    expect(withoutPersonalData(facts, { email: true, phone: true })).toEqual(facts);
    const masked = withoutPersonalData(facts, { email: false, phone: false });
    for (const name of ['email', 'email_verified', 'phone_number', 'phone_number_verified']) {
      expect(masked).not.toHaveProperty(name);
    }
    expect(withoutPersonalData(facts, { email: false, phone: true })).toHaveProperty('phone_number');
  });
});
