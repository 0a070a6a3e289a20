import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessPolicy } from '../../src/access/access-policy.js';
import type { AccessDecision } from '../../src/access/access-decision.js';
import { AppsOfPerson } from '../../src/access/apps-of-person.js';
import { AccountStore } from '../../src/accounts/account-store.js';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { Database } from '../../src/database/database.js';
import { aGroup, Organisation } from '../support/access.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let admin: AdminApi;
let acme: Organisation;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  acme = await Organisation.of(clinch);
});
afterAll(() => clinch.stop());

const closedApp = (differences: Partial<ClientEntity> = {}) => anApp(clinch, { access: 'assigned', ...differences });

/** Assigns by the admin API. */
async function assign(app: TestApp, type: string, id: string, more: Json = {}): Promise<string> {
  const { status, body } = await admin.call('POST', `apps/${app.clientId}/assignments`, {
    subject: { type, id },
    ...more,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return String(body['id']);
}

async function aRole(app: TestApp, name: string, ...permissions: string[]): Promise<string> {
  const { status, body } = await admin.call('POST', 'roles', { client_id: app.clientId, name, permissions });
  expect(status, JSON.stringify(body)).toBe(201);
  return String(body['id']);
}

async function decide(app: TestApp, person: Pick<TestPerson, 'id'>): Promise<AccessDecision> {
  const client = await clinch.app.get(ClientRegistry).find(app.clientId);
  const account = await clinch.app.get(AccountStore).find(person.id);
  if (client === undefined || account === undefined) throw new Error('no such app or person');
  const request = { endpoint: 'authorize', address: '192.0.2.1', amr: ['pwd'] } as const;
  return clinch.app.get(AccessPolicy).decide(account, client, request);
}

const reason = async (app: TestApp, person: Pick<TestPerson, 'id'>) => (await decide(app, person)).reason.kind;

describe('who may enter an app', () => {
  it('is everyone with an account that is open, by default', async () => {
    const app = await anApp(clinch);
    expect(await decide(app, await aPerson(clinch))).toEqual({
      allowed: true,
      reason: { kind: 'everyone' },
      roles: [],
      permissions: [],
    });
    expect(await decide(app, await aPerson(clinch, { status: 'disabled' }))).toMatchObject({
      allowed: false,
      reason: { kind: 'not_active' },
    });
  });

  it('is nobody until somebody is assigned', async () => {
    const app = await closedApp();
    const person = await aPerson(clinch);
    expect(await reason(app, person)).toBe('not_assigned');
    const id = await assign(app, 'user', person.id);
    expect(await decide(app, person)).toEqual({
      allowed: true,
      reason: { kind: 'assigned', assignment: { id, subject: { type: 'user', id: person.id } } },
      roles: [],
      permissions: [],
    });
    expect(await reason(app, await aPerson(clinch))).toBe('not_assigned');
  });

  it('are the people of a department and of those below it, unless it is only itself', async () => {
    const app = await closedApp();
    const [chief, clerk, other] = await Promise.all([aPerson(clinch), aPerson(clinch), aPerson(clinch)]);
    await acme.put(chief, 'Sales');
    await acme.put(clerk, 'Sales Shanghai');
    await acme.put(other, 'Research');
    const id = await assign(app, 'department', acme.id('Sales'));
    const kinds = async () => Promise.all([chief, clerk, other].map((person) => reason(app, person)));
    expect(await kinds()).toEqual(['assigned', 'assigned', 'not_assigned']);
    await admin.call('PATCH', `apps/${app.clientId}/assignments/${id}`, { include_descendants: false });
    expect(await kinds()).toEqual(['assigned', 'not_assigned', 'not_assigned']);
  });

  it('changes with the department that somebody is in, and with the tree', async () => {
    const org = await Organisation.of(clinch);
    const app = await closedApp();
    const person = await aPerson(clinch);
    await assign(app, 'department', org.id('Sales'));
    await org.put(person, 'Research', 'Sales East');
    expect(await reason(app, person)).toBe('assigned');
    await org.put(person, 'Research');
    expect(await reason(app, person)).toBe('not_assigned');
    await org.put(person, 'Sales East');
    expect(await reason(app, person)).toBe('assigned');
    await org.remove('Sales');
    expect(await reason(app, person)).toBe('not_assigned');
  });

  it('are the people of a group, whichever way they are in it', async () => {
    const [byHand, byPlace, byRole, none] = await Promise.all([1, 2, 3, 4].map(() => aPerson(clinch)));
    if (byHand === undefined || byPlace === undefined || byRole === undefined || none === undefined) return;
    await acme.put(byPlace, 'Sales East');
    const groups = [
      await aGroup(clinch, { people: [byHand] }),
      await aGroup(clinch, { kind: 'department', departmentId: acme.id('Sales') }),
      await aGroup(clinch, { kind: 'directory_role', directoryRoleId: await acme.role('auditor', byRole) }),
    ];
    const app = await closedApp();
    for (const id of groups) await assign(app, 'group', id);
    const kinds = await Promise.all([byHand, byPlace, byRole, none].map((person) => reason(app, person)));
    expect(kinds).toEqual(['assigned', 'assigned', 'assigned', 'not_assigned']);
  });

  it('says which assignment has ended or is switched off', async () => {
    const app = await closedApp();
    const person = await aPerson(clinch);
    const id = await assign(app, 'user', person.id, { ends_at: '2020-01-01T00:00:00Z' });
    expect((await decide(app, person)).reason).toEqual({
      kind: 'ended',
      assignment: { id, subject: { type: 'user', id: person.id } },
    });
    await admin.call('PATCH', `apps/${app.clientId}/assignments/${id}`, { ends_at: null, enabled: false });
    expect(await reason(app, person)).toBe('switched_off');
    await admin.call('PATCH', `apps/${app.clientId}/assignments/${id}`, { enabled: true });
    expect(await reason(app, person)).toBe('assigned');
    await admin.call('DELETE', `apps/${app.clientId}/assignments/${id}`);
    expect(await reason(app, person)).toBe('not_assigned');
  });

  it('stays assigned while the app is open to everyone', async () => {
    const app = await closedApp();
    const [one, other] = [await aPerson(clinch), await aPerson(clinch)];
    await assign(app, 'user', one.id);
    await admin.call('PATCH', `apps/${app.clientId}`, { access: 'everyone' });
    expect([await reason(app, one), await reason(app, other)]).toEqual(['everyone', 'everyone']);
    await admin.call('PATCH', `apps/${app.clientId}`, { access: 'assigned' });
    expect([await reason(app, one), await reason(app, other)]).toEqual(['assigned', 'not_assigned']);
  });

  it('asks nothing of the database where there is nothing to ask for', async () => {
    const app = await anApp(clinch);
    const person = await aPerson(clinch);
    await decide(app, person);
    const client = await clinch.app.get(ClientRegistry).find(app.clientId);
    const account = await clinch.app.get(AccountStore).find(person.id);
    const database = clinch.app.get(Database);
    const asked: string[] = [];
    const all = database.all.bind(database);
    database.all = async (query, ...values) => {
      asked.push(query.name);
      return all(query, ...values);
    };
    try {
      if (client === undefined || account === undefined) throw new Error('no such app or person');
      await clinch.app
        .get(AccessPolicy)
        .decide(account, client, { endpoint: 'token', address: '192.0.2.1', amr: ['pwd'] });
    } finally {
      Reflect.deleteProperty(database, 'all');
    }
    expect(asked.filter((name) => name.startsWith('assignments'))).toEqual([]);
  });
});

describe('roles', () => {
  it('come by assignments, also where the app is open to everyone, with the permissions of them all', async () => {
    const app = await anApp(clinch);
    const person = await aPerson(clinch);
    await acme.put(person, 'Sales East');
    await aRole(app, 'reader', 'reports:read', 'orders:read');
    await aRole(app, 'editor', 'reports:read', 'reports:write');
    await aRole(app, 'nobody', 'reports:delete');
    await assign(app, 'user', person.id, { role: 'reader' });
    const id = await assign(app, 'department', acme.id('Sales'), { role: 'editor' });
    expect(await decide(app, person)).toEqual({
      allowed: true,
      reason: { kind: 'everyone' },
      roles: ['editor', 'reader'],
      permissions: ['orders:read', 'reports:read', 'reports:write'],
    });
    await admin.call('PATCH', `apps/${app.clientId}/assignments/${id}`, { enabled: false });
    expect(await decide(app, person)).toMatchObject({ roles: ['reader'] });
  });

  it('take their assignments with them when they are deleted', async () => {
    const app = await closedApp();
    const person = await aPerson(clinch);
    const id = await aRole(app, 'reader', 'reports:read');
    await assign(app, 'user', person.id, { role: 'reader' });
    expect(await reason(app, person)).toBe('assigned');
    expect((await admin.call('DELETE', `roles/${id}`)).status).toBe(204);
    expect(await reason(app, person)).toBe('not_assigned');
    const { body } = await admin.call('GET', `apps/${app.clientId}/assignments`);
    expect(body['items']).toEqual([]);
  });
});

describe('an app that is deleted', () => {
  it('takes its roles and assignments with it: a new one of the same id is entered by nobody', async () => {
    const app = await closedApp();
    const person = await aPerson(clinch);
    const role = await aRole(app, 'reader', 'reports:read');
    await assign(app, 'user', person.id, { role: 'reader' });
    expect((await admin.call('DELETE', `apps/${app.clientId}`)).status).toBe(204);
    expect((await admin.call('GET', `roles/${role}`)).status).toBe(404);
    await admin.made('apps', {
      client_id: app.clientId,
      client_name: 'New',
      redirect_uris: ['https://a.example/'],
      access: 'assigned',
    });
    expect(await decide(app, person)).toMatchObject({ allowed: false, reason: { kind: 'not_assigned' }, roles: [] });
  });

  it('leaves nothing behind even to a race: what is older than the app counts for nothing', async () => {
    const person = await aPerson(clinch);
    const app = await closedApp({ createdAt: new Date(Date.now() - 60_000) });
    await assign(app, 'user', person.id);
    const stale = await closedApp({ createdAt: new Date(Date.now() + 60_000) });
    const database = clinch.app.get(Database);
    await database.dataSource.query(
      `UPDATE assignments SET client_id = '${stale.clientId}' WHERE client_id = '${app.clientId}'`,
    );
    expect(await reason(stale, person)).toBe('not_assigned');
    await assign(stale, 'user', (await aPerson(clinch)).id);
  });
});

describe('the apps of a person', () => {
  it('are those that they may enter, by name', async () => {
    const person = await aPerson(clinch);
    await acme.put(person, 'Sales Shanghai');
    const named = (clientName: string, differences: Partial<ClientEntity>) =>
      anApp(clinch, { clientName, ...differences });
    const all = [
      await named('Open', {}),
      await named('Assigned', { access: 'assigned' }),
      await named('Not assigned', { access: 'assigned' }),
      await named('Switched off', { enabled: false }),
      await named('Machine', { grantTypes: ['client_credentials'] }),
    ];
    await assign(all[1] as TestApp, 'department', acme.id('Sales'));
    const account = await clinch.app.get(AccountStore).find(person.id);
    if (account === undefined) throw new Error('no such person');
    const ids = new Set(all.map(({ clientId }) => clientId));
    const names = async () =>
      (await clinch.app.get(AppsOfPerson).of(account, { address: '192.0.2.1', amr: [] }))
        .filter(({ id }) => ids.has(id))
        .map(({ name }) => name);
    expect(await names()).toEqual(['Assigned', 'Open']);
    await admin.call('PATCH', `apps/${String(all[0]?.clientId)}`, { client_name: 'A new name', access: 'assigned' });
    expect(await names()).toEqual(['Assigned']);
  });
});
