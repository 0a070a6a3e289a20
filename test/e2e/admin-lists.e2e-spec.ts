import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi, type Json } from '../support/admin-api.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let admin: AdminApi;

const NAMES = ['Ä', 'a', 'B', '张三', '𠮷野', 'zz', 'Zz2', '_x', 'e\u0301', '10'];

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  for (const [index, name] of NAMES.entries()) {
    const status = index % 3 === 0 ? 'disabled' : 'active';
    await admin.made('users', { username: `${name}-${index}`, status, email: `${NAMES.length - index}@x.example` });
    // Two names each, so that the key must decide.
    const client_name = NAMES[index - (index % 2)];
    await admin.made('apps', { client_name, redirect_uris: ['https://x.example/'], enabled: index % 4 !== 0 });
    await admin.made('groups', { name });
    await admin.call('POST', 'roles', { client_id: 'test-operators', name });
  }
  // Many of one moment: the key must decide.
  const database = clinch.app.get(DataSource);
  for (const table of ['accounts', 'clients', 'groups', 'roles']) {
    await database.query(`UPDATE ${table} SET created_at = created_at - created_at % 1000000`);
  }
});
afterAll(() => clinch.stop());

const items = async (path: string) => (await admin.call('GET', path)).body['items'] as Json[];

/** By pages of that length. */
async function paged(path: string, limit: number): Promise<Json[]> {
  const found: Json[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { status, body } = await admin.call(
      'GET',
      `${path}&limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    expect(status, JSON.stringify(body)).toBe(200);
    found.push(...(body['items'] as Json[]));
    cursor = body['next_cursor'] as string | null;
  }
  return found;
}

const SORTS: readonly [path: string, sorts: string][] = [
  ['users', 'username created_at updated_at'],
  ['apps', 'client_name created_at updated_at'],
  ['groups', 'name created_at updated_at'],
  ['roles', 'name created_at updated_at'],
];

describe.each(SORTS)('%s in an order', (path, sorts) => {
  it.each(sorts.split(' ').flatMap((sort) => [sort, `-${sort}`]))(
    '%s: every page follows the one before',
    async (sort) => {
      const whole = await items(`${path}?sort=${sort}&limit=200`);
      expect(whole.length).toBeGreaterThanOrEqual(NAMES.length);
      const idOf = ({ id, client_id }: Json) => (path === 'apps' ? client_id : id);
      for (const limit of [1, 3]) {
        expect((await paged(`${path}?sort=${sort}`, limit)).map(idOf)).toEqual(whole.map(idOf));
      }
      const reverse = await items(`${path}?sort=${sort.startsWith('-') ? sort.slice(1) : `-${sort}`}&limit=200`);
      expect(reverse.map(idOf)).toEqual(whole.map(idOf).toReversed());
      const field = sort.replace('-', '');
      if (field.endsWith('_at')) {
        const times = whole.map((item) => String(item[field]));
        expect(times).toEqual(sort.startsWith('-') ? times.toSorted().toReversed() : times.toSorted());
      }
    },
  );

  it('says what there is, where something else is asked for', async () => {
    const { status, body } = await admin.call('GET', `${path}?sort=email`);
    expect(status).toBe(400);
    for (const sort of sorts.split(' ')) expect(body['detail']).toContain(`${sort}, -${sort}`);
    const unknown = await admin.call('GET', `${path}?email=x`);
    expect(unknown.status).toBe(400);
    expect(unknown.body['detail']).toContain('there are: ');
    expect(unknown.body['detail']).toContain('sort');
    expect((await admin.call('GET', `${path}?sort=created_at&sort=-created_at`)).status).toBe(400);
  });

  it('takes no cursor of another order, and none of somebody’s own making', async () => {
    const [first = ''] = sorts.split(' ');
    const { body } = await admin.call('GET', `${path}?sort=${first}&limit=1`);
    expect((await admin.call('GET', `${path}?sort=-created_at&cursor=${String(body['next_cursor'])}`)).status).toBe(
      400,
    );
    const hostile = ['x', '{"a":1}', '["created_at",null,"x"]', '["created_at",1e400,"x"]', '["created_at","1","x"]'];
    hostile.push(
      '["created_at",1.5,"x"]',
      '["created_at",1,"\\u0000"]',
      '["created_at",1,"\\ud800"]',
      '["created_at",1,{}]',
    );
    for (const text of hostile) {
      const cursor = Buffer.from(text).toString('base64url');
      const answer = await admin.call('GET', `${path}?sort=created_at&cursor=${cursor}`);
      expect(answer.status, text).toBe(400);
    }
  });
});

describe('filters', () => {
  it('narrow the list, in any order', async () => {
    const disabled = await paged('users?status=disabled&sort=-created_at', 2);
    expect(disabled).toHaveLength(4);
    expect(disabled.every(({ status }) => status === 'disabled')).toBe(true);
    expect((await items('users?username=ZHANG')).length).toBe(0);
    expect((await items(`users?username=${encodeURIComponent('ZZ-5')}`)).map(({ username }) => username)).toEqual([
      'zz-5',
    ]);
    expect((await items('apps?enabled=false')).every(({ enabled }) => enabled === false)).toBe(true);
    expect(await items('apps?enabled=false')).toHaveLength(3);
    expect(await items('groups?kind=department')).toEqual([]);
    expect(await items('roles?client_id=nothing&sort=name')).toEqual([]);
  });

  it('by time: what was changed since', async () => {
    const [one] = await items('users?limit=1');
    const since = new Date().toISOString();
    await admin.call('PATCH', `users/${String(one?.['id'])}`, { nickname: 'x' });
    expect((await items(`users?updated_since=${since}`)).map(({ id }) => id)).toEqual([one?.['id']]);
    expect(await items(`users?created_since=${since}`)).toEqual([]);
    expect((await admin.call('GET', 'users?updated_since=yesterday')).status).toBe(400);
  });

  it.each([
    'status=gone',
    'status=active&status=disabled',
    'username=',
    'username=%00',
    'username[x]=1',
    `username=${'x'.repeat(201)}`,
  ])('are refused with a clear answer: %s', async (query) => {
    expect((await admin.call('GET', `users?${query}`)).status).toBe(400);
  });

  it.each(['email', 'phone_number', 'name', 'email_like', 'phone'])('ADMIN-08: there is none by %s', async (field) => {
    for (const query of [`${field}=1`, `sort=${field}`, `sort=-${field}`]) {
      expect((await admin.call('GET', `users?${query}`)).status, query).toBe(400);
    }
  });
});

describe('a list of a million', () => {
  const LISTS = [
    'users?sort=username&cursor',
    'users?sort=-created_at&cursor',
    'users?sort=updated_at&cursor',
    'users?status=disabled&cursor',
    'apps?sort=client_name&cursor',
    'apps?sort=-updated_at&cursor',
    'apps?enabled=false&cursor',
  ];

  it.each(LISTS)('is read along an index: %s', async (list) => {
    const path = list.replace('&cursor', '&limit=1');
    const { body } = await admin.call('GET', path);
    const source = clinch.app.get(DataSource);
    const { logger } = source;
    const asked: [string, unknown[]][] = [];
    source.logger = {
      ...logger,
      logQuery: (sql: string, values: unknown[]) => void asked.push([sql, values]),
    };
    await admin.call('GET', `${path}&cursor=${String(body['next_cursor'])}`);
    source.logger = logger;
    const [sql, values] = asked.find(([text]) => /LIMIT/.test(text)) ?? ['', []];
    const plan = await source.transaction(async ({ queryRunner }) => {
      if (source.options.type !== 'postgres') return queryRunner?.query(`EXPLAIN QUERY PLAN ${sql}`, values);
      // A small table is read whole, whatever indexes there are: what is asked is whether it could be otherwise.
      await queryRunner?.query('SET LOCAL enable_seqscan = off');
      await queryRunner?.query('SET LOCAL enable_sort = off');
      return queryRunner?.query(`EXPLAIN ${sql}`, values);
    });
    const text = JSON.stringify(plan);
    expect(text).toMatch(/Index|INDEX/);
    expect(text).not.toMatch(/Seq Scan|"Sort|-> {2}Sort|SCAN row"|TEMP B-TREE/);
  });
});
