import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp } from '../support/builders.js';
import { confirmedAt, connectDingTalk, ORGANISATION, throughDingTalk } from '../support/dingtalk-organisation.js';
import { anIdentitySource } from '../support/identity-source.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, UserAgent, type Answer } from '../support/user-agent.js';

const { login } = MESSAGES.en;

/** Who is no member is not read. */
const USER_GET = '/oapi/topapi/v2/user/get';

describe('signing in on DingTalk’s own page', () => {
  let clinch: TestClinch;
  let dingtalk: DingTalkSimulator;
  let app: TestApp;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_LOCAL_SIGN_IN: 'off' });
    [app, dingtalk] = await Promise.all([anApp(clinch), connectDingTalk(clinch)]);
  });
  afterEach(() => dingtalk.faults.reset());
  afterAll(async () => {
    await clinch.stop();
    await dingtalk.stop();
  });

  /** A browser that our sign-in has just sent to DingTalk. */
  async function atDingTalk(differences: Record<string, string> = {}, agent = new UserAgent(clinch.url)) {
    const answer = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, differences)));
    return { agent, answer, address: answer.headers.get('location') ?? '' };
  }

  async function signedIn(userid: string): Promise<{ agent: UserAgent; answer: Answer }> {
    const { agent, answer } = await atDingTalk();
    return { agent, answer: await agent.follow(await throughDingTalk(agent, answer, userid)) };
  }

  function codeOf(answer: Answer): string {
    return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  }

  it('is where the browser goes at once when there is no other way, with what DingTalk needs and no more', async () => {
    const { answer, address } = await atDingTalk();
    expect(answer.status).toBe(303);
    const url = new URL(address);
    expect(url.origin + url.pathname).toBe(`${dingtalk.bases.login}/oauth2/auth`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      redirect_uri: `${clinch.url}/dingtalk/acme/callback`,
      response_type: 'code',
      client_id: dingtalk.app.clientId,
      scope: 'openid corpid',
      prompt: 'consent',
      state: expect.stringMatching(/^[\w-]{43}$/),
      corpId: dingtalk.app.corpId,
    });
  });

  it('ends at the app with a code, for an account made of the organisation’s record', async () => {
    const { answer } = await signedIn(samplePeople.ordinary);
    expect(answer.headers.get('location')).toContain(app.redirectUri);
    const { body } = await redeem(clinch.url, app, codeOf(answer));
    const claims = decodeJwt(String(body['id_token']));
    expect(claims).toMatchObject({ amr: ['dingtalk'], acr: 'urn:clinch:acr:single-factor' });
    const again = decodeJwt(
      String((await redeem(clinch.url, app, codeOf((await signedIn('u010')).answer))).body['id_token']),
    );
    expect(again.sub).toBe(claims.sub);
  });

  it.each([
    ['no e-mail', samplePeople.withoutEmail],
    ['no phone', samplePeople.withoutPhone],
    ['an account of another organisation as well', samplePeople.inBothOrganisations],
  ])('lets in a person with %s', async (_, userid) => {
    expect(codeOf((await signedIn(userid)).answer)).not.toBe('');
  });

  it('reads the code under its older name alone', async () => {
    dingtalk.faults.switches.onlyAuthCode = true;
    expect(codeOf((await signedIn(samplePeople.ordinary)).answer)).not.toBe('');
  });

  it('asks nobody again who has a session', async () => {
    const { agent } = await signedIn(samplePeople.ordinary);
    expect(codeOf(await agent.get(authorizeUrl(clinch.url, app)))).not.toBe('');
  });

  it('returns to the sign-in page when the person says no, and does not send them off again', async () => {
    dingtalk.faults.switches.autoDeny = true;
    const { agent, answer } = await atDingTalk();
    const page = await agent.follow(await throughDingTalk(agent, answer, samplePeople.ordinary));
    expect(page.status).toBe(200);
    expect(page.text).toContain(login.cancelled);
    expect(page.text).toContain(login.withDingTalk);
    expect(page.text).not.toContain('name="password"');
    const reloaded = await agent.get(page.url.replace('&stay=1', ''));
    expect(reloaded.status).toBe(200);
  });

  it('shows the page first when the app wants a fresh proof', async () => {
    const { answer } = await atDingTalk({ prompt: 'login' });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(login.withDingTalk);
  });

  it('begins nothing for another browser, or for an interaction that is over', async () => {
    const { agent } = await atDingTalk();
    const { agent: other } = await atDingTalk();
    const page = await agent.get(authorizeUrl(clinch.url, app));
    const begin = (page.headers.get('location') ?? '').replace('/login', '/dingtalk/acme/begin');
    expect((await other.get(begin)).status).toBe(400);
    expect((await agent.get(`${begin}x`)).status).toBe(400);
    expect((await agent.get('/dingtalk/acme/begin')).status).toBe(400);
    expect((await agent.get(begin.replace('acme', 'nobody'))).status).toBe(404);
    expect((await agent.get(begin)).status).toBe(303);
  });

  it('refuses a callback without a state, and one with two', async () => {
    const { agent, address } = await atDingTalk();
    const callback = (await confirmedAt(address, samplePeople.ordinary)) ?? '';
    const state = new URL(callback).searchParams.get('state') ?? '';
    expect((await agent.get(callback.replace(state, ''))).status).toBe(400);
    expect((await agent.get(`${callback}&state=${state}`)).status).toBe(400);
    expect((await agent.get(`${callback}&code=%zz`)).status).toBe(400);
    expect((await agent.get(callback)).status).toBe(303);
  });

  it.each([
    ['an external contact', samplePeople.externalContact],
    ['somebody of another organisation', samplePeople.foreigner],
    ['somebody of no organisation', 'o001'],
    ['somebody who left before', samplePeople.leftBefore],
  ])('tells %s whose members it is for', async (_, userid) => {
    const { agent, address } = await atDingTalk();
    const asked = dingtalk.calls(USER_GET).length;
    // A choice that DingTalk itself would not let the person make: whoever tampers with the address can.
    const tampered = new URL(address);
    tampered.searchParams.delete('corpId');
    tampered.searchParams.set('scope', 'openid');
    const callback = await confirmedAt(tampered.href, userid);
    const page = await agent.get(callback ?? '');
    expect(page.status).toBe(403);
    expect(dingtalk.calls(USER_GET).length).toBe(asked);
    expect(page.text).toContain(MESSAGES.en.error.namedSituations.members_only(ORGANISATION).title);
    expect(page.text).toMatch(/href="\/login\?interaction=[\w-]{43}&amp;stay=1"/);
    expect(agent.cookies.has('clinch_session')).toBe(false);
  });

  it('refuses a sign-in for another organisation that the person is in as well', async () => {
    const { agent, address } = await atDingTalk();
    const callback = await confirmedAt(address, samplePeople.inBothOrganisations, dingtalk.foreign.corpId);
    expect((await agent.get(callback ?? '')).status).toBe(403);
  });

  it('refuses an account that the organisation has disabled', async () => {
    const { agent, answer } = await atDingTalk();
    const page = await throughDingTalk(agent, answer, samplePeople.disabled);
    expect(page.status).toBe(403);
    expect(page.text).toContain(MESSAGES.en.error.situations.account_disabled.title);
  });

  it('refuses somebody who leaves between the confirmation and the callback', async () => {
    const { agent, address } = await atDingTalk();
    const callback = await confirmedAt(address, samplePeople.namesake);
    dingtalk.company.leave(samplePeople.namesake, { silent: true });
    expect((await agent.get(callback ?? '')).status).toBe(403);
    dingtalk.company.rehire(samplePeople.namesake, { silent: true });
  });

  it('takes no password while that is switched off', async () => {
    const person = await aPerson(clinch);
    const { agent, answer: page } = await atDingTalk({ prompt: 'login' });
    expect(page.text).not.toContain('name="password"');
    const value = (name: string) => new RegExp(`data-${name}="([^"]*)"`).exec(page.text)?.[1] ?? '';
    const form = { interaction: value('interaction'), csrf_token: value('token'), ...person };
    expect((await agent.post('/login', form)).status).toBe(403);
    expect(agent.cookies.has('clinch_session')).toBe(false);
  });

  it('has a 405 for HEAD, and a 404 for what is not switched on', async () => {
    const agent = new UserAgent(clinch.url);
    for (const path of ['begin', 'callback', 'in-app']) {
      const answer = await fetch(`${clinch.url}/dingtalk/acme/${path}`, { method: 'HEAD' });
      expect(answer.status, path).toBe(405);
      expect((await agent.get(`/dingtalk/nobody/${path}`)).status, path).toBe(404);
    }
  });
});

