import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aGroup, Organisation } from '../support/access.js';
import { AdminApi, fieldsOf, type AdminAnswer, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, postToken } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;
let acme: Organisation;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  acme = await Organisation.of(clinch);
});
afterAll(() => clinch.stop());

async function assign(app: TestApp, type: string, id: string, more: Json = {}): Promise<string> {
  const answer = await admin.call('POST', `apps/${app.clientId}/assignments`, { subject: { type, id }, ...more });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return String(answer.body['id']);
}

async function aRole(app: TestApp, name: string, ...permissions: string[]): Promise<void> {
  const answer = await admin.call('POST', 'roles', { client_id: app.clientId, name, permissions });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
}

/** The token of an app that may read access, with these other scopes. */
async function anAsker(scope = 'clinch:access:read') {
  const app = await anApp(clinch, { grantTypes: ['client_credentials'], redirectUris: [], scope });
  const { body } = await postToken(clinch.url, { grant_type: 'client_credentials', scope }, credentials(app).headers);
  return { app, headers: { authorization: `Bearer ${String(body['access_token'])}` } };
}

describe('the explanation', () => {
  const explain = (app: TestApp, { id }: TestPerson, query = ''): Promise<AdminAnswer> =>
    admin.call('GET', `apps/${app.clientId}/access/${id}${query}`);

  it('names every assignment that speaks of the person, by what, and whether it counts', async () => {
    const app = await anApp(clinch, { access: 'assigned' });
    const person = await aPerson(clinch, { name: '李华' });
    await acme.put(person, 'Sales East');
    await aRole(app, 'reader', 'reports:read');
    const group = await aGroup(clinch, { people: [person] });
    const ids = [
      await assign(app, 'department', acme.id('Sales'), { role: 'reader' }),
      await assign(app, 'department', acme.id('Acme'), { include_descendants: false }),
      await assign(app, 'group', group, { enabled: false }),
      await assign(app, 'user', person.id, { ends_at: '2020-01-01T00:00:00Z' }),
    ];
    await assign(app, 'department', acme.id('Research'));
    const { status, body } = await explain(app, person);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user: { id: person.id, username: person.username, name: '李华' },
      client_id: app.clientId,
      allowed: true,
      access: 'assigned',
      reason: { kind: 'assigned', assignment: ids[0], text: 'Assigned by the department Sales, above Sales East.' },
      rule: null,
      roles: ['reader'],
      permissions: [{ permission: 'reports:read', roles: ['reader'], assignments: [ids[0]] }],
    });
    const byId = new Map((body['assignments'] as Json[]).map((each) => [each['id'], each]));
    expect(byId.size).toBe(4);
    expect(ids.map((id) => byId.get(id)?.['state'])).toEqual(['live', 'only_itself', 'switched_off', 'ended']);
    expect(byId.get(ids[0])).toMatchObject({
      subject: { type: 'department', id: acme.id('Sales'), name: 'Sales' },
      through: { type: 'department', id: acme.id('Sales East'), name: 'Sales East' },
      role: 'reader',
      text: 'the department Sales, above Sales East',
    });
    expect(byId.get(ids[3])).toMatchObject({ through: null, text: 'the person', ends_at: '2020-01-01T00:00:00.000Z' });
  });

  it('says what keeps somebody out', async () => {
    const person = await aPerson(clinch);
    await acme.put(person, 'Sales Shanghai');
    const app = await anApp(clinch, { access: 'assigned' });
    const reasonOf = async (query = '') => (await explain(app, person, query)).body['reason'] as Json;
    expect(await reasonOf()).toMatchObject({ kind: 'not_assigned' });
    const id = await assign(app, 'department', acme.id('Sales'), { include_descendants: false });
    expect((await reasonOf())['text']).toContain('only itself');
    const path = `apps/${app.clientId}/assignments/${id}`;
    await admin.call('PATCH', path, { include_descendants: true, enabled: false });
    expect(await reasonOf()).toMatchObject({ kind: 'switched_off', assignment: id });
    await admin.call('PATCH', path, { enabled: true });
    expect(await reasonOf()).toMatchObject({ kind: 'assigned' });
    await admin.call('PATCH', `apps/${app.clientId}`, { access_rule: 'inNetwork(request.address, "10.0.0.0/8")' });
    const unsaid = await explain(app, person);
    expect([unsaid.status, fieldsOf(unsaid)]).toEqual([400, ['address']]);
    expect(await reasonOf('?address=192.0.2.1')).toMatchObject({ kind: 'rule_refused' });
    expect(await reasonOf('?address=10.1.2.3')).toMatchObject({ kind: 'assigned' });
    await admin.call('PATCH', `apps/${app.clientId}`, { access_rule: 'user.custom.level > 1' });
    const failed = await explain(app, person);
    expect(failed.body).toMatchObject({ allowed: false, reason: { kind: 'rule_failed' }, rule: { outcome: 'failed' } });
    await admin.call('PATCH', `users/${person.id}`, { status: 'disabled' });
    expect(await reasonOf()).toMatchObject({ kind: 'not_active' });
  });

  it.each(['?address=nowhere', '?amr=', '?time=now', '?amr=a&amr=b'])('refuses %s', async (query) => {
    expect((await explain(await anApp(clinch), await aPerson(clinch), query)).status).toBe(400);
  });

  it('is of people and apps that there are', async () => {
    const [app, person] = [await anApp(clinch), await aPerson(clinch)];
    expect((await admin.call('GET', `apps/nothing/access/${person.id}`)).status).toBe(404);
    expect((await admin.call('GET', `apps/${app.clientId}/access/nobody`)).status).toBe(404);
    expect((await admin.call('GET', `apps/${app.clientId}/access/%00`)).status).toBe(404);
  });
});

