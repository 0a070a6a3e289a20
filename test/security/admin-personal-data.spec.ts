import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fieldsOf, type Json } from '../support/admin-api.js';
import { anApp, aPerson } from '../support/builders.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, postToken } from '../support/user-agent.js';
import { adminOf, type Admin } from './support/b-admin.js';
import { captureLog, type CapturedLog } from './support/b-log.js';

const EMAIL = 'canary.wang@personal.example';
const PHONE = '+8613955557777';
const MASKED_EMAIL = 'c•••@personal.example';
const MASKED_PHONE = '+86•••••••7777';

let clinch: TestClinch;
let log: CapturedLog;
let admin: Admin;

beforeAll(async () => {
  clinch = await startClinch({ CLINCH_LOG_LEVEL: 'trace' });
  log = captureLog(clinch.app);
  admin = adminOf(clinch);
});
afterAll(() => clinch.stop());
beforeEach(() => log.clear());

/** The headers of an app with these rights on the admin API, and its id. */
async function actor(scope: string) {
  const app = await anApp(clinch, { grantTypes: ['client_credentials'], redirectUris: [], scope });
  const { body } = await postToken(clinch.url, { grant_type: 'client_credentials', scope }, credentials(app).headers);
  return { id: app.clientId, headers: { Authorization: `Bearer ${String(body['access_token'])}` } };
}

const somebody = () => aPerson(clinch, { email: EMAIL, phoneNumber: PHONE });

describe('ADMIN-08: e-mail and phone', () => {
  it('are masked in lists, whoever asks', async () => {
    const { id } = await somebody();
    const { headers } = await actor('clinch:users:read clinch:personal-data:read');
    for (const who of [{}, headers]) {
      const { text, body } = await admin('GET', '/users?limit=200', undefined, who);
      const listed = (body['items'] as Json[]).find((user) => user['id'] === id);
      expect(listed).toMatchObject({ email: MASKED_EMAIL, phone_number: MASKED_PHONE });
      expect(text).not.toContain(EMAIL);
      expect(text).not.toContain(PHONE);
    }
  });

  it('are masked for those who may only read people, and in full with the right to personal data', async () => {
    const { id } = await somebody();
    const reader = await actor('clinch:users:read');
    const masked = await admin('GET', `/users/${id}`, undefined, reader.headers);
    expect(masked.body).toMatchObject({ email: MASKED_EMAIL, email_verified: true, phone_number: MASKED_PHONE });
    expect(log.audit('personal_data.read')).toEqual([]);
    const officer = await actor('clinch:users:read clinch:personal-data:read');
    const full = await admin('GET', `/users/${id}`, undefined, officer.headers);
    expect(full.body).toMatchObject({ email: EMAIL, phone_number: PHONE });
    expect((await admin('GET', `/users/${id}`)).body).toMatchObject({ email: EMAIL, phone_number: PHONE });
    const fields = ['email', 'phone_number'];
    expect(log.audit('personal_data.read')).toMatchObject([
      { clientId: officer.id, account: id, fields },
      { clientId: OPERATOR.id, account: id, fields },
    ]);
    expect(log.text()).not.toContain(EMAIL);
    expect(log.text()).not.toContain(PHONE);
  });

  it('are noted as read only as far as there was something to read', async () => {
    const nobody = await aPerson(clinch, { email: null, phoneNumber: null });
    await admin('GET', `/users/${nobody.id}`);
    expect(log.audit('personal_data.read')).toEqual([]);
    const { id } = await aPerson(clinch, { email: null, phoneNumber: PHONE });
    await admin('GET', `/users/${id}`);
    expect(log.audit('personal_data.read')).toMatchObject([{ account: id, fields: ['phone_number'] }]);
  });

  it('need more than the right to personal data alone', async () => {
    const { id } = await somebody();
    const { headers } = await actor('clinch:personal-data:read');
    for (const path of ['/users', `/users/${id}`]) {
      expect((await admin('GET', path, undefined, headers)).status).toBe(403);
    }
  });

  it('are masked again for an app that has lost the right, whatever its token says', async () => {
    const { id } = await somebody();
    const officer = await actor('clinch:users:read clinch:personal-data:read');
    await admin('PATCH', `/apps/${officer.id}`, { scope: 'clinch:users:read' });
    const { body } = await admin('GET', `/users/${id}`, undefined, officer.headers);
    expect(body).toMatchObject({ email: MASKED_EMAIL, phone_number: MASKED_PHONE });
  });

  it('do not come back from a change either', async () => {
    const { id } = await somebody();
    const writer = await actor('clinch:users:write');
    const changed = await admin('PATCH', `/users/${id}`, { nickname: 'W' }, writer.headers);
    expect(changed.body).toMatchObject({ nickname: 'W', email: MASKED_EMAIL, phone_number: MASKED_PHONE });
    const sent = { username: `made-${id}`, email: EMAIL, phone_number: PHONE };
    const made = await admin('POST', '/users', sent, writer.headers);
    expect(made).toMatchObject({ status: 201, body: { email: MASKED_EMAIL, phone_number: MASKED_PHONE } });
    const replaced = await admin('PUT', `/users/${String(made.body['id'])}`, sent, writer.headers);
    expect(replaced.body).toMatchObject({ email: MASKED_EMAIL, phone_number: MASKED_PHONE });
    expect(log.audit('personal_data.read')).toEqual([]);
    await admin('PATCH', `/users/${id}`, { nickname: 'X' });
    expect(log.audit('personal_data.read')).toMatchObject([{ clientId: OPERATOR.id, account: id }]);
  });

  it('are not overwritten by what was masked', async () => {
    const { id } = await somebody();
    const { body } = await admin('GET', `/users/${id}`, undefined, (await actor('clinch:users:read')).headers);
    const { id: _id, has_password: _has, created_at: _created, updated_at: _updated, ...fields } = body;
    for (const [method, sent] of [
      ['PUT', fields],
      ['PATCH', { email: body['email'], phone_number: body['phone_number'] }],
    ] as const) {
      const answer = await admin(method, `/users/${id}`, sent);
      expect(answer.status).toBe(400);
      expect(fieldsOf(answer)).toEqual(['email', 'phone_number']);
      expect(answer.body['detail']).toContain('is masked');
    }
    expect((await admin('GET', `/users/${id}`)).body).toMatchObject({ email: EMAIL, phone_number: PHONE });
  });

  it.each(['email', 'phone_number', 'q', 'search', 'filter', 'sort', 'order_by'])(
    'cannot be guessed at by %s: the lists of people take no such query',
    async (parameter) => {
      const group = await admin('POST', '/groups', { name: `Group ${parameter}` });
      for (const path of ['/users', `/groups/${String(group.body['id'])}/members`, '/groups']) {
        const answer = await admin('GET', `${path}?${parameter}=${encodeURIComponent(PHONE)}`);
        expect(answer.status, path).toBe(400);
        expect(fieldsOf(answer)).toEqual([parameter]);
      }
    },
  );

  it('are in no other list of people', async () => {
    const { id } = await somebody();
    const group = await admin('POST', '/groups', { name: 'Everybody we know' });
    const path = `/groups/${String(group.body['id'])}/members`;
    await admin('PUT', `${path}/${id}`);
    for (const each of [path, `/users/${id}/groups`, `/users/${id}/departments`, `/users/${id}/identities`]) {
      const { status, text } = await admin('GET', each);
      expect(status).toBe(200);
      expect(text).not.toMatch(/@personal\.example|5555|7777/);
    }
  });
});