describe('the sign-in page with DingTalk and passwords', () => {
  let clinch: TestClinch;
  let dingtalk: DingTalkSimulator;
  let app: TestApp;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    await aPerson(clinch);
    dingtalk = await connectDingTalk(clinch);
  });
  afterAll(async () => {
    await clinch.stop();
    await dingtalk.stop();
  });

  it('offers both, and lets only DingTalk’s origin into its frame', async () => {
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app)));
    expect(page.text).toContain('name="password"');
    expect(page.text).toMatch(/href="\/dingtalk\/acme\/begin\?interaction=[\w-]{43}"/);
    const policy = page.headers.get('content-security-policy') ?? '';
    const script = /<script src="(\/assets\/embedded-code-[0-9a-f]{10}\.js)"/.exec(page.text)?.[1] ?? '';
    expect(policy).toContain(`script-src ${clinch.url}${script};`);
    expect(policy).toContain(`connect-src ${clinch.url}/dingtalk/acme/frame;`);
    expect(policy).toContain(`frame-src ${dingtalk.url};`);
    const asset = await agent.get(script);
    expect(asset.status).toBe(200);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it('makes the frame’s address for its own script only', async () => {
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app)));
    const value = (name: string) => new RegExp(`data-${name}="([^"]*)"`).exec(page.text)?.[1] ?? '';
    const body = { interaction: value('interaction'), csrf_token: value('token') };
    const ask = value('ask');
    const answer = await agent.post(ask, body);
    expect(answer.status).toBe(200);
    const { address } = JSON.parse(answer.text) as { address: string };
    expect(address).toMatch(new RegExp(`^${dingtalk.bases.login}/oauth2/auth\\?iframe=true&`));
    expect((await agent.post(ask, { ...body, csrf_token: '' })).status).toBe(403);
    expect((await agent.post(ask, body, { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await new UserAgent(clinch.url).post(ask, body)).status).toBe(403);
  });
});

describe('the password form, by CLINCH_LOCAL_SIGN_IN', () => {
  let clinch: TestClinch;

  afterEach(() => clinch.stop());

  async function hasForm(): Promise<boolean> {
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, await anApp(clinch))));
    return page.text.includes('name="password"');
  }

  it('is there while nobody could come in any other way', async () => {
    clinch = await startClinch();
    expect(await hasForm()).toBe(true);
  });

  it('is hidden by auto until somebody has a password', async () => {
    clinch = await startClinch();
    await anIdentitySource(clinch);
    expect(await hasForm()).toBe(false);
    await aPerson(clinch);
    await expect.poll(hasForm, { timeout: 10_000 }).toBe(true);
  });

  it('is always there when it is on', async () => {
    clinch = await startClinch({ CLINCH_LOCAL_SIGN_IN: 'on' });
    await anIdentitySource(clinch);
    expect(await hasForm()).toBe(true);
  });

  it('leaves a page that says so when there is nothing else', async () => {
    clinch = await startClinch({ CLINCH_LOCAL_SIGN_IN: 'off' });
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, await anApp(clinch))));
    expect(page.text).toContain(login.noWay);
  });
});
