import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountEntity } from '../../src/accounts/account.entity.js';
import { EntityTags, tagged } from '../../src/admin/entity-tag.js';
import { Keyring } from '../../src/keyring/keyring.js';
import { AdminApi, type AdminAnswer, type Json } from '../support/admin-api.js';
import { aPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let admin: AdminApi;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

/** A thing that can be changed: how one is made, and two changes that differ. */
interface Resource {
  readonly name: string;
  readonly make: () => Promise<string>;
  readonly changes: readonly [Json, Json];
  readonly replacement?: Json;
  readonly stays?: boolean;
}

let count = 0;
const unique = () => `x${Date.now().toString(36)}${count++}`;

async function made(path: string, body: Json, id = 'id'): Promise<string> {
  const answer = await admin.call('POST', path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  const own = `${path}/${String(answer.body[id])}`;
  // What was made is told with its tag, so that it can be changed without another reading.
  expect(answer.headers.get('etag')).toBe((await admin.call('GET', own)).headers.get('etag'));
  return own;
}

const app = () => made('apps', { client_name: 'x', redirect_uris: ['https://x.example/'] }, 'client_id');
const words = { 'zh-CN': '一', en: 'One' };
const source = () => ({ name: unique(), corp_id: unique(), client_id: 'x', client_secret: 'x' });

const RESOURCES: readonly Resource[] = [
  {
    name: 'apps',
    make: app,
    changes: [{ client_name: 'a' }, { client_name: 'b' }],
    replacement: { client_name: 'c', redirect_uris: ['https://x.example/'] },
  },
  {
    name: 'users',
    make: () =>
      made('users', { username: unique(), custom: { b: { d: 1, c: [2] }, a: 1 }, address: { country: 'CN' } }),
    changes: [{ name: 'a' }, { custom: { z: 1, y: { x: 2, w: null } } }],
    replacement: { username: unique() },
  },
  {
    name: 'groups',
    make: () => made('groups', { name: unique() }),
    changes: [{ description: 'a' }, { description: 'b' }],
    replacement: { name: unique() },
  },
  {
    name: 'scopes',
    make: () =>
      made(
        'scopes',
        { name: unique(), description: words, claims: [{ name: 'c', value: '"x"', in: ['userinfo'] }] },
        'name',
      ),
    changes: [{ description: { 'zh-CN': '二', en: 'Two' } }, { claims: [{ name: 'd', value: '"y"' }] }],
    replacement: { description: words },
  },
  {
    name: 'api-resources',
    make: () => made('api-resources', { identifier: `urn:example:${unique()}`, name: 'x', scopes: [{ name: 'a:b' }] }),
    changes: [{ name: 'a' }, { scopes: [{ name: 'c:d', description: 'e' }] }],
    replacement: { name: 'z' },
  },
  {
    name: 'identity-sources',
    make: () => made('identity-sources', source()),
    changes: [{ name: 'a' }, { stream_events: true }],
    replacement: { name: 'z', client_id: 'x' },
  },
  {
    name: 'roles',
    make: async () =>
      made('roles', {
        client_id: (await app()).slice(5),
        name: unique(),
        permissions: ['b:a', 'a:b'],
      }),
    changes: [{ description: 'a' }, { description: 'b' }],
  },
  {
    name: 'assignments',
    make: async () => made(`${await app()}/assignments`, { subject: { type: 'user', id: (await aPerson(clinch)).id } }),
    changes: [{ enabled: false }, { ends_at: '2099-01-31T08:15:00Z' }],
  },
  {
    name: 'app accounts',
    make: async () => made(`${await app()}/accounts`, { user: (await aPerson(clinch)).id, username: unique() }),
    changes: [{ username: 'a' }, { username: 'b' }],
  },
  {
    name: 'settings',
    make: async () => 'settings',
    changes: [{ company_name: 'a' }, { company_name: 'b' }],
    stays: true,
  },
];

const tagOf = ({ headers }: AdminAnswer) => headers.get('etag') ?? '';
const ifMatch = (tag: string) => ({ 'if-match': tag });

describe.each(RESOURCES)('RFC 9110 §13.1.1: $name', ({ make, changes: [one, other], replacement, stays }) => {
  it('ADMIN-10: are changed and ended only as whoever asks has seen them', async () => {
    const path = await make();
    const before = tagOf(await admin.call('GET', path));
    expect(before).toMatch(/^"[\w-]{22}"$/);
    const changed = await admin.call('PATCH', path, one, ifMatch(before));
    expect(changed.status, JSON.stringify(changed.body)).toBe(200);
    const after = await admin.call('GET', path);
    expect(tagOf(after)).toBe(tagOf(changed));
    expect(tagOf(after)).not.toBe(before);

    const attempts: [string, Json?][] = [['PATCH', other]];
    if (replacement !== undefined) attempts.push(['PUT', replacement]);
    if (stays !== true) attempts.push(['DELETE']);
    for (const [method, body] of attempts) {
      for (const tag of [before, `W/${tagOf(after)}`, '"x", "y"']) {
        const answer = await admin.call(method, path, body, ifMatch(tag));
        expect(answer, `${method} ${tag}`).toMatchObject({
          status: 412,
          body: { type: 'urn:clinch:problem:precondition-failed' },
        });
      }
      expect((await admin.call('GET', path)).body, method).toEqual(after.body);
    }
    // One of several is enough, and * is anything that is there.
    const tags = ifMatch(`${before}, ${tagOf(after)}`);
    expect((await admin.call('PATCH', path, other, tags)).status).toBe(200);
    if (replacement !== undefined) {
      const replaced = await admin.call('PUT', path, replacement, ifMatch('*'));
      expect(replaced.status, JSON.stringify(replaced.body)).toBe(200);
      expect(tagOf(await admin.call('GET', path))).toBe(tagOf(replaced));
    }
    const last = tagOf(await admin.call('GET', path));
    if (stays !== true) expect((await admin.call('DELETE', path, undefined, ifMatch(last))).status).toBe(204);
  });

  it('ADMIN-10: of two changes of one state at once, one is made', async () => {
    const path = await make();
    for (let round = 0; round < 5; round++) {
      // What is written without a difference would be no change.
      if (stays === true) await admin.call('PATCH', path, { company_name: unique() });
      const seen = tagOf(await admin.call('GET', path));
      const answers = await Promise.all(
        [one, other, one, other].map((change) => admin.call('PATCH', path, change, ifMatch(seen))),
      );
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412]);
      const winner = answers.find(({ status }) => status === 200);
      expect(tagOf(await admin.call('GET', path))).toBe(winner?.headers.get('etag'));
    }
  });
});

