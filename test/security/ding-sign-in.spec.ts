import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FAULT_KINDS, type FaultKind } from '../../src/dingtalk-simulator/faults.js';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { confirmedAt, connectDingTalk, ORGANISATION } from '../support/dingtalk-organisation.js';
import { anIdentitySource } from '../support/identity-source.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, redeem, UserAgent, type Answer } from '../support/user-agent.js';

const { situations, namedSituations } = MESSAGES.en.error;

/** Milliseconds in which a person is told, whatever DingTalk does. */
const TOLD_WITHIN = 5_000;

/** A browser that was at DingTalk, and the address that DingTalk sends it back to. */
async function confirmedIn(
  clinch: TestClinch,
  app: TestApp,
  userid: string = samplePeople.ordinary,
): Promise<{ agent: UserAgent; callback: string }> {
  const agent = new UserAgent(clinch.url);
  const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app)));
  const begin = /href="(\/dingtalk\/acme\/begin[^"]*)"/.exec(page.text)?.[1] ?? '';
  const address = (await agent.get(begin)).headers.get('location') ?? '';
  return { agent, callback: (await confirmedAt(address, userid)) ?? '' };
}

describe('sign-ins with DingTalk', () => {
  let clinch: TestClinch;
  let dingtalk: DingTalkSimulator;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    [app, person] = await Promise.all([anApp(clinch), aPerson(clinch)]);
    dingtalk = await connectDingTalk(clinch);
    await anIdentitySource(clinch, { id: 'beta', corpId: 'dingcorp0009' });
  });
  afterEach(() => dingtalk.faults.reset());
  afterAll(async () => {
    await clinch.stop();
    await dingtalk.stop();
  });

  const confirmed = (userid?: string) => confirmedIn(clinch, app, userid);

  async function subjectAfter(agent: UserAgent, answer: Answer): Promise<string | undefined> {
    const atApp = await agent.follow(answer);
    const code = new URL(atApp.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const { body } = await redeem(clinch.url, app, code);
    return decodeJwt(String(body['id_token'])).sub;
  }

  it('DING-15 takes a callback once, and a code once under a state of its own', async () => {
    const { agent, callback } = await confirmed();
    expect((await agent.get(callback)).status).toBe(303);
    // A fresh code does not help: it is the state that is spent.
    const spentTwice = callback.replaceAll(/ode=[0-9a-f]+/g, `ode=${'0'.repeat(32)}`);
    for (const address of [callback, spentTwice]) {
      const replayed = await agent.get(address);
      expect(replayed.status).toBe(400);
      expect(replayed.text).toContain(situations.interaction_expired.title);
    }
    const again = await confirmed();
    const [spent, fresh] = [callback, again.callback].map((address) => new URL(address).searchParams);
    for (const name of ['authCode', 'code']) fresh?.set(name, spent?.get(name) ?? '');
    const answer = await again.agent.get(`/dingtalk/acme/callback?${String(fresh)}`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(situations.dingtalk_code_refused.title);
    expect(again.agent.cookies.has('clinch_session')).toBe(false);
  });

  it('DING-15 takes a callback once, of many that arrive together', async () => {
    const { agent, callback } = await confirmed();
    const asked = dingtalk.calls('/api/v1.0/oauth2/userAccessToken').length;
    const answers = await Promise.all(Array.from({ length: 8 }, () => agent.get(callback)));
    expect(dingtalk.calls('/api/v1.0/oauth2/userAccessToken').length).toBe(asked + 1);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, ...Array<number>(7).fill(400)]);
  });

  it('takes a callback in the browser that began it, and no other (login CSRF)', async () => {
    const { agent, callback } = await confirmed();
    const victim = new UserAgent(clinch.url);
    expect((await victim.get(callback)).status).toBe(400);
    await victim.get(authorizeUrl(clinch.url, app));
    expect((await victim.get(callback)).status).toBe(400);
    expect(victim.cookies.has('clinch_session')).toBe(false);
    // None of that has spent it.
    expect((await agent.get(callback)).status).toBe(303);
  });

  it('DING-17 takes a callback of one source with no state of another', async () => {
    const { agent, callback } = await confirmed();
    expect((await agent.get(callback.replace('/acme/', '/beta/'))).status).toBe(400);
    expect((await agent.get(callback)).status).toBe(303);
  });

  it('DING-19 refuses whom DingTalk names no union id of, and looks for no mail or phone instead', async () => {
    const { agent, callback } = await confirmed();
    dingtalk.faults.switches.noUnionid = true;
    const answer = await agent.get(callback);
    expect(answer.status).toBe(502);
    expect(agent.cookies.has('clinch_session')).toBe(false);
  });

  it('LINK-02 opens nothing to whoever made an account with the victim’s mail before', async () => {
    const victim = dingtalk.company.person(samplePeople.ordinary);
    const email = victim?.orgEmail ?? victim?.email ?? '';
    expect(email).not.toBe('');
    const planted = await aPerson(clinch, { username: email, email, emailVerified: false });
    const { agent, callback } = await confirmed();
    const subject = await subjectAfter(agent, await agent.get(callback));
    expect(subject).not.toBe(planted.id);
  });

  const PASSING: readonly FaultKind[] = [
    'throttled',
    'api-throttled',
    'ip-banned',
    'ip-banned-html',
    'busy',
    'backend-timeout',
    'authentication-timeout',
    'empty-body',
    'not-json',
    'huge-body',
    'http-403',
    'http-429',
    'http-500',
    'http-504',
    'hang',
    'refuse',
  ];

  describe('DING-18 with a DingTalk that is away, slow or throttled', () => {
    const cases = PASSING.flatMap((kind) => [[kind, '/oapi'] as const, [kind, '/api/v1.0/contact'] as const]);
    // Who hangs costs the time that there is; once is enough.
    it.each(cases.filter(([kind, path]) => kind !== 'hang' || path === '/oapi'))(
      'says so within five seconds: %s at %s',
      async (kind, path) => {
        const { agent, callback } = await confirmed();
        dingtalk.faults.fail(kind, { path });
        const begun = performance.now();
        const answer = await agent.get(callback);
        expect(performance.now() - begun).toBeLessThan(TOLD_WITHIN);
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toBe('30');
        expect(answer.text).toContain(namedSituations.dingtalk_away(ORGANISATION).title);
        expect(agent.cookies.has('clinch_session')).toBe(false);
        dingtalk.faults.heal();
        const next = await confirmed();
        expect((await next.agent.get(next.callback)).status).toBe(303);
      },
    );

    it('says so within five seconds when every call takes two', async () => {
      const { agent, callback } = await confirmed();
      dingtalk.faults.fail('slow', { ms: 2_000 });
      const begun = performance.now();
      expect((await agent.get(callback)).status).toBe(503);
      expect(performance.now() - begun).toBeLessThan(TOLD_WITHIN);
    });

    it.each(['ip-not-listed', 'out-of-range'] as const)('says that it is not set up right: %s', async (kind) => {
      const { agent, callback } = await confirmed();
      dingtalk.faults.fail(kind, { path: '/oapi' });
      const answer = await agent.get(callback);
      expect(answer.status).toBe(502);
      expect(answer.text).toContain(namedSituations.dingtalk_not_set_up(ORGANISATION).title);
    });

    it('goes on by itself after a token that DingTalk has forgotten', async () => {
      const { agent, callback } = await confirmed();
      dingtalk.faults.fail('token-expired', { path: '/oapi', times: 1 });
      expect((await agent.get(callback)).status).toBe(303);
    });

    it('knows every way in which the simulator fails', () => {
      const others: FaultKind[] = ['slow', 'token-expired', 'ip-not-listed', 'out-of-range'];
      expect(new Set([...PASSING, ...others])).toEqual(new Set(FAULT_KINDS));
    });

    it('asks no more when nobody answers, and lets people in by password meanwhile', async () => {
      for (let failures = 0; failures < 6; failures++) {
        const { agent, callback } = await confirmed();
        dingtalk.faults.fail('refuse', { path: '/api' });
        expect((await agent.get(callback)).status).toBe(503);
        dingtalk.faults.heal();
      }
      const { agent, callback } = await confirmed();
      const calls = dingtalk.calls('/api').length + dingtalk.calls('/oapi').length;
      const answer = await agent.get(callback);
      expect(answer.status).toBe(503);
      expect(dingtalk.calls('/api').length + dingtalk.calls('/oapi').length).toBe(calls);
      const back = /href="(\/login[^"]*)"/.exec(answer.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
      const page = await agent.get(back);
      expect(formOf(page).action).toBe('/login');
      const atApp = await agent.signIn(page, person);
      expect(new URL(atApp.headers.get('location') ?? '').searchParams.has('code')).toBe(true);
    });
  });
});

describe('an address that makes codes up', () => {
  it('is stopped before DingTalk is asked once more', async () => {
    const clinch = await startClinch();
    const [app] = await Promise.all([anApp(clinch), aPerson(clinch)]);
    const dingtalk = await connectDingTalk(clinch);
    const path = '/api/v1.0/oauth2/userAccessToken';
    let answer: Answer | undefined;
    for (let tried = 0; tried < 110 && answer?.status !== 429; tried++) {
      const { agent, callback } = await confirmedIn(clinch, app);
      answer = await agent.get(callback.replaceAll(/ode=[0-9a-f]+/g, `ode=${'0'.repeat(32)}`));
    }
    expect(answer?.status).toBe(429);
    const calls = dingtalk.calls(path).length;
    const { agent, callback } = await confirmedIn(clinch, app);
    expect((await agent.get(callback)).status).toBe(429);
    expect(dingtalk.calls(path).length).toBe(calls);
    await clinch.stop();
    await dingtalk.stop();
  });
});
