import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { DepartmentStore } from '../../src/directory/department-store.js';
import { MembershipStore } from '../../src/directory/membership-store.js';
import { RoleStore } from '../../src/directory/role-store.js';
import { AdminApi, fieldsOf, type AdminAnswer, type Json } from '../support/admin-api.js';
import { aPerson } from '../support/builders.js';
import { countRows } from '../support/rows.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let admin: AdminApi;
let departments: DepartmentStore;
let memberships: MembershipStore;
let roles: RoleStore;
let source = '';
let count = 0;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  departments = clinch.app.get(DepartmentStore);
  memberships = clinch.app.get(MembershipStore);
  roles = clinch.app.get(RoleStore);
});
afterAll(() => clinch.stop());

/** Every test has a source of its own: Acme (1) → Sales (20) → Sales East (200), and the role Finance (5). */
beforeEach(async () => {
  source = `source-${count++}`;
  await departments.put(source, [
    { externalId: '1', name: 'Acme', parent: null },
    { externalId: '20', name: 'Sales', parent: '1' },
    { externalId: '200', name: 'Sales East', parent: '20' },
  ]);
  await roles.put(source, [{ externalId: '5', name: 'Finance', groupName: 'Offices' }]);
});

const departmentId = async (externalId: string) => (await departments.ofSource(source)).get(externalId)?.id ?? '';
const roleId = async () => (await roles.ofSource(source)).get('5')?.id ?? '';
const newName = () => `Group ${count++}`;

async function join(accountId: string, ...externalIds: string[]): Promise<void> {
  const places = await Promise.all(externalIds.map(async (id) => ({ departmentId: await departmentId(id) })));
  await memberships.put(source, new Map([[accountId, places]]));
}

async function group(fields: object = {}): Promise<string> {
  return String((await admin.made('groups', { name: newName(), ...fields }))['id']);
}

const items = ({ body }: AdminAnswer) => body['items'] as Json[];
const membersOf = async (id: string, query = '') =>
  items(await admin.call('GET', `groups/${id}/members${query}`)).map((each) => String(each['user_id']));
const groupsOf = async (user: string) =>
  items(await admin.call('GET', `users/${user}/groups`)).map(({ id }) => String(id));

