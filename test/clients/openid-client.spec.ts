import { type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { anApp, aPerson, REDIRECT_URI, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { formOf, responseParameters, UserAgent } from '../support/user-agent.js';

let clinch: TestClinch;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  person = await aPerson(clinch);
});
afterAll(() => clinch.stop());

/** The app as the library sees it: found by the issuer alone. */
async function discover(app: TestApp, authentication: oidc.ClientAuth): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(clinch.url), app.clientId, undefined, authentication, {
    execute: [oidc.allowInsecureRequests],
  });
}

async function basicApp(differences: Partial<ClientEntity> = {}): Promise<oidc.Configuration> {
  const app = await anApp(clinch, differences);
  return discover(app, oidc.ClientSecretBasic(app.clientSecret));
}

interface Walk {
  /** Where the browser came back to. */
  readonly callback: URL;
  readonly checks: oidc.AuthorizationCodeGrantChecks;
}

/** Sends a person through sign-in, in a browser that nobody has used, and back to the app. */
async function walk(config: oidc.Configuration, differences: Record<string, string> = {}): Promise<Walk> {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile email',
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...differences,
  });
  const answer = await new UserAgent(clinch.url).authorize(url.href, person);
  return {
    callback: new URL(`${REDIRECT_URI}?${answer.toString()}`),
    checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true },
  };
}

async function signsIn(config: oidc.Configuration): Promise<void> {
  const { callback, checks } = await walk(config);
  const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
  expect(tokens.claims()).toMatchObject({ iss: clinch.url, sub: person.id, aud: config.clientMetadata().client_id });
}

function withParameter({ callback }: Walk, name: string, value: string | undefined): URL {
  const changed = new URL(callback);
  changed.searchParams.delete(name);
  if (value !== undefined) changed.searchParams.set(name, value);
  return changed;
}

describe('openid-client: discovery', () => {
  it('reads the metadata and knows that every answer carries iss (RFC 9207 §3)', async () => {
    const metadata = (await basicApp()).serverMetadata();
    expect(metadata).toMatchObject({ issuer: clinch.url, authorization_response_iss_parameter_supported: true });
    expect(metadata.supportsPKCE()).toBe(true);
  });

  it('reads the same by the rules of RFC 8414', async () => {
    const app = await anApp(clinch);
    const config = await oidc.discovery(new URL(clinch.url), app.clientId, undefined, oidc.None(), {
      algorithm: 'oauth2',
      execute: [oidc.allowInsecureRequests],
    });
    expect(config.serverMetadata().token_endpoint).toBe(`${clinch.url}/oidc/token`);
  });
});

describe('openid-client: a pairwise app (OpenID Connect Core 1.0 §8.1)', () => {
  it('knows its person by a sub of its own, which userinfo and a refresh must repeat', async () => {
    const config = await basicApp({
      subjectType: 'pairwise',
      grantTypes: ['authorization_code', 'refresh_token'],
      refreshTokenIssuance: 'always',
    });
    expect(config.serverMetadata().subject_types_supported).toContain('pairwise');
    const { callback, checks } = await walk(config);
    const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
    const sub = tokens.claims()?.sub ?? '';
    expect(sub).not.toBe(person.id);
    expect((await oidc.fetchUserInfo(config, tokens.access_token, sub)).sub).toBe(sub);
    await expect(oidc.fetchUserInfo(config, tokens.access_token, person.id)).rejects.toThrow();
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(refreshed.claims()?.sub).toBe(sub);
    expect((await oidc.tokenIntrospection(config, refreshed.access_token)).sub).toBe(sub);
  });
});

