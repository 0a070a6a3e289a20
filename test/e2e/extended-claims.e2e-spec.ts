import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientEntity, ExtendedClaim } from '../../src/app-registry/client.entity.js';
import { TOKEN_CLAIMS } from '../../src/app-registry/extended-claim.dto.js';
import { ServerLog } from '../../src/audit/server-log.js';
import { Database } from '../../src/database/database.js';
import { Expressions } from '../../src/expressions/expressions.js';
import { changeApp, claimsOf } from '../security/support/arrange.js';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { refresh } from '../support/refresh.js';
import { insertRows } from '../support/rows.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { tokensOf, userinfoOf, type CodeRequest } from '../support/tokens.js';

const EVERY_SCOPE = 'openid profile email phone address offline_access roles groups entitlements';
const PLACES = ['id_token', 'access_token', 'userinfo'] as const;

let clinch: TestClinch;
let admin: AdminApi;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  person = await aPerson(clinch, { username: 'li.hua', custom: { place: '杭州', level: 7 } });
});
afterAll(() => clinch.stop());

type Claim = Pick<ExtendedClaim, 'name' | 'value'> & Partial<ExtendedClaim>;

function anAppWith(claims: readonly Claim[], differences: Partial<ClientEntity> = {}): Promise<TestApp> {
  const idTokenClaims = claims.map((claim) => ({ in: ['id_token'] as const, on_error: 'omit' as const, ...claim }));
  return anApp(clinch, {
    grantTypes: ['authorization_code', 'refresh_token'],
    scope: EVERY_SCOPE,
    idTokenClaims,
    ...differences,
  });
}

interface Told {
  readonly idToken: Json;
  readonly accessToken: Json;
  readonly userinfo: Json;
  readonly body: Json;
}

async function told(app: TestApp, request: CodeRequest | string = 'openid', who: TestPerson = person): Promise<Told> {
  const asked = typeof request === 'string' ? { scope: request.split(' ') } : request;
  const { status, body } = await tokensOf(clinch, app, who, asked);
  expect(status, JSON.stringify(body)).toBe(200);
  return {
    idToken: claimsOf(body['id_token']),
    accessToken: claimsOf(body['access_token']),
    userinfo: asked.resource === undefined ? await userinfoOf(clinch, body['access_token']) : {},
    body,
  };
}

describe('extended claims, when they are saved', () => {
  const app = (fields: object) =>
    admin.call('POST', 'apps', { client_name: 'Reports', redirect_uris: ['https://app.example/cb'], ...fields });

  it('are compiled, and a fault is told under its field with line and column', async () => {
    const answer = await app({
      id_token_claims: [
        { name: 'department', value: 'user.departments[0].name' },
        { name: 'mail', value: 'user.name +\n  user.emial' },
      ],
    });
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual(['id_token_claims.1.value']);
    expect(String(answer.body['detail'])).toMatch(/line 2, column \d+/);
  });

  it.each<[claim: Json, missing: string[]]>([
    [{}, ['name', 'value']],
    [{ name: 'place' }, ['value']],
    [{ value: 'user.id' }, ['name']],
  ])('have a name and a value: %j', async (claim, missing) => {
    const { clientId } = await anApp(clinch);
    const claims = { id_token_claims: [{ name: 'fine', value: '1' }, claim] };
    for (const refused of [await app(claims), await admin.call('PATCH', `apps/${clientId}`, claims)]) {
      expect(refused.status).toBe(400);
      expect(fieldsOf(refused)).toEqual(missing.map((name) => `id_token_claims.1.${name}`));
      expect(refused.body['detail']).toContain('is required');
    }
  });

  it('and the access rule too', async () => {
    expect(fieldsOf(await app({ access_rule: 'user.departments' }))).toEqual(['access_rule']);
    expect(fieldsOf(await app({ access_rule: 'session.amr == []' }))).toEqual(['access_rule']);
  });

  it('cannot be those that say something of the token itself', async () => {
    const names = [...TOKEN_CLAIMS, '__proto__', 'constructor', 'with space', ''];
    const answer = await app({ id_token_claims: names.map((name) => ({ name, value: '"x"' })) });
    expect(fieldsOf(answer)).toEqual(names.map((_, index) => `id_token_claims.${index}.name`));
  });

  it('can be standard claims and any other name, each once, fifty at most', async () => {
    const names = (
      'name given_name family_name nickname preferred_username email phone_number picture profile locale zoneinfo ' +
      'groups roles entitlements email_verified https://acme.example/level'
    ).split(' ');
    const claims = names.map((name) => ({ name, value: 'false' }));
    expect((await app({ id_token_claims: claims })).status).toBe(201);
    expect(fieldsOf(await app({ id_token_claims: [...claims, claims[0]] }))).toEqual(['id_token_claims.16.name']);
    const many = Array.from({ length: 51 }, (_, index) => ({ name: `c${index}`, value: '1' }));
    expect(fieldsOf(await app({ id_token_claims: many }))).toEqual(['id_token_claims']);
  });
});

