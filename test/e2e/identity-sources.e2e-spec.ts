import { getRepositoryToken } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminActor } from '../../src/admin/admin-actor.js';
import { FederatedIdentityEntity } from '../../src/accounts/federated-identity.entity.js';
import { SourceAdministration } from '../../src/dingtalk/administration/source-administration.js';
import { IdentitySources } from '../../src/dingtalk/source/identity-sources.js';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { anApp, aPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, postToken } from '../support/user-agent.js';

const SECRET = 'the-secret-of-the-console';
const AES_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';

let clinch: TestClinch;
let admin: AdminApi;
let made = 0;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

const fresh = () => ({
  name: `Acme ${++made}`,
  corp_id: `dingcorp${made}`,
  client_id: `dingapp${made}`,
  client_secret: SECRET,
});
const aSource = (differences: object = {}): Promise<Json> =>
  admin.made('identity-sources', { ...fresh(), ...differences });
const pathOf = (source: Json) => `identity-sources/${String(source['id'])}`;
const opened = async (source: Json) => {
  const found = await clinch.app.get(IdentitySources).find(String(source['id']));
  if (found === undefined) throw new Error('is not there');
  return found;
};

/** What a client with these scopes only is answered. */
async function withScope(scope: string, method: string, path: string, body?: object) {
  const app = await anApp(clinch, { grantTypes: ['client_credentials'], redirectUris: [], scope });
  const answer = await postToken(clinch.url, { grant_type: 'client_credentials', scope }, credentials(app).headers);
  return admin.call(method, path, body, { authorization: `Bearer ${String(answer.body['access_token'])}` });
}