describe('openid-client: client authentication (OpenID Connect Core 1.0 §9)', () => {
  it('signs in with client_secret_basic', async () => {
    await signsIn(await basicApp({ requirePkce: true }));
  });

  it('signs in with client_secret_basic when the client id needs encoding', async () => {
    await signsIn(await basicApp({ clientId: 'app:%+/=&~!' }));
  });

  it('signs in with client_secret_post', async () => {
    const app = await anApp(clinch, { tokenEndpointAuthMethod: 'client_secret_post' });
    await signsIn(await discover(app, oidc.ClientSecretPost(app.clientSecret)));
  });

  it('signs in as a public client with PKCE alone', async () => {
    const app = await anApp(clinch, { tokenEndpointAuthMethod: 'none', requirePkce: true });
    await signsIn(await discover(app, oidc.None()));
  });

  it.each(['RS256', 'PS256', 'ES256', 'Ed25519'])('signs in with private_key_jwt, %s, keys by value', async (alg) => {
    const { app, key } = await keyedApp(alg, (jwk) => ({ jwks: { keys: [jwk] } }));
    await signsIn(await discover(app, oidc.PrivateKeyJwt({ key, kid: 'k1' })));
  });

  it('refuses a key that is not the registered one', async () => {
    const { app } = await keyedApp('ES256', (jwk) => ({ jwks: { keys: [jwk] } }));
    const { privateKey } = await generateKeyPair('ES256');
    const config = await discover(app, oidc.PrivateKeyJwt({ key: privateKey, kid: 'k1' }));
    const { callback, checks } = await walk(config);
    const refused = oidc.authorizationCodeGrant(config, callback, checks);
    await expect(refused).rejects.toMatchObject({ status: 401 });
    await expect(refused).rejects.toBeInstanceOf(oidc.WWWAuthenticateChallengeError);
  });
});

describe('openid-client: private_key_jwt with jwks_uri', () => {
  let server: Server;
  let keys: unknown[] = [];
  let requests = 0;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      requests += 1;
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys }));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterAll(() => server.close());

  it('fetches the keys from the address once and signs in twice', async () => {
    const { port } = server.address() as AddressInfo;
    const { app, key } = await keyedApp('RS256', (jwk) => {
      keys = [jwk];
      return { jwksUri: `http://127.0.0.1:${port}/jwks.json` };
    });
    const config = await discover(app, oidc.PrivateKeyJwt({ key, kid: 'k1' }));
    await signsIn(config);
    await signsIn(config);
    expect(requests).toBe(1);
  });
});

async function keyedApp(
  alg: string,
  registration: (jwk: Record<string, unknown>) => Partial<ClientEntity>,
): Promise<{ app: TestApp; key: CryptoKey }> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg, use: 'sig' };
  const app = await anApp(clinch, { tokenEndpointAuthMethod: 'private_key_jwt', ...registration(jwk) });
  return { app, key: privateKey };
}

describe('openid-client: what the library checks of the answer', () => {
  let config: oidc.Configuration;
  beforeAll(async () => {
    config = await basicApp({ requirePkce: true });
  });

  it('accepts state, nonce and iss, and refuses another one of each', async () => {
    const answered = await walk(config);
    const { checks, callback } = answered;
    for (const wrong of [
      oidc.authorizationCodeGrant(config, withParameter(answered, 'iss', 'https://evil.example'), checks),
      oidc.authorizationCodeGrant(config, withParameter(answered, 'iss', undefined), checks),
      oidc.authorizationCodeGrant(config, withParameter(answered, 'state', 'other'), checks),
    ]) {
      await expect(wrong).rejects.toMatchObject({ code: 'OAUTH_INVALID_RESPONSE' });
    }
    const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
    expect(tokens.claims()?.nonce).toBe(checks.expectedNonce);
    const second = await walk(config);
    const otherNonce = { ...second.checks, expectedNonce: 'other' };
    await expect(oidc.authorizationCodeGrant(config, second.callback, otherNonce)).rejects.toMatchObject({
      code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
    });
  });

  it('finds auth_time within max_age', async () => {
    const { callback, checks } = await walk(config, { max_age: '30' });
    const tokens = await oidc.authorizationCodeGrant(config, callback, { ...checks, maxAge: 30 });
    expect(Math.abs(Date.now() / 1000 - Number(tokens.claims()?.auth_time))).toBeLessThan(10);
  });

  it('reads userinfo of the same subject', async () => {
    const { callback, checks } = await walk(config);
    const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
    const claims = await oidc.fetchUserInfo(config, tokens.access_token, person.id);
    expect(claims).toMatchObject({ sub: person.id, name: '李华', email: 'lihua@example.com', email_verified: true });
  });

  it('verifies the id_token by the published keys, even without TLS (non-repudiation checks)', async () => {
    const strict = await basicApp();
    oidc.enableNonRepudiationChecks(strict);
    await signsIn(strict);
  });

  it('accepts an answer by form_post', async () => {
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
      response_mode: 'form_post',
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const agent = new UserAgent(clinch.url);
    const page = await agent.signIn(await agent.follow(await agent.get(url.href)), person);
    expect(formOf(page).action).toBe(REDIRECT_URI);
    const posted = new Request(REDIRECT_URI, { method: 'POST', body: responseParameters(page) });
    const checks = { pkceCodeVerifier: verifier, expectedState: state, idTokenExpected: true };
    const tokens = await oidc.authorizationCodeGrant(config, posted, checks);
    expect(tokens.claims()?.sub).toBe(person.id);
  });
});

