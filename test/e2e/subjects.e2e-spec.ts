import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import { AuditLog } from '../../src/audit/audit-log.js';
import { Keyring } from '../../src/keyring/keyring.js';
import { subjectSector } from '../../src/subjects/subject-rule.js';
import { Subjects } from '../../src/subjects/subjects.js';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { countRows, insertRows } from '../support/rows.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import {
  authorizeUrl,
  credentials,
  formOf,
  postToken,
  redeem,
  responseParameters,
  UserAgent,
  type TokenAnswer,
} from '../support/user-agent.js';

const PAIRWISE = { subjectType: 'pairwise' } as const;

let clinch: TestClinch;
let admin: AdminApi;
let person: TestPerson;
let dataSource: DataSource;

beforeAll(async () => {
  clinch = await startClinch();
  [admin, person] = [await AdminApi.of(clinch), await aPerson(clinch)];
  dataSource = clinch.app.get(DataSource);
});
afterAll(() => clinch.stop());

async function redeemed(app: TestApp, who = person, agent = new UserAgent(clinch.url)): Promise<TokenAnswer> {
  const url = authorizeUrl(clinch.url, app, { scope: 'openid profile offline_access' });
  return redeem(clinch.url, app, (await agent.authorize(url, who)).get('code') ?? '');
}

