import { CompactSign, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  agree,
  endSession,
  expectLogoutMetadata,
  expectReturns,
  expectSignedOut,
  expectStays,
  expectStillSignedIn,
  POST_LOGOUT_REDIRECT_URI,
  signIn,
  startLogoutPlan,
  usual,
  type LogoutPlan,
} from './support/logout-plan.js';
import { randomText } from './support/provider.js';

describe('oidcc-rp-initiated-logout-certification-test-plan', () => {
  let plan: LogoutPlan;

  beforeAll(async () => {
    plan = await startLogoutPlan();
  });
  afterAll(() => plan.provider.clinch.stop());

  it('oidcc-rp-initiated-logout-discovery-endpoint-verification: names the endpoint, and https addresses only', () =>
    expectLogoutMetadata({}));

  it('oidcc-rp-initiated-logout: returns to the app with its state of 128 characters, and nobody is signed in', async () => {
    const flow = await signIn(plan);
    const parameters = usual(flow);
    const answer = await agree(flow, await endSession(plan, flow, parameters));
    expectReturns(answer, { state: String(parameters['state']) });
    await expectSignedOut(plan, flow);
  });

  it('oidcc-rp-initiated-logout-bad-post-logout-redirect-uri: goes neither there nor to the registered address', async () => {
    const flow = await signIn(plan);
    const bad = 'https://app.example/not-registered';
    const answer = await endSession(plan, flow, { ...usual(flow), post_logout_redirect_uri: bad });
    expectStays(answer);
    expect(answer.text).not.toContain(bad);
    await expectStillSignedIn(plan, flow);
  });

  it('oidcc-rp-initiated-logout-modified-id-token-hint: does not return by a hint of alg none', async () => {
    const flow = await signIn(plan);
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    const [, payload = ''] = flow.idToken.split('.');
    const answer = await endSession(plan, flow, { ...usual(flow), id_token_hint: `${none}.${payload}.` });
    expectStays(answer);
    await expectStillSignedIn(plan, flow);
    expectStays(await agree(flow, answer));
  });

  it('oidcc-rp-initiated-logout-no-id-token-hint: does not return, and asks', async () => {
    const flow = await signIn(plan);
    const { id_token_hint: _, ...parameters } = usual(flow);
    const answer = await endSession(plan, flow, parameters);
    expectStays(answer);
    expectStays(await agree(flow, answer));
    await expectSignedOut(plan, flow);
  });

  it('oidcc-rp-initiated-logout-no-params: asks, signs out, and says so', async () => {
    const flow = await signIn(plan);
    const answer = await endSession(plan, flow, {});
    expectStays(answer);
    await expectStillSignedIn(plan, flow);
    expectStays(await agree(flow, answer));
    await expectSignedOut(plan, flow);
  });

  it('oidcc-rp-initiated-logout-no-post-logout-redirect-uri: signs out, and stays', async () => {
    const flow = await signIn(plan);
    const parameters = { id_token_hint: flow.idToken, state: randomText(128) };
    expectStays(await agree(flow, await endSession(plan, flow, parameters)));
    await expectSignedOut(plan, flow);
  });

  it('oidcc-rp-initiated-logout-no-state: returns to the app without a state', async () => {
    const flow = await signIn(plan);
    const { state: _, ...parameters } = usual(flow);
    const answer = await agree(flow, await endSession(plan, flow, parameters));
    expectReturns(answer, {});
    expect(answer.headers.get('location')).toBe(POST_LOGOUT_REDIRECT_URI);
    await expectSignedOut(plan, flow);
  });

  it('oidcc-rp-initiated-logout-only-state: signs out, and stays', async () => {
    const flow = await signIn(plan);
    const answer = await endSession(plan, flow, { state: randomText(128) });
    expectStays(answer);
    expectStays(await agree(flow, answer));
    await expectSignedOut(plan, flow);
  });

  it('oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri: does not go there', async () => {
    const flow = await signIn(plan);
    const withQuery = `${POST_LOGOUT_REDIRECT_URI}?foo=bar`;
    expectStays(await endSession(plan, flow, { ...usual(flow), post_logout_redirect_uri: withQuery }));
    await expectStillSignedIn(plan, flow);
  });

  it('oidcc-rp-initiated-logout-bad-id-token-hint: does not return by a hint that the app signed itself', async () => {
    const flow = await signIn(plan);
    const { privateKey } = await generateKeyPair('RS256');
    const claims = Buffer.from(JSON.stringify(flow.claims));
    const hint = await new CompactSign(claims).setProtectedHeader({ alg: 'RS256', kid: 'own' }).sign(privateKey);
    const answer = await endSession(plan, flow, { ...usual(flow), id_token_hint: hint });
    expectStays(answer);
    await expectStillSignedIn(plan, flow);
    expectStays(await agree(flow, answer));
  });
});
