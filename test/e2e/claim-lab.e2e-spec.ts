import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DataSource } from 'typeorm';
import { AuditLog } from '../../src/audit/audit-log.js';
import type { ClientEntity, ExtendedClaim } from '../../src/app-registry/client.entity.js';
import { AdminApi, fieldsOf, type AdminAnswer, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { countRows } from '../support/rows.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, postToken } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;
let person: TestPerson;
let app: TestApp;

const CLAIMS: ExtendedClaim[] = [
  { name: 'place', value: 'user.custom.place', in: ['id_token', 'access_token'], on_error: 'omit' },
  { name: 'badge', value: 'user.custom.badge', in: ['id_token'], on_error: 'omit' },
  { name: 'mobile', value: 'user.phone_number', in: ['userinfo'], on_error: 'omit' },
];

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  person = await aPerson(clinch, { custom: { place: '杭州' } });
  app = await anAppWith({ idTokenClaims: CLAIMS, scope: 'openid profile email roles' });
});
afterAll(() => clinch.stop());

function anAppWith(differences: Partial<ClientEntity>): Promise<TestApp> {
  return anApp(clinch, { grantTypes: ['authorization_code', 'refresh_token'], ...differences });
}

const look = (body: object, of = app): Promise<AdminAnswer> =>
  admin.call('POST', `apps/${of.clientId}/claim-lab`, { user: person.id, ...body });

/** The admin API with an access token that has only these scopes. */
async function lookWith(scope: string, body: object): Promise<AdminAnswer> {
  const clerk = await anApp(clinch, { grantTypes: ['client_credentials'], scope });
  const { headers, form } = credentials(clerk);
  const answer = await postToken(clinch.url, { ...form, grant_type: 'client_credentials', scope }, headers);
  const authorization = `Bearer ${String(answer.body['access_token'])}`;
  return admin.call('POST', `apps/${app.clientId}/claim-lab`, { user: person.id, ...body }, { authorization });
}

const named = (list: unknown, name: string): Json[] => (list as Json[]).filter((each) => each['name'] === name);

