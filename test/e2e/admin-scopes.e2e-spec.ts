import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenSigningService } from '../../src/token-signing/token-signing.service.js';
import { AdminApi, type AdminAnswer, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp } from '../support/builders.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, postToken, redeem, UserAgent } from '../support/user-agent.js';

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** What the document says that it needs. */
  readonly scope: string;
}

let clinch: TestClinch;
let admin: AdminApi;
let operations: Operation[];
let scopes: string[];
const tokens = new Map<string, string>();

/** The token of a client that has these scopes of the admin API, and its id. */
async function actor(scope: string): Promise<{ app: TestApp; headers: { authorization: string } }> {
  const app = await anApp(clinch, { grantTypes: ['client_credentials'], redirectUris: [], scope });
  return { app, headers: { authorization: `Bearer ${await tokenOf(app, scope)}` } };
}

async function tokenOf(app: TestApp, scope: string): Promise<string> {
  const answer = await postToken(clinch.url, { grant_type: 'client_credentials', scope }, credentials(app).headers);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return String(answer.body['access_token']);
}

function callWith(token: string, { method, path }: Operation): Promise<AdminAnswer> {
  const body = method === 'GET' || method === 'DELETE' ? undefined : {};
  return admin.call(method, path, body, { authorization: token === '' ? '' : `Bearer ${token}` });
}

interface Document {
  readonly paths: Record<string, Record<string, { readonly security: readonly Record<string, string[]>[] }>>;
  readonly components: {
    readonly securitySchemes: {
      readonly client_credentials: { readonly flows: { readonly clientCredentials: { readonly scopes: Json } } };
    };
  };
}

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  const document = (await (await fetch(`${clinch.url}/admin/openapi.json`)).json()) as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path: path.replace('/admin/api/v1/', '').replaceAll(/\{\w+\}/g, 'nothing'),
      scope: security[0]?.['client_credentials']?.[0] ?? '',
    })),
  );
  scopes = Object.keys(document.components.securitySchemes.client_credentials.flows.clientCredentials.scopes);
  for (const scope of scopes) tokens.set(scope, (await actor(scope)).headers.authorization.slice('Bearer '.length));
});
afterAll(() => clinch.stop());

/** They change nothing; what they ask for does not fit an address. */
const ONLY_READ = new Set([
  'POST /admin/api/v1/access/check',
  'POST /admin/api/v1/apps/{client_id}/access/preview',
  'POST /admin/api/v1/apps/{client_id}/claim-lab',
]);

describe('the scopes of the admin API', () => {
  it('are a pair for each part, the whole, many at a time, and the right to personal data', async () => {
    expect(scopes).toEqual([
      'clinch:admin',
      'clinch:access:read',
      'clinch:access:write',
      'clinch:api-resources:read',
      'clinch:api-resources:write',
      'clinch:app-templates:read',
      'clinch:app-templates:write',
      'clinch:apps:export',
      'clinch:apps:import',
      'clinch:apps:read',
      'clinch:apps:write',
      'clinch:audit-events:read',
      'clinch:audit-events:write',
      'clinch:audit-exports:read',
      'clinch:audit-exports:write',
      'clinch:consents:read',
      'clinch:consents:write',
      'clinch:departments:read',
      'clinch:departments:write',
      'clinch:directory-roles:read',
      'clinch:directory-roles:write',
      'clinch:groups:read',
      'clinch:groups:write',
      'clinch:identity-sources:read',
      'clinch:identity-sources:write',
      'clinch:keys:read',
      'clinch:keys:write',
      'clinch:logout-deliveries:read',
      'clinch:logout-deliveries:write',
      'clinch:master-keys:read',
      'clinch:master-keys:write',
      'clinch:personal-data:read',
      'clinch:roles:read',
      'clinch:roles:write',
      'clinch:scopes:read',
      'clinch:scopes:write',
      'clinch:sessions:read',
      'clinch:sessions:write',
      'clinch:settings:read',
      'clinch:settings:write',
      'clinch:users:export',
      'clinch:users:import',
      'clinch:users:read',
      'clinch:users:write',
    ]);
    const { body } = await admin.call('GET', 'api-resources/clinch-admin');
    expect((body['scopes'] as Json[]).map(({ name }) => name)).toEqual(scopes);
  });

  it('are what the operations need: reading to read, writing to do the rest', () => {
    expect(operations.length).toBeGreaterThan(20);
    for (const { name, method, path, scope } of operations) {
      const reads = method === 'GET' || ONLY_READ.has(name);
      const bulk = /^(users|apps)\/(export|import)$/.exec(path);
      if (bulk !== null) {
        expect(scope, name).toBe(`clinch:${bulk[1]}:${bulk[2]}`);
        continue;
      }
      expect(scope, name).toBe(`clinch:${path.split('/')[0] ?? ''}:${reads ? 'read' : 'write'}`);
      expect(scopes, name).toContain(scope);
    }
  });
});