describe('identity sources', () => {
  it('have the defaults of the contract', async () => {
    const body = fresh();
    const source = await admin.made('identity-sources', body);
    expect(source).toEqual({
      id: `acme-${made}`,
      name: body.name,
      enabled: true,
      corp_id: body.corp_id,
      client_id: body.client_id,
      callback_networks: [],
      login_base_url: 'https://login.dingtalk.com',
      api_base_url: 'https://api.dingtalk.com',
      oapi_base_url: 'https://oapi.dingtalk.com',
      browser_sign_in: true,
      embedded_qr: true,
      in_app_sign_in: true,
      callback_events: false,
      stream_events: false,
      new_people: 'create',
      match_by: [],
      trusted_email: 'org_email',
      trusted_phone: true,
      mapping: null,
      sync_schedule: null,
      sync_roles: true,
      sync_details: 'changed',
      sync_disable_limit: 10,
      has_callback_keys: false,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      updated_at: source['created_at'],
    });
    expect((await admin.call('GET', pathOf(source))).body).toEqual(source);
  });

  it('are given an id by their name, also when it is taken or has no letters that stand in addresses', async () => {
    const first = await aSource({ name: 'Grün & Söhne GmbH' });
    expect(first['id']).toBe('gru-n-so-hne-gmbh');
    expect((await aSource({ name: 'Grün & Söhne GmbH' }))['id']).toMatch(/^gru-n-so-hne-gmbh-[0-9a-f]{6}$/);
    expect((await aSource({ name: '克林奇科技' }))['id']).toMatch(/^dingtalk-[0-9a-f]{6}$/);
    expect((await aSource({ id: 'x-1' }))['id']).toBe('x-1');
  });

  it('take an organisation once, and an id once', async () => {
    const { id, corp_id } = await aSource();
    const twice = await admin.call('POST', 'identity-sources', { ...fresh(), corp_id });
    expect(twice).toMatchObject({ status: 409, body: { type: 'urn:clinch:problem:conflict' } });
    expect(fieldsOf(twice)).toEqual(['corp_id']);
    const again = await admin.call('POST', 'identity-sources', { ...fresh(), id });
    expect(again.status).toBe(409);
    expect(fieldsOf(again)).toEqual(['id']);
  });

  it('change what is sent, replace the rest, and keep id, organisation and secrets', async () => {
    const source = await aSource({ callback_token: 'clinchTok1', callback_aes_key: AES_KEY, sync_disable_limit: 5 });
    const changed = await admin.call('PATCH', pathOf(source), { enabled: false, mapping: { name: ['nickname'] } });
    expect(changed.body).toMatchObject({ enabled: false, mapping: { name: ['nickname'] }, sync_disable_limit: 5 });
    expect(changed.body['has_callback_keys']).toBe(true);
    expect((await opened(source)).clientSecret()).toBe(SECRET);
    const { client_id } = source;
    const replaced = await admin.call('PUT', pathOf(source), { name: 'Other', client_id });
    expect(replaced.body).toMatchObject({ name: 'Other', enabled: true, mapping: null, sync_disable_limit: 10 });
    expect(replaced.body).toMatchObject({ has_callback_keys: true, created_at: source['created_at'] });
    expect((await opened(source)).callbackKeys()).toEqual({ token: 'clinchTok1', aesKey: AES_KEY });
    for (const [method, body] of [
      ['PATCH', { corp_id: 'dingother' }],
      ['PUT', { name: 'x', client_id, corp_id: 'dingother' }],
      ['PATCH', { id: 'other' }],
    ] as const) {
      const answer = await admin.call(method, pathOf(source), body);
      expect(answer.status).toBe(400);
      expect(fieldsOf(answer)).toEqual([Object.keys(body).at(-1)]);
    }
    const same = await admin.call('PATCH', pathOf(source), { corp_id: source['corp_id'] });
    expect(same.status).toBe(200);
  });

  it.each<[string, object, string]>([
    ['an unknown field', { is_admin: true }, 'is_admin'],
    ['an id with capitals', { id: 'Acme' }, 'id'],
    ['an id that leads elsewhere', { id: '../x' }, 'id'],
    ['an id that ends in a hyphen', { id: 'acme-' }, 'id'],
    ['no name', { name: '' }, 'name'],
    ['no name at all', { name: undefined }, 'name'],
    ['a name of blanks', { name: '  ' }, 'name'],
    ['no organisation', { corp_id: undefined }, 'corp_id'],
    ['an organisation with a slash', { corp_id: 'ding/corp' }, 'corp_id'],
    ['no secret', { client_secret: undefined }, 'client_secret'],
    ['a secret with a line end', { client_secret: `${SECRET}\n` }, 'client_secret'],
    ['a secret that is null', { client_secret: null }, 'client_secret'],
    ['a token of two letters', { callback_token: 'ab', callback_aes_key: AES_KEY }, 'callback_token'],
    ['a token with a hyphen', { callback_token: 'ab-c', callback_aes_key: AES_KEY }, 'callback_token'],
    ['an aes_key with a plus', { callback_token: 'abc', callback_aes_key: `+${AES_KEY.slice(1)}` }, 'callback_aes_key'],
    ['an aes_key of 42 letters', { callback_token: 'abc', callback_aes_key: AES_KEY.slice(1) }, 'callback_aes_key'],
    ['a token alone', { callback_token: 'abc' }, 'callback_aes_key'],
    ['an aes_key alone', { callback_aes_key: AES_KEY }, 'callback_token'],
    ['callbacks without keys', { callback_events: true }, 'callback_events'],
    ['a network that is none', { callback_networks: ['203.119.0.0/99'] }, 'callback_networks'],
    ['a host name as a network', { callback_networks: ['dingtalk.com'] }, 'callback_networks'],
    ['a private address', { oapi_base_url: 'https://10.0.0.1' }, 'oapi_base_url'],
    ['a query', { login_base_url: 'https://login.dingtalk.com/?x=1' }, 'login_base_url'],
    ['a script', { login_base_url: 'javascript:alert(1)' }, 'login_base_url'],
    ['a port of a database', { api_base_url: 'https://api.dingtalk.com:5432' }, 'api_base_url'],
    ['a password in an address', { api_base_url: 'https://u:p@api.dingtalk.com' }, 'api_base_url'],
    ['matching by name', { match_by: ['name'] }, 'match_by'],
    ['matching twice', { match_by: ['email', 'email'] }, 'match_by'],
    ['new people that wait', { new_people: 'ask' }, 'new_people'],
    ['a claim that is none', { mapping: { sub: ['userid'] } }, 'mapping'],
    ['a field that is none', { mapping: { name: ['password'] } }, 'mapping'],
    ['a claim from nothing', { mapping: { name: [] } }, 'mapping'],
    ['a claim from a text', { mapping: { name: 'name' } }, 'mapping'],
    ['a custom claim without a name', { mapping: { 'custom.': ['name'] } }, 'mapping'],
    ['a mapping that is a list', { mapping: [] }, 'mapping'],
    ['a schedule that is none', { sync_schedule: 'every night' }, 'sync_schedule'],
    ['a schedule of seconds', { sync_schedule: '* * * * * *' }, 'sync_schedule'],
    ['a schedule of the 30th of February', { sync_schedule: '0 3 30 2 *' }, 'sync_schedule'],
    ['an hour of 25', { sync_schedule: '0 25 * * *' }, 'sync_schedule'],
    ['101 percent', { sync_disable_limit: 101 }, 'sync_disable_limit'],
    ['half a percent', { sync_disable_limit: 0.5 }, 'sync_disable_limit'],
    ['a percentage as a text', { sync_disable_limit: '10' }, 'sync_disable_limit'],
    ['a switch as a text', { enabled: 'false' }, 'enabled'],
    ['what Clinch says', { has_callback_keys: true }, 'has_callback_keys'],
  ])('refuse %s by name', async (_, differences, field) => {
    const answer = await admin.call('POST', 'identity-sources', { ...fresh(), ...differences });
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 400 });
    expect(new Set(fieldsOf(answer))).toEqual(new Set([field]));
    expect(JSON.stringify(answer.body)).not.toContain(SECRET);
  });

  it('accept what may be said', async () => {
    const source = await aSource({
      api_base_url: `${clinch.url}/api/`,
      callback_token: 'clinchTok1',
      callback_aes_key: AES_KEY,
      callback_events: true,
      callback_networks: ['203.119.0.0/16', '2400:3200::/32', '1.2.3.4'],
      match_by: ['phone_number', 'email'],
      mapping: { username: ['job_number', 'userid'], 'custom.city': ['extension.城市', 'work_place'] },
      sync_schedule: '17 3 * * 1-5',
      sync_disable_limit: 0,
    });
    expect(source).toMatchObject({ api_base_url: `${clinch.url}/api`, match_by: ['phone_number', 'email'] });
  });

  it('lose no change to another at the same time: it is there, or it was refused', async () => {
    const administration = clinch.app.get(SourceAdministration);
    const actor = new AdminActor('test', '127.0.0.1', 'trace', ['clinch:admin']);
    for (let round = 0; round < 5; round += 1) {
      const source = await aSource();
      const changes = [{ name: 'Other' }, { sync_disable_limit: 3 }, { enabled: false }];
      const outcomes = await Promise.allSettled(
        changes.map((each) => administration.change(String(source['id']), each, actor)),
      );
      const { body } = await admin.call('GET', pathOf(source));
      expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
      outcomes.forEach((outcome, index) => {
        if (outcome.status === 'fulfilled') expect(body).toMatchObject(changes[index] ?? {});
        else expect(outcome.reason).toMatchObject({ status: 409 });
      });
    }
  });

  it('are known to the flows at once when they change', async () => {
    const source = await aSource();
    expect((await opened(source)).enabled).toBe(true);
    await admin.call('PATCH', pathOf(source), { enabled: false, client_secret: 'another-secret' });
    const { enabled, clientSecret } = await opened(source).then((each) => ({
      enabled: each.enabled,
      clientSecret: each.clientSecret(),
    }));
    expect({ enabled, clientSecret }).toEqual({ enabled: false, clientSecret: 'another-secret' });
    await admin.call('DELETE', pathOf(source));
    expect(await clinch.app.get(IdentitySources).find(String(source['id']))).toBeUndefined();
  });

  it('take with them who its people were, and leave the accounts', async () => {
    const source = await aSource();
    const other = await aSource();
    const person = await aPerson(clinch);
    const identities = clinch.app.get<Repository<FederatedIdentityEntity>>(getRepositoryToken(FederatedIdentityEntity));
    const now = new Date();
    for (const { id, corp_id } of [source, other]) {
      const [sourceId, corpId] = [String(id), String(corp_id)];
      const who = { sourceId, corpId, userId: 'u1', userKey: `${corpId} u1`, unionId: 'U1', accountId: person.id };
      await identities.insert({ ...who, id: `of-${sourceId}`, record: null, createdAt: now, updatedAt: now });
    }
    expect((await admin.call('DELETE', pathOf(source))).status).toBe(204);
    const left = (await identities.findBy({ accountId: person.id })).map(({ sourceId }) => sourceId);
    expect(left).toEqual([other['id']]);
    expect((await admin.call('GET', `users/${person.id}`)).status).toBe(200);
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : { name: 'x', client_id: 'x' };
      expect((await admin.call(method, pathOf(source), body)).status, method).toBe(404);
    }
    await aSource({ corp_id: source['corp_id'], id: source['id'] });
  });

  it('are walked page by page', async () => {
    const seen: unknown[] = [];
    for (let cursor: unknown = ''; cursor !== null && seen.length < 200;) {
      const query = `limit=7${typeof cursor === 'string' && cursor !== '' ? `&cursor=${cursor}` : ''}`;
      const { body } = await admin.call('GET', `identity-sources?${query}`);
      seen.push(...(body['items'] as Json[]).map(({ id }) => id));
      cursor = body['next_cursor'];
    }
    const all = (await admin.call('GET', 'identity-sources?limit=200')).body['items'] as Json[];
    expect(seen).toEqual(all.map(({ id }) => id));
  });
});

