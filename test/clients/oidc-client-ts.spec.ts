import {
  InMemoryWebStorage,
  OidcClient,
  type OidcClientSettings,
  type User,
  UserManager,
  WebStorageStateStore,
} from 'oidc-client-ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, REDIRECT_URI, type TestApp, type TestPerson } from '../support/builders.js';
import { aRefreshingApp } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { UserAgent } from '../support/user-agent.js';

describe('oidc-client-ts, the library of single-page apps', () => {
  let clinch: TestClinch;
  let person: TestPerson;
  let app: TestApp;

  beforeAll(async () => {
    clinch = await startClinch();
    person = await aPerson(clinch);
    app = await anApp(clinch, { tokenEndpointAuthMethod: 'none', requirePkce: true });
  });
  afterAll(() => clinch.stop());

  function aClient(differences: Partial<OidcClientSettings> = {}): OidcClient {
    return new OidcClient({
      authority: clinch.url,
      client_id: app.clientId,
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile email',
      stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
      ...differences,
    });
  }

  /** The address that the browser came back to. */
  async function walk(url: string): Promise<string> {
    const answer = await new UserAgent(clinch.url).authorize(url, person);
    return `${REDIRECT_URI}?${answer.toString()}`;
  }

  it('signs a person in with PKCE and reads the claims of the id_token', async () => {
    const client = aClient({ filterProtocolClaims: false });
    const request = await client.createSigninRequest({ state: { page: '/orders' }, nonce: 'n-1' });
    expect(new URL(request.url).searchParams.get('code_challenge_method')).toBe('S256');
    const response = await client.processSigninResponse(await walk(request.url));
    expect(response.profile).toMatchObject({ iss: clinch.url, sub: person.id, aud: app.clientId, nonce: 'n-1' });
    expect(response).toMatchObject({ token_type: 'Bearer', userState: { page: '/orders' } });
    expect(response.expires_in).toBeGreaterThan(7190);
  });

  it('merges the claims of userinfo', async () => {
    const client = aClient({ loadUserInfo: true });
    const request = await client.createSigninRequest({});
    const { profile } = await client.processSigninResponse(await walk(request.url));
    expect(profile).toMatchObject({ sub: person.id, name: '李华', email: 'lihua@example.com' });
  });

  it('signs in a confidential app by client_secret_basic and by client_secret_post', async () => {
    for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
      const confidential = await anApp(clinch, { tokenEndpointAuthMethod: method });
      const client = aClient({
        client_id: confidential.clientId,
        client_secret: confidential.clientSecret,
        client_authentication: method,
      });
      const request = await client.createSigninRequest({});
      const { profile } = await client.processSigninResponse(await walk(request.url));
      expect(profile.sub, method).toBe(person.id);
    }
  });

  it('throws ErrorResponse login_required when nobody is signed in and prompt is none', async () => {
    const client = aClient();
    const request = await client.createSigninRequest({ prompt: 'none' });
    const answer = await walk(request.url);
    await expect(client.processSigninResponse(answer)).rejects.toMatchObject({
      name: 'ErrorResponse',
      error: 'login_required',
    });
  });

  it('throws ErrorResponse invalid_grant when another app brings the code', async () => {
    const request = await aClient().createSigninRequest({});
    const answer = new URL(await walk(request.url));
    const other = await anApp(clinch, { tokenEndpointAuthMethod: 'none', requirePkce: true });
    const thief = aClient({ client_id: other.clientId });
    const theirs = await thief.createSigninRequest({});
    answer.searchParams.set('state', new URL(theirs.url).searchParams.get('state') ?? '');
    await expect(thief.processSigninResponse(answer.href)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  describe('UserManager, which keeps a person signed in', () => {
    /** A page that has just got its tokens. */
    async function signedIn(): Promise<{ manager: UserManager; user: User }> {
      const { clientId } = await aRefreshingApp(clinch, { tokenEndpointAuthMethod: 'none', requirePkce: true });
      const stateStore = new WebStorageStateStore({ store: new InMemoryWebStorage() });
      const settings = { client_id: clientId, scope: 'openid profile offline_access', stateStore };
      const manager = new UserManager({
        authority: clinch.url,
        redirect_uri: REDIRECT_URI,
        automaticSilentRenew: false,
        ...settings,
      });
      // What signinRedirect does but for the browser, which there is none of here.
      const request = await aClient(settings).createSigninRequest({ request_type: 'si:r' });
      const user = await manager.signinRedirectCallback(await walk(request.url));
      return { manager, user };
    }

    it('renews the tokens by the refresh token, without an iframe', async () => {
      const { manager, user } = await signedIn();
      let current: User | null = user;
      for (let uses = 0; uses < 3; uses++) {
        const before: User | null = current;
        current = await manager.signinSilent();
        expect(current?.profile.sub).toBe(person.id);
        expect(current?.refresh_token).toMatch(/^clinch_rt_/);
        expect(current?.refresh_token).not.toBe(before?.refresh_token);
        expect(current?.access_token).not.toBe(before?.access_token);
      }
    });

    it('gets one refresh token when two tabs renew at once', async () => {
      const { manager } = await signedIn();
      const [one, other] = await Promise.all([manager.signinSilent(), manager.signinSilent()]);
      expect(one?.refresh_token).toBe(other?.refresh_token);
      await manager.signinSilent();
    });

    it('revokes both tokens', async () => {
      const { manager, user } = await signedIn();
      await manager.revokeTokens(['access_token', 'refresh_token']);
      const headers = { Authorization: `Bearer ${user.access_token}` };
      expect((await fetch(`${clinch.url}/oidc/userinfo`, { headers })).status).toBe(401);
      await manager.storeUser(user);
      await expect(manager.signinSilent()).rejects.toMatchObject({ name: 'ErrorResponse', error: 'invalid_grant' });
    });
  });
});
