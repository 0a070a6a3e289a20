import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aCli, changeDevice, confirmationPage, DEVICE_CODE_GRANT } from '../support/device.js';
import { aRefreshingApp, aRefreshToken } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  person = await aPerson(clinch);
});
afterAll(() => clinch.stop());

/** The app as the library sees it: found by the issuer alone. */
function discover(app: TestApp): Promise<oidc.Configuration> {
  const authentication = app.method === 'none' ? oidc.None() : oidc.ClientSecretBasic(app.clientSecret);
  const options = { execute: [oidc.allowInsecureRequests] };
  return oidc.discovery(new URL(clinch.url), app.clientId, undefined, authentication, options);
}

/** An app with a refresh token of its person. */
async function signedIn(app: TestApp): Promise<{ config: oidc.Configuration; token: string }> {
  return { config: await discover(app), token: (await aRefreshToken(clinch, app, person)).token };
}

function refreshTokenOf({ refresh_token: token }: oidc.TokenEndpointResponse): string {
  expect(token).toMatch(/^clinch_rt_/);
  return token ?? '';
}

describe('openid-client: refresh (RFC 6749 §6, OpenID Connect Core 1.0 §12)', () => {
  it.each(['client_secret_basic', 'none'] as const)('rotates again and again: %s', async (method) => {
    const { config, token } = await signedIn(await aRefreshingApp(clinch, { tokenEndpointAuthMethod: method }));
    const seen = new Set([token]);
    let current = token;
    for (let uses = 0; uses < 3; uses++) {
      const tokens = await oidc.refreshTokenGrant(config, current);
      expect(tokens.claims()).toMatchObject({ iss: clinch.url, sub: person.id });
      expect(await oidc.fetchUserInfo(config, tokens.access_token, person.id)).toMatchObject({ name: '李华' });
      current = refreshTokenOf(tokens);
      seen.add(current);
    }
    expect(seen.size).toBe(4);
  });

  it('narrows the scope of an access token', async () => {
    const { config, token } = await signedIn(await aRefreshingApp(clinch));
    expect((await oidc.refreshTokenGrant(config, token, { scope: 'openid' })).scope).toBe('openid');
  });

  it('tries again when the answer is lost, and gets the same successor', async () => {
    const { config, token } = await signedIn(await aRefreshingApp(clinch));
    let lost = '';
    config[oidc.customFetch] = async (url, options) => {
      const answer = await fetch(url, options as RequestInit);
      lost = ((await answer.json()) as { refresh_token: string }).refresh_token;
      throw new TypeError('the connection is gone');
    };
    await expect(oidc.refreshTokenGrant(config, token)).rejects.toThrow('the connection is gone');
    config[oidc.customFetch] = (url, options) => fetch(url, options as RequestInit);
    const again = refreshTokenOf(await oidc.refreshTokenGrant(config, token));
    expect(again).toBe(lost);
    refreshTokenOf(await oidc.refreshTokenGrant(config, again));
  });

  it('learns of a token that is used too late as ResponseBodyError invalid_grant', async () => {
    const { config, token } = await signedIn(await aRefreshingApp(clinch, { refreshTokenGrace: 0 }));
    await oidc.refreshTokenGrant(config, token);
    const refused = oidc.refreshTokenGrant(config, token);
    await expect(refused).rejects.toMatchObject({ name: 'ResponseBodyError', error: 'invalid_grant', status: 400 });
  });
});

describe('openid-client: revocation (RFC 7009)', () => {
  it.each(['client_secret_basic', 'none'] as const)('ends a sign-in by its refresh token: %s', async (method) => {
    const { config, token } = await signedIn(await aRefreshingApp(clinch, { tokenEndpointAuthMethod: method }));
    const tokens = await oidc.refreshTokenGrant(config, token);
    await oidc.tokenRevocation(config, refreshTokenOf(tokens), { token_type_hint: 'refresh_token' });
    await expect(oidc.refreshTokenGrant(config, refreshTokenOf(tokens))).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await expect(oidc.fetchUserInfo(config, tokens.access_token, person.id)).rejects.toMatchObject({ status: 401 });
  });

  it('takes an access token alone', async () => {
    const { config, token } = await signedIn(await aRefreshingApp(clinch));
    const tokens = await oidc.refreshTokenGrant(config, token);
    await oidc.tokenRevocation(config, tokens.access_token);
    await expect(oidc.fetchUserInfo(config, tokens.access_token, person.id)).rejects.toMatchObject({ status: 401 });
    await oidc.refreshTokenGrant(config, refreshTokenOf(tokens));
  });

  it('is content with a token that is none (§2.2)', async () => {
    await oidc.tokenRevocation(await discover(await anApp(clinch)), 'not-a-token');
  });
});