describe('extended claims, at the sign-in', () => {
  it('go where they are for, and nowhere else', async () => {
    const app = await anAppWith([
      { name: 'place', value: 'user.custom.place' },
      { name: 'level', value: 'user.custom.level + 1', in: ['access_token'] },
      {
        name: 'seen',
        value: '{"who": user.username, "by": app.name, "how": session.amr, "for": scope}',
        in: ['userinfo'],
      },
      { name: 'everywhere', value: '[user.name, app.id]', in: PLACES },
    ]);
    const { idToken, accessToken, userinfo } = await told(app, 'openid profile');
    const everywhere = ['李华', app.clientId];
    expect(idToken).toMatchObject({ place: '杭州', everywhere });
    expect(accessToken).toMatchObject({ level: 8, everywhere });
    const seen = { who: 'li.hua', by: 'Sample App', how: ['pwd'], for: ['openid', 'profile'] };
    expect(userinfo).toMatchObject({ seen, everywhere, name: '李华' });
    for (const name of ['level', 'seen']) expect(idToken).not.toHaveProperty(name);
    for (const name of ['place', 'level']) expect(userinfo).not.toHaveProperty(name);
  });

  it('are evaluated together, each text once; without any, nothing is', async () => {
    const evaluate = vi.spyOn(clinch.app.get(Expressions), 'evaluate');
    const app = await anAppWith([
      { name: 'a', value: 'user.username', in: PLACES },
      { name: 'b', value: 'user.username' },
      { name: 'c', value: 'app.id', in: ['access_token'] },
    ]);
    const { body } = await tokensOf(clinch, app, person, { scope: ['openid'] });
    expect(evaluate.mock.calls.map(([use, texts]) => [use, texts])).toEqual([['claim', ['user.username', 'app.id']]]);
    evaluate.mockClear();
    await userinfoOf(clinch, body['access_token']);
    expect(evaluate.mock.calls.map(([, texts]) => texts)).toEqual([['user.username']]);
    evaluate.mockClear();
    await told(await anAppWith([]), 'openid profile email');
    expect(evaluate).not.toHaveBeenCalled();
  });

  it('cost an app without them no query at the token endpoint', async () => {
    const app = await anAppWith([]);
    await told(app);
    const database = clinch.app.get(Database);
    const asked = [vi.spyOn(database, 'all'), vi.spyOn(database, 'run')];
    await tokensOf(clinch, app, person, { scope: ['openid', 'profile'] });
    const names = asked.flatMap(({ mock }) => mock.calls.map(([{ name }]) => name));
    const beside = /^session_insert|^session_client_note|^authorization_code_insert|^logout_notice_due_apps/;
    expect(names.filter((name) => !beside.test(name)).sort()).toEqual([
      'authorization_code_spend',
      'session_find_by_id',
    ]);
  });

  it('are left out when their expression has no value, and so is what they replace', async () => {
    const info = vi.spyOn(clinch.app.get(ServerLog), 'info');
    vi.spyOn(clinch.app.get(ServerLog), 'isOn').mockReturnValue(true);
    const app = await anAppWith([
      { name: 'gone', value: 'user.custom.nothing', in: PLACES },
      { name: 'nothing', value: 'null', in: PLACES },
      { name: 'nickname', value: 'user.custom.nothing', in: ['userinfo'] },
      { name: 'there', value: 'user.custom.?nothing.orValue("none")', in: PLACES },
    ]);
    const { idToken, accessToken, userinfo } = await told(app, 'openid profile');
    for (const claims of [idToken, accessToken, userinfo]) {
      expect(claims).toMatchObject({ there: 'none' });
      for (const name of ['gone', 'nothing', 'nickname']) expect(claims).not.toHaveProperty(name);
    }
    const lines = info.mock.calls.map(([fields]) => fields).filter(({ kind }) => kind === 'claims');
    expect(lines.map(({ use }) => use)).toEqual(['access_token', 'id_token', 'userinfo']);
    expect(JSON.stringify(lines)).toContain('"gone"');
    expect(JSON.stringify(lines)).not.toContain('李华');
  });

  it('stop the sign-in where they say so, and a refused refresh costs nothing', async () => {
    const badge = { name: 'badge', value: 'user.custom.badge', on_error: 'fail' } as const;
    const app = await anAppWith([badge], { refreshTokenGrace: 0 });
    const refused = await tokensOf(clinch, app, person, { scope: ['openid'] });
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(String(refused.body['error_description'])).toContain('badge');
    const fixed = { name: 'badge', value: '"b-1"', in: ['id_token'] as const, on_error: 'fail' as const };
    await changeApp(clinch, app, { idTokenClaims: [fixed] });
    const { body } = await told(app, 'openid offline_access');
    const token = String(body['refresh_token']);
    await changeApp(clinch, app, { idTokenClaims: [{ ...fixed, value: 'user.custom.badge' }] });
    expect((await refresh(clinch.url, app, token)).body['error']).toBe('invalid_grant');
    await changeApp(clinch, app, { idTokenClaims: [fixed] });
    const again = await refresh(clinch.url, app, token);
    expect(claimsOf(again.body['id_token'])).toMatchObject({ badge: 'b-1' });
  });

  it('fill a token first where they must be there, and stop the sign-in where they do not fit either', async () => {
    const long = (name: string, on_error: 'omit' | 'fail') =>
      ({ name, value: `"${'x'.repeat(1_800)}"`, on_error }) as const;
    const fitting = await anAppWith([long('a', 'omit'), long('b', 'omit'), long('c', 'fail')]);
    const { idToken } = await told(fitting);
    expect(['a', 'b', 'c'].filter((name) => name in idToken)).toEqual(['a', 'c']);
    const bursting = await anAppWith([long('a', 'fail'), long('b', 'fail'), long('c', 'fail')]);
    const refused = await tokensOf(clinch, bursting, person, { scope: ['openid'] });
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(refused.body['error_description']).toBe('the claim c does not fit into the token');
  });

  it('are left out of userinfo even where they would stop a sign-in', async () => {
    const app = await anAppWith([{ name: 'badge', value: 'user.custom.badge', on_error: 'fail', in: ['userinfo'] }]);
    const { userinfo } = await told(app);
    expect(userinfo).toEqual({ sub: person.id });
  });

  it('make nobody’s address verified', async () => {
    const app = await anAppWith([
      { name: 'phone_number_verified', value: 'true', in: PLACES },
      { name: 'email_verified', value: 'user.custom.level > 100', in: PLACES },
    ]);
    const { idToken, userinfo } = await told(app, 'openid email phone');
    expect(idToken).not.toHaveProperty('phone_number_verified');
    expect(idToken['email_verified']).toBe(false);
    expect(userinfo).not.toHaveProperty('phone_number_verified');
    expect(userinfo).toMatchObject({ email_verified: false, phone_number: '+8613800000000' });
  });

  it('do not see e-mail and phone unless the app has their scope and was granted it', async () => {
    const claims = [
      { name: 'mail', value: 'user.?email.orValue("-")' },
      { name: 'phone', value: 'user.?phone_number.orValue("-")' },
      { name: 'whole', value: 'toJson(user)', in: ['access_token'] as const },
    ];
    const all = await anAppWith(claims);
    expect((await told(all, 'openid email phone')).idToken).toMatchObject({ mail: 'lihua@example.com' });
    const { idToken, accessToken } = await told(all, 'openid email');
    expect(idToken).toMatchObject({ mail: 'lihua@example.com', phone: '-' });
    expect(JSON.stringify(accessToken)).not.toContain('13800000000');
    expect((await told(all)).idToken).toMatchObject({ mail: '-', phone: '-' });
    const few = await anAppWith(claims, { scope: 'openid profile' });
    expect((await told(few, 'openid email phone')).idToken).toMatchObject({ mail: '-', phone: '-' });
  });

  it('cannot be claims of the token, whatever a row says', async () => {
    const app = await anAppWith(
      [...TOKEN_CLAIMS, '__proto__'].map((name) => ({
        name,
        value: '"forged"',
        in: PLACES,
        on_error: 'fail' as const,
      })),
    );
    const { idToken, accessToken, userinfo } = await told(app);
    for (const claims of [idToken, accessToken, userinfo]) expect(JSON.stringify(claims)).not.toContain('forged');
  });
});