async function signedIn(app: TestApp, who = person, agent = new UserAgent(clinch.url)): Promise<Json> {
  const { status, body } = await redeemed(app, who, agent);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

async function userinfo(token: unknown): Promise<{ status: number; sub: unknown }> {
  const response = await fetch(`${clinch.url}/oidc/userinfo`, {
    headers: { Authorization: `Bearer ${String(token)}` },
  });
  return { status: response.status, sub: ((await response.json()) as Json)['sub'] };
}

async function introspected(app: TestApp, token: unknown): Promise<Json> {
  const { headers, form } = credentials(app);
  const body = new URLSearchParams({ token: String(token), ...form });
  return (await (await fetch(`${clinch.url}/oidc/introspect`, { method: 'POST', headers, body })).json()) as Json;
}

/** The `sub`, which everything that speaks of the person must agree upon. */
async function subjectHeard(app: TestApp, tokens: Json): Promise<string> {
  const { sub } = decodeJwt(String(tokens['id_token']));
  expect(decodeJwt(String(tokens['access_token'])).sub).toBe(sub);
  expect(await userinfo(tokens['access_token'])).toEqual({ status: 200, sub });
  expect(await introspected(app, tokens['access_token'])).toMatchObject({ active: true, sub });
  if (tokens['refresh_token'] !== undefined) {
    expect(await introspected(app, tokens['refresh_token'])).toMatchObject({ active: true, sub });
  }
  return String(sub);
}

/** Changes an app behind the back of its checks. */
async function changed({ clientId }: TestApp, columns: Partial<ClientEntity>): Promise<void> {
  await dataSource.getRepository('clients').update({ clientId }, columns);
  clinch.app.get(ClientRegistry).forget(clientId);
}

/** The sector of an app with an expression. */
async function sectorOf({ clientId }: TestApp): Promise<string> {
  const client = await clinch.app.get(ClientRegistry).find(clientId);
  return (client && subjectSector(client.metadata)) ?? '';
}

function atHost(host: string, more: Partial<ClientEntity> = {}): Promise<TestApp> {
  return aRefreshingApp(clinch, { ...PAIRWISE, redirectUris: [`https://${host}/cb`], ...more });
}

describe('a pairwise subject (OpenID Connect Core 1.0 §8.1)', () => {
  it('is the same in all that speaks of the person, and is kept by a refresh', async () => {
    const app = await atHost('one.example');
    const tokens = await signedIn(app);
    const sub = await subjectHeard(app, tokens);
    expect(sub).toMatch(/^[\w-]{43}$/);
    const { body } = await refresh(clinch.url, app, String(tokens['refresh_token']));
    expect(await subjectHeard(app, body)).toBe(sub);
    expect(await subjectHeard(app, await signedIn(app))).toBe(sub);
  });

  it('is all that the app hears of who it is, and what it may ask about', async () => {
    const scope = 'openid profile offline_access clinch:access:read';
    const [app, known] = [await atHost('own.example', { scope }), await aRefreshingApp(clinch)];
    await dataSource
      .getRepository('clients')
      .update(
        { clientId: app.clientId },
        { grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'] },
      );
    clinch.app.get(ClientRegistry).forget(app.clientId);
    for (const [of, expected] of [
      [app, undefined],
      [known, person.username],
    ] as const) {
      const tokens = await signedIn(of);
      for (const token of ['access_token', 'refresh_token']) {
        expect((await introspected(of, tokens[token]))['username'], token).toBe(expected);
      }
    }
    const role = { client_id: app.clientId, name: 'reader', permissions: ['reports:read'] };
    expect((await admin.call('POST', 'roles', role)).status).toBe(201);
    const assigned = { subject: { type: 'user', id: person.id }, role: 'reader' };
    expect((await admin.call('POST', `apps/${app.clientId}/assignments`, assigned)).status).toBe(201);
    const asker = { grant_type: 'client_credentials', scope: 'clinch:access:read' };
    const { body } = await postToken(clinch.url, asker, credentials(app).headers);
    const headers = { authorization: `Bearer ${String(body['access_token'])}` };
    const user = await subjectHeard(app, await signedIn(app));
    const question = { user, resource: 'reports', action: 'read' };
    const answer = await admin.call('POST', 'access/check', question, headers);
    expect(answer.body).toEqual({ allowed: true, permission: 'reports:read', roles: ['reader'] });
    // Another app's question about it is by the id of the account.
    const other = await admin.call('POST', 'access/check', { ...question, client_id: app.clientId });
    expect(other.body['allowed']).toBe(false);
  });

  it('is another one in every sector and for every person, and the same within a sector', async () => {
    const [one, same, other] = [
      await atHost('sector.example'),
      await atHost('sector.example'),
      await atHost('other.example'),
    ];
    const second = await aPerson(clinch);
    const subs = [];
    for (const [app, who] of [
      [one, person],
      [same, person],
      [other, person],
      [one, second],
    ] as const) {
      subs.push(await subjectHeard(app, await signedIn(app, who)));
    }
    expect(subs[1]).toBe(subs[0]);
    expect(new Set([...subs, person.id, second.id]).size).toBe(5);
  });

  it('stays when the master key is another one', async () => {
    const app = await atHost('kept.example');
    const sub = await subjectHeard(app, await signedIn(app));
    vi.spyOn(Keyring.prototype, 'digest').mockImplementation(() => 'what-another-key-would-give');
    const [client, account] = await Promise.all([
      clinch.app.get(ClientRegistry).find(app.clientId),
      clinch.app.get(AccountStore).find(person.id),
    ]);
    if (client === undefined || account === undefined) throw new Error('no app or person');
    expect(await clinch.app.get(Subjects).of(account, client)).toBe(sub);
    expect(await clinch.app.get(Subjects).accountOf(app.clientId, sub)).toBe(person.id);
  });

  it('is one for twenty first sign-ins at once', async () => {
    const app = await atHost('race.example');
    const who = await aPerson(clinch);
    const agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, await anApp(clinch)), who);
    const url = authorizeUrl(clinch.url, app);
    const codes = await Promise.all(
      Array.from({ length: 20 }, async () => responseParameters(await agent.get(url)).get('code') ?? ''),
    );
    const answers = await Promise.all(codes.map((code) => redeem(clinch.url, app, code)));
    const subs = new Set(answers.map(({ body }) => decodeJwt(String(body['id_token'])).sub));
    expect(subs.size).toBe(1);
    expect(await countRows(dataSource, 'subjects', `sector = 'race.example'`)).toBe(1);
  });

  it('names the person in id_token_hint and in claims, and nobody else (§3.1.2.1, §5.5)', async () => {
    const app = await atHost('hint.example');
    const agent = new UserAgent(clinch.url);
    const { id_token: hint } = await signedIn(app, person, agent);
    const { sub } = decodeJwt(String(hint));
    const silent = { prompt: 'none', scope: 'openid' };
    const claims = (value: unknown) => JSON.stringify({ id_token: { sub: { value } } });
    for (const [parameters, expected] of [
      [{ id_token_hint: String(hint) }, 'code'],
      [{ claims: claims(sub) }, 'code'],
      // The account's id is nothing that this app knows.
      [{ claims: claims(person.id) }, 'error'],
    ] as const) {
      const answer = responseParameters(await agent.get(authorizeUrl(clinch.url, app, { ...silent, ...parameters })));
      expect(answer.has(expected), JSON.stringify(parameters)).toBe(true);
    }
  });

  it('of another app of the sector does not make its tokens good here, nor those from before a change', async () => {
    const app = await atHost('change.example');
    const tokens = await signedIn(app);
    await changed(app, { subjectType: 'public' });
    expect((await userinfo(tokens['access_token'])).status).toBe(401);
  });

  it('is the only one that a grant ever has (OpenID Connect Core 1.0 §12.2)', async () => {
    const app = await atHost('grant.example');
    const { refresh_token: token, id_token } = await signedIn(app);
    await changed(app, { subjectType: 'public' });
    expect(await introspected(app, token)).toEqual({ active: false });
    const { status, body } = await refresh(clinch.url, app, String(token));
    expect([status, body['error']]).toEqual([400, 'invalid_grant']);
    expect(await subjectHeard(app, await signedIn(app))).toBe(person.id);
    // What was refused was not spent.
    await changed(app, { subjectType: 'pairwise' });
    const again = await refresh(clinch.url, app, String(token));
    expect(await subjectHeard(app, again.body)).toBe(decodeJwt(String(id_token)).sub);
  });

  it('stays taken when the account is deleted', async () => {
    const app = await atHost('gone.example');
    const who = await aPerson(clinch);
    const tokens = await signedIn(app, who);
    await admin.call('DELETE', `users/${who.id}`);
    expect((await userinfo(tokens['access_token'])).status).toBe(401);
    expect(await countRows(dataSource, 'subjects', `sector = 'gone.example'`)).toBe(1);
  });
});

