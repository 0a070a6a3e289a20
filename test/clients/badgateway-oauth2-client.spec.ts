import { OAuth2Client, OAuth2Fetch, type OAuth2Token } from '@badgateway/oauth2-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, REDIRECT_URI, type TestApp, type TestPerson } from '../support/builders.js';
import { aRefreshingApp, aRefreshToken } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { UserAgent } from '../support/user-agent.js';

type Method = 'client_secret_basic' | 'client_secret_post';

describe('@badgateway/oauth2-client, which knows OAuth and no OpenID Connect', () => {
  let clinch: TestClinch;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  /** The app as the library sees it: found by the issuer alone, by the rules of RFC 8414. */
  function aClient({ clientId, clientSecret, method }: TestApp, secret = clientSecret): OAuth2Client {
    const authentication = method === 'none' ? {} : { clientSecret: secret, authenticationMethod: method as Method };
    return new OAuth2Client({ server: clinch.url, clientId, ...authentication });
  }

  async function signedIn(app: TestApp): Promise<{ client: OAuth2Client; first: OAuth2Token }> {
    const { token } = await aRefreshToken(clinch, app, person);
    return { client: aClient(app), first: { accessToken: '', expiresAt: null, refreshToken: token } };
  }

  async function userinfo({ accessToken }: OAuth2Token): Promise<number> {
    const headers = { Authorization: `Bearer ${accessToken}` };
    return (await fetch(`${clinch.url}/oidc/userinfo`, { headers })).status;
  }

  const refusal = (oauth2Code: string, httpCode = 400) => ({ oauth2Code, httpCode });

  it.each(['client_secret_basic', 'client_secret_post'] as const)('client credentials: %s', async (method) => {
    const app = await anApp(clinch, {
      // Characters that the library encodes in its header and Clinch has to decode.
      clientId: `machine-_.~${method}`,
      tokenEndpointAuthMethod: method,
      grantTypes: ['client_credentials'],
      scope: 'reports:read reports:write',
    });
    const token = await aClient(app).clientCredentials({ scope: ['reports:read'] });
    expect(token).toMatchObject({ scope: ['reports:read'], refreshToken: null });
    expect(token.expiresAt).toBeGreaterThan(Date.now() + 7_000_000);
    expect(await aClient(app).introspect(token)).toMatchObject({ active: true, client_id: app.clientId });
    const wrong = aClient(app, 'not-the-secret').clientCredentials();
    await expect(wrong).rejects.toMatchObject(refusal('invalid_client', 401));
  });

  it('the authorization code, with PKCE and a public client', async () => {
    const app = await anApp(clinch, { tokenEndpointAuthMethod: 'none', requirePkce: true });
    const client = aClient(app);
    const request = { redirectUri: REDIRECT_URI, codeVerifier: 'v'.repeat(43), state: 'the-state' };
    const address = await client.authorizationCode.getAuthorizeUri({ ...request, scope: ['openid', 'email'] });
    const answer = await new UserAgent(clinch.url).authorize(address, person);
    const token = await client.authorizationCode.getTokenFromCodeRedirect(`${REDIRECT_URI}?${answer}`, request);
    expect(await userinfo(token)).toBe(200);
  });

  it.each(['client_secret_basic', 'none'] as const)('refresh, again and again: %s', async (method) => {
    const app = await aRefreshingApp(clinch, { tokenEndpointAuthMethod: method });
    const { client, first } = await signedIn(app);
    const second = await client.refreshToken(first);
    const third = await client.refreshToken(second, { scope: ['openid'] });
    expect(third.scope).toEqual(['openid']);
    expect(await userinfo(third)).toBe(200);
    expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3);
    await expect(client.refreshToken(first)).rejects.toMatchObject(refusal('invalid_grant'));
  });

  it('refresh when an access token is refused, by the wrapper round fetch', async () => {
    const app = await aRefreshingApp(clinch);
    const { client, first } = await signedIn(app);
    const stored: OAuth2Token[] = [];
    const wrapper = new OAuth2Fetch({
      client,
      getStoredToken: () => ({ ...first, accessToken: 'expired', expiresAt: Date.now() + 60_000 }),
      getNewToken: () => null,
      storeToken: (token) => stored.push(token),
      scheduleRefresh: false,
    });
    // Several at once, as a page does that has just been opened.
    const answers = await Promise.all([1, 2, 3].map(() => wrapper.fetch(`${clinch.url}/oidc/userinfo`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(stored).toHaveLength(1);
  });

  it('introspection', async () => {
    const app = await aRefreshingApp(clinch);
    const { client, first } = await signedIn(app);
    const token = await client.refreshToken(first);
    expect(await client.introspect(token)).toMatchObject({
      active: true,
      sub: person.id,
      client_id: app.clientId,
      scope: 'openid profile offline_access',
      token_type: 'Bearer',
    });
    expect(await client.introspect({ ...token, accessToken: 'not-a-token' })).toEqual({ active: false });
    expect(await aClient(await anApp(clinch)).introspect(token)).toEqual({ active: false });
  });

  it('revocation, of an access token and of the whole sign-in', async () => {
    const { client, first } = await signedIn(await aRefreshingApp(clinch));
    const second = await client.refreshToken(first);
    await client.revoke(second);
    expect(await client.introspect(second)).toEqual({ active: false });
    const third = await client.refreshToken(second);
    await client.revoke(third, 'refresh_token');
    expect(await userinfo(third)).toBe(401);
    await expect(client.refreshToken(third)).rejects.toMatchObject(refusal('invalid_grant'));
  });
});
