import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { IdempotencyKeys } from '../../src/admin/idempotency-keys.js';
import { newIdentifier } from '../../src/protocol/opaque-token.js';
import { AdminApi, type AdminAnswer, type Json } from '../support/admin-api.js';
import { anApp, aPerson } from '../support/builders.js';
import { connectDingTalk } from '../support/dingtalk-organisation.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, postToken } from '../support/user-agent.js';
import { Database, statement } from '../../src/database/database.js';

let clinch: TestClinch;
let admin: AdminApi;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

const APP = { client_name: 'Reports', redirect_uris: ['https://reports.example/cb'] };
const keyed = (key: string) => ({ 'idempotency-key': key });
const create = (path: string, body: Json, key: string, headers: Readonly<Record<string, string>> = {}) =>
  admin.call('POST', path, body, { ...keyed(key), ...headers });
const countOf = async (path: string) => ((await admin.call('GET', `${path}?limit=200`)).body['items'] as Json[]).length;

const database = () => clinch.app.get(Database);
const rows = (columns: string) =>
  database().all<Json>(
    statement(`test_keys_${columns.length}`, `SELECT ${columns} FROM idempotency_keys ORDER BY expires_at DESC`),
  );

function expectSame(again: AdminAnswer, first: AdminAnswer): void {
  expect([again.status, again.body]).toEqual([first.status, first.body]);
  expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
  expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([
    null,
    'true',
  ]);
}

describe('ADMIN-11: Idempotency-Key', () => {
  it('creates once and answers as the first time, the secret included', async () => {
    const before = await countOf('apps');
    const first = await create('apps', APP, 'first');
    expect(first.status).toBe(201);
    const again = await create('apps', APP, 'first');
    expectSame(again, first);
    expect(again.body['client_secret']).toMatch(/^clinch_cs_/);
    expect(await countOf('apps')).toBe(before + 1);
    // Nobody who reads the table has the secret.
    const kept = JSON.stringify(await rows('id, fingerprint, holder, answer'));
    expect(kept).not.toContain(again.body['client_secret']);
    expect(kept).toContain('v1.');
  });

  it('is another one for another app, and refused with another request', async () => {
    const first = await create('groups', { name: 'first' }, 'k');
    const { status, body } = await create('groups', { name: 'second' }, 'k');
    expect([status, body['type']]).toEqual([422, 'urn:clinch:problem:key-reused']);
    expect((await create('apps', { name: 'first' }, 'k')).status).toBe(422);
    const other = await anApp(clinch, {
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scope: 'clinch:groups:write',
    });
    const token = await postToken(
      clinch.url,
      { grant_type: 'client_credentials', scope: 'clinch:groups:write' },
      credentials(other).headers,
    );
    const headers = { authorization: `Bearer ${String(token.body['access_token'])}` };
    const theirs = await create('groups', { name: 'theirs' }, 'k', headers);
    expect(theirs.status).toBe(201);
    expect(theirs.body['id']).not.toBe(first.body['id']);
  });

  it('is free again when nothing came of it', async () => {
    await create('groups', { name: 'taken' }, 'taken-1');
    expect((await create('groups', { name: 'taken' }, 'free')).status).toBe(409);
    expect((await create('groups', { nonsense: 1 }, 'free')).status).toBe(400);
    expect((await create('groups', { name: 'not taken' }, 'free')).status).toBe(201);
  });

  it('is refused where it is none, and where nobody would look at it', async () => {
    for (const key of ['a b', 'x'.repeat(256)]) expect((await create('groups', { name: 'x' }, key)).status).toBe(400);
    expect((await admin.call('PATCH', 'settings', { company_name: 'x' }, keyed('k'))).status).toBe(400);
  });

  it('is of no use to whoever may not ask', async () => {
    const first = await create('groups', { name: 'secret' }, 'mine');
    expect(first.status).toBe(201);
    expect((await create('groups', { name: 'secret' }, 'mine', { authorization: '' })).status).toBe(401);
  });

  it('creates once of ten at once, and whoever waits gets the first answer', async () => {
    for (let round = 0; round < 5; round++) {
      const before = await countOf('apps');
      const key = newIdentifier();
      const answers = await Promise.all(Array.from({ length: 10 }, () => create('apps', APP, key)));
      const made = answers.filter(({ status }) => status === 201);
      expect(made.length).toBeGreaterThan(0);
      expect(new Set(made.map(({ body }) => body['client_secret'])).size).toBe(1);
      for (const { status, headers } of answers.filter((answer) => answer.status !== 201)) {
        expect([status, headers.get('retry-after')]).toEqual([409, '1']);
      }
      expect(await countOf('apps')).toBe(before + 1);
      expect((await create('apps', APP, key)).body['client_secret']).toBe(made[0]?.body['client_secret']);
    }
  });

  it('is taken by every operation that creates', async () => {
    const path = `apps/${String((await create('apps', APP, 'parent')).body['client_id'])}`;
    const attempts: [string, Json][] = [
      ['users', { username: 'keyed', password: 'correct horse battery staple' }],
      ['scopes', { name: 'keyed', description: { 'zh-CN': '一', en: 'One' } }],
      ['api-resources', { identifier: 'urn:example:keyed', name: 'x' }],
      ['identity-sources', { name: 'x', corp_id: 'keyed', client_id: 'x', client_secret: 'x' }],
      ['roles', { client_id: path.slice(5), name: 'keyed' }],
      [`${path}/assignments`, { subject: { type: 'user', id: (await aPerson(clinch)).id } }],
      [`${path}/accounts`, { user: (await aPerson(clinch)).id, username: 'keyed' }],
      [`${path}/secrets`, {}],
    ];
    for (const [target, body] of attempts) {
      const key = newIdentifier();
      const first = await create(target, body, key);
      expect(first.status, `${target}: ${JSON.stringify(first.body)}`).toBe(201);
      expectSame(await create(target, body, key), first);
      const { status, body: problem } = await admin.call('POST', target, body);
      expect([status, problem['type']], target).toEqual([409, 'urn:clinch:problem:conflict']);
    }
  });
});