describe('ADMIN-07: a secret', () => {
  it('is shown once, when it is made, and in no answer afterwards', async () => {
    const secrets: string[] = [];
    const app = await admin('POST', '/apps', { client_name: 'Keeper', redirect_uris: ['https://keeper.example/cb'] });
    const appPath = `/apps/${String(app.body['client_id'])}`;
    secrets.push(String(app.body['client_secret']));
    secrets.push(String((await admin('POST', `${appPath}/secrets`, {})).body['client_secret']));
    const password = 'canary-meadow-violet-17';
    const user = await admin('POST', '/users', { username: 'keeper', password });
    const source = await admin('POST', '/identity-sources', {
      name: 'Keeper',
      corp_id: 'dingkeeper',
      client_id: 'dingkeeperapp',
      client_secret: 'canary-of-dingtalk-1',
    });
    const sourcePath = `/identity-sources/${String(source.body['id'])}`;
    const keys = await admin('POST', `${sourcePath}/callback-keys`);
    const made = Object.values(keys.body).filter((value): value is string => typeof value === 'string');
    secrets.push(
      password,
      'canary-of-dingtalk-1',
      ...made.filter((value) => value.length > 8 && !/^https?:/.test(value)),
    );
    expect(secrets.filter((secret) => secret.length > 8)).toHaveLength(secrets.length);
    log.clear();
    const answers = [
      await admin('GET', '/apps?limit=200'),
      await admin('GET', appPath),
      await admin('GET', `${appPath}/secrets`),
      await admin('PATCH', appPath, { client_name: 'Keeper 2' }),
      await admin('GET', '/users?limit=200'),
      await admin('GET', `/users/${String(user.body['id'])}`),
      await admin('PATCH', `/users/${String(user.body['id'])}`, { nickname: 'K' }),
      await admin('GET', '/identity-sources'),
      await admin('GET', sourcePath),
      await admin('GET', `${sourcePath}/event-channels`),
      await admin('PATCH', sourcePath, { name: 'Keeper 2' }),
    ];
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      for (const secret of secrets) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/"(client_secret|password|password_hash|digest|callback_token|callback_aes_key)"/);
    }
    for (const secret of secrets) expect(log.text()).not.toContain(secret);
  });
});