describe('RFC 6750 §3.1: every operation of the document', () => {
  it('refuses no token with 401', async () => {
    for (const operation of operations) expect((await callWith('', operation)).status, operation.name).toBe(401);
  });

  it('refuses every other scope with 403, all of them together too, and names the one that is needed', async () => {
    for (const needed of new Set(operations.map(({ scope }) => scope))) {
      const others = scopes.filter((each) => each !== needed && each !== 'clinch:admin').join(' ');
      const token = (await actor(others)).headers.authorization.slice('Bearer '.length);
      for (const operation of operations.filter(({ scope }) => scope === needed)) {
        const answer = await callWith(token, operation);
        expect(answer.status, `${operation.name} with ${others}`).toBe(403);
        expect(answer.body).toMatchObject({ error: 'insufficient_scope', type: 'urn:clinch:problem:forbidden' });
        expect(answer.body['detail']).toContain(operation.scope);
        expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
        expect(answer.headers.get('www-authenticate')).toContain(`scope="${operation.scope}"`);
      }
    }
  });

  it('takes its own scope, and the whole', async () => {
    // The claim lab shows people, for which it takes the scope for those as well: its own tests say so.
    for (const operation of operations.filter(({ name }) => !name.endsWith('/claim-lab'))) {
      for (const scope of [operation.scope, 'clinch:admin']) {
        const { status } = await callWith(tokens.get(scope) ?? '', operation);
        expect([401, 403], `${operation.name} with ${scope}: ${status}`).not.toContain(status);
        expect(status, operation.name).toBeLessThan(500);
      }
    }
  });
});

describe('a right that has ended', () => {
  it('is no right any more, whatever the token says', async () => {
    const { app, headers } = await actor('clinch:users:read clinch:apps:read');
    const statuses = async () =>
      Promise.all(['users', 'apps'].map(async (path) => (await admin.call('GET', path, undefined, headers)).status));
    expect(await statuses()).toEqual([200, 200]);
    await admin.call('PATCH', `apps/${app.clientId}`, { scope: 'clinch:apps:read' });
    expect(await statuses()).toEqual([401, 200]);
    await admin.call('PATCH', `apps/${app.clientId}`, { enabled: false });
    expect(await statuses()).toEqual([401, 401]);
  });

  it('was never a person’s, whatever scope the app has and whatever resource it asks for', async () => {
    const app = await anApp(clinch, { scope: 'openid clinch:admin' });
    const agent = new UserAgent(clinch.url);
    const answer = await agent.authorize(authorizeUrl(clinch.url, app), await aPerson(clinch));
    const { body } = await redeem(clinch.url, app, answer.get('code') ?? '');
    const headers = { authorization: `Bearer ${String(body['access_token'])}` };
    expect((await admin.call('GET', 'users', undefined, headers)).status).toBe(401);
  });
});

describe('RFC 9068 §5: a token about a person', () => {
  it('opens nothing, should one ever be made for this audience', async () => {
    const signing = clinch.app.get(TokenSigningService);
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: clinch.url, aud: `${clinch.url}/admin/api/v1`, iat, exp: iat + 60, jti: 'x' };
    const sign = (sub: string) =>
      signing.sign('at+jwt', { ...claims, sub, client_id: OPERATOR.id, scope: 'clinch:admin' });
    const statusFor = async (sub: string) =>
      (await admin.call('GET', 'users', undefined, { authorization: `Bearer ${await sign(sub)}` })).status;
    expect(await statusFor(OPERATOR.id)).toBe(200);
    expect(await statusFor((await aPerson(clinch)).id)).toBe(401);
  });
});