describe('the claim lab', () => {
  it('shows what would be issued, each claim with its source and rule', async () => {
    const { status, body } = await look({ scope: 'openid profile roles' });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({
      issued: true,
      refusal: null,
      scope: 'openid profile roles',
      draft: null,
      difference: null,
    });
    const token = {
      iss: clinch.url,
      sub: person.id,
      client_id: app.clientId,
      aud: clinch.url,
      place: '杭州',
      roles: [],
    };
    expect(body['access_token']).toMatchObject({ claims: token });
    expect(body['id_token']).toMatchObject({ claims: { aud: app.clientId, azp: app.clientId, place: '杭州' } });
    expect(body['userinfo']).toMatchObject({ sub: person.id, name: '李华' });
    expect(named(body['claims'], 'place')).toEqual(
      ['access_token', 'id_token'].map((place) => ({
        name: 'place',
        in: place,
        source: 'extended claim 1',
        rule: 'user.custom.place',
        value: '杭州',
      })),
    );
    expect(named(body['claims'], 'name')).toMatchObject([{ in: 'userinfo', source: 'scope profile', rule: null }]);
    expect(named(body['claims'], 'iss')).toMatchObject([{ source: 'token' }, { source: 'token' }]);
  });

  it('says of each missing claim why', async () => {
    const { body } = await look({ scope: 'openid phone' });
    expect(named(body['refused'], 'badge')).toMatchObject([{ in: 'id_token', source: 'extended claim 2' }]);
    expect(named(body['refused'], 'mobile')).toMatchObject([
      { in: 'userinfo', rule: 'user.phone_number', why: expect.stringContaining('personal data') },
    ]);
    expect(named(body['refused'], 'phone_number')).toMatchObject([{ in: 'userinfo', source: 'scope phone' }]);
    expect(body['warnings']).toEqual(['the app may not have these scopes: phone']);
  });

  it('names what comes only with the signature, and how large the tokens will be', async () => {
    const { body } = await look({});
    expect((body['when_issued'] as Json[]).map(({ name, in: place }) => `${String(place)} ${String(name)}`)).toEqual([
      ...['iat', 'exp', 'jti', 'grant_id', 'sid'].map((name) => `access_token ${name}`),
      ...['iat', 'exp', 'at_hash', 'nonce', 'sid'].map((name) => `id_token ${name}`),
    ]);
    expect(JSON.stringify(body)).not.toContain('(later)');
    const size = body['size'] as Record<string, number>;
    expect(size['id_token']).toBeGreaterThan(600);
    expect(size['access_token']).toBeLessThan(1_500);
  });

  it('compares with a draft, which is not saved', async () => {
    const draft = {
      scope: 'openid profile email phone',
      id_token_claims: [
        { name: 'place', value: '"<" + user.custom.place + ">"' },
        { name: 'mobile', value: 'user.phone_number', in: ['id_token'] },
      ],
    };
    const { status, body } = await look({ scope: 'openid phone', draft });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body['draft']).toMatchObject({ id_token: { claims: { place: '<杭州>', mobile: '+8613800000000' } } });
    const { added, removed, changed } = body['difference'] as Record<string, Json[]>;
    expect(changed).toEqual([
      { name: 'scope', in: 'access_token', before: 'openid', after: 'openid phone' },
      { name: 'place', in: 'id_token', before: '杭州', after: '<杭州>' },
    ]);
    expect(removed).toEqual([{ name: 'place', in: 'access_token', value: '杭州' }]);
    expect(added?.map(({ name, in: place }) => [name, place])).toEqual([
      ['mobile', 'id_token'],
      ['phone_number', 'userinfo'],
      ['phone_number_verified', 'userinfo'],
    ]);
    const { body: saved } = await admin.call('GET', `apps/${app.clientId}`);
    expect(saved['scope']).toBe('openid profile email roles');
  });

  it('judges a draft as a save would', async () => {
    const draft = { id_token_claims: [{ name: 'x', value: 'user.emial' }], access_rule: 'app' };
    const answer = await look({ draft });
    expect([answer.status, fieldsOf(answer).sort()]).toEqual([
      400,
      ['draft.access_rule', 'draft.id_token_claims.0.value'],
    ]);
    expect(fieldsOf(await look({ draft: { id_token_claims: [{ name: 'sub', value: '"x"' }] } }))).toEqual([
      'draft.id_token_claims.0.name',
    ]);
    expect(fieldsOf(await look({ draft: { client_id: 'another' } }))).toEqual(['draft.client_id']);
    expect(fieldsOf(await look({ draft: [] }))).toEqual(['draft']);
  });

  it('refuses what it cannot make sense of, field by field', async () => {
    expect(fieldsOf(await look({ user: 'nobody' }))).toEqual(['user']);
    for (const user of [undefined, null, 'a b']) expect(fieldsOf(await look({ user }))).toEqual(['user']);
    expect(fieldsOf(await look({ resource: 'https://nowhere.example' }))).toEqual(['resource']);
    const answer = await look({ scope: 'a  b', grant: 'password', amr: 'pwd', auth_time: 'yesterday', more: 1 });
    expect(fieldsOf(answer).sort()).toEqual(['amr', 'auth_time', 'grant', 'more', 'scope']);
    expect((await look({}, { ...app, clientId: 'no-such-app' })).status).toBe(404);
  });

  it('says when nothing would be issued, and why', async () => {
    const claim = { name: 'badge', value: 'user.custom.badge', in: ['id_token'] as const, on_error: 'fail' as const };
    const failing = await anAppWith({ idTokenClaims: [claim] });
    const { body } = await look({}, failing);
    expect(body).toMatchObject({ issued: false, refusal: expect.stringContaining('badge') });
    const closed = await anAppWith({ access: 'assigned' });
    expect((await look({}, closed)).body).toMatchObject({ issued: false, id_token: { claims: { sub: person.id } } });
    expect((await look({ grant: 'device' })).body).toMatchObject({ issued: false });
    expect((await look({ scope: 'profile' })).body).toMatchObject({ issued: false });
    expect((await look({}, await anAppWith({ enabled: false }))).body).toMatchObject({ issued: false });
    const left = await aPerson(clinch, { status: 'disabled' });
    expect((await look({ user: left.id })).body).toMatchObject({ issued: false });
  });

  it('issues and stores nothing but the note that somebody looked', async () => {
    const pairwise = await anAppWith({ subjectType: 'pairwise' });
    const { entityMetadatas } = clinch.app.get(DataSource);
    const rows = async () => {
      const counts: Record<string, number> = {};
      for (const { tableName } of entityMetadatas) {
        counts[tableName] = await countRows(clinch.app.get(DataSource), tableName);
      }
      return counts;
    };
    const before = await rows();
    const record = vi.spyOn(clinch.app.get(AuditLog), 'record');
    const { body } = await look({ scope: 'openid email', draft: { subject_type: 'public' } }, pairwise);
    expect(body['difference']).toMatchObject({
      changed: expect.arrayContaining([expect.objectContaining({ name: 'sub' })]),
    });
    expect(await rows()).toEqual(before);
    expect(record.mock.calls.map(([event]) => event)).toEqual(['claims.previewed', 'personal_data.read']);
  });
});

describe('who may look into the claim lab', () => {
  it('needs the right to read people beside that to apps', async () => {
    const answer = await lookWith('clinch:apps:read', {});
    expect(answer.status).toBe(403);
    expect(JSON.stringify(answer.body)).toContain('clinch:users:read');
    expect((await lookWith('clinch:users:read', {})).status).toBe(403);
    expect((await lookWith('clinch:apps:write clinch:users:read', {})).status).toBe(403);
    expect((await lookWith('clinch:apps:read clinch:users:read', {})).status).toBe(200);
  });

  it('sees e-mail and phone masked without the right to them, whatever an expression makes of them', async () => {
    const draft = {
      scope: 'openid email phone',
      id_token_claims: [
        { name: 'mail', value: 'user.email.split("@")[0] + "/" + user.phone_number', in: ['id_token'] },
        { name: 'oracle', value: 'user.email.startsWith("li")', in: ['access_token'] },
      ],
    };
    const { status, body } = await lookWith('clinch:apps:read clinch:users:read', {
      scope: 'openid email phone',
      draft,
    });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(JSON.stringify(body)).not.toMatch(/lihua@|8613800000000/);
    expect(body['draft']).toMatchObject({
      userinfo: { email: 'l•••@example.com' },
      id_token: { claims: { mail: expect.stringContaining('l•••/+86') } },
      access_token: { claims: { oracle: false } },
    });
    expect(body['warnings']).toContainEqual(expect.stringContaining('masked'));
  });

  it('cannot ask for people by a subject made of their addresses', async () => {
    const draft = { subject_expression: 'user.email.startsWith("l") ? user.id : ""' };
    const answer = await lookWith('clinch:apps:read clinch:users:read', { draft });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['draft.subject_expression']]);
    expect(JSON.stringify(answer.body)).toContain('personal-data');
  });
});