describe('a preview', () => {
  const preview = (app: TestApp, draft: Json): Promise<AdminAnswer> =>
    admin.call('POST', `apps/${app.clientId}/access/preview`, draft);
  const counts = ({ body }: AdminAnswer) =>
    ['gained', 'lost', 'kept'].map((kind) => (body[kind] as { count: number }).count);

  it('tells who gains, who loses and who keeps, and stores nothing', async () => {
    const app = await anApp(clinch, { access: 'assigned' });
    const [stays, goes, comes] = [await aPerson(clinch), await aPerson(clinch), await aPerson(clinch)];
    await acme.put(comes, 'Sales Shanghai');
    await aRole(app, 'reader');
    await assign(app, 'user', stays.id);
    const ending = await assign(app, 'user', goes.id);
    const subject = { type: 'department', id: acme.id('Sales East') };
    const assignments = { add: [{ subject, role: 'reader' }], remove: [ending] };
    const answer = await preview(app, { assignments, user: comes.id });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(answer.body).toMatchObject({ lost: { count: 1, users: [{ id: goes.id }] }, complete: true });
    expect((answer.body['gained'] as { users: Json[] }).users.map(({ id }) => id)).toContain(comes.id);
    expect(answer.body['kept']).toMatchObject({ count: 1, users: [{ id: stays.id }] });
    expect(answer.body['user']).toMatchObject({
      difference: 'gains',
      roles_gained: ['reader'],
      roles_lost: [],
      now: { allowed: false, reason: { kind: 'not_assigned' } },
      draft: { allowed: true, reason: { kind: 'assigned' } },
    });
    const { body } = await admin.call('GET', `apps/${app.clientId}/assignments`);
    expect((body['items'] as Json[]).map(({ id }) => id)).toContain(ending);
    expect(body['items']).toHaveLength(2);
  });

  it('judges everybody by a rule', async () => {
    const app = await anApp(clinch);
    const person = await aPerson(clinch);
    const { body } = await admin.call('GET', 'users?limit=200');
    const active = (body['items'] as Json[]).filter(({ status }) => status === 'active').length;
    expect(counts(await preview(app, { access_rule: `user.id == "${person.id}"` }))).toEqual([0, active - 1, 1]);
    expect(counts(await preview(app, { access: 'assigned' }))).toEqual([0, active, 0]);
    expect(counts(await preview(app, {}))).toEqual([0, 0, active]);
    const asked = await preview(app, { access_rule: '"otp" in request.amr' });
    expect([asked.status, fieldsOf(asked)]).toEqual([400, ['amr']]);
    expect(counts(await preview(app, { access_rule: '"otp" in request.amr', amr: ['otp'] }))).toEqual([0, 0, active]);
  });

  it.each<[Json, string]>([
    [{ access_rule: 'user.' }, 'access_rule'],
    [{ user: 'nobody' }, 'user'],
    [{ access: 'nobody' }, 'access'],
    [{ address: 'x' }, 'address'],
    [{ assignments: [] }, 'assignments'],
    [{ assignments: { remove: ['nothing'] } }, 'assignments.remove.0'],
    [{ assignments: { add: [{}] } }, 'assignments.add.0.subject'],
    [{ assignments: { add: [{ subject: { type: 'user', id: 'nobody' } }] } }, 'assignments.add.0.subject.id'],
  ])('refuses %j', async (draft, field) => {
    const answer = await preview(await anApp(clinch), draft);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, [field]]);
  });

  it('comes in short with a change of access', async () => {
    const app = await anApp(clinch);
    const person = await aPerson(clinch);
    await assign(app, 'user', person.id);
    const { body: people } = await admin.call('GET', 'users?limit=200');
    const active = (people['items'] as Json[]).filter(({ status }) => status === 'active').length;
    const path = `apps/${app.clientId}`;
    const closed = await admin.call('PATCH', path, { access: 'assigned' });
    expect(closed.body['access_change']).toEqual({ gained: 0, lost: active - 1, complete: true });
    expect((await admin.call('PATCH', path, { client_name: 'X' })).body).not.toHaveProperty('access_change');
    const opened = await admin.call('PATCH', path, { access: 'everyone' });
    expect(opened.body['access_change']).toEqual({ gained: active - 1, lost: 0, complete: true });
    const { headers } = await anAsker('clinch:apps:write');
    const blind = await admin.call('PATCH', path, { access: 'assigned' }, headers);
    expect(blind.status).toBe(200);
    expect(blind.body).not.toHaveProperty('access_change');
  });
});

