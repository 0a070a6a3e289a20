import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { getJson, type JsonObject } from './support/provider.js';

const INITIATE_LOGIN_URI = 'https://app.example/initiate';

/** As the suite registers its client: over HTTP, at the endpoint of the discovery document, with an initial access token. */
describe('oidcc-3rdparty-init-login-certification-test-plan', () => {
  let clinch: TestClinch;
  let registrationEndpoint: string;

  beforeAll(async () => {
    clinch = await startClinch();
    const metadata = await getJson(`${clinch.url}/.well-known/openid-configuration`);
    registrationEndpoint = String(metadata['registration_endpoint']);
  });
  afterAll(() => clinch.stop());

  async function register(initiateLoginUri: string): Promise<Response> {
    return fetch(registrationEndpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await clinch.adminToken()}` },
      body: JSON.stringify({
        client_name: '3rdparty-init-login',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: ['https://app.example/callback'],
        token_endpoint_auth_method: 'client_secret_basic',
        contacts: ['certification@oidf.org'],
        initiate_login_uri: initiateLoginUri,
      }),
    });
  }

  function expectJson(response: Response): void {
    expect(response.headers.get('content-type')).toMatch(/^application\/json(;|$)/);
  }

  it('oidcc-3rd_party-init-login: registers the address, and reads it back at the client configuration endpoint', async () => {
    const response = await register(INITIATE_LOGIN_URI);
    expect(response.status).toBe(201);
    expectJson(response);
    const client = (await response.json()) as JsonObject;
    expect(client['client_id']).toEqual(expect.any(String));
    expect(client['client_secret']).toEqual(expect.any(String));
    expect(client['client_secret_expires_at']).toBe(0);
    expect(client['initiate_login_uri']).toBe(INITIATE_LOGIN_URI);

    const read = await fetch(String(client['registration_client_uri']), {
      headers: { Authorization: `Bearer ${String(client['registration_access_token'])}` },
    });
    expect(read.status).toBe(200);
    expectJson(read);
    expect(await read.json()).toMatchObject({
      client_id: client['client_id'],
      initiate_login_uri: INITIATE_LOGIN_URI,
    });
  });

  it('oidcc-3rd_party-init-login-nohttps: refuses an address without https', async () => {
    const response = await register(INITIATE_LOGIN_URI.replace('https:', 'http:'));
    expect(response.status).toBe(400);
    expectJson(response);
    expect(await response.json()).toMatchObject({ error: 'invalid_client_metadata' });
  });
});