describe('ADMIN-11: a node that dies', () => {
  let dead = 0;
  const die = (change: string) =>
    database().run(statement(`test_die_${dead++}`, `UPDATE idempotency_keys SET ${change}`));

  it('before it created anything leaves the key free after a minute', async () => {
    const body = { name: 'died before' };
    await create('groups', { name: 'another' }, 'before');
    await admin.call('DELETE', `groups/${String((await create('groups', { name: 'another' }, 'before')).body['id'])}`);
    const soon = Date.now() + 60_000;
    await die(`used_at = NULL, answer = NULL, busy_until = ${soon}`);
    expect((await create('groups', { name: 'another' }, 'before')).headers.get('retry-after')).toBe('1');
    await die(`used_at = NULL, answer = NULL, busy_until = ${Date.now() - 1}`);
    expect((await create('groups', body, 'before')).status).toBe(201);
  });

  it('after it created something creates nothing again, and says so', async () => {
    await create('apps', APP, 'after');
    const before = await countOf('apps');
    await die(`answer = NULL, busy_until = ${Date.now() - 1}`);
    const { status, body, headers } = await create('apps', APP, 'after');
    expect([status, headers.get('retry-after')]).toEqual([409, null]);
    expect(body['detail']).toContain('the answer is lost');
    expect(await countOf('apps')).toBe(before);
  });

  it('between the creation and its answer: no operation of the document does it twice', async () => {
    const dingtalk = await connectDingTalk(clinch, { id: 'connected' });
    const [one, other] = [await aPerson(clinch), await aPerson(clinch)];
    const made = await create('apps', APP, newIdentifier());
    const app = `apps/${String(made.body['client_id'])}`;
    const words = { 'zh-CN': '一', en: 'One' };
    const name = newIdentifier()
      .toLowerCase()
      .replaceAll(/[^a-z]/g, '');
    const webhook = { kind: 'webhook', name, address: 'https://siem.example/x', secret: 'x'.repeat(40) };
    const attempts: Record<string, [string, Json]> = {
      apps: ['apps', APP],
      'apps/{client_id}/secrets': [`${app}/secrets`, {}],
      'apps/{client_id}/assignments': [`${app}/assignments`, { subject: { type: 'user', id: one.id } }],
      'apps/{client_id}/accounts': [`${app}/accounts`, { user: one.id, username: name }],
      users: ['users', { username: `lost-${name}` }],
      'users/{id}/identities': [`users/${other.id}/identities`, { source: 'connected', user_id: 'u001' }],
      groups: ['groups', { name }],
      roles: ['roles', { client_id: made.body['client_id'], name }],
      scopes: ['scopes', { name: `lost_${name}`, description: words }],
      'api-resources': ['api-resources', { identifier: `urn:example:${name}`, name }],
      'audit-exports': ['audit-exports', webhook],
      'identity-sources': ['identity-sources', { name, corp_id: name, client_id: 'x', client_secret: 'x' }],
      'identity-sources/{id}/callback-keys': ['identity-sources/connected/callback-keys', {}],
      'identity-sources/{id}/sync-runs': ['identity-sources/connected/sync-runs', { dry_run: true }],
    };
    const document = (await (await fetch(`${clinch.url}/admin/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { parameters?: { name: string }[] }>>;
    };
    const named = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods)
        .filter(({ parameters = [] }) => parameters.some((parameter) => parameter.name === 'Idempotency-Key'))
        .map(() => path.replace('/admin/api/v1/', '')),
    );
    expect(named.toSorted()).toEqual(Object.keys(attempts).toSorted());

    const keys = clinch.app.get(IdempotencyKeys, { strict: false });
    const kept = vi.spyOn(keys, 'keep').mockRejectedValue(new Error('killed'));
    const freed = vi.spyOn(keys, 'free').mockResolvedValue();
    try {
      for (const [operation, [path, body]] of Object.entries(attempts)) {
        const key = newIdentifier();
        const lost = await create(path, body, key);
        expect(lost.status, `${operation}: ${JSON.stringify(lost.body)}`).toBe(500);
        await die(`busy_until = ${Date.now() - 1}`);
        const { status, body: problem } = await create(path, body, key);
        expect([status, problem['detail']], operation).toEqual([409, expect.stringContaining('the answer is lost')]);
      }
    } finally {
      kept.mockRestore();
      freed.mockRestore();
      await dingtalk.stop();
    }
  });

  it('or only sleeps over its minute: what another request has the key of is rolled back', async () => {
    const { IdempotencyKey } = await import('../../src/admin/idempotency-key.js');
    const keys = clinch.app.get(IdempotencyKeys, { strict: false });
    const wish = { clientId: OPERATOR.id, key: 'asleep', content: 'x' };
    const sleeper = await keys.take(wish);
    await die(`busy_until = ${Date.now() - 1}`);
    const next = await keys.take(wish);
    if (!(sleeper instanceof IdempotencyKey) || !(next instanceof IdempotencyKey)) throw new Error('no key');
    const { manager } = database().dataSource;
    await expect(manager.transaction((within) => sleeper.use(within))).rejects.toThrow('was first');
    await manager.transaction((within) => next.use(within));
  });

  it('is forgotten after a day', async () => {
    const first = await create('apps', APP, 'old');
    await die(`expires_at = ${Date.now() - 1}`);
    expect((await create('apps', APP, 'old')).body['client_id']).not.toBe(first.body['client_id']);
  });
});
