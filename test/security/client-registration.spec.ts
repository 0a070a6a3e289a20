import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientEntity } from '../../src/app-registry/client.entity.js';
import { ClientStore } from '../../src/app-registry/client-store.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp, aPerson, REDIRECT_URI } from '../support/builders.js';
import { ClientRegistrar, METADATA } from '../support/client-registrar.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, UserAgent } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;
let registrar: ClientRegistrar;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  registrar = new ClientRegistrar(clinch, admin.token);
});
afterAll(() => clinch.stop());

/** A token of an app that acts for itself, with this scope. */
async function tokenOf(scope: string): Promise<string> {
  const app = await anApp(clinch, { grantTypes: ['client_credentials'], scope });
  const response = await fetch(`${clinch.url}/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  });
  return String(((await response.json()) as Json)['access_token']);
}

function registered(): Promise<Json> {
  return registrar.register(METADATA).then(({ body }) => body);
}

describe('who may register (RFC 7591 §3)', () => {
  it('nobody without a token: 401 with a challenge', async () => {
    const { status, headers } = await new ClientRegistrar(clinch, undefined).register(METADATA);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="clinch"');
  });

  it.each(['nonsense', 'a.b.c', 'clinch_rat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'])(
    'nobody with %s',
    async (token) => {
      const { status, headers } = await new ClientRegistrar(clinch, token).register(METADATA);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
    },
  );

  it('an app with clinch:apps:write, and none with less', async () => {
    const registering = async (scope: string) =>
      (await new ClientRegistrar(clinch, await tokenOf(scope)).register(METADATA)).status;
    expect(await registering('clinch:apps:write')).toBe(201);
    expect(await registering('clinch:apps:read')).toBe(403);
    expect(await registering('clinch:users:write')).toBe(403);
  });

  it('nobody whose token is about a person', async () => {
    const app = await anApp(clinch);
    const response = await new UserAgent(clinch.url).authorize(authorizeUrl(clinch.url, app), await aPerson(clinch));
    const { body } = await redeem(clinch.url, app, response.get('code') ?? '');
    const { status } = await new ClientRegistrar(clinch, String(body['access_token'])).register(METADATA);
    expect(status).toBe(401);
  });

  it('does not read what a stranger sends', async () => {
    const { status } = await new ClientRegistrar(clinch, undefined).register('not even JSON');
    expect(status).toBe(401);
  });
});

describe('what registering brings', () => {
  it('is no right: not by scope, not by an API, not by switches', async () => {
    for (const scope of ['clinch:admin', 'openid clinch:apps:write', 'clinch:personal-data:read']) {
      const machine = { ...METADATA, grant_types: ['client_credentials'], redirect_uris: [], scope };
      expect((await registrar.register(machine)).body['error']).toBe('invalid_client_metadata');
    }
    const { body } = await registrar.register({
      ...METADATA,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      api_access: [{ resource: 'https://api.example/', scope: 'read' }],
      id_token_claims: [{ name: 'sub', value: '"admin"' }],
      subject_expression: '"admin"',
    });
    expect((await admin.call('GET', `apps/${String(body['client_id'])}`)).body).toMatchObject({
      api_access: [],
      id_token_claims: [],
      subject_expression: null,
    });
  });

  it('is no way into the admin API, by the registration access token neither', async () => {
    const { registration_access_token: token } = await registered();
    const response = await fetch(`${clinch.url}/admin/api/v1/apps`, {
      headers: { authorization: `Bearer ${String(token)}` },
    });
    expect(response.status).toBe(401);
    expect((await new ClientRegistrar(clinch, String(token)).register(METADATA)).status).toBe(401);
  });
});

describe('the registration access token (RFC 7592 §2, §5)', () => {
  it('is good for its own app only, and nothing tells whether there is another', async () => {
    const [one, other] = [await registered(), await registered()];
    const token = String(one['registration_access_token']);
    const nobody = { registration_client_uri: `${clinch.url}/oidc/register/nobody` };
    const byHand = { registration_client_uri: `${clinch.url}/oidc/register/${(await anApp(clinch)).clientId}` };
    for (const method of ['GET', 'DELETE']) {
      const refusals = await Promise.all(
        [other, nobody, byHand].map((target) => registrar.configuration(method, target, token)),
      );
      expect(refusals.map(({ status }) => status)).toEqual([401, 401, 401]);
      expect(new Set(refusals.map(({ text }) => text)).size).toBe(1);
      for (const { headers } of refusals) expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    expect((await registrar.configuration('GET', other)).status).toBe(200);
  });

  it('cannot be left out, halved, or taken from the address', async () => {
    const app = await registered();
    const token = String(app['registration_access_token']);
    expect((await registrar.configuration('GET', app, '')).status).toBe(401);
    expect((await registrar.configuration('GET', app, token.slice(0, -1))).status).toBe(401);
    const inQuery = await fetch(`${String(app['registration_client_uri'])}?access_token=${token}`);
    expect(inQuery.status).toBe(401);
  });

  it.each(['%00', '..', '%2e%2e%2f', 'x'.repeat(5000), "' OR 1=1 --"])('is asked for at %s as well', async (id) => {
    const url = `${clinch.url}/oidc/register/${encodeURI(id)}`;
    const { registration_access_token: token } = await registered();
    const response = await fetch(url, { headers: { authorization: `Bearer ${String(token)}` } });
    expect([400, 401, 404, 405]).toContain(response.status);
  });

  it('is kept as a keyed digest, and never read back', async () => {
    const app = await registered();
    const row = await clinch.app.get(ClientStore).repository.findOneByOrFail({ clientId: String(app['client_id']) });
    expect(row).toBeInstanceOf(ClientEntity);
    expect(JSON.stringify(row)).not.toContain(String(app['registration_access_token']));
    const { body } = await admin.call('GET', `apps/${row.clientId}`);
    expect(JSON.stringify(body)).not.toContain(row.registrationDigest);
  });

  it('does not end an app that was given rights since', async () => {
    const app = await registered();
    const path = `apps/${String(app['client_id'])}`;
    const given = await admin.call('PATCH', path, {
      grant_types: ['client_credentials'],
      scope: 'clinch:users:read',
    });
    expect(given.status).toBe(200);
    expect((await registrar.configuration('DELETE', app)).status).toBe(403);
    expect((await admin.call('GET', path)).status).toBe(200);
  });

  it('does not outlive its app: the next one of that id is another app', async () => {
    const app = await registered();
    await admin.call('DELETE', `apps/${String(app['client_id'])}`);
    await admin.made('apps', { client_id: app['client_id'], client_name: 'Next', redirect_uris: [REDIRECT_URI] });
    expect((await registrar.configuration('GET', app)).status).toBe(401);
  });

  it('of two deletions at once, one has done it', async () => {
    const app = await registered();
    const answers = await Promise.all([1, 2, 3].map(() => registrar.configuration('DELETE', app)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.every((status) => [204, 401].includes(status))).toBe(true);
  });
});

describe('a flood', () => {
  it('of registrations is stopped for whoever makes it, and for nobody else', async () => {
    const busy = new ClientRegistrar(clinch, await tokenOf('clinch:apps:write'));
    const answers = await Promise.all(Array.from({ length: 70 }, () => busy.register({ redirect_uris: [] })));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(10);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await registrar.register(METADATA)).status).toBe(201);
  });
});
