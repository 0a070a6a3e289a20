import { exportJWK, generateKeyPair } from 'jose';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi, fieldsOf, type AdminAnswer, type Json } from '../support/admin-api.js';
import { anApp, aPerson } from '../support/builders.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, pkce, redeem, UserAgent } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

/** A token by client credentials, or why there is none. */
async function tokenOf(clientId: string, secret: string, scope?: string): Promise<Json> {
  const answer = await fetch(`${clinch.url}/oidc/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) }),
  });
  return (await answer.json()) as Json;
}

const CALLBACK = 'https://app.example/cb';
const WEB_APP = { client_name: 'Web', redirect_uris: [CALLBACK] };
const MACHINE = { client_name: 'Machine', grant_types: ['client_credentials'], scope: 'reports:write' };

describe('RFC 6750 §3: who may call', () => {
  it('asks for a token, and says no more, when there is none', async () => {
    const answer = await admin.call('GET', 'apps', undefined, { authorization: '' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="clinch"');
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({ status: 401, type: 'urn:clinch:problem:unauthorized' });
    expect(answer.body['instance']).toBe(`urn:trace:${answer.headers.get('x-request-id') ?? ''}`);
  });

  it('refuses tokens of people, id tokens, nonsense and the Basic scheme', async () => {
    const app = await anApp(clinch);
    const agent = new UserAgent(clinch.url);
    const { verifier, challenge } = pkce();
    const url = authorizeUrl(clinch.url, app, {
      scope: 'openid',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    const code = (await agent.authorize(url, await aPerson(clinch))).get('code') ?? '';
    const { body } = await redeem(clinch.url, app, code, { code_verifier: verifier });
    for (const bad of [body['access_token'], body['id_token'], 'x.y.z', `${admin.token}x`, 'ü']) {
      const answer = await admin.call('GET', 'users', undefined, { authorization: `Bearer ${encodeURI(String(bad))}` });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    const basic = Buffer.from(`${OPERATOR.id}:${OPERATOR.secret}`).toString('base64');
    expect((await admin.call('GET', 'users', undefined, { authorization: `Basic ${basic}` })).status).toBe(401);
    expect(
      (await admin.call('GET', `users?access_token=${admin.token}`, undefined, { authorization: '' })).status,
    ).toBe(401);
  });

  it('tells a client that forgot the scope which one it needs', async () => {
    const machine = await admin.made('apps', MACHINE);
    const { access_token: other } = await tokenOf(String(machine['client_id']), String(machine['client_secret']));
    const answer = await admin.call('GET', 'users', undefined, { authorization: `Bearer ${String(other)}` });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(answer.headers.get('www-authenticate')).toContain('scope="clinch:users:read"');
  });

  it('ends the right with the client: switched off, without the scope, deleted', async () => {
    const second = await admin.made('apps', { ...MACHINE, scope: 'clinch:admin' });
    const path = `apps/${String(second['client_id'])}`;
    const { access_token: theirs } = await tokenOf(String(second['client_id']), String(second['client_secret']));
    const asSecond = async () =>
      (await admin.call('GET', 'users', undefined, { authorization: `Bearer ${String(theirs)}` })).status;
    expect(await asSecond()).toBe(200);
    await admin.call('PATCH', path, { enabled: false });
    expect(await asSecond()).toBe(401);
    await admin.call('PATCH', path, { enabled: true });
    expect(await asSecond()).toBe(200);
    await admin.call('PATCH', path, { scope: 'reports:write' });
    expect(await asSecond()).toBe(401);
    await admin.call('PATCH', path, { scope: 'clinch:admin' });
    const self = { authorization: `Bearer ${String(theirs)}` };
    expect((await admin.call('PATCH', path, { enabled: false }, self)).status).toBe(409);
    expect((await admin.call('DELETE', path, undefined, self)).status).toBe(409);
    expect((await admin.call('DELETE', path)).status).toBe(204);
    expect(await asSecond()).toBe(401);
  });

  it('answers no script of another origin', async () => {
    const answer = await admin.call('GET', 'apps', undefined, { origin: 'https://evil.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await admin.call('OPTIONS', 'apps', undefined, {
      origin: 'https://evil.example',
      'access-control-request-method': 'GET',
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('bodies and queries', () => {
  it.each<[string, string, Record<string, string>, number]>([
    ['no JSON', '{"username":', {}, 400],
    ['a list', '[]', {}, 400],
    ['a member twice', '{"username":"a","username":"b"}', {}, 400],
    ['__proto__', '{"username":"a","__proto__":{"status":"disabled"}}', {}, 400],
    ['a form', 'username=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['no media type', '{"username":"a"}', { 'content-type': '' }, 415],
    ['another charset', '{"username":"a"}', { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['a body that is too large', JSON.stringify({ username: 'a', custom: { a: 'x'.repeat(110_000) } }), {}, 413],
    ['a body that is far too large', 'x'.repeat(2_000_000), {}, 413],
  ])('refuses %s', async (_, body, headers, status) => {
    const answer = await admin.call('POST', 'users', body, headers).catch((error: unknown) => error as Error);
    // A server may hang up on a client that will not stop sending.
    if (answer instanceof Error) expect(status).toBe(413);
    else
      expect(answer).toMatchObject({ status, body: { status, type: expect.stringContaining('urn:clinch:problem:') } });
  });

  it('refuses a compressed body, which could be a bomb', async () => {
    const answer = await sendRaw(gzipSync('{"username":"a"}'), { 'content-encoding': 'gzip' });
    expect(answer).toBe(415);
  });

  it('refuses unknown query parameters, and parameters that are there twice', async () => {
    for (const path of ['users?foo=1', 'users?limit=1&limit=2', 'apps/x?y=1']) {
      expect((await admin.call('GET', path)).status, path).toBe(400);
    }
  });
});

function sendRaw(body: Buffer, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json', ...headers },
    };
    const request = httpRequest(`${clinch.url}/admin/api/v1/users`, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('lists', () => {
  it('walks all of them once, page by page', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `list-${index}`);
    for (const username of names) await admin.made('users', { username });
    const seen: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: AdminAnswer = await admin.call('GET', `users?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...(body['items'] as Json[]).map(({ id }) => id));
      cursor = body['next_cursor'] as string | null;
    }
    const { body } = await admin.call('GET', 'users?limit=200');
    expect(seen).toEqual((body['items'] as Json[]).map(({ id }) => id));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(5);
    expect(body['next_cursor']).toBeNull();
  });

  it.each(['limit=0', 'limit=201', 'limit=-1', 'limit=1.5', 'limit=x', 'limit=', 'cursor=!', 'cursor=', 'cursor=AA'])(
    'refuses %s',
    async (query) => {
      const answer = await admin.call('GET', `apps?${query}`);
      expect(answer.status).toBe(400);
      expect(fieldsOf(answer)).toEqual([query.split('=')[0]]);
    },
  );
});