describe('the secrets of identity sources', () => {
  it('are in no answer, whatever is done', async () => {
    const secrets = { client_secret: SECRET, callback_token: 'clinchTok1', callback_aes_key: AES_KEY };
    const source = await aSource(secrets);
    const { client_id } = source;
    const answers = [
      await admin.call('GET', 'identity-sources?limit=200'),
      await admin.call('GET', pathOf(source)),
      await admin.call('PATCH', pathOf(source), secrets),
      await admin.call('PUT', pathOf(source), { name: 'x', client_id, ...secrets }),
      await admin.call('PATCH', pathOf(source), { ...secrets, callback_token: 'x-x' }),
      await admin.call('PATCH', pathOf(source), { ...secrets, client_secret: [SECRET] }),
      await admin.call('GET', `${pathOf(source)}/setup`),
    ];
    for (const { body } of answers) {
      for (const secret of Object.values(secrets)) expect(JSON.stringify(body)).not.toContain(secret);
      expect(JSON.stringify(body)).not.toMatch(/"(client_secret|callback_token|callback_aes_key)":/);
    }
  });

  it('lie in the database sealed, each to its place', async () => {
    const source = await aSource({ callback_token: 'clinchTok1', callback_aes_key: AES_KEY });
    const { settings } = await opened(source);
    const kept = [settings.clientSecret, settings.callbackToken ?? '', settings.callbackAesKey ?? ''];
    for (const each of kept) expect(each).toMatch(/^v1\./);
    expect(kept.join(' ')).not.toMatch(new RegExp(`${SECRET}|clinchTok1|${AES_KEY}`));
  });

  it('of the callback are made on demand and shown once', async () => {
    const source = await aSource();
    const { status, body } = await admin.call('POST', `${pathOf(source)}/callback-keys`);
    expect(status).toBe(201);
    expect(body).toEqual({
      callback_token: expect.stringMatching(/^[A-Za-z0-9]{32}$/) as string,
      callback_aes_key: expect.stringMatching(/^[A-Za-z0-9]{43}$/) as string,
    });
    const keys = { token: body['callback_token'], aesKey: body['callback_aes_key'] };
    expect((await opened(source)).callbackKeys()).toEqual(keys);
    expect(Buffer.from(`${String(keys.aesKey)}=`, 'base64').toString('base64')).toBe(`${String(keys.aesKey)}=`);
    const second = await admin.call('POST', `${pathOf(source)}/callback-keys`);
    expect(second.body['callback_token']).not.toBe(keys.token);
    expect((await admin.call('PATCH', pathOf(source), { callback_events: true })).status).toBe(200);
    const bereft = await admin.call('PATCH', pathOf(source), { callback_token: null, callback_aes_key: null });
    expect(fieldsOf(bereft)).toEqual(['callback_events']);
  });

  it('are sent to no other app and no other host than they were given for', async () => {
    const source = await aSource();
    for (const change of [
      { api_base_url: `${clinch.url}/evil` },
      { oapi_base_url: `${clinch.url}/evil` },
      { client_id: 'dingother' },
    ]) {
      const refused = await admin.call('PATCH', pathOf(source), change);
      expect(refused.status).toBe(400);
      expect(fieldsOf(refused)).toEqual(['client_secret']);
      const again = await admin.call('PATCH', pathOf(source), { ...change, client_secret: 'of-the-other' });
      expect(again.status).toBe(200);
    }
    // Falling back to the default is a change as well.
    const replaced = await admin.call('PUT', pathOf(source), { name: 'x', client_id: 'dingother' });
    expect(fieldsOf(replaced)).toEqual(['client_secret']);
  });
});

