import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { containerUserAgents } from '../../src/dingtalk-simulator/bridge-script.js';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { Csrf } from '../../src/http/csrf.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp } from '../support/builders.js';
import { confirmedAt, connectDingTalk, ORGANISATION } from '../support/dingtalk-organisation.js';
import { anIdentitySource } from '../support/identity-source.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, unescapeHtml, UserAgent, type Answer } from '../support/user-agent.js';

const { namedSituations } = MESSAGES.en.error;

describe('signing in inside DingTalk', () => {
  let clinch: TestClinch;
  let dingtalk: DingTalkSimulator;
  let app: TestApp;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    await aPerson(clinch);
    dingtalk = await connectDingTalk(clinch);
  });
  afterEach(() => dingtalk.faults.reset());
  afterAll(async () => {
    await clinch.stop();
    await dingtalk.stop();
  });

  function container(userAgent: string = containerUserAgents.ios): UserAgent {
    const agent = new UserAgent(clinch.url);
    agent.headers['User-Agent'] = userAgent;
    return agent;
  }

  /** A browser inside DingTalk at the page that asks the bridge. */
  async function waiting(
    agent = container(),
  ): Promise<{ agent: UserAgent; page: Answer; data: Record<string, string> }> {
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app)));
    const found = [...page.text.matchAll(/\sdata-([a-z-]+)="([^"]*)"/g)];
    const data = Object.fromEntries(found.map(([, name = '', value = '']) => [name, unescapeHtml(value)]));
    return { agent, page, data };
  }

  function codeFor(userid: string): string {
    const { corpId, clientId } = dingtalk.app;
    const answer = dingtalk.answerBridge({ userid, corpId, clientId, pageHost: new URL(clinch.url).host });
    return answer.result?.code ?? '';
  }

  async function post(agent: UserAgent, data: Record<string, string>, code: string, headers = {}) {
    const form = { code, nonce: data['nonce'] ?? '', csrf_token: data['token'] ?? '' };
    const answer = await agent.post(data['action'] ?? '', form, headers);
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
    return { answer, next: isJson ? (JSON.parse(answer.text) as { next: string }).next : undefined };
  }

  it.each(Object.entries(containerUserAgents))(
    'shows the waiting page on %s, though there are passwords',
    async (_, ua) => {
      const { page, data } = await waiting(container(ua));
      expect(page.status).toBe(200);
      expect(page.url).toContain('/dingtalk/acme/in-app?interaction=');
      expect(data).toMatchObject({ 'corp-id': dingtalk.app.corpId, 'client-id': dingtalk.app.clientId });
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(new RegExp(`script-src ${clinch.url}/assets/in-app-[0-9a-f]{10}\\.js;`));
      expect(policy).toContain(`connect-src ${clinch.url}/dingtalk/acme/in-app;`);
      expect(policy).toContain("default-src 'none';");
    },
  );

  it('signs in by a code and its nonce, and says where to go on', async () => {
    const { agent, data } = await waiting();
    const { answer, next } = await post(agent, data, codeFor(samplePeople.ordinary));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const atApp = await agent.follow(await agent.get(next ?? ''));
    expect(new URL(atApp.headers.get('location') ?? '').searchParams.get('code')).not.toBeNull();
  });

  it('takes a nonce once', async () => {
    const { agent, data } = await waiting();
    expect((await post(agent, data, codeFor(samplePeople.ordinary))).answer.status).toBe(200);
    expect((await post(agent, data, codeFor(samplePeople.ordinary))).answer.status).toBe(400);
  });

  it('CSRF-11 takes nothing that another site posts, or another browser', async () => {
    const { agent, data } = await waiting();
    const code = codeFor(samplePeople.ordinary);
    const foreign = [{ Origin: 'https://evil.example' }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' }];
    for (const headers of foreign) expect((await post(agent, data, code, headers)).answer.status).toBe(403);
    expect((await post(agent, { ...data, token: 'x' }, code)).answer.status).toBe(403);
    expect((await post(new UserAgent(clinch.url), data, code)).answer.status).toBe(403);
    const { agent: other } = await waiting();
    expect((await post(other, data, code)).answer.status).toBe(403);
    // None of them has spent anything.
    expect((await post(agent, data, code)).answer.status).toBe(200);
  });

  it('DING-20 takes a code once, and none of the browser’s kind', async () => {
    const { agent, data } = await waiting();
    const code = codeFor(samplePeople.ordinary);
    await post(agent, data, code);
    const again = await waiting();
    const replayed = await post(again.agent, again.data, code);
    expect(replayed.answer.status).toBe(400);
    const page = await again.agent.get(replayed.next ?? '');
    expect(page.status).toBe(400);
    expect(page.text).toContain(MESSAGES.en.error.situations.dingtalk_code_refused.title);
    const third = await waiting();
    const begin = await third.agent.get(third.data['other-way'] ?? '');
    const callback = await confirmedAt(begin.headers.get('location') ?? '', samplePeople.ordinary);
    const browserCode = new URL(callback ?? '').searchParams.get('code') ?? '';
    expect((await post(third.agent, third.data, browserCode)).answer.status).toBe(400);
    expect(third.agent.cookies.has('clinch_session')).toBe(false);
  });

  it('DING-20 takes no nonce for the browser’s state, and no state for a nonce', async () => {
    const { agent, data } = await waiting();
    const begin = await agent.get(data['other-way'] ?? '');
    const callback = new URL((await confirmedAt(begin.headers.get('location') ?? '', samplePeople.ordinary)) ?? '');
    const state = callback.searchParams.get('state') ?? '';
    const crossed = await agent.get(callback.href.replace(state, data['nonce'] ?? ''));
    expect(crossed.text).toContain(MESSAGES.en.error.situations.interaction_expired.title);
    const browser = agent.cookies.get('clinch_browser') ?? '';
    const token = clinch.app.get(Csrf).token(browser, `in-app ${state}`);
    const posted = await post(agent, { ...data, nonce: state, token }, codeFor(samplePeople.ordinary));
    expect(posted.answer.status).toBe(400);
    expect(agent.cookies.has('clinch_session')).toBe(false);
    // Where they belong, both are still good.
    expect((await post(agent, data, codeFor(samplePeople.ordinary))).answer.status).toBe(200);
  });

  it('DING-20 has no waiting page outside DingTalk', async () => {
    const { agent, page } = await waiting();
    delete agent.headers['User-Agent'];
    const outside = await agent.follow(await agent.get(page.url));
    expect(outside.url).toContain('/login?interaction=');
    expect(outside.text).toContain('name="password"');
  });

  it('refuses a disabled account, with a page that the script is sent to', async () => {
    const { agent, data } = await waiting();
    const { answer, next } = await post(agent, data, codeFor(samplePeople.disabled));
    expect(answer.status).toBe(403);
    const page = await agent.get(next ?? '');
    expect(page.status).toBe(403);
    expect(page.text).toContain(MESSAGES.en.error.situations.account_disabled.title);
  });

  it('says that DingTalk is away, and offers the other ways', async () => {
    const { agent, data } = await waiting();
    const code = codeFor(samplePeople.ordinary);
    dingtalk.faults.fail('busy', { path: '/oapi' });
    const { answer, next } = await post(agent, data, code);
    expect(answer.status).toBe(503);
    const page = await agent.get(next ?? '');
    expect(page.status).toBe(503);
    expect(page.headers.get('retry-after')).toBe('30');
    expect(page.text).toContain(namedSituations.dingtalk_away(ORGANISATION).title);
    const back = /href="(\/login\?interaction=[^"]*)"/.exec(page.text)?.[1] ?? '';
    expect((await agent.get(unescapeHtml(back))).text).toContain('name="password"');
  });

  it('is tried once without being asked: then the page with the ways is shown', async () => {
    const { agent, data } = await waiting();
    const interaction = /interaction=([\w-]{43})/.exec(data['cancelled'] ?? '')?.[1] ?? '';
    const page = await agent.get(`/login?interaction=${interaction}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain(`href="/dingtalk/acme/in-app?interaction=${interaction}"`);
    expect(page.text).not.toContain('<script');
  });

  it('is not tried again when a launch comes back without a session', async () => {
    const launched = await anApp(clinch, { clientUri: 'https://app.example/' });
    const agent = container();
    const first = await agent.follow(await agent.get(`/launch/${launched.clientId}`));
    expect(first.url).toContain('/dingtalk/acme/in-app?');
    const again = await agent.follow(await agent.get(`/launch/${launched.clientId}?stay=1`));
    expect(again.url).toContain('/login?');
    expect(again.status).toBe(200);
  });

  it('shows the refusal under the trace id of the request that was refused', async () => {
    const { agent, data } = await waiting();
    const { answer, next } = await post(agent, data, codeFor(samplePeople.disabled));
    expect((await agent.get(next ?? '')).text).toContain(answer.headers.get('x-request-id') ?? 'none');
    const made = await agent.get('/dingtalk/acme/refused?reason=members_only&trace=%3Cscript%3E');
    expect(made.text).not.toContain('<script');
  });

  it('names no reason that it does not know', async () => {
    const agent = container();
    expect((await agent.get('/dingtalk/acme/refused?reason=toString')).status).toBe(404);
    expect((await agent.get('/dingtalk/acme/refused')).status).toBe(404);
    const page = await agent.get('/dingtalk/acme/refused?reason=members_only&interaction=%22%3E%3Cscript%3E');
    expect(page.status).toBe(403);
    expect(page.text).not.toContain('href="/login');
  });
});

describe('signing in inside DingTalk with two organisations', () => {
  let clinch: TestClinch;
  let app: TestApp;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch, { clientUri: 'https://app.example/' });
    for (const [id, corpId] of [['acme', 'dingcorp0001'] as const, ['beta', 'dingcorp0002'] as const])
      await anIdentitySource(clinch, { id, name: id, corpId });
  });
  afterAll(() => clinch.stop());

  async function launched(query: string): Promise<Answer> {
    const agent = new UserAgent(clinch.url);
    agent.headers['User-Agent'] = containerUserAgents.android;
    return agent.follow(await agent.get(`/launch/${app.clientId}${query}`));
  }

  it('goes straight to the one that the address names', async () => {
    expect((await launched('?corpid=dingcorp0002')).url).toContain('/dingtalk/beta/in-app?');
  });

  it('lets the person choose when it names none', async () => {
    const page = await launched('?corpid=$CORPID$');
    expect(page.text).toContain(`<h1>${MESSAGES.en.login.organisationHeading}</h1>`);
    for (const id of ['acme', 'beta']) expect(page.text).toContain(`href="/dingtalk/${id}/in-app?`);
    expect(page.text).not.toContain('name="password"');
  });
});