describe('a group by hand', () => {
  it('is made, read, changed, replaced, listed and deleted', async () => {
    const name = newName();
    const made = await admin.made('groups', { name });
    expect(made).toMatchObject({
      name,
      description: '',
      kind: 'manual',
      department: null,
      include_descendants: false,
      directory_role: null,
      members: 0,
    });
    const path = `groups/${String(made['id'])}`;
    expect((await admin.call('GET', path)).body).toEqual(made);
    const changed = await admin.call('PATCH', path, { description: 'May approve.', kind: 'manual' });
    expect(changed).toMatchObject({ status: 200, body: { name, description: 'May approve.' } });
    const replaced = await admin.call('PUT', path, { name: `${name} B` });
    expect(replaced).toMatchObject({ status: 200, body: { name: `${name} B`, description: '' } });
    expect(replaced.body['created_at']).toBe(made['created_at']);
    expect(items(await admin.call('GET', 'groups?limit=200'))).toContainEqual(replaced.body);
    expect((await admin.call('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await admin.call(method, path)).status).toBe(404);
  });

  it('holds who is put in, one by one or many at once, each once', async () => {
    const id = await group();
    const people = (await Promise.all(Array.from({ length: 5 }, () => aPerson(clinch)))).map((person) => person.id);
    const [first = '', ...others] = people;
    expect((await admin.call('PUT', `groups/${id}/members/${first}`)).status).toBe(204);
    expect((await admin.call('PUT', `groups/${id}/members/${first}`)).status).toBe(204);
    const added = await admin.call('POST', `groups/${id}/members`, { users: people });
    expect(added).toMatchObject({ status: 200, body: { added: others.length } });
    expect((await admin.call('GET', `groups/${id}`)).body['members']).toBe(5);
    expect(await membersOf(id)).toEqual(people.toSorted());
    const page = await admin.call('GET', `groups/${id}/members?limit=2`);
    const cursor = String(page.body['next_cursor']);
    const rest = await membersOf(id, `?cursor=${cursor}`);
    expect([...items(page).map((each) => String(each['user_id'])), ...rest]).toEqual(people.toSorted());
    expect(await groupsOf(first)).toEqual([id]);
    expect((await admin.call('DELETE', `groups/${id}/members/${first}`)).status).toBe(204);
    expect((await admin.call('DELETE', `groups/${id}/members/${first}`)).status).toBe(404);
    expect(await groupsOf(first)).toEqual([]);
  });

  it('takes all of them or, when one is unknown, nobody', async () => {
    const id = await group();
    const { id: known } = await aPerson(clinch);
    const answer = await admin.call('POST', `groups/${id}/members`, { users: [known, 'nobody', 'no id at all'] });
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual(['users.1', 'users.2']);
    expect(await membersOf(id)).toEqual([]);
    for (const user of ['nobody', 'no%20id']) {
      expect((await admin.call('PUT', `groups/${id}/members/${user}`)).status).toBe(404);
    }
    expect((await admin.call('PUT', `groups/nothing/members/${known}`)).status).toBe(404);
    expect(fieldsOf(await admin.call('POST', `groups/${id}/members`, {}))).toEqual(['users']);
    expect((await admin.call('POST', `groups/${id}/members`, { users: 'x' })).status).toBe(400);
  });
});

describe('a group of a department', () => {
  it('is whoever is in it or below it, if wished, and follows them', async () => {
    const within = await group({ kind: 'department', department_id: await departmentId('20') });
    const only = await group({
      kind: 'department',
      department_id: await departmentId('20'),
      include_descendants: false,
    });
    const { id: boss } = await aPerson(clinch);
    const { id: seller } = await aPerson(clinch);
    await join(boss, '20', '200');
    await join(seller, '200');
    expect(await membersOf(within)).toEqual([boss, seller].toSorted());
    expect(await membersOf(only)).toEqual([boss]);
    const { body } = await admin.call('GET', `groups/${within}`);
    expect(body).toMatchObject({
      members: 2,
      include_descendants: true,
      department: { name: 'Sales', path: [{ name: 'Acme' }, { name: 'Sales' }] },
    });
    expect((await admin.call('GET', `groups/${only}`)).body['members']).toBe(1);
    expect((await groupsOf(boss)).toSorted()).toEqual([within, only].toSorted());
    expect(await groupsOf(seller)).toEqual([within]);
    await join(seller, '1');
    expect(await membersOf(within)).toEqual([boss]);
    expect(await groupsOf(seller)).toEqual([]);
  });

  it('is nobody once the department is gone, and can still be renamed', async () => {
    const id = await group({ kind: 'department', department_id: await departmentId('20') });
    const { id: seller } = await aPerson(clinch);
    await join(seller, '200', '20');
    await departments.removeAll(source, ['20']);
    expect(await membersOf(id)).toEqual([]);
    const renamed = await admin.call('PATCH', `groups/${id}`, { name: newName() });
    expect(renamed).toMatchObject({ status: 200, body: { members: 0, department: { name: 'Sales', path: [] } } });
    const other = await admin.call('POST', 'groups', {
      name: newName(),
      kind: 'department',
      department_id: await departmentId('20'),
    });
    expect(fieldsOf(other)).toEqual(['department_id']);
  });
});

describe('a group of a role', () => {
  it('is whoever has it', async () => {
    const listed = await admin.call('GET', `directory-roles?source=${source}`);
    expect(items(listed)).toEqual([
      { id: await roleId(), source, external_id: '5', name: 'Finance', group: 'Offices' },
    ]);
    const id = await group({ kind: 'directory_role', directory_role_id: await roleId() });
    const { id: person } = await aPerson(clinch);
    await roles.putMembers(await roleId(), new Set([person]));
    expect(await membersOf(id)).toEqual([person]);
    expect(await groupsOf(person)).toEqual([id]);
    expect((await admin.call('GET', `groups/${id}`)).body).toMatchObject({
      members: 1,
      directory_role: { source, external_id: '5', name: 'Finance', group: 'Offices' },
    });
    await roles.removeAll([await roleId()]);
    expect(await membersOf(id)).toEqual([]);
    expect(items(await admin.call('GET', `directory-roles?source=${source}`))).toEqual([]);
  });
});

describe('who is in a group of the directory', () => {
  it('cannot be changed by hand', async () => {
    const { id: person } = await aPerson(clinch);
    for (const fields of [
      { kind: 'department', department_id: await departmentId('20') },
      { kind: 'directory_role', directory_role_id: await roleId() },
    ]) {
      const path = `groups/${await group(fields)}/members`;
      for (const [method, target, body] of [
        ['PUT', `${path}/${person}`, {}],
        ['DELETE', `${path}/${person}`, undefined],
        ['POST', path, { users: [person] }],
      ] as const) {
        const answer = await admin.call(method, target, body);
        expect(answer.status).toBe(409);
        expect(answer.body['detail']).toContain('comes from the directory');
      }
    }
  });
});

describe('what is refused', () => {
  it.each([
    ['no name', {}, ['name']],
    ['a blank name', { name: '  ' }, ['name']],
    ['an unknown kind', { name: 'x', kind: 'everybody' }, ['kind']],
    ['a department that nobody named', { name: 'x', kind: 'department' }, ['department_id']],
    ['a department that is not there', { name: 'x', kind: 'department', department_id: 'gone' }, ['department_id']],
    ['what is no id', { name: 'x', kind: 'department', department_id: 'a b' }, ['department_id']],
    [
      'a role that is not there',
      { name: 'x', kind: 'directory_role', directory_role_id: 'gone' },
      ['directory_role_id'],
    ],
    [
      'an origin of another kind',
      { name: 'x', department_id: 'gone', directory_role_id: 'gone' },
      ['department_id', 'directory_role_id'],
    ],
    ['a subtree of nothing', { name: 'x', include_descendants: true }, ['include_descendants']],
    ['what is read only', { name: 'x', members: 3, department: null }, ['department', 'members']],
    ['an unknown field', { name: 'x', owner: 'me' }, ['owner']],
  ])('%s', async (_, body, fields) => {
    const answer = await admin.call('POST', 'groups', body);
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer).toSorted()).toEqual(fields);
  });

  it('a name that another group has, whatever its case and width', async () => {
    const name = newName();
    await group({ name });
    const answer = await admin.call('POST', 'groups', { name: ` ${name.toUpperCase().replace('G', 'Ｇ')}` });
    expect(answer).toMatchObject({ status: 409, body: { errors: [{ field: 'name', problem: 'is taken' }] } });
    const other = await group();
    expect((await admin.call('PATCH', `groups/${other}`, { name })).status).toBe(409);
  });

  it('another kind than it was made with', async () => {
    const id = await group();
    const sent = { name: newName(), kind: 'department', department_id: await departmentId('20') };
    for (const method of ['PATCH', 'PUT']) {
      const answer = await admin.call(method, `groups/${id}`, sent);
      expect(answer.status).toBe(400);
      expect(fieldsOf(answer)).toContain('kind');
    }
  });
});

describe('a deletion', () => {
  it('of a group leaves none of its members behind', async () => {
    const id = await group();
    const { id: person } = await aPerson(clinch);
    await admin.call('PUT', `groups/${id}/members/${person}`);
    await admin.call('DELETE', `groups/${id}`);
    expect(await groupsOf(person)).toEqual([]);
    expect(await countRows(clinch.app.get(DataSource), 'group_members', `group_id = '${id}'`)).toBe(0);
  });

  it('of a person takes the places in groups, departments and roles with it', async () => {
    const id = await group();
    const { id: person } = await aPerson(clinch);
    await admin.call('PUT', `groups/${id}/members/${person}`);
    await join(person, '20');
    await roles.putMembers(await roleId(), new Set([person]));
    const tables = ['group_members', 'department_members', 'directory_role_members'];
    const rows = () =>
      Promise.all(tables.map((table) => countRows(clinch.app.get(DataSource), table, `account_id = '${person}'`)));
    expect(await rows()).toEqual([1, 1, 1]);
    expect((await admin.call('DELETE', `users/${person}`)).status).toBe(204);
    expect(await rows()).toEqual([0, 0, 0]);
    expect(await membersOf(id)).toEqual([]);
  });
});