describe('ETag', () => {
  it('ADMIN-06: tells nobody by guessing what is masked for them', async () => {
    const path = await made('users', { username: unique(), phone_number: '+8613812345678' });
    const tag = tagOf(await admin.call('GET', path));
    const row = await clinch.app
      .get(DataSource)
      .getRepository(AccountEntity)
      .findOneByOrFail({ id: path.slice(6) });
    const columns = Object.entries(row)
      .filter(([name]) => name !== 'version')
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]: [string, unknown]) => [name, value ?? null]);
    // Whoever has all but the phone number would try each number there is.
    const guess = createHash('sha256').update(JSON.stringify(columns)).digest('base64url').slice(0, 22);
    expect(tag).not.toBe(`"${guess}"`);
    const tags = (key: number) => new EntityTags(new Keyring([Buffer.alloc(32, key)]));
    const answer = tagged({}, row);
    expect(tags(1).ofAnswer(answer)).not.toBe(tags(2).ofAnswer(answer));
  });

  it('is good still after the master key has changed', () => {
    const [old, next] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const row = { a: 1 };
    const tag = new EntityTags(new Keyring([old])).ofAnswer(tagged({}, row)) ?? '';
    expect(new EntityTags(new Keyring([next, old])).match([tag], row)).toBe(true);
    expect(new EntityTags(new Keyring([next])).match([tag], row)).toBe(false);
    expect(new EntityTags(new Keyring([old])).match([tag], { a: 2 })).toBe(false);
  });
});

describe('If-Match', () => {
  it('says why a tag that was weakened on the way never matches', async () => {
    const path = await app();
    const tag = tagOf(await admin.call('GET', path));
    const { status, body } = await admin.call('PATCH', path, { client_name: 'x' }, ifMatch(`W/${tag}`));
    expect(status).toBe(412);
    expect(body['detail']).toContain('without the W/');
  });

  it('is refused where it cannot be read, and where nobody would look at it', async () => {
    const path = await app();
    for (const tag of ['x', '"a" "b"', '""x', Array.from({ length: 30 }, () => '"a"').join(',')]) {
      expect((await admin.call('PATCH', path, { client_name: 'x' }, ifMatch(tag))).status, tag).toBe(400);
    }
    expect((await admin.call('POST', `${path}/secrets`, {}, ifMatch('"x"'))).status).toBe(400);
    expect((await admin.call('GET', path, undefined, ifMatch('"x"'))).status).toBe(400);
  });

  it('is of no use for a password either, when the person was changed since', async () => {
    const path = await made('users', { username: unique() });
    const before = tagOf(await admin.call('GET', path));
    await admin.call('PATCH', path, { name: 'x' });
    const body = { password: 'correct horse battery staple' };
    expect((await admin.call('PUT', `${path}/password`, body, ifMatch(before))).status).toBe(412);
    expect((await admin.call('GET', path)).body['has_password']).toBe(false);
  });

  it('is judged by every operation of the document that takes it', async () => {
    const document = (await (await fetch(`${clinch.url}/admin/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { responses: Json; parameters?: { name: string }[] }>>;
    };
    const named = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { parameters = [] }]) => parameters.some(({ name }) => name === 'If-Match'))
        .map(([method, { responses }]) => {
          expect(responses, path).toHaveProperty('412');
          return `${method} ${path.replace('/admin/api/v1/', '')}`;
        }),
    );
    const ways = (path: string, methods: string) => methods.split(' ').map((method) => `${method} ${path}`);
    expect(named.toSorted()).toEqual(
      [
        ...ways('apps/{client_id}', 'patch put delete'),
        ...ways('users/{id}', 'patch put delete'),
        ...ways('users/{id}/password', 'put'),
        ...ways('groups/{id}', 'patch put delete'),
        ...ways('scopes/{name}', 'patch put delete'),
        ...ways('api-resources/{id}', 'patch put delete'),
        ...ways('identity-sources/{id}', 'patch put delete'),
        ...ways('roles/{id}', 'patch delete'),
        ...ways('apps/{client_id}/assignments/{id}', 'patch delete'),
        ...ways('apps/{client_id}/accounts/{id}', 'patch delete'),
        ...ways('settings', 'patch'),
      ].toSorted(),
    );
  });
});