describe('openid-client: client_credentials (RFC 6749 §4.4)', () => {
  it('gets an access token for the app itself, without id_token', async () => {
    const config = await basicApp({ grantTypes: ['client_credentials'], scope: 'reports:read' });
    const tokens = await oidc.clientCredentialsGrant(config, { scope: 'reports:read' });
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'reports:read' });
    expect(tokens.id_token).toBeUndefined();
    expect(tokens.expiresIn()).toBeGreaterThan(7190);
  });
});

describe('openid-client: errors arrive as errors (RFC 6749 §4.1.2.1, §5.2; RFC 6750 §3)', () => {
  let config: oidc.Configuration;
  beforeAll(async () => {
    config = await basicApp({ requirePkce: true });
  });

  it('login_required as AuthorizationResponseError', async () => {
    const { callback, checks } = await walk(config, { prompt: 'none' });
    const refused = oidc.authorizationCodeGrant(config, callback, checks);
    await expect(refused).rejects.toBeInstanceOf(oidc.AuthorizationResponseError);
    await expect(refused).rejects.toMatchObject({ error: 'login_required' });
  });

  it('a code that was used as ResponseBodyError invalid_grant', async () => {
    const { callback, checks } = await walk(config);
    await oidc.authorizationCodeGrant(config, callback, checks);
    const refused = oidc.authorizationCodeGrant(config, callback, checks);
    await expect(refused).rejects.toBeInstanceOf(oidc.ResponseBodyError);
    await expect(refused).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
  });

  it('another verifier as ResponseBodyError invalid_grant', async () => {
    const { callback, checks } = await walk(config);
    const other = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
    const refused = oidc.authorizationCodeGrant(config, callback, other);
    await expect(refused).rejects.toMatchObject({ name: 'ResponseBodyError', error: 'invalid_grant' });
  });

  it('a grant type that the app may not use as ResponseBodyError unauthorized_client', async () => {
    const refused = oidc.clientCredentialsGrant(config, {});
    await expect(refused).rejects.toMatchObject({ name: 'ResponseBodyError', error: 'unauthorized_client' });
  });

  it('a wrong secret as a 401 with a challenge', async () => {
    const app = await anApp(clinch, { grantTypes: ['client_credentials'] });
    const wrong = await discover(app, oidc.ClientSecretBasic('not-the-secret'));
    const refused = oidc.clientCredentialsGrant(wrong, {});
    await expect(refused).rejects.toBeInstanceOf(oidc.WWWAuthenticateChallengeError);
    await expect(refused).rejects.toMatchObject({ status: 401, cause: [{ scheme: 'basic' }] });
  });

  it('an access token that is none as a Bearer challenge invalid_token', async () => {
    const refused = oidc.fetchUserInfo(config, 'not-a-token', oidc.skipSubjectCheck);
    const challenge = { scheme: 'bearer', parameters: { error: 'invalid_token' } };
    await expect(refused).rejects.toMatchObject({ status: 401, cause: [challenge] });
  });
});