describe('where audit events are sent to', () => {
  it('is chosen by nobody who could not read what is sent, in full', async () => {
    const wish = { kind: 'syslog', name: 'Logs', address: 'tls://logs.example:6514', enabled: false };
    const path = `audit-exports/${String((await admin.made('audit-exports', wish))['id'])}`;
    const write = 'clinch:audit-exports:write';
    for (const [others, needed] of [
      [write, 'clinch:audit-events:read'],
      [`${write} clinch:personal-data:read`, 'clinch:audit-events:read'],
      [`${write} clinch:audit-events:read`, 'clinch:personal-data:read'],
    ] as const) {
      const { headers } = await actor(others);
      for (const answer of [
        await admin.call('POST', 'audit-exports', wish, headers),
        await admin.call('PATCH', path, { address: 'tls://evil.example:6514' }, headers),
        await admin.call('PATCH', path, { enabled: true }, headers),
      ]) {
        expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
        expect(answer.headers.get('www-authenticate')).toContain(`scope="${needed}"`);
      }
      expect((await admin.call('PATCH', path, { name: 'Other', enabled: false }, headers)).status).toBe(200);
    }
    const { headers } = await actor(`${write} clinch:audit-events:read clinch:personal-data:read`);
    expect((await admin.call('PATCH', path, { address: 'tls://new.example:6514' }, headers)).status).toBe(200);
    expect((await admin.call('DELETE', path, undefined, headers)).status).toBe(204);
  });
});

