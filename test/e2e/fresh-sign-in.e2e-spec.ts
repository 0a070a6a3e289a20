import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, responseParameters, UserAgent } from '../support/user-agent.js';

describe('a fresh sign-in is one for this very request (OpenID Connect Core 1.0 §3.1.2.1)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    [app, person] = await Promise.all([anApp(clinch), aPerson(clinch)]);
  });
  afterAll(() => clinch.stop());

  const url = (differences: Record<string, string> = {}) => authorizeUrl(clinch.url, app, differences);

  it('does not take the sign-in of another request for that of prompt=login', async () => {
    const agent = new UserAgent(clinch.url);
    const waiting = await agent.get(url({ prompt: 'login' }));
    const interaction = new URL(waiting.headers.get('location') ?? '').searchParams.get('interaction') ?? '';
    // Somebody signs in to another app in the same browser, after the first request began.
    await agent.authorize(url(), person);
    const back = await agent.get(`${clinch.url}/oidc/authorize/continue?interaction=${interaction}`);
    expect(back.headers.get('location')).toContain('/login?interaction=');
  });

  it('asks for the password with prompt=login select_account, and then goes on', async () => {
    const agent = new UserAgent(clinch.url);
    await agent.authorize(url(), person);
    const page = await agent.follow(await agent.get(url({ prompt: 'login select_account' })));
    expect(page.text).toContain('name="password"');
    expect(responseParameters(await agent.signIn(page, person)).get('code')).toBeTruthy();
  });

  it('makes the old cookie worthless when the same person signs in again', async () => {
    const agent = new UserAgent(clinch.url);
    await agent.authorize(url(), person);
    const thief = new UserAgent(clinch.url);
    for (const [name, value] of agent.cookies) thief.cookies.set(name, value);
    await agent.authorize(url({ prompt: 'login' }), person);
    const answer = responseParameters(await thief.get(url({ prompt: 'none' })));
    expect(answer.get('error')).toBe('login_required');
    expect(responseParameters(await agent.get(url({ prompt: 'none' }))).get('code')).toBeTruthy();
  });

  it('refuses an essential acr that it cannot reach (§5.5.1.1)', async () => {
    const agent = new UserAgent(clinch.url);
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['urn:example:two-factor'] } } });
    expect((await agent.authorize(url({ claims }), person)).get('error')).toBe('access_denied');
  });

  it('ends the older tokens at userinfo when the password is set', async () => {
    const agent = new UserAgent(clinch.url);
    const other = await aPerson(clinch);
    const code = (await agent.authorize(url(), other)).get('code') ?? '';
    const { body } = await redeem(clinch.url, app, code);
    const userinfo = async () =>
      (
        await fetch(`${clinch.url}/oidc/userinfo`, {
          headers: { Authorization: `Bearer ${String(body['access_token'])}` },
        })
      ).status;
    expect(await userinfo()).toBe(200);
    const later = new Date(Date.now() + 1_500);
    await clinch.app.get(AccountStore).repository.update(other.id, { passwordChangedAt: later });
    expect(await userinfo()).toBe(401);
  });

  it('refuses a request for openid that the app may not have, instead of leaving it out', async () => {
    const narrow = await anApp(clinch, { scope: 'profile' });
    const answer = await new UserAgent(clinch.url).get(authorizeUrl(clinch.url, narrow, { scope: 'openid profile' }));
    expect(responseParameters(answer).get('error')).toBe('invalid_scope');
  });

  it('answers an unknown path and a wrong method under /admin as problem details (RFC 9457)', async () => {
    for (const [method, path, status] of [
      ['GET', 'nope', 404],
      ['PUT', 'apps', 405],
    ] as const) {
      const answer = await fetch(`${clinch.url}/admin/api/v1/${path}`, { method, headers: { Accept: 'text/html' } });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(await answer.json()).toMatchObject({
        status,
        title: expect.any(String),
        instance: expect.stringContaining('urn:trace:'),
      });
    }
  });
});
