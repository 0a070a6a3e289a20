import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aCli, changeDevice, confirmationPage, DEVICE_CODE_GRANT } from '../support/device.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly scope?: string;
}

interface DeviceCodes {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly interval: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What the library does, as far as it is used here. */
interface OAuth {
  init(): Promise<unknown>;
  authorizationServerMetadata(): Promise<Record<string, string>>;
  deviceAuthorizationRequest(): Promise<DeviceCodes>;
  deviceAccessTokenRequest(deviceCode: string): Promise<[Error] | [null, Response]>;
  processTokenResponse(response: Response): Promise<[Error & { code: string }] | [null, Tokens]>;
  refreshToken(token: string): Promise<Tokens>;
  revokeToken(token: string): Promise<Error | undefined>;
}

// Required, not imported: the package ships its sources beside its types, and the compiler would hold them to our rules.
const library = createRequire(import.meta.url)('@vercel/cli-auth/oauth.js') as {
  OAuth(config: { issuer: URL; clientId: string; userAgent: string }): OAuth;
};

/** It checks every answer against a schema of its own. */
describe('@vercel/cli-auth, with which a command line program of many people signs in (RFC 8628)', () => {
  let clinch: TestClinch;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  async function aProgram(): Promise<{ app: TestApp; oauth: OAuth }> {
    const app = await aCli(clinch, {
      grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
      scope: 'openid profile offline_access',
    });
    const oauth = library.OAuth({ issuer: new URL(clinch.url), clientId: app.clientId, userAgent: 'clinch-tests' });
    await oauth.init();
    return { app, oauth };
  }

  /** One poll: the tokens, or the error's code. */
  async function poll(oauth: OAuth, deviceCode: string): Promise<Tokens | string> {
    const [failure, response] = await oauth.deviceAccessTokenRequest(deviceCode);
    if (failure !== null) throw failure;
    const [error, tokens] = await oauth.processTokenResponse(response);
    return error === null ? tokens : error.code;
  }

  async function allowed(): Promise<{ oauth: OAuth; tokens: Tokens }> {
    const { oauth } = await aProgram();
    const codes = await oauth.deviceAuthorizationRequest();
    const { agent, page } = await confirmationPage(clinch.url, codes, person);
    expect((await agent.press(page, 'allow')).status).toBe(200);
    const tokens = await poll(oauth, codes.device_code);
    if (typeof tokens === 'string') throw new Error(tokens);
    return { oauth, tokens };
  }

  async function userinfo(accessToken: string): Promise<number> {
    const headers = { Authorization: `Bearer ${accessToken}` };
    return (await fetch(`${clinch.url}/oidc/userinfo`, { headers })).status;
  }

  it('finds all it needs in the discovery document', async () => {
    const { oauth } = await aProgram();
    const metadata = await oauth.authorizationServerMetadata();
    expect(metadata).toMatchObject({ issuer: clinch.url, token_endpoint: `${clinch.url}/oidc/token` });
  });

  it('asks for a code, polls, and gets its tokens once', async () => {
    const { oauth } = await aProgram();
    const codes = await oauth.deviceAuthorizationRequest();
    expect(codes.interval).toBe(5);
    expect(Math.abs(codes.expiresAt - Date.now() - 1_200_000)).toBeLessThan(5_000);
    expect(await poll(oauth, codes.device_code)).toBe('authorization_pending');
    expect(await poll(oauth, codes.device_code)).toBe('slow_down');
    const { agent, page } = await confirmationPage(clinch.url, codes, person);
    await agent.press(page, 'allow');
    const tokens = await poll(oauth, codes.device_code);
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 7200, scope: 'openid offline_access' });
    expect(await poll(oauth, codes.device_code)).toBe('invalid_grant');
  });

  it('hears a no, and the end of a code', async () => {
    const { oauth } = await aProgram();
    const codes = await oauth.deviceAuthorizationRequest();
    const { agent, page } = await confirmationPage(clinch.url, codes, person);
    await agent.press(page, 'deny');
    expect(await poll(oauth, codes.device_code)).toBe('access_denied');
    const late = await aProgram();
    const { device_code: expired } = await late.oauth.deviceAuthorizationRequest();
    await changeDevice(clinch, late.app.clientId, { expiresAt: new Date(Date.now() - 1000) });
    expect(await poll(late.oauth, expired)).toBe('expired_token');
  });

  it('stays signed in by refreshing, and signs out by revoking', async () => {
    const { oauth, tokens } = await allowed();
    const { refresh_token: first = '' } = tokens;
    const second = await oauth.refreshToken(first);
    expect(await userinfo(second.access_token)).toBe(200);
    expect(second.refresh_token).not.toBe(first);
    // The answer was lost: the same token again.
    expect((await oauth.refreshToken(first)).refresh_token).toBe(second.refresh_token);
    expect(await oauth.revokeToken(second.refresh_token ?? '')).toBeUndefined();
    expect(await userinfo(second.access_token)).toBe(401);
    await expect(oauth.refreshToken(second.refresh_token ?? '')).rejects.toMatchObject({ code: 'invalid_grant' });
  });
});
