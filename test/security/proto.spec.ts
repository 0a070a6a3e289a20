import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials } from '../support/user-agent.js';
import { adminOf, type Admin } from './support/b-admin.js';

const unique = (prefix: string) => `${prefix}-${randomBytes(4).toString('hex')}`;

describe('write routes: prototypes, extra fields, partial changes', () => {
  let clinch: TestClinch;
  let admin: Admin;
  let app: TestApp;
  let appPath: string;
  let userPath: string;

  beforeAll(async () => {
    clinch = await startClinch();
    admin = adminOf(clinch);
    app = await anApp(clinch);
    appPath = `/apps/${app.clientId}`;
    userPath = `/users/${(await aPerson(clinch)).id}`;
  });
  afterAll(() => clinch.stop());

  function expectClean(): void {
    const probe: Record<string, unknown> = {};
    for (const name of ['polluted', 'isAdmin', 'status', 'enabled']) expect(probe[name]).toBeUndefined();
  }

  /** Every route that writes, with a body that it would take. */
  const writes = () =>
    [
      ['POST', '/apps', { client_name: 'New', redirect_uris: ['https://new.example/cb'] }],
      ['PATCH', appPath, { client_name: 'Changed' }],
      ['PUT', appPath, { client_name: 'Replaced', redirect_uris: ['https://app.example/cb'] }],
      ['POST', '/users', { username: unique('new') }],
      ['PATCH', userPath, { nickname: 'N' }],
      ['PUT', userPath, { username: unique('put') }],
      ['PUT', `${userPath}/password`, { password: 'amber-canyon-lantern-42' }],
    ] as const;

  const POLLUTION = [
    '"__proto__":{"polluted":true,"isAdmin":true,"enabled":true}',
    '"constructor":{"prototype":{"polluted":true}}',
    '"prototype":{"polluted":true}',
    '"custom":{"__proto__":{"polluted":true},"a":{"__proto__":{"polluted":true}}}',
    '"custom":{"constructor":{"prototype":{"polluted":true}}}',
    '"address":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    '"jwks":{"keys":[{"__proto__":{"polluted":true}}],"__proto__":{"polluted":true}}',
  ];

  it.each(POLLUTION)('PROTO-01 lets no JSON reach a prototype: %s', async (member) => {
    for (const [method, path, body] of writes()) {
      const text = JSON.stringify(body).replace(/^\{/, `{${member},`);
      const { status } = await admin(method, path, text);
      expect([200, 201, 204, 400, 404, 409], `${method} ${path}`).toContain(status);
      expectClean();
    }
  });

  it('PROTO-01 lets no form and no query reach a prototype', async () => {
    const names = [
      '__proto__[polluted]',
      '__proto__.polluted',
      'constructor[prototype][polluted]',
      'prototype[polluted]',
      '__proto__',
    ];
    const { headers } = credentials(app);
    for (const name of names) {
      const body = new URLSearchParams({
        grant_type: 'authorization_code',
        code: 'x',
        redirect_uri: 'r',
        [name]: 'true',
      });
      expect((await fetch(`${clinch.url}/oidc/token`, { method: 'POST', headers, body })).status).toBe(400);
      const url = `${authorizeUrl(clinch.url, app)}&${encodeURIComponent(name)}=true&${name}=1`;
      expect((await fetch(url, { redirect: 'manual' })).status).toBeLessThan(500);
      expect((await fetch(`${clinch.url}/login`, { method: 'POST', body })).status).toBe(403);
      expect((await admin('GET', `/apps?${name}=true`)).status).toBeLessThan(500);
      expectClean();
    }
    const claims = '{"__proto__":{"polluted":1},"id_token":{"__proto__":{"polluted":1},"constructor":null}}';
    expect((await fetch(authorizeUrl(clinch.url, app, { claims }), { redirect: 'manual' })).status).toBe(303);
    expectClean();
  });

  const FOREIGN = {
    id: 'x',
    tenantId: 'x',
    role: 'admin',
    isAdmin: true,
    createdAt: '2020-01-01T00:00:00Z',
    created_at: '2020-01-01T00:00:00Z',
    updated_at: '2020-01-01T00:00:00Z',
    secretHash: 'x',
    client_secret: 'x'.repeat(40),
    builtIn: true,
    ownerId: 'x',
    emailVerified: true,
    version: 9,
    passwordHash: 'x',
    password_hash: 'x',
    usernameKey: 'x',
    passwordChangedAt: null,
  };

  it.each(Object.entries(FOREIGN))('PROTO-03 refuses the field %s, and says which', async (name, value) => {
    for (const [method, path, body] of writes()) {
      const { status, text } = await admin(method, path, { ...body, [name]: value });
      expect(status, `${method} ${path}`).toBe(400);
      expect(text).toContain(name);
    }
  });

  it('PROTO-03 does not let the body name another row than the path', async () => {
    const other = await anApp(clinch);
    for (const method of ['PATCH', 'PUT']) {
      const body = { client_id: other.clientId, client_name: 'Taken over', redirect_uris: ['https://app.example/cb'] };
      await admin(method, appPath, body);
      expect((await admin('GET', `/apps/${other.clientId}`)).body['client_name']).not.toBe('Taken over');
    }
  });

  const NOT_TEXTS = [
    '{"role":"admin"}',
    '["a"]',
    '[]',
    '{}',
    '[["a"]]',
    '7',
    'true',
    '1e999',
    '{"$ne":null}',
    '{"toString":"x"}',
  ];
  it.each(NOT_TEXTS)('PROTO-04 refuses %s where a text belongs', async (value) => {
    for (const field of ['client_name', 'scope', 'token_endpoint_auth_method', 'client_uri']) {
      expect((await admin('PATCH', appPath, `{"${field}":${value}}`)).status, field).toBe(400);
    }
    for (const field of ['username', 'name', 'email', 'status', 'password']) {
      expect((await admin('PATCH', userPath, `{"${field}":${value}}`)).status, field).toBe(400);
    }
    const texts = [`client_name[role]=admin`, `client_name=x`];
    for (const text of texts) {
      const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
      expect([400, 415]).toContain((await admin('PATCH', appPath, text, form)).status);
    }
  });

  it('PROTO-05 judges what a change would leave behind, not the change alone', async () => {
    const native = { client_name: 'N', application_type: 'native', token_endpoint_auth_method: 'none' };
    const uris = { redirect_uris: ['com.example.app:/cb', 'http://127.0.0.1/cb'] };
    const { status, body } = await admin('POST', '/apps', { ...native, ...uris });
    expect(status).toBe(201);
    const path = `/apps/${String(body['client_id'])}`;
    expect((await admin('PATCH', path, { application_type: 'web' })).status).toBe(400);
    expect((await admin('PATCH', path, { grant_types: ['client_credentials'] })).status).toBe(400);
    expect((await admin('PATCH', path, { require_pkce: false })).status).toBe(400);
    expect((await admin('PATCH', path, { token_endpoint_auth_method: 'private_key_jwt' })).status).toBe(400);
    expect((await admin('PATCH', path, { redirect_uris: ['https://app.example/*'] })).status).toBe(400);
    expect((await admin('GET', path)).body).toMatchObject({ ...native, ...uris });
  });

  it('PROTO-06 falls back to the safe side for what a PUT leaves out', async () => {
    const loose = { require_pkce: false, require_consent: true, access_token_lifetime: 300, access: 'assigned' };
    const must = { client_name: 'P', redirect_uris: ['https://put.example/cb'] };
    const { body } = await admin('POST', '/apps', { ...must, ...loose, scope: 'openid phone' });
    const { status, body: after } = await admin('PUT', `/apps/${String(body['client_id'])}`, must);
    expect(status).toBe(200);
    expect(after).toMatchObject({
      require_pkce: true,
      code_challenge_methods: ['S256'],
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      scope: 'openid profile email',
    });
    const who = await admin('POST', '/users', { username: unique('v'), email: 'v@example.com', email_verified: true });
    const put = await admin('PUT', `/users/${String(who.body['id'])}`, {
      username: unique('v'),
      email: 'w@example.com',
    });
    expect(put.body['email_verified']).toBe(false);
  });
});

describe('the admin API: hostile JSON', () => {
  let clinch: TestClinch;
  let admin: Admin;

  beforeAll(async () => {
    clinch = await startClinch();
    admin = adminOf(clinch);
  });
  afterAll(() => clinch.stop());

  const BROKEN = { NUL: 'a\\u0000b', 'a lone surrogate': 'a\\ud800b', 'a control character': 'a\\u0007b' };

  it.each(Object.entries(BROKEN))('INPUT-02 refuses %s in texts of apps and people', async (_name, text) => {
    for (const field of ['client_name', 'client_id', 'scope', 'client_uri', 'policy_uri']) {
      const { status } = await admin(
        'POST',
        '/apps',
        `{"client_name":"x","redirect_uris":["https://a.example/"],"${field}":"${text}"}`,
      );
      expect(status, field).toBe(400);
    }
    for (const field of ['username', 'name', 'nickname', 'email', 'gender', 'locale', 'phone_number', 'picture']) {
      const { status } = await admin('POST', '/users', `{"username":"${unique('u')}","${field}":"${text}"}`);
      expect(status, field).toBe(400);
    }
    const nested = [`"address":{"locality":"${text}"}`];
    if (text.includes('d800')) nested.push(`"custom":{"a":"${text}"}`, `"custom":{"${text}":1}`);
    for (const member of nested) {
      const { status } = await admin('POST', '/users', `{"username":"${unique('u')}",${member}}`);
      expect(status, member).toBe(400);
    }
    for (const path of ['/users/a%00b', '/apps/a%00b', '/users/%ED%A0%80', '/apps/%ff', '/users/%']) {
      const { status } = await admin('GET', path);
      expect([400, 404], path).toContain(status);
    }
  });

  it('INPUT-02 keeps the text that it takes, byte for byte', async () => {
    const name = '\u{1F600} é e\u0301 李 \u202Eabc \u00A0 "\'<&>%00\\u0000';
    const { status, body } = await admin('POST', '/users', { username: unique('u'), name });
    if (status === 201) expect((await admin('GET', `/users/${String(body['id'])}`)).body['name']).toBe(name);
    else expect(status).toBe(400);
  });

  it.each(['2147483648', '9223372036854775808', '-1', '1e999', '"1"', '1.5', '0.1', '[]', 'null', '{}', 'true'])(
    'INPUT-04 refuses a lifetime of %s',
    async (value) => {
      for (const field of ['access_token_lifetime', 'authorization_code_lifetime', 'id_token_lifetime']) {
        const body = `{"client_name":"x","redirect_uris":["https://a.example/"],"${field}":${value}}`;
        expect((await admin('POST', '/apps', body)).status, field).toBe(400);
      }
    },
  );

  it.each(['-1', '0', '1e9', '1000000000', 'abc', '1;drop', '1.5', '', 'NaN', '%00', "1'--", '１'])(
    'INPUT-05 refuses or clamps limit=%s',
    async (limit) => {
      for (const path of ['/apps', '/users']) {
        const { status, body } = await admin('GET', `${path}?limit=${limit}`);
        expect([200, 400]).toContain(status);
        if (status === 200) expect((body['items'] as unknown[]).length).toBeLessThanOrEqual(200);
      }
    },
  );

  it('INPUT-05 refuses cursors that are not its own', async () => {
    for (const cursor of ['x', "';drop table clients", '%00', '../..', 'A'.repeat(5_000), 'eyJpZCI6eyIkZ3QiOiIifX0']) {
      for (const path of ['/apps', '/users']) {
        const { status } = await admin('GET', `${path}?cursor=${cursor}`);
        expect([200, 400], cursor.slice(0, 30)).toContain(status);
      }
    }
    expect((await admin('GET', '/users?limit=1&limit=2')).status).toBe(400);
    expect((await admin('GET', '/users?limit[]=1')).status).toBe(400);
  });

  it('INPUT-07 never takes a missing id for all rows or the first', async () => {
    const { id } = await aPerson(clinch);
    const { clientId } = await anApp(clinch);
    for (const wrong of ['undefined', 'null', '%20', '*', '%25', "'%20OR%20'1'='1", 'NaN', '0', '[object%20Object]']) {
      for (const room of ['users', 'apps']) {
        for (const method of ['GET', 'DELETE'])
          expect([400, 404]).toContain((await admin(method, `/${room}/${wrong}`)).status);
        expect([400, 404]).toContain((await admin('PATCH', `/${room}/${wrong}`, {})).status);
      }
    }
    for (const room of ['users', 'apps'])
      for (const end of ['', '/']) {
        expect([404, 405]).toContain((await admin('DELETE', `/${room}${end}`)).status);
      }
    expect((await admin('GET', `/users/${id}`)).status).toBe(200);
    expect((await admin('GET', `/apps/${clientId}`)).status).toBe(200);
  });

  it('INPUT-11 refuses monstrous JSON at once, and lives', async () => {
    const members = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":1`).join(',');
    const bodies = [
      '['.repeat(100_000),
      '{"custom":'.repeat(10_000),
      '['.repeat(1_000_000),
      `{${members(100_000)}}`,
      `{"username":"${unique('d')}","username":"${unique('d')}","custom":${'['.repeat(500)}${']'.repeat(500)}}`,
      `{"username":${'9'.repeat(1_000_000)}}`,
      `{"username":"${'x'.repeat(1_000_000)}"}`,
      '',
      'null',
      '[]',
      '"text"',
      '{"a":1}{"b":2}',
      '\u0000',
    ];
    for (const body of bodies) {
      const start = performance.now();
      const { status } = await admin('POST', '/users', body);
      expect([400, 413], body.slice(0, 40)).toContain(status);
      expect(performance.now() - start).toBeLessThan(1_000);
    }
    expect((await fetch(`${clinch.url}/livez`)).status).toBe(200);
  });

  it('INPUT-10 opens no compressed JSON, and takes no other type', async () => {
    const token = await clinch.adminToken();
    const send = (headers: Record<string, string>, body: BodyInit) =>
      fetch(`${clinch.url}/admin/api/v1/users`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, ...headers },
        body,
      });
    const gzipped = new Uint8Array(gzipSync(Buffer.alloc(8_000_000, ' ')));
    expect([413, 415]).toContain(
      (await send({ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }, gzipped)).status,
    );
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-7',
      'text/json',
    ]) {
      expect([400, 415], type).toContain(
        (await send({ 'Content-Type': type }, `{"username":"${unique('u')}"}`)).status,
      );
    }
  });
});