describe('openid-client: introspection (RFC 7662)', () => {
  it('sees an access token and a refresh token of the app, and sees them end', async () => {
    const app = await aRefreshingApp(clinch);
    const { config, token } = await signedIn(app);
    const tokens = await oidc.refreshTokenGrant(config, token);
    const about = { active: true, sub: person.id, client_id: app.clientId, iss: clinch.url };
    expect(await oidc.tokenIntrospection(config, tokens.access_token)).toMatchObject({
      ...about,
      token_type: 'Bearer',
      scope: 'openid profile offline_access',
    });
    const refreshToken = refreshTokenOf(tokens);
    expect(await oidc.tokenIntrospection(config, refreshToken, { token_type_hint: 'refresh_token' })).toMatchObject(
      about,
    );
    await oidc.tokenRevocation(config, refreshToken);
    for (const ended of [tokens.access_token, refreshToken, token, 'not-a-token']) {
      expect(await oidc.tokenIntrospection(config, ended)).toEqual({ active: false });
    }
  });
});

describe('openid-client: device flow (RFC 8628)', () => {
  interface Device {
    readonly config: oidc.Configuration;
    readonly codes: oidc.DeviceAuthorizationResponse;
    /** What each poll was answered with, in the order of the answers. */
    readonly answers: (string | undefined)[];
    /** Resolves when the first poll has been answered. */
    readonly polled: Promise<void>;
  }

  /** A device that polls every second, because nobody likes to wait; the server is told so unless said otherwise. */
  async function aDevice(app: TestApp, serverInterval = 1): Promise<Device> {
    const config = await discover(app);
    const codes = await oidc.initiateDeviceAuthorization(config, { scope: 'openid profile offline_access' });
    expect(codes).toMatchObject({ expires_in: 1200, interval: 5, verification_uri: `${clinch.url}/device` });
    await changeDevice(clinch, app.clientId, { pollInterval: serverInterval });
    const answers: (string | undefined)[] = [];
    let firstAnswered = (): void => undefined;
    const polled = new Promise<void>((resolve) => (firstAnswered = resolve));
    config[oidc.customFetch] = async (url, options) => {
      const answer = await fetch(url, options as RequestInit);
      answers.push(((await answer.clone().json()) as { error?: string }).error);
      firstAnswered();
      return answer;
    };
    return { config, codes: { ...codes, interval: 1 }, answers, polled };
  }

  /** Presses that button in the browser of the person. */
  async function decide({ codes }: Device, decision: 'allow' | 'deny'): Promise<void> {
    const { verification_uri_complete: address = '' } = codes;
    const { agent, page } = await confirmationPage(clinch.url, { verification_uri_complete: address }, person);
    expect((await agent.press(page, decision)).status).toBe(200);
  }

  it.each(['client_secret_basic', 'none'] as const)('waits until the person has said yes: %s', async (method) => {
    const grantTypes = [DEVICE_CODE_GRANT, 'refresh_token'];
    const scope = 'openid profile offline_access';
    const device = await aDevice(await aCli(clinch, { tokenEndpointAuthMethod: method, grantTypes, scope }));
    const { config, codes, answers, polled } = device;
    const polling = oidc.pollDeviceAuthorizationGrant(config, codes);
    await polled;
    await decide(device, 'allow');
    const tokens = await polling;
    expect(answers.at(0)).toBe('authorization_pending');
    expect(tokens.claims()).toMatchObject({ iss: clinch.url, sub: person.id, aud: config.clientMetadata().client_id });
    expect(await oidc.fetchUserInfo(config, tokens.access_token, person.id)).toMatchObject({ sub: person.id });
    refreshTokenOf(await oidc.refreshTokenGrant(config, refreshTokenOf(tokens)));
  });

  it('obeys slow_down, and still gets its tokens', async () => {
    const device = await aDevice(await aCli(clinch), 5);
    const polling = oidc.pollDeviceAuthorizationGrant(device.config, device.codes);
    await device.polled;
    // The second poll comes after one second instead of five; the third, after six, meets the answer.
    await expect.poll(() => device.answers, { timeout: 5_000 }).toHaveLength(2);
    await decide(device, 'allow');
    expect((await polling).token_type).toBe('bearer');
    expect(device.answers).toEqual(['authorization_pending', 'slow_down', undefined]);
  });

  it('hears a no as ResponseBodyError access_denied', async () => {
    const device = await aDevice(await aCli(clinch));
    const polling = oidc.pollDeviceAuthorizationGrant(device.config, device.codes);
    const refused = expect(polling).rejects.toMatchObject({ name: 'ResponseBodyError', error: 'access_denied' });
    await decide(device, 'deny');
    await refused;
  });

  it('hears of its end as ResponseBodyError expired_token', async () => {
    const app = await aCli(clinch);
    const device = await aDevice(app);
    await changeDevice(clinch, app.clientId, { expiresAt: new Date(Date.now() - 1000) });
    const polling = oidc.pollDeviceAuthorizationGrant(device.config, device.codes);
    await expect(polling).rejects.toMatchObject({ name: 'ResponseBodyError', error: 'expired_token' });
  });
});
