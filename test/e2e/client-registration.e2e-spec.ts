import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp, aPerson, REDIRECT_URI } from '../support/builders.js';
import { ClientRegistrar, METADATA } from '../support/client-registrar.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, pkce, redeem, UserAgent } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;
let registrar: ClientRegistrar;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  registrar = new ClientRegistrar(clinch, admin.token);
});
afterAll(() => clinch.stop());

describe('RFC 7591 §3: registering', () => {
  it('answers with everything that is registered, the secret, and where to read it again', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { status, headers, body } = await registrar.register(METADATA);
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
    expect(body).toMatchObject({
      ...METADATA,
      client_name: 'Expenses',
      application_type: 'web',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: 'openid profile email',
      subject_type: 'public',
      id_token_signed_response_alg: 'RS256',
      client_secret: expect.stringMatching(/^clinch_cs_/),
      client_secret_expires_at: 0,
      registration_access_token: expect.stringMatching(/^clinch_rat_/),
      registration_client_uri: `${clinch.url}/oidc/register/${String(body['client_id'])}`,
    });
    expect(body['client_id_issued_at']).toBeGreaterThanOrEqual(before);
    expect(body['client_id_issued_at']).toBeLessThanOrEqual(before + 60);
  });

  it('gives no secret to an app that has none', async () => {
    const { body } = await registrar.register({ ...METADATA, token_endpoint_auth_method: 'none' });
    expect(body).not.toHaveProperty('client_secret');
    expect(body).not.toHaveProperty('client_secret_expires_at');
  });

  it('RFC 7591 §2: ignores what it does not understand, and switches that are for operators', async () => {
    const { status, body } = await registrar.register({
      ...METADATA,
      'client_name#zh': '报销',
      software_id: 'x',
      enabled: false,
      access: 'assigned',
      require_pkce: false,
      sso_initiator: 'portal_and_app',
      access_token_lifetime: 1,
      client_id: 'mine',
      client_secret: 'mine',
      tos_uri: null,
    });
    expect(status).toBe(201);
    const { client_id: clientId } = body;
    expect(clientId).not.toBe('mine');
    expect(body).not.toHaveProperty('enabled');
    expect((await admin.call('GET', `apps/${String(clientId)}`)).body).toMatchObject({
      enabled: true,
      access: 'everyone',
      require_pkce: true,
      sso_initiator: 'app',
      access_token_lifetime: 7200,
      tos_uri: null,
    });
  });

  it('calls an app without a name by its host', async () => {
    expect((await registrar.register({ redirect_uris: [REDIRECT_URI] })).body['client_name']).toBe('app.example');
  });

  it.each<[string, Json | string, string]>([
    ['no redirect URI', { client_name: 'A' }, 'invalid_redirect_uri'],
    ['a redirect URI with a fragment', { redirect_uris: ['https://app.example/cb#x'] }, 'invalid_redirect_uri'],
    ['a redirect URI over http', { redirect_uris: ['http://app.example/cb'] }, 'invalid_redirect_uri'],
    ['a redirect URI with a script', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['redirect URIs that are no list', { redirect_uris: REDIRECT_URI }, 'invalid_redirect_uri'],
    ['a grant that there is not', { ...METADATA, grant_types: ['implicit'] }, 'invalid_client_metadata'],
    ['a response type of another grant', { ...METADATA, response_types: ['token'] }, 'invalid_client_metadata'],
    ['a right of the admin API', { ...METADATA, scope: 'openid clinch:admin' }, 'invalid_client_metadata'],
    ['a right without its name', { ...METADATA, scope: 'clinch:' }, 'invalid_client_metadata'],
    [
      'an initiation URL over http',
      { ...METADATA, initiate_login_uri: 'http://a.example/' },
      'invalid_client_metadata',
    ],
    ['keys at a private address', { ...METADATA, jwks_uri: 'https://10.0.0.1/jwks' }, 'invalid_client_metadata'],
    ['a logout address that is no address', { ...METADATA, backchannel_logout_uri: 7 }, 'invalid_client_metadata'],
    ['a name that turns the reading direction', { ...METADATA, client_name: 'a\u202eb' }, 'invalid_client_metadata'],
    ['no JSON', '{"redirect_uris": [', 'invalid_client_metadata'],
    ['a list', '[]', 'invalid_client_metadata'],
    ['a member twice', '{"client_name":"a","client_name":"b"}', 'invalid_client_metadata'],
  ])('refuses %s', async (_, metadata, error) => {
    const { status, headers, body } = await registrar.register(metadata);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('application/json');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body['error']).toBe(error);
    // RFC 6749 §5.2: the characters of a description.
    expect(body['error_description']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  it('refuses a body that is no JSON by its type, or too large', async () => {
    expect((await registrar.register(METADATA, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await registrar.register({ ...METADATA, client_name: 'x'.repeat(200_000) })).status).toBe(413);
  });
});

describe('RFC 7592 §2: the client configuration endpoint', () => {
  it('shows the app to whoever has its registration access token, without the secret', async () => {
    const { body: registered } = await registrar.register(METADATA);
    const { status, headers, body } = await registrar.configuration('GET', registered);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    const { client_secret: _, client_secret_expires_at: __, ...rest } = registered;
    expect(body).toEqual(rest);
  });

  it('shows what an operator has changed since, whose change leaves the token good', async () => {
    const { body: registered } = await registrar.register(METADATA);
    const path = `apps/${String(registered['client_id'])}`;
    await admin.call('PATCH', path, { client_name: 'Renamed' });
    expect((await registrar.configuration('GET', registered)).body['client_name']).toBe('Renamed');
    await admin.call('PUT', path, { client_name: 'Replaced', redirect_uris: [REDIRECT_URI] });
    expect((await registrar.configuration('GET', registered)).body['client_name']).toBe('Replaced');
  });

  it('deletes the app, and the token with it', async () => {
    const { body: registered } = await registrar.register(METADATA);
    const deleted = await registrar.configuration('DELETE', registered);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await admin.call('GET', `apps/${String(registered['client_id'])}`)).status).toBe(404);
    for (const method of ['GET', 'DELETE']) {
      expect((await registrar.configuration(method, registered)).status).toBe(401);
    }
  });

  it('does not take PUT', async () => {
    const { body: registered } = await registrar.register(METADATA);
    const { status, headers } = await registrar.configuration('PUT', registered);
    expect(status).toBe(405);
    expect(headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD']);
  });
});

describe('a registered app', () => {
  it('signs people in', async () => {
    const { body } = await registrar.register({ ...METADATA, token_endpoint_auth_method: 'client_secret_post' });
    const app = {
      clientId: String(body['client_id']),
      clientSecret: String(body['client_secret']),
      redirectUri: REDIRECT_URI,
      method: 'client_secret_post' as const,
    };
    const { verifier, challenge } = pkce();
    const url = authorizeUrl(clinch.url, app, { code_challenge: challenge, code_challenge_method: 'S256' });
    const response = await new UserAgent(clinch.url).authorize(url, await aPerson(clinch));
    const { status } = await redeem(clinch.url, app, response.get('code') ?? '', { code_verifier: verifier });
    expect(status).toBe(200);
  });

  it('OpenID Connect Core 1.0 §4: is opened at its initiation URL, with who issues, whom to expect, and what page', async () => {
    const { body } = await registrar.register({ ...METADATA, initiate_login_uri: 'https://app.example/initiate?a=b' });
    const agent = new UserAgent(clinch.url);
    const person = await aPerson(clinch);
    await agent.authorize(authorizeUrl(clinch.url, await anApp(clinch)), person);
    const target = 'https://app.example/report/7';
    const answer = await agent.get(
      `/launch/${String(body['client_id'])}?${new URLSearchParams({ target_link_uri: target })}`,
    );
    expect(answer.status).toBe(303);
    const location = new URL(answer.headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe('https://app.example/initiate');
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      a: 'b',
      iss: clinch.url,
      target_link_uri: target,
      login_hint: expect.stringMatching(/./),
    });
    // And the app begins the sign-in, of which nothing is to be seen.
    const redirect = await agent.follow(
      await agent.get(
        authorizeUrl(
          clinch.url,
          { clientId: String(body['client_id']), redirectUri: REDIRECT_URI },
          {
            login_hint: location.searchParams.get('login_hint') ?? '',
            code_challenge: pkce().challenge,
            code_challenge_method: 'S256',
          },
        ),
      ),
    );
    expect(new URL(redirect.headers.get('location') ?? '').searchParams.has('code')).toBe(true);
  });
});
