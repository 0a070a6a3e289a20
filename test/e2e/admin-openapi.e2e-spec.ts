import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp, aPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, pkce, redeem, UserAgent } from '../support/user-agent.js';

/** Loaded where it is used, by a name that the compiler does not look up: only one test needs it. */
const VALIDATOR: string = '@seriousme/openapi-schema-validator';

interface ValidatorModule {
  readonly Validator: new () => { validate(document: object): Promise<{ valid: boolean; errors?: unknown }> };
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security: readonly Json[];
  readonly requestBody?: { readonly content: Record<string, { readonly examples?: Record<string, { value: Json }> }> };
  readonly responses: Record<string, { readonly description: string; readonly content?: Json }>;
}

interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Json>; readonly securitySchemes: Json };
}

let clinch: TestClinch;
let admin: AdminApi;
let document: Document;

beforeAll(async () => {
  clinch = await startClinch({ CLINCH_ISSUER: 'http://localhost:{port}/auth' });
  admin = await AdminApi.of(clinch);
  document = (await (await fetch(`${clinch.url}/admin/openapi.json`)).json()) as Document;
});
afterAll(() => clinch.stop());

function operations(): [name: string, method: string, path: string, operation: Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      method.toUpperCase(),
      path.replace('/admin/api/v1/', '').replaceAll(/\{\w+\}/g, 'nothing'),
      operation,
    ]),
  );
}

/** Their examples run where there is a DingTalk: see the tests of the DingTalk rooms. */
const NEEDS_AN_ORGANISATION = new Set([
  'POST /admin/api/v1/identity-sources/{id}/sync-runs',
  'POST /admin/api/v1/users/{id}/identities',
]);