describe('custom scopes', () => {
  beforeAll(async () => {
    const scope = {
      name: 'place',
      description: { 'zh-CN': '你的位置', en: 'Where you are' },
      claims: [
        { name: 'place', value: 'user.custom.place' },
        {
          name: 'desk',
          value: 'user.custom.place + "/" + string(user.custom.level)',
          in: ['id_token', 'access_token'],
        },
      ],
    };
    expect((await admin.call('POST', 'scopes', scope)).status).toBe(201);
  });

  it('release their claims when they are granted, to an app that is registered for them', async () => {
    const app = await anAppWith([], { scope: 'openid place' });
    const { idToken, accessToken, userinfo } = await told(app, 'openid place');
    expect([idToken['desk'], accessToken['desk'], userinfo['place']]).toEqual(['杭州/7', '杭州/7', '杭州']);
    expect([idToken['place'], userinfo['desk']]).toEqual([undefined, undefined]);
    expect((await told(app)).userinfo).toEqual({ sub: person.id });
    const other = await anAppWith([], { scope: 'openid' });
    expect((await told(other, 'openid place')).idToken).not.toHaveProperty('desk');
  });

  it('give way to the claims of the app', async () => {
    const app = await anAppWith([{ name: 'desk', value: '"own"' }], { scope: 'openid place' });
    const { idToken, accessToken } = await told(app, 'openid place');
    expect([idToken['desk'], accessToken['desk']]).toEqual(['own', '杭州/7']);
  });
});