describe('the sector of an app, when it is saved (OpenID Connect Registration 1.0 §5)', () => {
  let server: Server;
  let base: string;
  let answer: unknown;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((done) => server.close(done)));

  const TWO_HOSTS = ['https://a.example/cb', 'https://b.example/cb'];

  function saved(fields: Json) {
    const body = { client_name: 'x', redirect_uris: TWO_HOSTS, subject_type: 'pairwise', ...fields };
    return admin.call('POST', 'apps', body);
  }

  it('needs sector_identifier_uri where the redirect URIs have not one host', async () => {
    for (const uris of [TWO_HOSTS, ['com.example.app:/cb']]) {
      const refused = await saved({
        redirect_uris: uris,
        ...(uris.length === 1 ? { application_type: 'native' } : {}),
      });
      expect([refused.status, fieldsOf(refused)]).toEqual([400, ['sector_identifier_uri']]);
    }
    expect((await saved({ redirect_uris: ['https://a.example/1', 'https://a.example/2'] })).status).toBe(201);
  });

  it('is the host of sector_identifier_uri, which lists all redirect URIs', async () => {
    answer = [...TWO_HOSTS, 'https://c.example/cb'];
    const made = await saved({ sector_identifier_uri: `${base}/sector.json` });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const path = `apps/${String(made.body['client_id'])}`;
    answer = ['https://a.example/cb'];
    // What has nothing to do with it is not held up by it.
    expect((await admin.call('PATCH', path, { client_name: 'y' })).status).toBe(200);
    const refused = await admin.call('PATCH', path, { redirect_uris: TWO_HOSTS });
    expect([refused.status, fieldsOf(refused)]).toEqual([400, ['sector_identifier_uri']]);
    expect(refused.body['detail']).toContain('https://b.example/cb');
  });

  it.each<[what: string, answer: unknown, uri?: string]>([
    ['is no JSON', 'x'],
    ['is no list', { redirect_uris: TWO_HOSTS }],
    ['is another list', [TWO_HOSTS]],
    ['is too long', JSON.stringify([...TWO_HOSTS, 'x'.repeat(600_000)])],
    ['is at an address that is not public', TWO_HOSTS, 'http://169.254.169.254/latest'],
    ['is at a database', TWO_HOSTS, 'http://127.0.0.1:5432/'],
    ['is nowhere', TWO_HOSTS, 'http://127.0.0.1:1/'],
  ])('refuses what %s', async (_what, body, uri = `${base}/sector.json`) => {
    answer = body;
    const refused = await saved({ sector_identifier_uri: uri });
    expect([refused.status, fieldsOf(refused)]).toEqual([400, ['sector_identifier_uri']]);
  });
});

