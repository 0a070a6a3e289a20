import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeJwt } from 'jose';
import { LogoutReceiver, verifyLogoutToken } from '../support/logout-receiver.js';
import {
  agree,
  endSession,
  expectLogoutMetadata,
  expectReturns,
  expectSignedOut,
  signIn,
  startLogoutPlan,
  usual,
  type LogoutPlan,
} from './support/logout-plan.js';
import { nowInSeconds } from './support/provider.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

describe('oidcc-backchannel-rp-initiated-logout-certification-test-plan', () => {
  let receiver: LogoutReceiver;
  let plan: LogoutPlan;

  beforeAll(async () => {
    receiver = await LogoutReceiver.start();
    plan = await startLogoutPlan({
      backchannelLogoutUri: receiver.uri('app'),
      backchannelLogoutSessionRequired: true,
    });
  });
  afterAll(async () => {
    await plan.provider.clinch.stop();
    await receiver.stop();
  });

  it('oidcc-backchannel-logout-discovery-endpoint-verification: says that it is supported, with the session', () =>
    expectLogoutMetadata({ backchannel_logout_supported: true, backchannel_logout_session_supported: true }));

  it('oidcc-backchannel-rp-initiated-logout: posts a logout token to the app, and returns there', async () => {
    const flow = await signIn(plan);
    const parameters = usual(flow);
    const answer = await agree(flow, await endSession(plan, flow, parameters));
    expectReturns(answer, { state: String(parameters['state']) });
    const [told] = await receiver.waitFor('app');
    expect(told?.method).toBe('POST');
    expect(told?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded(;|$)/);
    expect([...(told?.form.keys() ?? [])]).toEqual(['logout_token']);
    const token = told?.token ?? '';
    const claims = await verifyLogoutToken(plan.provider.clinch.url, plan.app.clientId, token);
    expect(claims.aud).toBe(plan.app.clientId);
    expect(claims['events']).toEqual({ [EVENT]: {} });
    expect(claims.jti).toMatch(/./);
    expect(claims.iat).toBeLessThanOrEqual(nowInSeconds() + 1);
    expect(claims.iat).toBeGreaterThan(nowInSeconds() - 60);
    expect(claims).toMatchObject({ sub: flow.claims.sub, sid: flow.claims['sid'] });
    expect(decodeJwt(token)).not.toHaveProperty('nonce');
    await expectSignedOut(plan, flow);
  });
});