describe('apps (RFC 7591 §2)', () => {
  it('has the defaults of the contract, and a secret that is shown once', async () => {
    const app = await admin.made('apps', { ...WEB_APP, client_id: 'contract-defaults' });
    const { client_secret: secret, created_at: _, updated_at: __, ...read } = app;
    expect(secret).toMatch(/^clinch_cs_/);
    expect(read).toMatchObject({
      ...WEB_APP,
      client_id: 'contract-defaults',
      application_type: 'web',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      enabled: true,
      require_pkce: true,
      code_challenge_methods: ['S256'],
      require_consent: false,
      authorization_code_lifetime: 60,
      access_token_lifetime: 7200,
      id_token_lifetime: 36_000,
      refresh_token_lifetime: 2_592_000,
      refresh_token_idle_lifetime: null,
      access: 'everyone',
      sso_initiator: 'app',
      id_token_claims: [],
    });
    const answers = [await admin.call('GET', 'apps/contract-defaults'), await admin.call('GET', 'apps?limit=200')];
    for (const { body } of answers) expect(JSON.stringify(body)).not.toContain('clinch_cs_');
    expect(answers[0]?.body).toMatchObject(read);
  });

  it('makes an id of a form that no person’s id has', async () => {
    expect((await admin.made('apps', WEB_APP))['client_id']).toMatch(/^app_[A-Za-z0-9_-]{22}$/);
  });

  it('refuses by name, and makes nothing', async () => {
    const answer = await admin.call('POST', 'apps', {
      ...WEB_APP,
      client_id: 'never-made',
      enabled: 'yes',
      access_token_lifetime: 299,
      contacts: ['nobody'],
      client_secret: 'of my own',
      id_token_claims: [{ name: 'x', value: 'y', in: 'id_token' }],
      is_admin: true,
    });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_client_metadata' } });
    expect([...fieldsOf(answer)].toSorted()).toEqual(
      ['access_token_lifetime', 'client_secret', 'contacts', 'enabled', 'id_token_claims.0.in', 'is_admin'].toSorted(),
    );
    expect((await admin.call('GET', 'apps/never-made')).status).toBe(404);
  });

  it.each<[string, Json, string, string]>([
    [
      'a redirect URI over http',
      { redirect_uris: ['http://app.example/cb'] },
      'redirect_uris.0',
      'invalid_redirect_uri',
    ],
    ['no redirect URI', { redirect_uris: [] }, 'redirect_uris', 'invalid_redirect_uri'],
    ['a text as redirect URIs', { redirect_uris: CALLBACK }, 'redirect_uris', 'invalid_redirect_uri'],
    ['a grant that is not there', { grant_types: ['implicit'] }, 'grant_types', 'invalid_client_metadata'],
    ['another response type', { response_types: ['token'] }, 'response_types', 'invalid_client_metadata'],
    ['null for a switch', { enabled: null }, 'enabled', 'invalid_client_metadata'],
    ['a control character', { client_name: 'a\u0000b' }, 'client_name', 'invalid_client_metadata'],
    ['a turned name', { client_name: 'a\u202eb' }, 'client_name', 'invalid_client_metadata'],
    ['a picture of code', { logo_uri: 'javascript:alert(1)' }, 'logo_uri', 'invalid_client_metadata'],
    [
      'a fragment to call',
      { backchannel_logout_uri: 'https://a.example/#x' },
      'backchannel_logout_uri',
      'invalid_client_metadata',
    ],
    ['an id like a person’s', { client_id: 'mH3vAqYk0yq3n2mRcdQ1Zw' }, 'client_id', 'invalid_client_metadata'],
    ['a private key', { jwks: { keys: [{ kty: 'RSA', d: 'AQAB' }] } }, 'jwks', 'invalid_client_metadata'],
    [
      'another algorithm',
      { id_token_signed_response_alg: 'none' },
      'id_token_signed_response_alg',
      'invalid_client_metadata',
    ],
  ])('refuses %s', async (_, differences, field, error) => {
    const answer = await admin.call('POST', 'apps', { ...WEB_APP, ...differences });
    expect(answer).toMatchObject({ status: 400, body: { error } });
    expect(fieldsOf(answer)).toEqual([field]);
  });

  it('judges a change by what the app would be', async () => {
    const path = `apps/${String((await admin.made('apps', WEB_APP))['client_id'])}`;
    expect(fieldsOf(await admin.call('PATCH', path, { redirect_uris: [] }))).toEqual(['redirect_uris']);
    expect(fieldsOf(await admin.call('PATCH', path, { token_endpoint_auth_method: 'private_key_jwt' }))).toEqual([
      'jwks',
    ]);
    const changed = await admin.call('PATCH', path, { require_consent: true, default_max_age: 0 });
    expect(changed.body).toMatchObject({ ...WEB_APP, require_consent: true, default_max_age: 0 });
    expect(changed.body).not.toHaveProperty('client_secret');
    const replaced = await admin.call('PUT', path, { client_name: 'Other', redirect_uris: [CALLBACK] });
    expect(replaced.body).toMatchObject({ client_name: 'Other', require_consent: false, default_max_age: null });
    expect(fieldsOf(await admin.call('PUT', path, { redirect_uris: [CALLBACK] }))).toEqual(['client_name']);
    expect(fieldsOf(await admin.call('PATCH', path, { client_id: 'another' }))).toEqual(['client_id']);
  });

  it('gives a secret when the app comes to need one, and ends secrets when it no longer does', async () => {
    const app = await admin.made('apps', { ...WEB_APP, token_endpoint_auth_method: 'none' });
    expect(app).not.toHaveProperty('client_secret');
    const path = `apps/${String(app['client_id'])}`;
    const secret = async () =>
      (await admin.call('PATCH', path, { token_endpoint_auth_method: 'client_secret_post' })).body['client_secret'];
    const first = await secret();
    expect(first).toMatch(/^clinch_cs_/);
    expect(await secret()).toBeUndefined();
    const { publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = { keys: [await exportJWK(publicKey)] };
    await admin.call('PATCH', path, { token_endpoint_auth_method: 'private_key_jwt', jwks });
    expect((await admin.call('GET', `${path}/secrets`)).body).toEqual({ items: [], next_cursor: null });
    expect((await admin.call('POST', `${path}/secrets`)).status).toBe(409);
    expect(await secret()).not.toBe(first);
  });

  it('has at most two live secrets, and both work', async () => {
    const app = await admin.made('apps', MACHINE);
    const id = String(app['client_id']);
    const second = await admin.call('POST', `apps/${id}/secrets`, { expires_at: '2099-12-31T00:00:00Z' });
    expect(second).toMatchObject({ status: 201, body: { expires_at: '2099-12-31T00:00:00.000Z' } });
    expect((await admin.call('POST', `apps/${id}/secrets`)).status).toBe(409);
    expect(await tokenOf(id, String(app['client_secret']))).toHaveProperty('access_token');
    expect(await tokenOf(id, String(second.body['client_secret']))).toHaveProperty('access_token');
    const { body } = await admin.call('GET', `apps/${id}/secrets`);
    expect(body['items']).toHaveLength(2);
    const first = (body['items'] as Json[]).find((row) => row['id'] !== second.body['id']);
    expect(Object.keys(first ?? {})).toEqual(['id', 'created_at', 'expires_at', 'last_used_at']);
    const elsewhere = await admin.made('apps', MACHINE);
    const notThere = `apps/${String(elsewhere['client_id'])}/secrets/${String(first?.['id'])}`;
    expect((await admin.call('DELETE', notThere)).status).toBe(404);
    expect((await admin.call('DELETE', `apps/${id}/secrets/${String(first?.['id'])}`)).status).toBe(204);
    expect(await tokenOf(id, String(app['client_secret']))).toMatchObject({ error: 'invalid_client' });
  });

  it('refuses a secret that ended before it began', async () => {
    const path = `apps/${String((await admin.made('apps', MACHINE))['client_id'])}/secrets`;
    for (const time of ['2020-01-01T00:00:00Z', 'tomorrow', '2099-12-31', 4_102_444_800]) {
      expect(fieldsOf(await admin.call('POST', path, { expires_at: time }))).toEqual(['expires_at']);
    }
  });

  it('lets one of two changes at once win, or both in turn; never half of each', async () => {
    const path = `apps/${String((await admin.made('apps', WEB_APP))['client_id'])}`;
    const names = Array.from({ length: 8 }, (_, index) => `Name ${index}`);
    const answers = await Promise.all(
      names.map((name) =>
        admin.call('PATCH', path, { client_name: name, client_uri: `https://app.example/${name.slice(5)}` }),
      ),
    );
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    const { body } = await admin.call('GET', path);
    expect(body['client_uri']).toBe(`https://app.example/${String(body['client_name']).slice(5)}`);
  });

  it('has lifetimes that are set together, and does not keep the preset', async () => {
    const app = await admin.made('apps', { ...WEB_APP, lifetime_preset: 'short', id_token_lifetime: 1200 });
    expect(app).toMatchObject({ access_token_lifetime: 600, id_token_lifetime: 1200 });
    expect(app).toMatchObject({ refresh_token_lifetime: 2_592_000, refresh_token_idle_lifetime: 28_800 });
    expect(app).not.toHaveProperty('lifetime_preset');
    const answer = await admin.call('POST', 'apps', { ...WEB_APP, lifetime_preset: 'long' });
    expect(fieldsOf(answer)).toEqual(['lifetime_preset']);
  });

  it('takes an id once, and leaves the operators’ client to the environment', async () => {
    await admin.made('apps', { ...WEB_APP, client_id: 'taken' });
    expect(await admin.call('POST', 'apps', { ...WEB_APP, client_id: 'taken' })).toMatchObject({ status: 409 });
    const operators = `apps/${OPERATOR.id}`;
    const answers = [
      await admin.call('PATCH', operators, { enabled: false }),
      await admin.call('PUT', operators, WEB_APP),
      await admin.call('DELETE', operators),
      await admin.call('POST', `${operators}/secrets`),
      await admin.call('DELETE', `${operators}/secrets/x`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 409, 409]);
  });

  it('knows no other app', async () => {
    const answers = [
      await admin.call('GET', 'apps/nobody'),
      await admin.call('PATCH', 'apps/nobody', {}),
      await admin.call('PUT', 'apps/nobody', WEB_APP),
      await admin.call('DELETE', 'apps/nobody'),
      await admin.call('GET', 'apps/nobody/secrets'),
      await admin.call('POST', 'apps/nobody/secrets'),
      await admin.call('GET', 'apps/%00'),
      await admin.call('GET', `apps/${'x'.repeat(500)}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  });
});
