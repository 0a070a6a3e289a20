import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskEmail } from '../../src/accounts/masking.js';
import { AuditLog, type AuditRecord } from '../../src/audit/audit-log.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, postToken } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;
const records: AuditRecord[] = [];

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  clinch.app.get(AuditLog, { strict: false }).declareSink((record) => void records.push(record));
});
afterAll(() => clinch.stop());

const NDJSON = 'application/x-ndjson';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

interface Lines {
  readonly status: number;
  readonly lines: Json[];
  readonly text: string;
}

async function lines(
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Lines> {
  const answer = await fetch(`${clinch.url}/admin/api/v1/${path}`, {
    method,
    headers: { ...bearer(admin.token), ...(body === undefined ? {} : { 'content-type': NDJSON }), ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  if (answer.status !== 200) return { status: answer.status, lines: [], text };
  expect(answer.headers.get('content-type')).toContain(NDJSON);
  expect(text.endsWith('\n')).toBe(true);
  const parsed = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Json);
  return { status: answer.status, lines: parsed, text };
}

const importing = (path: string, items: readonly (object | string)[]) =>
  lines('POST', path, items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join('\n'));
const results = ({ lines: all }: Lines) => all.slice(0, -1).map(({ result }) => result);
const exported = async (path: string) => (await lines('GET', `${path}/export`)).lines;

async function tokenFor(scope: string): Promise<string> {
  const app = await anApp(clinch, { grantTypes: ['client_credentials'], redirectUris: [], scope });
  const { body } = await postToken(clinch.url, { grant_type: 'client_credentials', scope }, credentials(app).headers);
  return String(body['access_token']);
}

describe('an import of people', () => {
  it('makes, changes and leaves alone, with one line of result for each', async () => {
    const first = await importing('users/import', [{ username: 'one', name: 'One' }, '', { username: 'two' }]);
    expect(first.lines).toMatchObject([
      { line: 1, result: 'created' },
      { line: 3, result: 'created' },
      { done: true, dry_run: false, created: 2, updated: 0, unchanged: 0, failed: 0 },
    ]);
    const id = String(first.lines[0]?.['id']);
    const again = await importing('users/import', [
      { username: 'ONE', name: 'One!' },
      { username: 'two' },
      { id, username: 'renamed' },
      { id, nickname: 'x', email: 'a@b.example', custom: { a: { b: 1 } } },
      { id, nickname: 'x', email: 'a@b.example', custom: { a: { b: 1 } } },
    ]);
    expect(results(again)).toEqual(['updated', 'unchanged', 'updated', 'updated', 'unchanged']);
    const { body } = await admin.call('GET', `users/${id}`);
    expect(body).toMatchObject({ username: 'renamed', name: 'One!', nickname: 'x', email: 'a@b.example' });
  });

  it('judges each line by the rules for one, and goes on after what failed', async () => {
    await admin.made('users', { username: 'taken' });
    const two = await admin.made('users', { username: 'two-of-them' });
    const answer = await importing('users/import', [
      { name: 'nobody' },
      { username: 'x', password: 'short' },
      { username: 'x', isAdmin: true, id: 'x' },
      '{"username":"x","username":"y"}',
      '{"__proto__":{"x":1},"username":"x"}',
      '[1]',
      'nonsense',
      `{"username":"${'x'.repeat(200_000)}"}`,
      { id: two['id'], username: 'taken' },
      { username: 'x', email: maskEmail('chen@x.example') },
      { username: 'a\u0000b' },
      { username: 'good' },
    ]);
    expect(results(answer)).toEqual([...Array.from({ length: 11 }, () => 'failed'), 'created']);
    expect(answer.lines[0]).toMatchObject({
      status: 400,
      errors: [{ field: 'username', problem: expect.any(String) }],
    });
    expect(answer.lines[2]).toMatchObject({ errors: [{ field: 'isAdmin' }] });
    expect(answer.lines[7]).toMatchObject({ status: 413 });
    expect(answer.lines[8]).toMatchObject({ status: 409, errors: [{ field: 'username' }] });
    expect(answer.lines.at(-1)).toMatchObject({ failed: 11, created: 1 });
    expect(({} as Json)['x']).toBeUndefined();
  });

  it('says what it would do, and does nothing', async () => {
    const before = await exported('users');
    const answer = await importing('users/import?dry_run=true', [
      { username: 'dry' },
      { username: 'taken', name: 'dry' },
      { username: 'taken' },
      { username: 'dry', password: 'short' },
      { name: 'x' },
    ]);
    expect(results(answer)).toEqual(['created', 'updated', 'unchanged', 'failed', 'failed']);
    expect(answer.lines.at(-1)).toMatchObject({ done: true, dry_run: true });
    expect(await exported('users')).toEqual(before);
  });

  it('takes lines, and nothing else', async () => {
    expect((await lines('POST', 'users/import', '{}', { 'content-type': 'application/json' })).status).toBe(415);
    expect((await lines('POST', 'users/import', '{}', { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await lines('POST', 'users/import?dry=1', '{}')).status).toBe(400);
    expect((await lines('POST', 'users/import', '')).lines).toEqual([
      { done: true, dry_run: false, created: 0, updated: 0, unchanged: 0, failed: 0 },
    ]);
  });

  it('stops when whoever sends it is gone', async () => {
    const marks = records.length;
    const sending = httpRequest(`${clinch.url}/admin/api/v1/users/import`, {
      method: 'POST',
      headers: { ...bearer(admin.token), 'content-type': NDJSON },
    });
    sending.on('error', () => undefined);
    sending.write('{"username":"before-the-end"}\n{"username":"half');
    const isThere = async () => (await exported('users')).some(({ username }) => username === 'before-the-end');
    await expect.poll(isThere, { timeout: 20_000 }).toBe(true);
    sending.destroy();
    const ended = () => records.slice(marks).find(({ event }) => event === 'bulk.imported')?.details;
    await expect.poll(ended, { timeout: 20_000 }).toMatchObject({ created: 1, complete: false });
    expect((await exported('users')).some(({ username }) => username === 'half')).toBe(false);
  });
});

describe('an export of people', () => {
  it('can be sent back as it is', async () => {
    const all = await exported('users');
    expect(all.length).toBeGreaterThan(3);
    const again = await importing('users/import', all);
    expect(new Set(results(again))).toEqual(new Set(['unchanged']));
  });

  it('ADMIN-08: is masked without the right to personal data, and shows no secret', async () => {
    await admin.made('users', {
      username: 'reach',
      email: 'reach@x.example',
      phone_number: '+8613800138000',
      password: 'correct horse battery staple',
    });
    const token = await tokenFor('clinch:users:export');
    const masked = await lines('GET', 'users/export', undefined, bearer(token));
    expect(masked.text).not.toContain('reach@x.example');
    expect(masked.text).not.toContain('13800138000');
    const both = await tokenFor('clinch:users:export clinch:personal-data:read');
    const full = await lines('GET', 'users/export', undefined, bearer(both));
    expect(full.text).toContain('reach@x.example');
    expect(full.text).not.toContain('argon2');
  });

  it('ADMIN-12: has a right of its own, and is noted', async () => {
    for (const scope of ['clinch:users:read', 'clinch:users:write']) {
      const token = await tokenFor(scope);
      expect((await lines('GET', 'users/export', undefined, bearer(token))).status, scope).toBe(403);
      expect((await lines('POST', 'users/import', '{}', bearer(token))).status, scope).toBe(403);
    }
    const token = await tokenFor('clinch:users:export');
    const marks = records.length;
    await lines('GET', 'users/export', undefined, bearer(token));
    const noted = records.slice(marks).filter(({ event }) => event.startsWith('bulk.'));
    expect(noted.map(({ event }) => event)).toEqual(['bulk.export_started', 'bulk.exported']);
    expect(noted[0]?.details).toEqual({ what: 'users', personalData: false });
    expect(noted[1]?.details).toMatchObject({ complete: true, items: expect.any(Number) });
  });
});

describe('apps', () => {
  const WIKI = { client_id: 'wiki', client_name: 'Wiki', redirect_uris: ['https://wiki.example/cb'] };

  it('are imported by client_id, and a fresh secret is shown once', async () => {
    const first = await importing('apps/import', [WIKI, { ...WIKI, client_id: undefined }]);
    expect(results(first)).toEqual(['created', 'created']);
    expect(first.lines[0]).toMatchObject({ id: 'wiki', client_secret: expect.stringContaining('clinch_cs_') });
    const again = await importing('apps/import', [WIKI, { client_id: 'wiki', client_name: 'Other' }]);
    expect(results(again)).toEqual(['unchanged', 'updated']);
    expect(again.text).not.toContain('clinch_cs_');
    expect((await admin.call('GET', 'apps/wiki/secrets')).body['items']).toHaveLength(1);
  });

  it('are judged as they would be, by the rights of whoever imports them', async () => {
    const token = await tokenFor('clinch:apps:import');
    const body = [
      { ...WIKI, client_id: 'export' },
      { client_id: 'wiki', redirect_uris: [] },
      { client_id: 'wiki', client_secret: 'x' },
      { client_name: 'Root', grant_types: ['client_credentials'], scope: 'clinch:admin' },
      { client_id: 'test-operators', client_name: 'Mine' },
    ];
    const text = body.map((item) => JSON.stringify(item)).join('\n');
    for (const path of ['apps/import', 'apps/import?dry_run=true']) {
      const answer = await lines('POST', path, text, bearer(token));
      expect(results(answer)).toEqual(['failed', 'failed', 'failed', 'failed', 'failed']);
      expect(answer.lines.slice(0, -1).map(({ status }) => status)).toEqual([400, 400, 400, 403, 403]);
    }
  });

  it('ADMIN-07: are exported without secrets, and can be sent back as they are', async () => {
    const token = await tokenFor('clinch:apps:export');
    const all = await lines('GET', 'apps/export', undefined, bearer(token));
    expect(all.text).not.toMatch(/secret"|clinch_cs_|digest/);
    expect(all.lines.map(({ client_id }) => client_id)).toContain('wiki');
    const again = await importing('apps/import', all.lines);
    expect(new Set(results(again))).toEqual(new Set(['unchanged']));
  });
});
