import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi } from '../support/admin-api.js';
import { aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { askForCodes, confirmationPage, DEVICE_CODE_GRANT, poll } from '../support/device.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, UserAgent } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

const anyApp = () => aRefreshingApp(clinch, { grantTypes: ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT] });

async function codeFor(app: TestApp, person: TestPerson, scope = 'openid offline_access') {
  const url = authorizeUrl(clinch.url, app, { scope });
  return (await new UserAgent(clinch.url).authorize(url, person)).get('code') ?? '';
}

async function userinfo(accessToken: unknown): Promise<number> {
  const headers = { Authorization: `Bearer ${String(accessToken)}` };
  return (await fetch(`${clinch.url}/oidc/userinfo`, { headers })).status;
}

const enforce = (app: TestApp) => admin.call('POST', `apps/${app.clientId}/access/enforce`, {});

describe('access that is enforced now', () => {
  it('ends codes, devices, refresh tokens and access tokens of those who may not enter any more, and of nobody else', async () => {
    const [app, elsewhere] = [await anyApp(), await anyApp()];
    const [goes, stays] = [await aPerson(clinch), await aPerson(clinch)];
    const tokens = async (of: TestApp, who: TestPerson, scope?: string) =>
      (await redeem(clinch.url, of, await codeFor(of, who, scope))).body;
    const refreshable = await tokens(app, goes);
    // No family stands behind this one: nothing but its own end reaches it.
    const short = await tokens(app, goes, 'openid');
    const [kept, other] = [await tokens(app, stays), await tokens(elsewhere, goes)];
    const code = await codeFor(app, goes);
    const device = await askForCodes(clinch.url, app, { scope: 'openid' });
    const { agent, page } = await confirmationPage(clinch.url, device, goes);
    await agent.press(page, 'allow');

    const subject = { type: 'user', id: stays.id };
    await admin.call('POST', `apps/${app.clientId}/assignments`, { subject });
    await admin.call('PATCH', `apps/${app.clientId}`, { access: 'assigned' });
    expect(await userinfo(short['access_token'])).toBe(200);
    const answer = await enforce(app);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(answer.body).toEqual({ people: 2, ended: 1, refresh_token_families: 1, rule_judged: true });

    expect(await userinfo(refreshable['access_token'])).toBe(401);
    expect(await userinfo(short['access_token'])).toBe(401);
    expect(await userinfo(kept['access_token'])).toBe(200);
    expect(await userinfo(other['access_token'])).toBe(200);
    expect((await redeem(clinch.url, app, code)).body['error']).toBe('invalid_grant');
    expect((await poll(clinch.url, app, device)).body['error']).toBe('invalid_grant');
    expect((await refresh(clinch.url, app, String(kept['refresh_token']))).status).toBe(200);

    // Whoever is let in again signs in again: what ended has ended.
    await admin.call('PATCH', `apps/${app.clientId}`, { access: 'everyone' });
    expect((await refresh(clinch.url, app, String(refreshable['refresh_token']))).body['error']).toBe('invalid_grant');
    expect(await userinfo(short['access_token'])).toBe(401);
    expect((await enforce(app)).body).toMatchObject({ ended: 0, refresh_token_families: 0 });
  });

  it('leaves to the next request what a rule says of it', async () => {
    const app = await anyApp();
    const person = await aPerson(clinch);
    const { body } = await redeem(clinch.url, app, await codeFor(app, person));
    await admin.call('PATCH', `apps/${app.clientId}`, { access_rule: '"otp" in request.amr' });
    expect((await enforce(app)).body).toMatchObject({ ended: 0, rule_judged: false });
    expect(await userinfo(body['access_token'])).toBe(200);
    await admin.call('PATCH', `apps/${app.clientId}`, { access_rule: `user.id != "${person.id}"` });
    expect((await enforce(app)).body).toMatchObject({ ended: 1, rule_judged: true });
    expect(await userinfo(body['access_token'])).toBe(401);
  });

  it('is for an app that there is', async () => {
    expect((await admin.call('POST', 'apps/nothing/access/enforce', {})).status).toBe(404);
  });
});

describe('a consent that is withdrawn', () => {
  it('takes along the access tokens behind which there is no refresh token', async () => {
    const app = await aRefreshingApp(clinch, { requireConsent: true });
    const person = await aPerson(clinch);
    const { body } = await redeem(clinch.url, app, await codeFor(app, person, 'openid'));
    expect(await userinfo(body['access_token'])).toBe(200);
    expect((await admin.call('DELETE', `consents/${person.id}.${app.clientId}`)).status).toBe(204);
    expect(await userinfo(body['access_token'])).toBe(401);
  });
});