describe('a check', () => {
  const check = (body: Json, headers: Record<string, string> = {}) => admin.call('POST', 'access/check', body, headers);

  it('says what a person may do in the app that asks', async () => {
    const { app, headers } = await anAsker();
    const person = await aPerson(clinch);
    await aRole(app, 'reader', 'reports:read');
    await aRole(app, 'boss', '*:approve');
    await assign(app, 'user', person.id, { role: 'reader' });
    await assign(app, 'user', person.id, { role: 'boss' });
    const may = async (resource: string, action: string) =>
      (await check({ user: person.id, resource, action }, headers)).body;
    expect(await may('reports', 'read')).toEqual({ allowed: true, permission: 'reports:read', roles: ['reader'] });
    expect(await may('orders', 'approve')).toEqual({ allowed: true, permission: 'orders:approve', roles: ['boss'] });
    expect(await may('reports', 'write')).toEqual({ allowed: false, permission: 'reports:write', roles: [] });
    const both = await check({ user: person.id, permissions: ['reports:read', 'reports:write'] }, headers);
    expect(both.body).toEqual({
      allowed: false,
      roles: ['reader'],
      permissions: [
        { permission: 'reports:read', allowed: true, roles: ['reader'] },
        { permission: 'reports:write', allowed: false, roles: [] },
      ],
    });
    await admin.call('PATCH', `users/${person.id}`, { status: 'disabled' });
    expect(await may('reports', 'read')).toEqual({ allowed: false, permission: 'reports:read', roles: [] });
  });

  it.each(['nobody', '%00', 'x'.repeat(255), '李华'])('allows nothing to %j, and says no more', async (user) => {
    const answer = await check({ user, resource: 'reports', action: 'read' });
    expect([answer.status, answer.body]).toEqual([200, { allowed: false, permission: 'reports:read', roles: [] }]);
  });

  it.each<[Json, string]>([
    [{}, 'user'],
    [{ user: 'x' }, 'resource'],
    [{ user: 'x', resource: 'a' }, 'action'],
    [{ user: 'x', resource: 'a:b', action: 'c' }, 'resource'],
    [{ user: 'x', permissions: [] }, 'permissions'],
    [{ user: 'x', permissions: ['a'] }, 'permissions'],
    [{ user: 'x', permissions: ['a:b'], action: 'c' }, 'permissions'],
    [{ user: 'x', resource: 'a', action: 'b', client_id: 'nothing' }, 'client_id'],
  ])('refuses %j', async (question, field) => {
    const answer = await check(question);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, [field]]);
  });
});

describe('what a person has', () => {
  it('is listed: permissions with where each comes from, and apps', async () => {
    const [app, other] = [await anApp(clinch, { access: 'assigned' }), await anApp(clinch)];
    const person = await aPerson(clinch);
    await acme.put(person, 'Research');
    await aRole(app, 'reader', 'reports:read');
    await aRole(other, 'writer', 'orders:write');
    const id = await assign(app, 'department', acme.id('Acme'), { role: 'reader' });
    await assign(other, 'user', person.id, { role: 'writer' });
    await assign(other, 'user', person.id, { role: null, enabled: false });
    const list = async (path: string) =>
      (await admin.call('GET', `users/${person.id}/${path}`)).body['items'] as Json[];
    const permissions = await list('permissions');
    expect(permissions.map(({ permission }) => String(permission)).toSorted()).toEqual([
      'orders:write',
      'reports:read',
    ]);
    expect(await list(`permissions?client_id=${app.clientId}`)).toEqual([
      {
        client_id: app.clientId,
        permission: 'reports:read',
        role: 'reader',
        assignment: id,
        subject: { type: 'department', id: acme.id('Acme'), name: 'Acme' },
      },
    ]);
    const apps = await list('apps');
    expect(apps.find(({ client_id: clientId }) => clientId === app.clientId)).toEqual({
      client_id: app.clientId,
      client_name: 'Sample App',
      reason: 'assigned',
      roles: ['reader'],
      depends_on: [],
    });
    const careful = await anApp(clinch, { accessRule: '"otp" in request.amr' });
    const found = async (query: string) =>
      (await list(`apps${query}`)).find(({ client_id: clientId }) => clientId === careful.clientId)?.['depends_on'];
    expect([await found(''), await found('?amr=pwd'), await found('?amr=pwd+otp')]).toEqual([['amr'], undefined, []]);
    expect((await admin.call('GET', 'users/nobody/permissions')).status).toBe(404);
    expect((await admin.call('GET', 'users/nobody/apps')).status).toBe(404);
  });
});
