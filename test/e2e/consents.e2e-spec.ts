import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi, type Json } from '../support/admin-api.js';
import { aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { askForCodes, confirmationPage, DEVICE_CODE_GRANT, poll } from '../support/device.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, responseParameters, UserAgent } from '../support/user-agent.js';

describe('a consent', () => {
  let clinch: TestClinch;
  let admin: AdminApi;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    admin = await AdminApi.of(clinch);
    app = await aRefreshingApp(clinch, { requireConsent: true });
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  /** Signs in, agrees if asked, and gives the tokens and whether there was a question. */
  async function signIn(agent: UserAgent, scope: string, who = person, of = app) {
    let page = await agent.follow(await agent.get(authorizeUrl(clinch.url, of, { scope })));
    if (page.text.includes('name="password"')) page = await agent.signIn(page, who);
    const asked = page.text.includes('value="allow"');
    if (asked) page = await agent.press(page, 'allow');
    const { body } = await redeem(clinch.url, of, responseParameters(page).get('code') ?? '');
    return { asked, refreshToken: String(body['refresh_token']), accessToken: String(body['access_token']) };
  }

  const consentsOf = async (who: TestPerson): Promise<Json[]> =>
    (await admin.call('GET', `consents?user_id=${who.id}`)).body['items'] as Json[];

  it('is remembered for a person, an app and a scope, and asked for again when it does not reach', async () => {
    const agent = new UserAgent(clinch.url);
    expect((await signIn(agent, 'openid')).asked).toBe(true);
    expect((await signIn(agent, 'openid')).asked).toBe(false);
    expect((await signIn(agent, 'openid profile')).asked).toBe(true);
    expect((await signIn(agent, 'openid profile')).asked).toBe(false);
    expect((await signIn(agent, 'profile openid')).asked).toBe(false);
    expect((await signIn(new UserAgent(clinch.url), 'openid', await aPerson(clinch))).asked).toBe(true);
    const other = await aRefreshingApp(clinch, { requireConsent: true });
    expect((await signIn(agent, 'openid', person, other)).asked).toBe(true);
  });

  it('of a scope of the operator’s own is one to what it releases: where that is something else, it is asked for again', async () => {
    const body = {
      name: 'team',
      description: { 'zh-CN': '查看你的部门', en: 'See your department' },
      claims: [{ name: 'team', value: 'user.departments[0].name' }],
    };
    await admin.made('scopes', body);
    const of = await aRefreshingApp(clinch, { requireConsent: true, scope: 'openid profile team' });
    const agent = new UserAgent(clinch.url);
    const asks = async (scope: string) => (await signIn(agent, scope, person, of)).asked;
    expect([await asks('openid team'), await asks('openid team')]).toEqual([true, false]);
    await admin.call('PATCH', 'scopes/team', body);
    expect(await asks('openid team')).toBe(false);
    await admin.call('PATCH', 'scopes/team', { claims: [{ name: 'team', value: 'user.username' }] });
    // Agreeing to something else does not agree to this.
    expect(await asks('openid profile')).toBe(true);
    expect([await asks('openid team'), await asks('openid team profile')]).toEqual([true, false]);
    await admin.call('DELETE', 'scopes/team');
    await admin.made('scopes', { ...body, claims: [{ name: 'team', value: 'user.id' }] });
    expect([await asks('openid team'), await asks('openid team')]).toEqual([true, false]);
  });

  it('is listed, of one person or one app, page by page', async () => {
    const who = await aPerson(clinch);
    const apps = await Promise.all([1, 2, 3].map(() => aRefreshingApp(clinch, { requireConsent: true })));
    for (const one of apps) await signIn(new UserAgent(clinch.url), 'openid profile', who, one);
    const listed = await consentsOf(who);
    expect(listed.map((consent) => consent['client_id'])).toEqual(apps.map(({ clientId }) => clientId).sort());
    expect(listed[0]).toEqual({
      id: `${who.id}.${String(listed[0]?.['client_id'])}`,
      user_id: who.id,
      client_id: listed[0]?.['client_id'],
      scope: 'openid profile',
      granted_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    const paged: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = `consents?user_id=${who.id}&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body }: { body: Json } = await admin.call('GET', query);
      paged.push(...(body['items'] as Json[]));
      cursor = body['next_cursor'] as string | null;
    }
    expect(paged).toEqual(listed);
    const ofApp = await admin.call('GET', `consents?client_id=${apps[0]?.clientId}`);
    expect(ofApp.body['items']).toHaveLength(1);
  });

  it('can be withdrawn: the families end with their access tokens, and the person is asked again', async () => {
    const who = await aPerson(clinch);
    const agent = new UserAgent(clinch.url);
    const [first, second] = [
      await signIn(agent, 'openid offline_access', who),
      await signIn(agent, 'openid offline_access', who),
    ];
    const other = await aRefreshingApp(clinch, { requireConsent: true });
    const elsewhere = await signIn(agent, 'openid offline_access', who, other);
    expect((await admin.call('DELETE', `consents/${who.id}.${app.clientId}`)).status).toBe(204);
    for (const { refreshToken, accessToken } of [first, second]) {
      expect(await refresh(clinch.url, app, refreshToken)).toMatchObject({ status: 400 });
      const headers = { Authorization: `Bearer ${accessToken}` };
      expect((await fetch(`${clinch.url}/oidc/userinfo`, { headers })).status).toBe(401);
    }
    expect((await refresh(clinch.url, other, elsewhere.refreshToken)).status).toBe(200);
    expect((await consentsOf(who)).map((consent) => consent['client_id'])).toEqual([other.clientId]);
    expect((await signIn(agent, 'openid offline_access', who)).asked).toBe(true);
  });

  it('takes along what an app has not fetched yet', async () => {
    const who = await aPerson(clinch);
    const both = await aRefreshingApp(clinch, {
      requireConsent: true,
      grantTypes: ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT],
    });
    const codes = await askForCodes(clinch.url, both, { scope: 'openid offline_access' });
    const { agent, page } = await confirmationPage(clinch.url, codes, who);
    await agent.press(page, 'allow');
    const ask = authorizeUrl(clinch.url, both, { scope: 'openid offline_access' });
    const code = responseParameters(await agent.follow(await agent.get(ask))).get('code') ?? '';
    expect(code).not.toBe('');
    expect((await admin.call('DELETE', `consents/${who.id}.${both.clientId}`)).status).toBe(204);
    expect((await redeem(clinch.url, both, code)).body['error']).toBe('invalid_grant');
    expect((await poll(clinch.url, both, codes)).body['error']).toBe('invalid_grant');
  });

  it.each(['nobody', 'nobody.nothing', '.', 'a.', '%00.x', 'x'.repeat(200)])('is not found under %j', async (id) => {
    expect((await admin.call('DELETE', `consents/${encodeURIComponent(id)}`)).status).toBe(404);
  });

  it.each(['user_id=%00', 'client_id=', 'user_id=a&user_id=b', 'scope=openid'])(
    'refuses the filter %s',
    async (query) => {
      expect((await admin.call('GET', `consents?${query}`)).status).toBe(400);
    },
  );
});