describe('the OpenAPI document', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const { Validator } = (await import(/* @vite-ignore */ VALIDATOR)) as ValidatorModule;
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(document.openapi).toBe('3.1.0');
  });

  it('has the operations of the contract, and no others', () => {
    expect(
      operations()
        .map(([name]) => name)
        .toSorted(),
    ).toEqual([
      'DELETE /admin/api/v1/api-resources/{id}',
      'DELETE /admin/api/v1/apps/{client_id}',
      'DELETE /admin/api/v1/apps/{client_id}/accounts/{id}',
      'DELETE /admin/api/v1/apps/{client_id}/assignments/{id}',
      'DELETE /admin/api/v1/apps/{client_id}/secrets/{id}',
      'DELETE /admin/api/v1/audit-exports/{id}',
      'DELETE /admin/api/v1/consents/{id}',
      'DELETE /admin/api/v1/groups/{id}',
      'DELETE /admin/api/v1/groups/{id}/members/{user}',
      'DELETE /admin/api/v1/identity-sources/{id}',
      'DELETE /admin/api/v1/roles/{id}',
      'DELETE /admin/api/v1/scopes/{name}',
      'DELETE /admin/api/v1/sessions/{id}',
      'DELETE /admin/api/v1/users/{id}',
      'DELETE /admin/api/v1/users/{id}/identities/{identityId}',
      'GET /admin/api/v1/api-resources',
      'GET /admin/api/v1/api-resources/{id}',
      'GET /admin/api/v1/app-templates',
      'GET /admin/api/v1/apps',
      'GET /admin/api/v1/apps/export',
      'GET /admin/api/v1/apps/{client_id}',
      'GET /admin/api/v1/apps/{client_id}/access/{user}',
      'GET /admin/api/v1/apps/{client_id}/accounts',
      'GET /admin/api/v1/apps/{client_id}/accounts/{id}',
      'GET /admin/api/v1/apps/{client_id}/assignments',
      'GET /admin/api/v1/apps/{client_id}/assignments/{id}',
      'GET /admin/api/v1/apps/{client_id}/secrets',
      'GET /admin/api/v1/apps/{client_id}/template-setup',
      'GET /admin/api/v1/audit-events',
      'GET /admin/api/v1/audit-events/timeline/{trace_id}',
      'GET /admin/api/v1/audit-events/{id}',
      'GET /admin/api/v1/audit-exports',
      'GET /admin/api/v1/audit-exports/{id}',
      'GET /admin/api/v1/consents',
      'GET /admin/api/v1/departments',
      'GET /admin/api/v1/departments/{id}',
      'GET /admin/api/v1/departments/{id}/members',
      'GET /admin/api/v1/directory-roles',
      'GET /admin/api/v1/groups',
      'GET /admin/api/v1/groups/{id}',
      'GET /admin/api/v1/groups/{id}/members',
      'GET /admin/api/v1/identity-sources',
      'GET /admin/api/v1/identity-sources/{id}',
      'GET /admin/api/v1/identity-sources/{id}/event-channels',
      'GET /admin/api/v1/identity-sources/{id}/events',
      'GET /admin/api/v1/identity-sources/{id}/events/{event}',
      'GET /admin/api/v1/identity-sources/{id}/setup',
      'GET /admin/api/v1/identity-sources/{id}/sync-runs',
      'GET /admin/api/v1/identity-sources/{id}/sync-runs/{run_id}',
      'GET /admin/api/v1/identity-sources/{id}/sync-runs/{run_id}/differences',
      'GET /admin/api/v1/identity-sources/{id}/sync-runs/{run_id}/errors',
      'GET /admin/api/v1/keys',
      'GET /admin/api/v1/keys/{kid}',
      'GET /admin/api/v1/logout-deliveries',
      'GET /admin/api/v1/logout-deliveries/{id}',
      'GET /admin/api/v1/master-keys',
      'GET /admin/api/v1/roles',
      'GET /admin/api/v1/roles/{id}',
      'GET /admin/api/v1/scopes',
      'GET /admin/api/v1/scopes/{name}',
      'GET /admin/api/v1/sessions',
      'GET /admin/api/v1/sessions/{id}',
      'GET /admin/api/v1/settings',
      'GET /admin/api/v1/users',
      'GET /admin/api/v1/users/export',
      'GET /admin/api/v1/users/{id}',
      'GET /admin/api/v1/users/{id}/apps',
      'GET /admin/api/v1/users/{id}/departments',
      'GET /admin/api/v1/users/{id}/groups',
      'GET /admin/api/v1/users/{id}/identities',
      'GET /admin/api/v1/users/{id}/permissions',
      'PATCH /admin/api/v1/api-resources/{id}',
      'PATCH /admin/api/v1/apps/{client_id}',
      'PATCH /admin/api/v1/apps/{client_id}/accounts/{id}',
      'PATCH /admin/api/v1/apps/{client_id}/assignments/{id}',
      'PATCH /admin/api/v1/audit-exports/{id}',
      'PATCH /admin/api/v1/groups/{id}',
      'PATCH /admin/api/v1/identity-sources/{id}',
      'PATCH /admin/api/v1/roles/{id}',
      'PATCH /admin/api/v1/scopes/{name}',
      'PATCH /admin/api/v1/settings',
      'PATCH /admin/api/v1/users/{id}',
      'POST /admin/api/v1/access/check',
      'POST /admin/api/v1/api-resources',
      'POST /admin/api/v1/apps',
      'POST /admin/api/v1/apps/import',
      'POST /admin/api/v1/apps/{client_id}/access/enforce',
      'POST /admin/api/v1/apps/{client_id}/access/preview',
      'POST /admin/api/v1/apps/{client_id}/accounts',
      'POST /admin/api/v1/apps/{client_id}/assignments',
      'POST /admin/api/v1/apps/{client_id}/assignments/batch',
      'POST /admin/api/v1/apps/{client_id}/claim-lab',
      'POST /admin/api/v1/apps/{client_id}/secrets',
      'POST /admin/api/v1/apps/{client_id}/template-check',
      'POST /admin/api/v1/audit-exports',
      'POST /admin/api/v1/groups',
      'POST /admin/api/v1/groups/{id}/members',
      'POST /admin/api/v1/identity-sources',
      'POST /admin/api/v1/identity-sources/{id}/callback-keys',
      'POST /admin/api/v1/identity-sources/{id}/check',
      'POST /admin/api/v1/identity-sources/{id}/events/{event}/retry',
      'POST /admin/api/v1/identity-sources/{id}/sync-runs',
      'POST /admin/api/v1/identity-sources/{id}/sync-runs/{run_id}/apply',
      'POST /admin/api/v1/identity-sources/{id}/sync-runs/{run_id}/approve',
      'POST /admin/api/v1/identity-sources/{id}/sync-runs/{run_id}/cancel',
      'POST /admin/api/v1/keys/rotate',
      'POST /admin/api/v1/keys/{kid}/revoke',
      'POST /admin/api/v1/logout-deliveries/{id}/replay',
      'POST /admin/api/v1/master-keys/reencrypt',
      'POST /admin/api/v1/roles',
      'POST /admin/api/v1/scopes',
      'POST /admin/api/v1/users',
      'POST /admin/api/v1/users/import',
      'POST /admin/api/v1/users/{id}/identities',
      'POST /admin/api/v1/users/{id}/sign-out',
      'PUT /admin/api/v1/api-resources/{id}',
      'PUT /admin/api/v1/apps/{client_id}',
      'PUT /admin/api/v1/groups/{id}',
      'PUT /admin/api/v1/groups/{id}/members/{user}',
      'PUT /admin/api/v1/identity-sources/{id}',
      'PUT /admin/api/v1/scopes/{name}',
      'PUT /admin/api/v1/users/{id}',
      'PUT /admin/api/v1/users/{id}/password',
    ]);
  });

  it('says of every operation what it does, who may, and what can go wrong', () => {
    for (const [name, , , operation] of operations()) {
      expect(operation.summary, name).toBeTruthy();
      expect(operation.description, name).toBeTruthy();
      expect(operation.tags, name).toHaveLength(1);
      expect(operation.security, name).toEqual(
        expect.arrayContaining([{ client_credentials: ['clinch:admin'] }, { access_token: [] }]),
      );
      for (const [status, { description, content }] of Object.entries(operation.responses)) {
        expect(description, `${name} ${status}`).toBeTruthy();
        if (Number(status) >= 400) expect(Object.keys(content ?? {})).toEqual(['application/problem+json']);
      }
      expect(Object.keys(operation.responses), name).toEqual(
        expect.arrayContaining(['400', '401', '403', '500', '503']),
      );
    }
    const ids = operations().map(([, , , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes every field, and shows no field that is refused', () => {
    const { schemas } = document.components;
    for (const name of [
      'App',
      'AppChanges',
      'NewApp',
      'User',
      'UserChanges',
      'NewUser',
      'Api',
      'ApiChanges',
      'NewApi',
      'ProblemDetails',
    ]) {
      expect(Object.keys(schemas[name]?.['properties'] as Json), name).not.toHaveLength(0);
    }
    expect(schemas['NewApp']?.['properties']).not.toHaveProperty('client_secret');
    expect(schemas['UserChanges']?.['properties']).not.toHaveProperty('updated_at');
    expect(schemas['User']?.['properties']).not.toHaveProperty('password');
    expect(schemas['NewApp']).toMatchObject({ required: ['client_name'] });
    expect(schemas['NewUser']).toMatchObject({ required: ['username'] });
  });

  it('leads under the issuer’s path', () => {
    expect(document.servers).toEqual([{ url: clinch.url }]);
    expect(JSON.stringify(document.components.securitySchemes)).toContain(`${clinch.url}/oidc/token`);
  });

  it('has examples that run as they stand', { timeout: 120_000 }, async () => {
    const { client_id: clientId } = await admin.made('apps', {
      client_name: 'x',
      redirect_uris: ['https://x.example/'],
    });
    const app = `apps/${String(clientId)}`;
    // The one whom examples speak of.
    const { id: person } = await aPerson(clinch, { id: 'mH3vAqYk0yq3n2mRcdQ1Zw' });
    await admin.made('apps', { client_id: 'expenses', client_name: 'x', redirect_uris: ['https://x.example/'] });
    const role = await admin.call('POST', 'roles', { client_id: 'expenses', name: 'x' });
    const chief = await aPerson(clinch);
    const assigned = { subject: { type: 'user', id: chief.id } };
    const assignment = await admin.call('POST', `${app}/assignments`, assigned);
    const account = await admin.call('POST', `${app}/accounts`, { user: person, username: 'x' });
    const ids: Record<string, string> = {
      'apps/nothing/accounts/nothing': `${app}/accounts/${String(account.body['id'])}`,
      'apps/nothing/assignments/nothing': `${app}/assignments/${String(assignment.body['id'])}`,
      'roles/nothing': `roles/${String(role.body['id'])}`,
      'apps/nothing': app,
      'api-resources/nothing': `api-resources/${String((await admin.made('api-resources', { identifier: 'urn:example:x', name: 'x' }))['id'])}`,
      'audit-exports/nothing': `audit-exports/${String((await admin.made('audit-exports', { kind: 'syslog', name: 'x', address: 'tls://logs.example:6514' }))['id'])}`,
      'groups/nothing': `groups/${String((await admin.made('groups', { name: 'x' }))['id'])}`,
      'identity-sources/nothing': `identity-sources/${String((await admin.made('identity-sources', { name: 'x', corp_id: 'x', client_id: 'x', client_secret: 'x' }))['id'])}`,
      'keys/nothing': `keys/${String(((await admin.call('GET', 'keys')).body['items'] as Json[])[0]?.['kid'])}`,
      'scopes/nothing': `scopes/${String((await admin.made('scopes', { name: 'x', description: { 'zh-CN': 'x', en: 'x' } }))['name'])}`,
      'users/nothing': `users/${String((await admin.made('users', { username: 'somebody' }))['id'])}`,
    };
    let tried = 0;
    for (const [name, method, path, { requestBody }] of operations()) {
      const [[mediaType, { examples = {} }] = ['', {}]] = Object.entries(requestBody?.content ?? {});
      if (requestBody !== undefined) expect(Object.keys(examples), name).not.toHaveLength(0);
      if (NEEDS_AN_ORGANISATION.has(name)) continue;
      for (const [example, { value }] of Object.entries(examples)) {
        const [from, to] = Object.entries(ids).find(([prefix]) => path.startsWith(prefix)) ?? ['', ''];
        if (mediaType !== 'application/json') {
          await expectImported(path, mediaType, value as unknown as string);
          continue;
        }
        const answer = await admin.call(method, path.replace(from, to), value);
        // What was made by one example may be in the way of the next.
        const { id, client_id: clientId } = answer.body;
        if (answer.status === 201) await admin.call('DELETE', `${path.replace(from, to)}/${String(clientId ?? id)}`);
        expect(answer.status, `${name} ${example}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(15);
  });
});

async function expectImported(path: string, mediaType: string, lines: string): Promise<void> {
  const answer = await fetch(`${clinch.url}/admin/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin.token}`, 'content-type': mediaType },
    body: lines,
  });
  expect(await answer.text(), path).toContain('"created":2,"updated":0,"unchanged":0,"failed":0');
}

describe('RFC 6750 §3.1: every operation of the document', () => {
  it('refuses no token with 401, a person’s token with 401, a client’s token without the scope with 403', async () => {
    const person = `Bearer ${await personsToken()}`;
    const client = `Bearer ${await clientsToken()}`;
    expect(operations().length).toBeGreaterThan(10);
    for (const [name, method, path] of operations()) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : {};
      const statuses = [];
      for (const authorization of ['', person, client]) {
        const answer = await admin.call(method, path, body, { authorization });
        expect(answer.headers.get('content-type'), name).toContain('application/problem+json');
        expect(answer.headers.get('www-authenticate'), name).toContain('Bearer realm="clinch"');
        expect(answer.headers.get('cache-control'), name).toBe('no-store');
        statuses.push(answer.status);
      }
      expect(statuses, name).toEqual([401, 401, 403]);
    }
  });
});

async function personsToken(): Promise<string> {
  const app = await anApp(clinch);
  const { verifier, challenge } = pkce();
  const url = authorizeUrl(clinch.url, app, {
    scope: 'openid',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const answer = await new UserAgent(clinch.url).authorize(url, await aPerson(clinch));
  const { body } = await redeem(clinch.url, app, answer.get('code') ?? '', { code_verifier: verifier });
  return String(body['access_token']);
}

async function clientsToken(): Promise<string> {
  const app = await anApp(clinch, { grantTypes: ['client_credentials'], scope: 'reports:write' });
  const answer = await fetch(`${clinch.url}/oidc/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return String(((await answer.json()) as Json)['access_token']);
}

describe('the pages', () => {
  it('run nothing that is not ours, and stand in no frame', async () => {
    const page = await fetch(`${clinch.url}/admin/docs`);
    const html = await page.text();
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(assets.length).toBeGreaterThan(3);
    for (const path of assets) {
      const asset = await fetch(new URL(path, page.url));
      expect(asset.status, path).toBe(200);
      expect(asset.headers.get('content-type'), path).toMatch(/javascript|css|png/);
      await asset.arrayBuffer();
    }
  });

  it.each([
    'swagger-initializer.js',
    'package.json',
    '..%2fpackage.json',
    '%2e%2e%2fpackage.json',
    'swagger-ui-bundle.js.map',
  ])('have no file %s', async (file) => {
    expect((await fetch(`${clinch.url}/admin/docs/${file}`)).status).toBe(404);
  });
});
