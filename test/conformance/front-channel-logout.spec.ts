import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unescapeHtml } from '../support/user-agent.js';
import {
  agree,
  endSession,
  expectLogoutMetadata,
  expectSignedOut,
  POST_LOGOUT_REDIRECT_URI,
  signIn,
  startLogoutPlan,
  usual,
  type LogoutPlan,
} from './support/logout-plan.js';

const FRONTCHANNEL_LOGOUT_URI = 'https://app.example/frontchannel_logout?from=op';

describe('oidcc-frontchannel-rp-initiated-logout-certification-test-plan', () => {
  let plan: LogoutPlan;

  beforeAll(async () => {
    plan = await startLogoutPlan({
      frontchannelLogoutUri: FRONTCHANNEL_LOGOUT_URI,
      frontchannelLogoutSessionRequired: true,
    });
  });
  afterAll(() => plan.provider.clinch.stop());

  it('oidcc-frontchannel-logout-discovery-endpoint-verification: says that it is supported, with the session', () =>
    expectLogoutMetadata({ frontchannel_logout_supported: true, frontchannel_logout_session_supported: true }));

  it('oidcc-frontchannel-rp-initiated-logout: loads the app’s page in a frame with iss and sid, then returns', async () => {
    const flow = await signIn(plan);
    const parameters = usual(flow);
    const page = await agree(flow, await endSession(plan, flow, parameters));
    expect(page.status).toBe(200);
    const frames = [...page.text.matchAll(/<iframe\b[^>]*\ssrc="([^"]*)"/g)].map(([, src = '']) => unescapeHtml(src));
    const query = new URLSearchParams({
      iss: String(plan.provider.metadata['issuer']),
      sid: String(flow.claims['sid']),
    });
    expect(frames).toEqual([`${FRONTCHANNEL_LOGOUT_URI}&${query.toString()}`]);
    expect(page.headers.get('content-security-policy')).toMatch(/(^|; )frame-src https:\/\/app\.example(;|$)/);
    // The browser goes on by the page's script, by itself after a while, or by the link.
    const returnTo = `${POST_LOGOUT_REDIRECT_URI}?state=${parameters['state']}`;
    expect(page.headers.get('refresh')).toMatch(/^\d+; url=/);
    expect(page.headers.get('refresh')?.replace(/^\d+; url=/, '')).toBe(returnTo);
    expect(page.text).toContain(`href="${returnTo}"`);
    await expectSignedOut(plan, flow);
  });
});
