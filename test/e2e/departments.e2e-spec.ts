import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DepartmentStore } from '../../src/directory/department-store.js';
import { Directory } from '../../src/directory/directory.js';
import { MembershipStore } from '../../src/directory/membership-store.js';
import { RoleStore } from '../../src/directory/role-store.js';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { aPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let admin: AdminApi;
let departments: DepartmentStore;
let memberships: MembershipStore;
let roles: RoleStore;
let directory: Directory;
let source = '';
let sources = 0;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  departments = clinch.app.get(DepartmentStore);
  memberships = clinch.app.get(MembershipStore);
  roles = clinch.app.get(RoleStore);
  directory = clinch.app.get(Directory);
});
afterAll(() => clinch.stop());

/** Every test has a source of its own: Acme (1) → Research (10) → Optics (100), Sales (20). */
beforeEach(async () => {
  source = `source-${sources++}`;
  await departments.put(source, TREE);
});

const TREE = [
  // Not in the order of the tree: a parent may come after its children.
  { externalId: '100', name: '光学', parent: '10', order: 5 },
  { externalId: '10', name: 'Research', parent: '1', order: 1 },
  { externalId: '20', name: 'Sales', parent: '1', order: 2 },
  { externalId: '1', name: 'Acme', parent: null },
];

async function idOf(externalId: string): Promise<string> {
  const found = (await departments.ofSource(source)).get(externalId);
  if (found === undefined) throw new Error(`there is no department ${externalId}`);
  return found.id;
}

async function join(accountId: string, ...externalIds: string[]): Promise<string[]> {
  const places = await Promise.all(externalIds.map(async (id) => ({ departmentId: await idOf(id) })));
  return memberships.put(source, new Map([[accountId, places]]));
}

const pathNames = async (externalId: string) =>
  (await directory.pathOf(await idOf(externalId))).map(({ name }) => name);

