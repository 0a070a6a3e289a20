import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { enter, isSignedIn, SIGNED_OUT_URI } from '../support/logout.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

describe('openid-client: signing out (OpenID Connect RP-Initiated Logout 1.0)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;
  let config: oidc.Configuration;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch, { postLogoutRedirectUris: [SIGNED_OUT_URI] });
    person = await aPerson(clinch);
    config = await oidc.discovery(new URL(clinch.url), app.clientId, app.clientSecret, undefined, {
      execute: [oidc.allowInsecureRequests],
    });
  });
  afterAll(() => clinch.stop());

  it('finds the endpoint, and comes back with its state', async () => {
    const { agent, idToken } = await enter(clinch, app, person);
    const state = oidc.randomState();
    const url = oidc.buildEndSessionUrl(config, {
      id_token_hint: idToken,
      post_logout_redirect_uri: SIGNED_OUT_URI,
      state,
    });
    // The library sends client_id beside the hint.
    expect(url.searchParams.get('client_id')).toBe(app.clientId);
    const answer = await agent.get(url.href);
    expect(answer.headers.get('location')).toBe(`${SIGNED_OUT_URI}?state=${state}`);
    expect(await isSignedIn(clinch, agent, app)).toBe(false);
  });

  it('comes back without a hint too, once the person has said yes', async () => {
    const { agent } = await enter(clinch, app, person);
    const url = oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: SIGNED_OUT_URI });
    const answer = await agent.press(await agent.get(url.href), 'allow');
    expect(answer.headers.get('location')).toBe(SIGNED_OUT_URI);
    expect(await isSignedIn(clinch, agent, app)).toBe(false);
  });

  it('knows that apps are told behind the browser, and in it', () => {
    expect(config.serverMetadata()).toMatchObject({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    });
  });
});