describe('roles, groups and entitlements (RFC 9068 §2.2.3.1)', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await anAppWith([]);
    const { dataSource } = clinch.app.get(Database);
    const put = (table: string, values: Record<string, string | boolean>) => insertRows(dataSource, table, 1, values);
    const group = { description: '', kind: 'manual', include_descendants: true };
    await put('groups', { ...group, id: 'g-1', name: 'Admins', name_key: 'admins' });
    await put('groups', { ...group, id: 'g-2', name: '财务', name_key: '财务' });
    for (const id of ['g-1', 'g-2']) await put('group_members', { group_id: id, account_id: person.id });
    const made = async (path: string, body: object) => {
      const answer = await admin.call('POST', path, body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    };
    const role = { client_id: app.clientId, description: '' };
    await made('roles', { ...role, name: 'reader', permissions: ['reports:read', 'notes:*'] });
    await made('roles', { ...role, name: 'writer', permissions: ['reports:write'] });
    await made(`apps/${app.clientId}/assignments`, { subject: { type: 'user', id: person.id }, role: 'reader' });
  });

  it('are lists of texts in every token and at userinfo, by the scopes of their names', async () => {
    const { idToken, accessToken, userinfo } = await told(app, 'openid roles groups entitlements');
    const lists = { roles: ['reader'], groups: ['Admins', '财务'], entitlements: ['notes:*', 'reports:read'] };
    for (const claims of [idToken, accessToken, userinfo]) expect(claims).toMatchObject(lists);
    const one = await told(app, 'openid roles');
    expect(one.accessToken).toMatchObject({ roles: ['reader'] });
    for (const name of ['groups', 'entitlements']) expect(one.idToken).not.toHaveProperty(name);
  });

  it('are empty lists for those who have none, and nothing for an app that may not have them', async () => {
    const other = await aPerson(clinch);
    expect((await told(app, 'openid roles groups entitlements', other)).idToken).toMatchObject({
      roles: [],
      groups: [],
      entitlements: [],
    });
    const plain = await anAppWith([], { scope: 'openid' });
    const { idToken, body } = await told(plain, 'openid roles groups');
    expect(idToken).not.toHaveProperty('roles');
    expect(body['scope']).toBe('openid');
  });

  it('can be asked for one by one with the claims parameter', async () => {
    const requestedClaims = { idToken: ['roles'], userinfo: ['groups'] };
    const { idToken, accessToken, userinfo } = await told(app, { scope: ['openid'], requestedClaims });
    expect(idToken).toMatchObject({ roles: ['reader'] });
    expect(userinfo).toMatchObject({ groups: ['Admins', '财务'] });
    expect(accessToken).not.toHaveProperty('roles');
    expect(userinfo).not.toHaveProperty('roles');
  });

  it('are there for expressions, and can be given another name or form', async () => {
    const renaming = await anAppWith([
      { name: 'isAdmin', value: '"Admins" in user.groups.map(g, g.name)' },
      { name: 'rights', value: 'app.roles.map(r, "role/" + r) + app.permissions' },
    ]);
    expect((await told(renaming)).idToken).toMatchObject({ isAdmin: true, rights: [] });
  });

  it('permissions in the scope stay for those who have them', async () => {
    await changeApp(clinch, app, { scope: `${EVERY_SCOPE} reports:read reports:write notes:delete free:text` });
    const scope = 'openid reports:read reports:write notes:delete free:text offline_access';
    const { accessToken, body } = await told(app, scope);
    const held = 'openid reports:read notes:delete free:text offline_access';
    expect([accessToken['scope'], body['scope']]).toEqual([held, held]);
    await admin.call('POST', `apps/${app.clientId}/assignments`, {
      subject: { type: 'user', id: person.id },
      role: 'writer',
    });
    const later = await refresh(clinch.url, app, String(body['refresh_token']));
    expect(later.body['scope']).toBe(scope);
  });

  it('permissions in the scope are nobody’s when no role has them any more', async () => {
    const scope = 'openid reports:read reports:write free:text';
    const own = await anAppWith([], { scope });
    const ids: unknown[] = [];
    for (const permissions of [['reports:read'], ['reports:*']]) {
      const role = { client_id: own.clientId, name: String(permissions), permissions };
      const { body } = await admin.call('POST', 'roles', role);
      ids.push(body['id']);
    }
    await admin.call('POST', `apps/${own.clientId}/assignments`, {
      subject: { type: 'user', id: person.id },
      role: 'reports:*',
    });
    expect((await told(own, scope)).body['scope']).toBe(scope);
    await admin.call('PATCH', `roles/${String(ids[1])}`, { permissions: [] });
    await admin.call('DELETE', `roles/${String(ids[0])}`);
    expect((await told(own, scope)).body['scope']).toBe('openid free:text');
    // Nor does a change of the app forget them.
    const { body: app } = await admin.call('GET', `apps/${own.clientId}`);
    const { client_name, redirect_uris } = app;
    const replaced = await admin.call('PUT', `apps/${own.clientId}`, { client_name, redirect_uris, scope });
    expect(replaced.status, JSON.stringify(replaced.body)).toBe(200);
    await admin.call('DELETE', `roles/${String(ids[1])}`);
    expect((await told(own, scope)).body['scope']).toBe('openid free:text');
  });
});