describe('ADMIN-05: whoever may change apps does not come to more by way of them', () => {
  const MACHINE = { client_name: 'Machine', grant_types: ['client_credentials'] };
  const expectRefused = (answer: AdminAnswer, scope: string) => {
    expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
    expect(answer.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
  };

  it('gives no app what it lacks itself', async () => {
    const { headers } = await actor('clinch:apps:write clinch:users:read');
    const made = await admin.call('POST', 'apps', { ...MACHINE, scope: 'clinch:users:read reports:write' }, headers);
    expect(made.status).toBe(201);
    const path = `apps/${String(made.body['client_id'])}`;
    for (const scope of ['clinch:admin', 'clinch:users:write', 'clinch:apps:read']) {
      expectRefused(await admin.call('POST', 'apps', { ...MACHINE, scope }, headers), scope);
      expectRefused(await admin.call('PATCH', path, { scope: `clinch:users:read ${scope}` }, headers), scope);
      expectRefused(await admin.call('PUT', path, { ...MACHINE, scope }, headers), scope);
    }
    const both = 'clinch:api-resources:write clinch:users:write';
    expectRefused(await admin.call('POST', 'apps', { ...MACHINE, scope: both }, headers), both);
    expect((await admin.call('GET', path)).body['scope']).toBe('clinch:users:read reports:write');
  });

  it('gives no app anything on an API, and takes no secret of one that has something there, without that right', async () => {
    const identifier = 'https://ledger.example.com';
    await admin.made('api-resources', { identifier, name: 'Ledger', scopes: [{ name: 'ledger:read' }] });
    const api_access = [{ resource: identifier, scope: 'ledger:read' }];
    const { headers } = await actor('clinch:apps:write');
    const needed = 'clinch:api-resources:write';
    expectRefused(await admin.call('POST', 'apps', { ...MACHINE, api_access }, headers), needed);
    const path = `apps/${String((await admin.made('apps', { ...MACHINE, api_access }))['client_id'])}`;
    expectRefused(await admin.call('POST', `${path}/secrets`, {}, headers), needed);
    expectRefused(await admin.call('PATCH', path, { api_access: [] }, headers), needed);
    const both = await actor(`clinch:apps:write ${needed}`);
    expect((await admin.call('PATCH', path, { client_name: 'Renamed' }, both.headers)).status).toBe(200);
  });

  it.each(['clinch:admin', 'clinch:users:write'])('touches no app that has %s', async (scope) => {
    const { headers } = await actor('clinch:apps:write clinch:apps:read');
    const stronger = await admin.made('apps', { ...MACHINE, scope });
    const path = `apps/${String(stronger['client_id'])}`;
    const { body } = await admin.call('GET', `${path}/secrets`);
    const secretId = String((body['items'] as Json[])[0]?.['id']);
    const attempts: [string, string, object?][] = [
      ['PATCH', path, { client_name: 'Mine' }],
      ['PATCH', path, { scope: '' }],
      ['PATCH', path, { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://evil.example/jwks' }],
      ['PUT', path, MACHINE],
      ['DELETE', path],
      ['POST', `${path}/secrets`, {}],
      ['DELETE', `${path}/secrets/${secretId}`],
    ];
    for (const [method, target, change] of attempts) {
      expectRefused(await admin.call(method, target, change, headers), scope);
    }
    expect((await admin.call('GET', path)).body['client_name']).toBe('Machine');
    expect(((await admin.call('GET', `${path}/secrets`)).body['items'] as Json[]).map(({ id }) => id)).toEqual([
      secretId,
    ]);
    expect((await admin.call('GET', path, undefined, headers)).status).toBe(200);
  });

  it('does not touch the operators’ client', async () => {
    const { headers } = await actor('clinch:apps:write');
    expectRefused(await admin.call('POST', `apps/${OPERATOR.id}/secrets`, {}, headers), 'clinch:admin');
    expectRefused(await admin.call('DELETE', `apps/${OPERATOR.id}`, undefined, headers), 'clinch:admin');
  });

  it('does with all other apps as it likes', async () => {
    const { headers } = await actor('clinch:apps:write');
    const made = await admin.call('POST', 'apps', { ...MACHINE, scope: 'reports:write' }, headers);
    const path = `apps/${String(made.body['client_id'])}`;
    expect((await admin.call('PATCH', path, { client_name: 'Other' }, headers)).status).toBe(200);
    const { body } = await admin.call('POST', `${path}/secrets`, {}, headers);
    expect((await admin.call('DELETE', `${path}/secrets/${String(body['id'])}`, undefined, headers)).status).toBe(204);
    expect((await admin.call('DELETE', path, undefined, headers)).status).toBe(204);
  });

  it('reaches as far as the token, which may be less than the app has', async () => {
    const { app } = await actor('clinch:admin clinch:apps:write');
    const headers = { authorization: `Bearer ${await tokenOf(app, 'clinch:apps:write')}` };
    expectRefused(await admin.call('POST', 'apps', { ...MACHINE, scope: 'clinch:admin' }, headers), 'clinch:admin');
  });

  it('reaches as far as what the app still has, which may be less than the token', async () => {
    const { app, headers } = await actor('clinch:apps:write clinch:users:write');
    await admin.call('PATCH', `apps/${app.clientId}`, { scope: 'clinch:apps:write' });
    const wish = { ...MACHINE, scope: 'clinch:users:write' };
    expectRefused(await admin.call('POST', 'apps', wish, headers), 'clinch:users:write');
  });

  it.each([
    ['clinch:admin', 'clinch:apps:write', 409],
    ['clinch:apps:write clinch:users:read', 'clinch:users:read', 409],
    ['clinch:apps:write clinch:users:read', 'clinch:apps:write', 200],
    ['clinch:apps:write', '', 409],
  ])('ADMIN-06: takes not from itself the right that it is using (%s → %s)', async (scope, next, status) => {
    const { app, headers } = await actor(scope);
    const path = `apps/${app.clientId}`;
    expect((await admin.call('PATCH', path, { enabled: false }, headers)).status).toBe(409);
    expect((await admin.call('DELETE', path, undefined, headers)).status).toBe(409);
    expect((await admin.call('PATCH', path, { scope: next }, headers)).status).toBe(status);
  });

  it('is for confidential apps whose one grant is client_credentials', async () => {
    for (const differences of [
      { grant_types: ['authorization_code'], redirect_uris: ['https://app.example/cb'] },
      { grant_types: ['authorization_code', 'client_credentials'], redirect_uris: ['https://app.example/cb'] },
    ]) {
      const answer = await admin.call('POST', 'apps', { ...MACHINE, scope: 'clinch:users:read', ...differences });
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_client_metadata' } });
    }
    const unknown = await admin.call('POST', 'apps', { ...MACHINE, scope: 'clinch:everything' });
    expect(unknown).toMatchObject({ status: 400, body: { errors: [{ field: 'scope' }] } });
  });
});

describe('a token of an app that was deleted', () => {
  it('is worth nothing to the next app of the same id', async () => {
    const machine = {
      client_name: 'Sync',
      client_id: 'sync',
      grant_types: ['client_credentials'],
      scope: 'clinch:users:read',
    };
    const { client_secret: secret } = await admin.made('apps', machine);
    const headers = { Authorization: `Basic ${Buffer.from(`sync:${String(secret)}`).toString('base64')}` };
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    const answer = await fetch(`${clinch.url}/oidc/token`, { method: 'POST', headers, body });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const ask = () => admin.call('GET', 'users', undefined, { authorization: `Bearer ${token}` });
    expect((await ask()).status).toBe(200);
    await admin.call('DELETE', 'apps/sync');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await admin.made('apps', machine);
    expect((await ask()).status).toBe(401);
  });
});