describe('a subject by expression', () => {
  /** An app for these people alone, so that the others are not looked at. */
  async function anAppFor(people: readonly TestPerson[], subject?: string): Promise<TestApp> {
    const app = await aRefreshingApp(clinch, { access: 'assigned', subjectExpression: subject ?? null });
    for (const { id } of people) {
      await insertRows(dataSource, 'assignments', 1, {
        client_id: app.clientId,
        subject_type: 'user',
        subject_id: id,
        role_id: '',
        enabled: true,
        ends_at: null,
        created_at: Date.now() + 1_000,
      });
    }
    return app;
  }

  function anOpenApp(subjectExpression: string): Promise<TestApp> {
    return aRefreshingApp(clinch, { subjectExpression });
  }

  function withNumber(number: string | null, username?: string): Promise<TestPerson> {
    const custom = number === null ? {} : { number };
    return aPerson(clinch, { custom, ...(username === undefined ? {} : { username }) });
  }

  async function tried({ clientId }: TestApp, fields: Json) {
    return admin.call('PATCH', `apps/${clientId}`, fields);
  }

  it('is what it gives, in all that speaks of the person', async () => {
    const app = await anOpenApp('"emp-" + user.custom.number');
    const tokens = await signedIn(app, await withNumber('7'));
    expect(await subjectHeard(app, tokens)).toBe('emp-7');
    const { body } = await refresh(clinch.url, app, String(tokens['refresh_token']));
    expect(await subjectHeard(app, body)).toBe('emp-7');
  });

  it('does not change when the person does, nor when the text of the rule does and the value does not', async () => {
    const app = await anOpenApp('user.custom.number');
    const who = await withNumber('n-1');
    await signedIn(app, who);
    await changed(app, { subjectExpression: 'user.custom.number + ""' });
    await signedIn(app, who);
    await admin.call('PATCH', `users/${who.id}`, { custom: { number: 'n-2' } });
    expect(await subjectHeard(app, await signedIn(app, who))).toBe('n-1');
    // Nor does anybody else get what was somebody's once.
    expect(
      (
        await new UserAgent(clinch.url)
          .authorize(authorizeUrl(clinch.url, app), await withNumber('n-1'))
          .catch(() => undefined)
      )?.has('code') ?? false,
    ).toBe(false);
  });

  it('is given to one of two who come at once with the same value', async () => {
    const app = await anOpenApp('user.custom.number');
    const two = await Promise.all([withNumber('same'), withNumber('same')]);
    const client = await clinch.app.get(ClientRegistry).find(app.clientId);
    const accounts = await Promise.all(two.map(({ id }) => clinch.app.get(AccountStore).find(id)));
    const given = await Promise.allSettled(
      accounts.map((account) => {
        if (client === undefined || account === undefined) throw new Error('no app or person');
        return clinch.app.get(Subjects).of(account, client);
      }),
    );
    expect(given.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await countRows(dataSource, 'subjects', `subject = 'same'`)).toBe(1);
  });

  it.each<[what: string, expression: string]>([
    ['has no value', 'user.custom.none'],
    ['is empty', '""'],
    ['has a blank', '"a b"'],
    ['is no ASCII', '"李华"'],
    ['is too long', 'toJson(user.custom.long)'],
    ['is the id of the app', 'app.id'],
    ['is the id of somebody else', 'user.custom.someone'],
  ])('that %s lets nobody in, and says so in the audit', async (_what, expression) => {
    const record = vi.spyOn(clinch.app.get(AuditLog), 'record');
    const app = await anOpenApp(expression);
    const who = await aPerson(clinch, { custom: { long: 'x'.repeat(300), someone: person.id } });
    const agent = new UserAgent(clinch.url);
    const page = await agent.signIn(await agent.follow(await agent.get(authorizeUrl(clinch.url, app))), who);
    expect(page.status).toBe(403);
    expect(responseParameters(await agent.press(page, 'back')).get('error')).toBe('access_denied');
    expect(record).toHaveBeenCalledWith(
      'subject.refused',
      expect.objectContaining({ accountId: who.id }),
      expect.anything(),
    );
    expect(formOf(page).hidden).toHaveProperty('interaction');
  });

  it('is refused at the token endpoint when it is somebody else’s by then', async () => {
    const app = await anOpenApp('user.custom.number');
    const who = await withNumber('late');
    const code = (await new UserAgent(clinch.url).authorize(authorizeUrl(clinch.url, app), who)).get('code') ?? '';
    await insertRows(dataSource, 'subjects', 1, {
      sector: await sectorOf(app),
      subject: 'late',
      account_id: person.id,
      rule: 'older',
    });
    const { status, body } = await redeem(clinch.url, app, code);
    expect([status, body['error']]).toEqual([400, 'invalid_grant']);
  });

  it('is not what somebody else has in another app, so that an API can hear from both', async () => {
    const [one, other] = [await anOpenApp('user.custom.number'), await anOpenApp('user.username')];
    const [first, second] = [await withNumber('J100'), await withNumber(null, 'J100')];
    expect(await subjectHeard(one, await signedIn(one, first))).toBe('J100');
    const agent = new UserAgent(clinch.url);
    const page = await agent.signIn(await agent.follow(await agent.get(authorizeUrl(clinch.url, other))), second);
    expect(page.status).toBe(403);
    // The same person may have the same value everywhere.
    const third = await anOpenApp('user.custom.number + ""');
    expect(await subjectHeard(third, await signedIn(third, first))).toBe('J100');
  });

  it('does not make the tokens of an app that was deleted good for the next one of that id', async () => {
    const app = await anOpenApp('user.custom.number');
    const tokens = await signedIn(app, await withNumber('old'));
    await changed(app, { createdAt: new Date(Date.now() + 2_000) });
    expect((await userinfo(tokens['access_token'])).status).toBe(401);
  });

  it('of an earlier app of the same id is not kept in the next one', async () => {
    const app = await anOpenApp('user.custom.number');
    const who = await withNumber('earlier');
    const tokens = await signedIn(app, who);
    await changed(app, { createdAt: new Date(Date.now() - 60_000) });
    expect((await userinfo(tokens['access_token'])).status).toBe(401);
    await admin.call('PATCH', `users/${who.id}`, { custom: { number: 'later' } });
    expect(await subjectHeard(app, await signedIn(app, who))).toBe('later');
  });

  it('is held against everybody who may enter before it is taken', async () => {
    const people = await Promise.all([
      withNumber('1', 'roll.one'),
      withNumber('1', 'roll.two'),
      withNumber('2', 'roll.three'),
      withNumber(null, 'roll.four'),
    ]);
    const app = await anAppFor(people);
    const refused = await tried(app, { subject_expression: 'user.custom.number' });
    expect([refused.status, fieldsOf(refused)]).toEqual([400, ['subject_expression', 'subject_expression']]);
    expect(refused.body['detail']).toMatch(/no value for 1 of .*: roll\.four/);
    expect(refused.body['detail']).toMatch(/gives 2 of .*roll\.(one|two), roll\.(one|two)/);
    expect(refused.body['detail']).not.toContain('roll.three');
    const taken = await tried(app, { subject_expression: 'user.username + user.?custom.?number.orValue("")' });
    expect(taken.status, JSON.stringify(taken.body)).toBe(200);
    // Opened to everybody, it is held against everybody.
    expect((await tried(app, { access: 'everyone', subject_expression: 'user.custom.number' })).status).toBe(400);
  });

  it('is held against those who are assigned through departments and groups, and not those who are not', async () => {
    const [direct, below, grouped, outside] = await Promise.all([
      withNumber('d', 'via.direct'),
      withNumber(null, 'via.department'),
      withNumber(null, 'via.group'),
      withNumber(null, 'via.nothing'),
    ]);
    const app = await anAppFor([direct]);
    const rows = (table: string, values: Record<string, string | number | boolean | null>) =>
      insertRows(dataSource, table, 1, values);
    await rows('departments', { id: 'roll-child', source_id: 'roll', external_id: '2', removed_at: null });
    await rows('departments', { id: 'roll-root', source_id: 'roll', external_id: '1', removed_at: null });
    await rows('department_ancestors', { department_id: 'roll-child', ancestor_id: 'roll-root', depth: 1 });
    await rows('department_members', { department_id: 'roll-child', account_id: below.id });
    await rows('groups', { id: 'roll-group', kind: 'manual' });
    await rows('group_members', { group_id: 'roll-group', account_id: grouped.id });
    const assigned = {
      client_id: app.clientId,
      role_id: '',
      enabled: true,
      include_descendants: true,
      created_at: Date.now(),
    };
    await rows('assignments', { ...assigned, subject_type: 'department', subject_id: 'roll-root' });
    await rows('assignments', { ...assigned, subject_type: 'group', subject_id: 'roll-group', ends_at: null });
    await rows('assignments', { ...assigned, subject_type: 'user', subject_id: outside.id, ends_at: Date.now() - 1 });
    const { body } = await tried(app, { subject_expression: 'user.custom.number' });
    expect(body['detail']).toMatch(/no value for 2 of/);
    expect(body['detail']).toContain('via.department');
    expect(body['detail']).toContain('via.group');
  });

  it('is held against what was given out before, in this app or another', async () => {
    const [left, come] = [await withNumber('held', 'held.before'), await withNumber('held', 'held.now')];
    const app = await anAppFor([come]);
    await insertRows(dataSource, 'subjects', 1, {
      sector: 'client:another:1700000000000',
      subject: 'held',
      account_id: left.id,
      rule: 'older',
    });
    const { body } = await tried(app, { subject_expression: 'user.custom.number' });
    expect(body['detail']).toContain('held.now');
  });

  it('is not looked at again when something else of the app changes', async () => {
    const app = await anAppFor([await withNumber(null)], 'user.custom.number');
    expect((await tried(app, { client_uri: 'https://x.example/' })).status).toBe(200);
    expect((await tried(app, { client_name: 'Renamed', access: 'assigned' })).status).toBe(200);
    expect((await tried(app, { subject_expression: 'user.custom.number' })).status).toBe(200);
  });

  it('does not keep an app from being closed, and is looked at when it is opened', async () => {
    const app = await anOpenApp('user.custom.none');
    expect((await tried(app, { access: 'assigned' })).status).toBe(200);
    expect(fieldsOf(await tried(app, { access: 'everyone' }))).toEqual(['subject_expression']);
  });

  it('is looked at again when it can see other things: e-mail and phone, or the name of the app', async () => {
    const who = await aPerson(clinch, { email: 'one@acme.example' });
    const mail = await anAppFor([who], 'user.email');
    await changed(mail, { scope: 'openid email' });
    expect((await tried(mail, { scope: 'openid email profile' })).status).toBe(200);
    expect(fieldsOf(await tried(mail, { scope: 'openid' }))).toEqual(['subject_expression']);
    const named = await anAppFor([who], 'app.name == "Closed" ? "" : user.username');
    expect((await tried(named, { client_name: 'Open' })).status).toBe(200);
    expect(fieldsOf(await tried(named, { client_name: 'Closed' }))).toEqual(['subject_expression']);
  });

  describe('and who may see whom it does not fit', () => {
    async function triedWith(scope: string, app: TestApp, expression: string) {
      const actor = await anApp(clinch, { grantTypes: ['client_credentials'], redirectUris: [], scope });
      const { headers } = credentials(actor);
      const { body } = await postToken(clinch.url, { grant_type: 'client_credentials', scope }, headers);
      const authorization = `Bearer ${String(body['access_token'])}`;
      return admin.call('PATCH', `apps/${app.clientId}`, { subject_expression: expression }, { authorization });
    }

    it('names nobody and counts nobody without the right to read people', async () => {
      const app = await anAppFor(await Promise.all([withNumber(null, 'unseen.one'), withNumber('u', 'unseen.two')]));
      const blind = await triedWith('clinch:apps:write', app, 'user.custom.number');
      expect([blind.status, fieldsOf(blind)]).toEqual([400, ['subject_expression']]);
      expect(JSON.stringify(blind.body)).toContain('clinch:users:read');
      expect(JSON.stringify(blind.body)).not.toMatch(/unseen|\b[12] of/);
      const seeing = await triedWith('clinch:apps:write clinch:users:read', app, 'user.custom.number');
      expect(seeing.body['detail']).toContain('no value for 1 of those who may enter: unseen.one');
    });

    it.each(['user.phone_number.startsWith("+86139") ? "" : user.id', 'user.?email.orValue(user.id)', 'toJson(user)'])(
      'does not try %s on them without the right to personal data',
      async (expression) => {
        const app = await anAppFor([]);
        const refused = await triedWith('clinch:apps:write clinch:users:read', app, expression);
        expect([refused.status, fieldsOf(refused)]).toEqual([400, ['subject_expression']]);
        expect(JSON.stringify(refused.body)).toContain('clinch:personal-data:read');
        const rights = 'clinch:apps:write clinch:users:read clinch:personal-data:read';
        expect((await triedWith(rights, app, expression)).status).toBe(200);
      },
    );
  });

  it.each<[fields: Json, problem: RegExp]>([
    [{ subject_expression: 'user.nothing' }, /line 1, column \d+/],
    [{ subject_expression: 'size(user.username)' }, /line 1, column \d+/],
    [{ subject_expression: 'user.id', subject_type: 'pairwise' }, /beside subject_type pairwise/],
  ])('is judged by itself: %j', async (fields, problem) => {
    const refused = await tried(await anAppFor([]), fields);
    expect([refused.status, fieldsOf(refused)]).toEqual([400, ['subject_expression']]);
    expect(refused.body['detail']).toMatch(problem);
  });
});