describe('the app account', () => {
  it('is the preferred_username, wherever that is asked for, and app.account in expressions', async () => {
    const claims = [{ name: 'login', value: 'app.account', in: PLACES }];
    const app = await anAppWith(claims, { accountRule: 'username' });
    const requestedClaims = { idToken: ['preferred_username'], userinfo: [] };
    const { idToken, accessToken, userinfo } = await told(app, { scope: ['openid', 'profile'], requestedClaims });
    expect(idToken).toMatchObject({ preferred_username: 'li.hua', login: 'li.hua' });
    expect(userinfo).toMatchObject({ preferred_username: 'li.hua', login: 'li.hua' });
    expect(accessToken).toMatchObject({ login: 'li.hua' });
    const none = await anAppWith(claims);
    expect((await told(none, 'openid profile')).userinfo).toMatchObject({ preferred_username: 'lihua' });
    expect((await told(none)).idToken).not.toHaveProperty('login');
  });
});

describe('the size of a token', () => {
  it('is kept: the big lists go first, and a line says so once', async () => {
    const member = await aPerson(clinch);
    const { dataSource } = clinch.app.get(Database);
    for (let index = 0; index < 60; index++) {
      const name = `group-${index}-${'x'.repeat(80)}`;
      await insertRows(dataSource, 'groups', 1, { id: `big-${index}`, name, name_key: name, kind: 'manual' });
      await insertRows(dataSource, 'group_members', 1, { group_id: `big-${index}`, account_id: member.id });
    }
    const app = await anAppWith([{ name: 'own', value: 'user.username', in: PLACES }]);
    const warning = vi.spyOn(clinch.app.get(ServerLog), 'warning');
    const request = { scope: ['openid', 'groups', 'roles'], requestedClaims: { idToken: ['name'], userinfo: [] } };
    for (let times = 0; times < 2; times++) {
      const { idToken, userinfo } = await told(app, request, member);
      expect(idToken).toMatchObject({ name: '李华', own: member.username, roles: [] });
      expect(idToken).not.toHaveProperty('groups');
      expect(userinfo['groups']).toHaveLength(60);
    }
    const lines = warning.mock.calls.map(([fields]) => fields).filter(({ kind }) => kind === 'claims');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ clientId: app.clientId, claims: ['groups'] });
  });
});

describe('discovery', () => {
  it('names the scopes and claims', async () => {
    const document = (await (await fetch(`${clinch.url}/.well-known/openid-configuration`)).json()) as Json;
    for (const member of ['scopes_supported', 'claims_supported']) {
      expect(document[member]).toEqual(expect.arrayContaining(['roles', 'groups', 'entitlements']));
    }
  });
});