describe('ADMIN-05: whoever may change identity sources', () => {
  const WRITE = 'clinch:identity-sources:write';

  it('hands over no accounts without the right to change people', async () => {
    const changes = [
      { match_by: ['email'] },
      { api_base_url: `${clinch.url}/evil`, client_secret: 'x' },
      { login_base_url: `${clinch.url}/evil` },
    ];
    for (const change of changes) {
      const source = await aSource();
      for (const [method, path, body] of [
        ['POST', 'identity-sources', { ...fresh(), ...change }],
        ['PATCH', pathOf(source), change],
        ['PUT', pathOf(source), { name: 'x', client_id: source['client_id'], ...change }],
      ] as const) {
        const refused = await withScope(WRITE, method, path, body);
        expect(refused, `${method} ${JSON.stringify(change)}`).toMatchObject({ status: 403 });
        expect(refused.headers.get('www-authenticate')).toContain('scope="clinch:users:write"');
      }
      const allowed = await withScope(`${WRITE} clinch:users:write`, 'PATCH', pathOf(source), change);
      expect(allowed.status).toBe(200);
    }
  });

  it('may do the rest, and take away what hands over accounts', async () => {
    const source = await aSource({ match_by: ['email'] });
    const made = await withScope(WRITE, 'POST', 'identity-sources', fresh());
    expect(made.status).toBe(201);
    const changed = await withScope(WRITE, 'PATCH', pathOf(source), { match_by: [], sync_disable_limit: 1 });
    expect(changed.body).toMatchObject({ match_by: [], sync_disable_limit: 1 });
    expect((await withScope('clinch:identity-sources:read', 'DELETE', pathOf(source))).status).toBe(403);
    expect((await withScope(WRITE, 'GET', pathOf(source))).status).toBe(403);
  });
});
