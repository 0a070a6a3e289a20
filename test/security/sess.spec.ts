import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, redeem, responseParameters, UserAgent, type Answer } from '../support/user-agent.js';
import { claimsOf, loginPage, tokensFor, userinfo } from './support/b-flow.js';
import { captureLog } from './support/b-log.js';
import { BEHIND_PROXY, ProxiedAgent } from './support/b-server.js';

const HOUR = 3_600_000;
const COOKIE = 'clinch_session';
const OTHERS_COOKIE = 'clinch_sessions';

describe('the browser session', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());
  afterEach(() => vi.useRealTimers());

  async function signedIn(who: TestPerson = person): Promise<UserAgent> {
    const agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, app), who);
    expect(agent.cookies.has(COOKIE)).toBe(true);
    return agent;
  }

  /** What a silent request of that browser brings: a code, or login_required. */
  async function silently(agent: UserAgent): Promise<URLSearchParams> {
    return responseParameters(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'none' })));
  }

  function inHours(hours: number): void {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * HOUR });
  }

  it('SESS-01 sets __Host- cookies on https: Secure, HttpOnly, SameSite=Lax, Path=/, without Domain', async () => {
    const server = await startClinch(BEHIND_PROXY);
    try {
      const agent = new ProxiedAgent(server.url);
      const page = await agent.follow(await agent.get(authorizeUrl(server.url, await anApp(server))));
      const who = await aPerson(server);
      const { action, hidden } = formOf(page);
      const answer = await agent.post(action, { ...hidden, username: who.username, password: who.password });
      const second = await agent.follow(
        await agent.get(authorizeUrl(server.url, await anApp(server), { prompt: 'login' })),
      );
      const next = await aPerson(server);
      const other = formOf(second);
      const beside = await agent.post(other.action, {
        ...other.hidden,
        username: next.username,
        password: next.password,
      });
      const cookies = [...answer.headers.getSetCookie(), ...beside.headers.getSetCookie()];
      expect(cookies.find((cookie) => cookie.startsWith('__Host-clinch_sessions='))).toBeDefined();
      expect(cookies.find((cookie) => cookie.startsWith('__Host-clinch_session='))).toBeDefined();
      for (const cookie of cookies) {
        expect(cookie).toMatch(
          /^__Host-clinch_\w+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure(; Max-Age=\d+)?$/,
        );
      }
    } finally {
      await server.stop();
    }
  });

  it('SESS-03 does not adopt a session id that somebody planted', async () => {
    const agent = new UserAgent(clinch.url);
    const planted = 'P'.repeat(43);
    agent.cookies.set(COOKIE, planted);
    expect((await silently(agent)).get('error')).toBe('login_required');
    await agent.authorize(authorizeUrl(clinch.url, app), person);
    expect(agent.cookies.get(COOKIE)).not.toBe(planted);
    const attacker = new UserAgent(clinch.url);
    attacker.cookies.set(COOKIE, planted);
    expect((await silently(attacker)).get('error')).toBe('login_required');
  });

  it('SESS-03 gives every sign-in of a person a new id, and the one before is worth nothing', async () => {
    const agent = await signedIn();
    const first = agent.cookies.get(COOKIE) ?? '';
    await agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), person);
    expect(agent.cookies.get(COOKIE)).not.toBe(first);
    const old = new UserAgent(clinch.url);
    for (const name of [COOKIE, OTHERS_COOKIE]) {
      old.cookies.clear();
      old.cookies.set(name, first);
      expect((await silently(old)).get('error')).toBe('login_required');
    }
  });

  it('SESS-03 lets nobody take the place of somebody else who signs in: the session that counts is the new one', async () => {
    const agent = await signedIn();
    const first = agent.cookies.get(COOKIE) ?? '';
    const second = await aPerson(clinch);
    await agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), second);
    expect(agent.cookies.get(COOKIE)).not.toBe(first);
    expect(agent.cookies.get(OTHERS_COOKIE)).toBe(first);
    const { idToken } = await tokensFor(clinch, app, second, { prompt: 'none' }, agent);
    expect(claimsOf(idToken)).toMatchObject({ sub: second.id });
  });

  it('SESS-04 takes nobody’s word when there are two cookies of one name', async () => {
    const [mine, other] = [await signedIn(), await signedIn(await aPerson(clinch))];
    const pair = (agent: UserAgent) => `${COOKIE}=${agent.cookies.get(COOKIE) ?? ''}`;
    for (const Cookie of [`${pair(mine)}; ${pair(other)}`, `${pair(other)};${pair(mine)}`]) {
      const agent = new UserAgent(clinch.url);
      const answer = await agent.get(authorizeUrl(clinch.url, app, { prompt: 'none' }), { Cookie });
      expect(responseParameters(answer).get('error')).toBe('login_required');
    }
  });

  it('SESS-04 bears a cookie of 8 kB, a hundred cookies, and cookies of nonsense', async () => {
    const cookies = [
      `${OTHERS_COOKIE}=${'x'.repeat(8_192)}`,
      `${OTHERS_COOKIE}=${Array.from({ length: 10 }, () => 'x'.repeat(43)).join('.')}`,
      `${COOKIE}=${'x'.repeat(8_192)}`,
      Array.from({ length: 100 }, (_, index) => `c${index}=${'v'.repeat(20)}`).join('; '),
      COOKIE,
      `${COOKIE}=; ;=;;=x; ${COOKIE}x=1`,
      `${COOKIE}="${'a'.repeat(43)}"`,
      `${COOKIE}=%00%ff\t; clinch_browser=../../etc/passwd; clinch_known=\x80`,
    ];
    for (const Cookie of cookies) {
      const answer = await new UserAgent(clinch.url).get(authorizeUrl(clinch.url, app, { prompt: 'none' }), { Cookie });
      expect([303, 400, 431]).toContain(answer.status);
      if (answer.status === 303) expect(responseParameters(answer).get('error')).toBe('login_required');
    }
  });

  it('SESS-05 asks for a new sign-in after two idle hours, whatever the browser still sends', async () => {
    const agent = await signedIn();
    inHours(1.9);
    expect((await silently(agent)).has('code')).toBe(true);
    inHours(1.9);
    expect((await silently(agent)).has('code')).toBe(true);
    inHours(2.01);
    expect((await silently(agent)).get('error')).toBe('login_required');
  });

  it('SESS-05 asks for a new sign-in after ten hours, however busy the session was', async () => {
    const agent = await signedIn();
    for (let hours = 1; hours <= 9; hours++) {
      inHours(1);
      expect((await silently(agent)).has('code'), `after ${hours} h`).toBe(true);
    }
    inHours(1.01);
    expect((await silently(agent)).get('error')).toBe('login_required');
    expect((await agent.follow(await agent.get(authorizeUrl(clinch.url, app)))).text).toContain('name="password"');
  });

  it('SESS-06 keeps the session id out of addresses, pages and logs', async () => {
    const server = await startClinch({ CLINCH_LOG_LEVEL: 'info' });
    try {
      await seeNoSessionId(server);
    } finally {
      await server.stop();
    }
  });

  async function seeNoSessionId(server: TestClinch): Promise<void> {
    const log = captureLog(server.app);
    const [registered, somebody] = [await anApp(server), await aPerson(server)];
    const agent = new UserAgent(server.url);
    const seen: Answer[] = [];
    const page = await loginPage(server, registered, agent);
    const { action, hidden } = formOf(page);
    const { username, password } = somebody;
    seen.push(page, await agent.post(action, { ...hidden, username, password }));
    const id = agent.cookies.get(COOKIE) ?? '';
    expect(id).toHaveLength(43);
    seen.push(await agent.get(seen.at(-1)?.headers.get('location') ?? ''));
    seen.push(await agent.get(authorizeUrl(server.url, registered, { prompt: 'select_account' })));
    seen.push(await agent.follow(seen.at(-1) ?? page), await agent.get('/nowhere'), await agent.get('/oidc/authorize'));
    for (const { url, text, headers } of seen) {
      expect(url + text + (headers.get('location') ?? '')).not.toContain(id);
    }
    const { idToken, accessToken } = await tokensFor(server, registered, somebody, {}, agent);
    expect(JSON.stringify([claimsOf(idToken), claimsOf(accessToken)])).not.toContain(id);
    expect(log.text()).not.toContain(id);
    expect(log.text()).not.toContain(agent.cookies.get('clinch_browser') ?? 'none');
    // Something was written at all.
    expect(log.audit('sign_in.succeeded')).toHaveLength(1);
  }

  it('SESS-07 refuses the address of a waiting request in another browser', async () => {
    const [a, b] = [new UserAgent(clinch.url), await signedIn(await aPerson(clinch))];
    const page = await loginPage(clinch, app, a);
    const id = formOf(page).hidden['interaction'] ?? '';
    for (const agent of [b, new UserAgent(clinch.url)]) {
      for (const path of ['/login', '/consent', '/refused', '/app-account', '/oidc/authorize/continue']) {
        for (const suffix of ['', '&decision=deny', '&decision=allow']) {
          const answer = await agent.get(`${path}?interaction=${id}${suffix}`);
          expect(answer.status).toBe(400);
          expect(answer.headers.get('location')).toBeNull();
        }
      }
    }
    expect((await a.signIn(page, person)).headers.get('location')).toContain('code=');
  });

  it('SESS-08 gives no second code for a form that is sent again, or after the way back', async () => {
    const agent = new UserAgent(clinch.url);
    const page = await loginPage(clinch, app, agent);
    const { action, hidden } = formOf(page);
    const form = { ...hidden, username: person.username, password: person.password };
    const first = await agent.follow(await agent.post(action, form));
    expect(responseParameters(first).has('code')).toBe(true);
    expect((await agent.get(page.url)).status).toBe(400);
    const again = await agent.follow(await agent.post(action, form));
    expect(again.status).toBe(400);
    expect(again.headers.get('location')).toBeNull();
  });

  it('SESS-08 gives one code when the last step is asked for many times at once', async () => {
    const agent = new UserAgent(clinch.url);
    const page = await loginPage(clinch, app, agent);
    const { action, hidden } = formOf(page);
    const posted = await agent.post(action, { ...hidden, username: person.username, password: person.password });
    const target = posted.headers.get('location') ?? '';
    const answers = await Promise.all(Array.from({ length: 10 }, () => agent.get(target)));
    expect(answers.filter((answer) => answer.status === 303)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 400)).toHaveLength(9);
  });

  it('SESS-08 answers two tabs with two apps each with its own code and state', async () => {
    const other = await anApp(clinch, { redirectUris: ['https://other.example/cb'] });
    const agent = new UserAgent(clinch.url);
    const one = await loginPage(clinch, app, agent, { state: 'one', nonce: 'n1' });
    const two = await loginPage(clinch, other, agent, { state: 'two', nonce: 'n2' });
    const answerTwo = responseOf(await agent.signIn(two, person), 'https://other.example/cb');
    const answerOne = responseOf(await agent.signIn(one, person), app.redirectUri);
    expect([answerOne.get('state'), answerTwo.get('state')]).toEqual(['one', 'two']);
    const mixed = await redeem(clinch.url, app, answerTwo.get('code') ?? '');
    expect(mixed.body).toMatchObject({ error: 'invalid_grant' });
    const right = await redeem(clinch.url, app, answerOne.get('code') ?? '');
    expect(claimsOf(String(right.body['id_token']))).toMatchObject({ aud: app.clientId, nonce: 'n1' });
  });

  function responseOf(answer: Answer, redirectUri: string): URLSearchParams {
    expect(answer.headers.get('location')?.split('?')[0]).toBe(redirectUri);
    return responseParameters(answer);
  }

  it('SESS-08 keeps the sid of a session over refreshes, and has another one after the next sign-in', async () => {
    const keeping = await aRefreshingApp(clinch, { refreshTokenIssuance: 'always' });
    const agent = new UserAgent(clinch.url);
    const enter = async (prompt?: string) => {
      const answer = await agent.authorize(authorizeUrl(clinch.url, keeping, { prompt }), person);
      return (await redeem(clinch.url, keeping, answer.get('code') ?? '')).body;
    };
    const sidOf = (body: Record<string, unknown>) => claimsOf(String(body['id_token']))['sid'];
    const first = await enter();
    let token = String(first['refresh_token']);
    for (let times = 0; times < 3; times++) {
      const { body } = await refresh(clinch.url, keeping, token);
      expect(sidOf(body)).toBe(sidOf(first));
      token = String(body['refresh_token']);
    }
    expect(sidOf(await enter())).toBe(sidOf(first));
    expect(sidOf(await enter('login'))).not.toBe(sidOf(first));
  });

  it('SESS-10 refuses the session of somebody who was disabled, at once and on every node', async () => {
    const leaver = await aPerson(clinch);
    const agent = await signedIn(leaver);
    // Straight into the table, as another node would.
    await clinch.app.get(AccountStore).repository.update({ id: leaver.id }, { status: 'disabled' });
    expect((await silently(agent)).get('error')).toBe('login_required');
    expect((await agent.follow(await agent.get(authorizeUrl(clinch.url, app)))).text).toContain('name="password"');
  });

  it('SESS-11 ends every session when the password is set anew', async () => {
    const who = await aPerson(clinch);
    const [one, two] = [await signedIn(who), await signedIn(who)];
    const waiting = (await silently(one)).get('code') ?? '';
    await clinch.app
      .get(AccountStore)
      .repository.update({ id: who.id }, { passwordChangedAt: new Date(Date.now() + 1) });
    for (const agent of [one, two]) expect((await silently(agent)).get('error')).toBe('login_required');
    expect((await redeem(clinch.url, app, waiting)).body).toMatchObject({ error: 'invalid_grant' });
  });

  it('SESS-11 ends every session, and the codes that came of them, when asked to sign out everywhere', async () => {
    const who = await aPerson(clinch);
    const [one, two] = [await signedIn(who), await signedIn(who)];
    const bystander = await signedIn();
    const waiting = (await silently(one)).get('code') ?? '';
    const headers = { authorization: `Bearer ${await clinch.adminToken()}` };
    await fetch(`${clinch.url}/admin/api/v1/users/${who.id}/sign-out`, { method: 'POST', headers });
    for (const agent of [one, two]) expect((await silently(agent)).get('error')).toBe('login_required');
    expect((await redeem(clinch.url, app, waiting)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await silently(bystander)).has('code')).toBe(true);
    const { accessToken } = await tokensFor(clinch, app, person, {}, bystander);
    expect((await userinfo(clinch, accessToken)).status).toBe(200);
  });
});
