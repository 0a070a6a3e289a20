import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi, type AdminAnswer, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, postToken, UserAgent } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  person = await aPerson(clinch);
});
afterAll(() => clinch.stop());

/** The headers of an app with these scopes of the admin API. */
async function actor(scope: string): Promise<{ app: TestApp; headers: { authorization: string } }> {
  const app = await anApp(clinch, { grantTypes: ['client_credentials'], redirectUris: [], scope });
  const { body } = await postToken(clinch.url, { grant_type: 'client_credentials', scope }, credentials(app).headers);
  return { app, headers: { authorization: `Bearer ${String(body['access_token'])}` } };
}

async function made(path: string, body: Json): Promise<string> {
  const answer = await admin.call('POST', path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return String(answer.body['id']);
}

const subjectOf = ({ id }: TestPerson) => ({ type: 'user', id });
const expectRefused = (answer: AdminAnswer, scope: string) =>
  expect([answer.status, answer.body['error'], String(answer.body['detail']).includes(scope)]).toEqual([
    403,
    'insufficient_scope',
    true,
  ]);

describe('ADMIN-03: ids of what is somebody else’s', () => {
  it('are refused in bodies, and nothing is changed', async () => {
    const [app, other] = [await anApp(clinch), await anApp(clinch)];
    await made('roles', { client_id: other.clientId, name: 'theirs' });
    const path = `apps/${app.clientId}/assignments`;
    const attempts: Json[] = [
      { subject: subjectOf(person), role: 'theirs' },
      { subject: { type: 'group', id: person.id } },
      { subject: { type: 'department', id: person.id } },
      { subject: subjectOf(person), id: 'x' },
      { subject: subjectOf(person), client_id: other.clientId },
    ];
    for (const body of attempts) expect((await admin.call('POST', path, body)).status, JSON.stringify(body)).toBe(400);
    const subjects = [subjectOf(person), { type: 'user', id: 'nobody' }];
    expect((await admin.call('POST', `${path}/batch`, { subjects })).status).toBe(400);
    expect((await admin.call('GET', path)).body['items']).toEqual([]);
    const role = await made('roles', { client_id: app.clientId, name: 'ours' });
    expect((await admin.call('PATCH', `roles/${role}`, { client_id: other.clientId })).status).toBe(400);
  });

  it('of another app are no answer to whoever may only ask about their own', async () => {
    const { app, headers } = await actor('clinch:access:read');
    const other = await anApp(clinch);
    const question = { user: person.id, resource: 'reports', action: 'read' };
    const ask = (more: Json) => admin.call('POST', 'access/check', { ...question, ...more }, headers);
    expect((await ask({})).status).toBe(200);
    expect((await ask({ client_id: app.clientId })).status).toBe(200);
    expectRefused(await ask({ client_id: other.clientId }), 'clinch:apps:read');
    // Whether there is such an app is none of its business either.
    expectRefused(await ask({ client_id: 'nothing' }), 'clinch:apps:read');
    const both = await actor('clinch:access:read clinch:apps:read');
    const answer = await admin.call('POST', 'access/check', { ...question, client_id: other.clientId }, both.headers);
    expect(answer.status).toBe(200);
  });
});

describe('ADMIN-04: a child of another parent', () => {
  it('is not there: an assignment of another app', async () => {
    const [app, other] = [await anApp(clinch), await anApp(clinch)];
    const id = await made(`apps/${other.clientId}/assignments`, { subject: subjectOf(person) });
    for (const [method, body] of [['GET'], ['PATCH', { enabled: false }], ['DELETE']] as const) {
      expect((await admin.call(method, `apps/${app.clientId}/assignments/${id}`, body)).status, method).toBe(404);
    }
    const { body } = await admin.call('GET', `apps/${other.clientId}/assignments/${id}`);
    expect(body['enabled']).toBe(true);
    const draft = { assignments: { remove: [id] } };
    expect((await admin.call('POST', `apps/${app.clientId}/access/preview`, draft)).status).toBe(400);
  });
});

describe('ADMIN-05: who enters an app that administers', () => {
  it('is for those to say who have its rights', async () => {
    const strong = await anApp(clinch, { scope: 'openid clinch:users:write' });
    const { headers } = await actor('clinch:apps:write clinch:apps:read clinch:roles:write clinch:users:read');
    const assignments = `apps/${strong.clientId}/assignments`;
    const id = await made(assignments, { subject: subjectOf(person) });
    const role = await made('roles', { client_id: strong.clientId, name: 'boss' });
    const names = `apps/${strong.clientId}/accounts`;
    const name = await made(names, { user: person.id, username: 'boss' });
    const attempts: [string, string, Json?][] = [
      ['POST', assignments, { subject: subjectOf(person), role: 'boss' }],
      ['POST', `${assignments}/batch`, { subjects: [subjectOf(person)], role: 'boss' }],
      ['PATCH', `${assignments}/${id}`, { enabled: false }],
      ['DELETE', `${assignments}/${id}`],
      ['POST', 'roles', { client_id: strong.clientId, name: 'other' }],
      ['PATCH', `roles/${role}`, { permissions: ['*:*'] }],
      ['DELETE', `roles/${role}`],
      ['POST', `apps/${strong.clientId}/access/enforce`, {}],
      ['PATCH', `apps/${strong.clientId}`, { access: 'assigned' }],
      ['POST', names, { user: person.id, username: 'root' }],
      ['PATCH', `${names}/${name}`, { username: 'root' }],
      ['DELETE', `${names}/${name}`],
    ];
    for (const [method, path, body] of attempts) {
      expectRefused(await admin.call(method, path, body, headers), 'clinch:users:write');
    }
    expect((await admin.call('GET', assignments)).body['items']).toHaveLength(1);
  });
});

describe('ADMIN-05: who is in a group that enters an app that administers', () => {
  it('is for those to say who have its rights', async () => {
    const [strong, weak] = [await anApp(clinch, { scope: 'openid clinch:users:write' }), await anApp(clinch)];
    const [group, plain] = [await made('groups', { name: 'Strong' }), await made('groups', { name: 'Weak' })];
    await made(`apps/${strong.clientId}/assignments`, { subject: { type: 'group', id: group }, enabled: false });
    await made(`apps/${weak.clientId}/assignments`, { subject: { type: 'group', id: plain } });
    const { headers } = await actor('clinch:groups:write clinch:users:read');
    const attempts = (id: string): [string, string, Json?][] => [
      ['POST', `groups/${id}/members`, { users: [person.id] }],
      ['PUT', `groups/${id}/members/${person.id}`],
      ['DELETE', `groups/${id}/members/${person.id}`],
      ['PATCH', `groups/${id}`, { description: 'Other' }],
      ['PUT', `groups/${id}`, { name: `Other ${id}` }],
      ['DELETE', `groups/${id}`],
    ];
    for (const [method, path, body] of attempts(group)) {
      expectRefused(await admin.call(method, path, body, headers), 'clinch:users:write');
    }
    expect((await admin.call('GET', `groups/${group}/members`)).body['items']).toEqual([]);
    for (const [method, path, body] of attempts(plain)) {
      expect((await admin.call(method, path, body, headers)).status, `${method} ${path}`).toBeLessThan(300);
    }
  });
});

describe('ADMIN-10: two at once', () => {
  it('make one assignment and one role of those that are the same', async () => {
    const app = await anApp(clinch);
    const statuses = async (path: string, body: Json) =>
      (await Promise.all([1, 2, 3, 4].map(() => admin.call('POST', path, body))))
        .map(({ status }) => status)
        .toSorted((one, other) => one - other);
    expect(await statuses(`apps/${app.clientId}/assignments`, { subject: subjectOf(person) })).toEqual([
      201, 409, 409, 409,
    ]);
    expect(await statuses('roles', { client_id: app.clientId, name: 'one' })).toEqual([201, 409, 409, 409]);
  });

  it('change different fields, and neither is lost', async () => {
    const app = await anApp(clinch);
    const id = await made(`apps/${app.clientId}/assignments`, { subject: subjectOf(person) });
    const path = `apps/${app.clientId}/assignments/${id}`;
    const ends_at = '2099-01-01T00:00:00.000Z';
    await Promise.all([admin.call('PATCH', path, { enabled: false }), admin.call('PATCH', path, { ends_at })]);
    expect((await admin.call('GET', path)).body).toMatchObject({ enabled: false, ends_at });
    const role = await made('roles', { client_id: app.clientId, name: 'two' });
    await Promise.all([
      admin.call('PATCH', `roles/${role}`, { description: 'New' }),
      admin.call('PATCH', `roles/${role}`, { permissions: ['a:b'] }),
    ]);
    expect((await admin.call('GET', `roles/${role}`)).body).toMatchObject({ description: 'New', permissions: ['a:b'] });
  });
});

describe('ADMIN-03: names', () => {
  it('of people are for those who may read people, and of apps for those who may read apps', async () => {
    const app = await anApp(clinch);
    const role = { name: 'approver', client_id: app.clientId };
    await made('roles', role);
    const name = await made(`apps/${app.clientId}/accounts`, { user: person.id, username: 'known' });
    const group = await made('groups', { name: 'Known' });
    const assignments = `apps/${app.clientId}/assignments`;
    const id = await made(assignments, { subject: subjectOf(person) });
    await made(assignments, { subject: { type: 'group', id: group } });
    const apps = await actor('clinch:apps:read clinch:apps:write');
    const both = await actor('clinch:apps:read clinch:apps:write clinch:users:read');
    const namesOf = async (headers: { authorization: string }) => {
      const list = (await admin.call('GET', assignments, undefined, headers)).body['items'] as Json[];
      const one = (await admin.call('GET', `${assignments}/${id}`, undefined, headers)).body;
      const changed = (await admin.call('PATCH', `${assignments}/${id}`, { enabled: true }, headers)).body;
      const fresh = { subject: subjectOf(person), role: 'approver' };
      const added = (await admin.call('POST', assignments, fresh, headers)).body;
      await admin.call('DELETE', `${assignments}/${String(added['id'])}`);
      return [...list, one, changed, added].map(({ subject }) => (subject as Json)['name']);
    };
    const seen = await namesOf(apps.headers);
    expect([seen.length, seen.filter((each) => each !== null)]).toEqual([5, ['Known']]);
    expect(await namesOf(both.headers)).not.toContain(null);
    for (const path of ['accounts', `accounts/${name}`]) {
      const asked = `apps/${app.clientId}/${path}`;
      expectRefused(await admin.call('GET', asked, undefined, apps.headers), 'clinch:users:read');
      expect((await admin.call('GET', asked, undefined, both.headers)).status).toBe(200);
    }
    const people = await actor('clinch:users:read');
    const asked = `users/${person.id}/apps`;
    expectRefused(await admin.call('GET', asked, undefined, people.headers), 'clinch:apps:read');
    expect((await admin.call('GET', asked, undefined, both.headers)).status).toBe(200);
  });
});

describe('CEL-07: a dry run', () => {
  it('is for those who may read apps and people, both', async () => {
    const app = await anApp(clinch);
    const oracle = { access_rule: 'user.email.startsWith("l")', user: person.id };
    for (const scope of ['clinch:users:read', 'clinch:access:read', 'clinch:users:write clinch:access:write']) {
      const { headers } = await actor(scope);
      expectRefused(
        await admin.call('POST', `apps/${app.clientId}/access/preview`, oracle, headers),
        'clinch:apps:read',
      );
      const path = `apps/${app.clientId}/access/${person.id}`;
      expectRefused(await admin.call('GET', path, undefined, headers), 'clinch:apps:read');
    }
    const apps = await actor('clinch:apps:read clinch:apps:write');
    for (const user of [person.id, 'nobody']) {
      const answer = await admin.call('POST', `apps/${app.clientId}/access/preview`, { ...oracle, user }, apps.headers);
      expectRefused(answer, 'clinch:users:read');
      const path = `apps/${app.clientId}/access/${user}`;
      expectRefused(await admin.call('GET', path, undefined, apps.headers), 'clinch:users:read');
    }
    const both = await actor('clinch:apps:read clinch:users:read');
    const harmless = { ...oracle, access_rule: 'user.username.startsWith("l")' };
    const path = `apps/${app.clientId}/access/preview`;
    expect((await admin.call('POST', path, harmless, both.headers)).status).toBe(200);
  });

  it.each(['user.email.startsWith("l")', 'user.email_verified', 'user.phone_number != ""', 'toJson(user) != ""'])(
    'of personal data is for those who may read it: %s',
    async (access_rule) => {
      const app = await anApp(clinch);
      const path = `apps/${app.clientId}/access/preview`;
      const people = await actor('clinch:apps:read clinch:apps:write clinch:users:read');
      const draft = { access_rule, user: person.id };
      expectRefused(await admin.call('POST', path, draft, people.headers), 'clinch:personal-data:read');
      const all = await actor('clinch:apps:read clinch:users:read clinch:personal-data:read');
      const answer = await admin.call('POST', path, draft, all.headers);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      // Nor does the answer to a change count by it: neither on the way there nor on the way back.
      for (const rule of [access_rule, null]) {
        const change = { access_rule: rule };
        const changed = await admin.call('PATCH', `apps/${app.clientId}`, change, people.headers);
        expect(changed.status, JSON.stringify(changed.body)).toBe(200);
        expect(changed.body).not.toHaveProperty('access_change');
      }
      const counted = await admin.call('PATCH', `apps/${app.clientId}`, { access: 'assigned' }, people.headers);
      expect(counted.body).toHaveProperty('access_change');
    },
  );
});

describe('CEL-08: a thousand rules on one app', () => {
  it('there cannot be: an app has one, of bounded length', async () => {
    const app = await anApp(clinch);
    const many = Array.from({ length: 1_000 }, (_, index) => `user.username != "x${index}"`);
    for (const rule of [many.join(' && '), many]) {
      expect((await admin.call('PATCH', `apps/${app.clientId}`, { access_rule: rule })).status).toBe(400);
    }
    const longest = many.slice(0, 40).join(' && ');
    expect((await admin.call('PATCH', `apps/${app.clientId}`, { access_rule: longest })).status).toBe(200);
    const agent = new UserAgent(clinch.url);
    expect((await agent.authorize(authorizeUrl(clinch.url, app), person)).get('code')).not.toBeNull();
  });

  it('nor are there more roles than every decision can look at', async () => {
    const app = await anApp(clinch);
    const permissions = Array.from({ length: 501 }, (_, index) => `a:${index}`);
    const tooMany = await admin.call('POST', 'roles', { client_id: app.clientId, name: 'x', permissions });
    expect(tooMany.status).toBe(400);
    for (let start = 0; start < 200; start += 20) {
      const names = Array.from({ length: 20 }, (_, index) => `role ${start + index}`);
      await Promise.all(names.map((name) => made('roles', { client_id: app.clientId, name })));
    }
    expect((await admin.call('POST', 'roles', { client_id: app.clientId, name: 'one more' })).status).toBe(409);
  });
});