describe('departments', () => {
  it('stand in a tree, whatever the order in which they come', async () => {
    expect(await pathNames('100')).toEqual(['Acme', 'Research', '光学']);
    expect(await pathNames('1')).toEqual(['Acme']);
  });

  it('are written only when they differ', async () => {
    expect(await departments.put(source, TREE)).toBe(0);
    expect(await departments.put(source, [{ externalId: '20', name: 'Sales', parent: '1' }])).toBe(0);
    expect(await departments.put(source, [{ externalId: '20', name: 'Vertrieb', parent: '1' }])).toBe(1);
    expect((await departments.ofSource(source)).get('20')?.order).toBe(2);
  });

  it('move with all that is below them', async () => {
    await departments.put(source, [{ externalId: '10', name: 'Research', parent: '20' }]);
    expect(await pathNames('100')).toEqual(['Acme', 'Sales', 'Research', '光学']);
    await departments.put(source, [{ externalId: '100', name: '光学', parent: '1' }]);
    expect(await pathNames('100')).toEqual(['Acme', '光学']);
  });

  it('survive a ring in bad data', async () => {
    await departments.put(source, [{ externalId: '10', name: 'Research', parent: '100' }]);
    expect((await pathNames('100')).toSorted()).toEqual(['Research', '光学']);
  });

  it('are gone for readers once removed, and the same when they return', async () => {
    const { id } = await aPerson(clinch);
    await join(id, '10', '20');
    const optics = await idOf('10');
    expect(await departments.removeAll(source, ['10', '100', 'nothing'])).toBe(2);
    expect(await departments.removeAll(source, ['10'])).toBe(0);
    expect((await directory.departmentsOf(id)).map(({ department }) => department.name)).toEqual(['Sales']);
    expect(await directory.findDepartment(optics)).toBeUndefined();
    await departments.put(source, TREE);
    expect(await idOf('10')).toBe(optics);
    expect(await pathNames('100')).toEqual(['Acme', 'Research', '光学']);
  });

  it('cover those below them', async () => {
    const { id } = await aPerson(clinch);
    await join(id, '100');
    const within = async (externalId: string) => directory.isWithin(id, await idOf(externalId));
    expect([await within('1'), await within('10'), await within('100'), await within('20')]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('places of people', () => {
  it('are replaced, those of other sources are not', async () => {
    const { id } = await aPerson(clinch);
    expect(await join(id, '10', '20')).toEqual([id]);
    expect(await join(id, '10', '20')).toEqual([]);
    const first = source;
    source = `source-${sources++}`;
    await departments.put(source, TREE);
    await join(id, '100');
    source = first;
    await join(id, '20');
    expect((await directory.departmentsOf(id)).map(({ path }) => path.map(({ name }) => name).join('/'))).toEqual([
      'Acme/Sales',
      'Acme/Research/光学',
    ]);
  });

  it('keep what nobody speaks of', async () => {
    const { id } = await aPerson(clinch);
    const departmentId = await idOf('10');
    const put = (place: object) => memberships.put(source, new Map([[id, [{ departmentId, ...place }]]]));
    await put({ order: 7, leader: true, title: '主任', main: true });
    expect(await put({ order: 7 })).toEqual([]);
    expect(await put({ leader: false })).toEqual([id]);
    const [place] = await directory.departmentsOf(id);
    expect(place).toMatchObject({ order: 7, leader: false, title: '主任', main: true });
  });

  it('stay where nothing is known at present', async () => {
    const { id } = await aPerson(clinch);
    await join(id, '10', '20');
    const untold = new Set([await idOf('20')]);
    await memberships.put(source, new Map([[id, [{ departmentId: await idOf('100') }]]]), untold);
    expect((await directory.departmentsOf(id)).map(({ department }) => department.name).toSorted()).toEqual([
      'Sales',
      '光学',
    ]);
  });
});

describe('roles', () => {
  it('are given and taken, from either side', async () => {
    const [one, other] = [await aPerson(clinch), await aPerson(clinch)];
    const role = { externalId: '7', name: '主管', groupName: '默认' };
    expect(await roles.put(source, [role, { ...role, externalId: '8', name: 'Finance' }])).toBe(2);
    expect(await roles.put(source, [role])).toBe(0);
    const ids = new Map([...(await roles.ofSource(source))].map(([externalId, { id }]) => [externalId, id]));
    const lead = ids.get('7') ?? '';
    expect(await roles.putMembers(lead, new Set([one.id, other.id]))).toBe(2);
    expect(await roles.putMembers(lead, new Set([other.id]))).toBe(1);
    expect(await roles.putRolesOf(source, other.id, new Set(ids.values()))).toBe(1);
    const names = async (id: string) => (await directory.rolesOf(id)).map(({ name }) => name);
    expect([await names(one.id), await names(other.id)]).toEqual([[], ['Finance', '主管']]);
    expect(await roles.removeAll([lead])).toBe(1);
    expect(await names(other.id)).toEqual(['Finance']);
  });
});

describe('the admin API', () => {
  const listed = async (query: string) => {
    const { status, body } = await admin.call('GET', `departments?${query}`);
    expect(status).toBe(200);
    return (body['items'] as Json[]).map(({ name }) => String(name)).toSorted();
  };

  it('lists departments of a source, below one, and at the top', async () => {
    expect(await listed(`source=${source}`)).toEqual(['Acme', 'Research', 'Sales', '光学']);
    expect(await listed(`source=${source}&parent=${await idOf('1')}`)).toEqual(['Research', 'Sales']);
    expect(await listed(`source=${source}&parent=none`)).toEqual(['Acme']);
  });

  /** All items of a list, read in pages. */
  const pagesOf = async (path: string): Promise<Json[]> => {
    const items: Json[] = [];
    let cursor: string | undefined = '';
    for (let page = 0; page < 10 && cursor !== undefined; page++) {
      const { body } = await admin.call('GET', `${path}${cursor}`);
      items.push(...(body['items'] as Json[]));
      cursor = typeof body['next_cursor'] === 'string' ? `&cursor=${body['next_cursor']}` : undefined;
    }
    return items;
  };

  it('pages through them', async () => {
    const items = await pagesOf(`departments?source=${source}&limit=1`);
    expect(items.map(({ name }) => String(name)).toSorted()).toEqual(['Acme', 'Research', 'Sales', '光学']);
  });

  it('shows a department with its path, managers and counts', async () => {
    const [boss, hand] = [await aPerson(clinch), await aPerson(clinch)];
    await join(boss.id, '10', '100');
    await join(hand.id, '100');
    const id = await idOf('10');
    await departments.putManagers(source, new Map([[id, [boss.id, 'nobody']]]));
    expect((await admin.call('GET', `departments/${id}`)).body).toMatchObject({
      id,
      source,
      external_id: '10',
      parent: await idOf('1'),
      order: 1,
      path: [{ name: 'Acme' }, { name: 'Research' }],
      managers: [{ user_id: boss.id, username: boss.username }],
      members: 1,
      members_of_subtree: 2,
      departments: 1,
    });
  });

  it('lists members, with the subtree once for each place, and pages through them', async () => {
    const [boss, hand] = [await aPerson(clinch), await aPerson(clinch)];
    await join(boss.id, '10', '100');
    await join(hand.id, '100');
    const path = `departments/${await idOf('10')}/members`;
    expect((await admin.call('GET', path)).body['items']).toMatchObject([{ user_id: boss.id, status: 'active' }]);
    const found = (await pagesOf(`${path}?subtree=true&limit=2`)).map(
      ({ user_id, department }) => `${String(user_id)} ${String(department)}`,
    );
    const [ten, hundred] = [await idOf('10'), await idOf('100')];
    expect(found.toSorted()).toEqual(
      [`${boss.id} ${hundred}`, `${boss.id} ${ten}`, `${hand.id} ${hundred}`].toSorted(),
    );
  });

  it('shows the departments of a person', async () => {
    const { id } = await aPerson(clinch);
    await join(id, '100');
    const { body } = await admin.call('GET', `users/${id}/departments`);
    expect(body['items']).toMatchObject([
      { source, external_id: '100', path: [{ name: 'Acme' }, { name: 'Research' }, { name: '光学' }] },
    ]);
  });

  it.each(['departments/nothing', 'departments/nothing/members', 'users/nothing/departments', 'departments/%00'])(
    'has no %s',
    async (path) => {
      expect((await admin.call('GET', path)).status).toBe(404);
    },
  );

  it.each([
    ['source=%00', 'source'],
    ['parent=a&parent=b', 'parent'],
    ['cursor=xyz', 'cursor'],
    ['removed=true', 'removed'],
  ])('refuses the query %s', async (query, field) => {
    const answer = await admin.call('GET', `departments?${query}`);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, [field]]);
  });

  it('refuses a cursor of another list', async () => {
    const cursor = Buffer.from(await idOf('10')).toString('base64url');
    const answer = await admin.call('GET', `departments/${await idOf('10')}/members?cursor=${cursor}`);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['cursor']]);
  });
});
