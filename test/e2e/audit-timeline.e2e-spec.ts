import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChainWorker } from '../../src/audit-trail/chain-worker.js';
import { AuditWriter } from '../../src/audit/audit-writer.js';
import { TIMELINE_WORDS, type FailureReason, type LineFacts } from '../../src/audit-reading/timeline-words.js';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import type { Locale } from '../../src/ui/messages.js';
import { AdminApi, type AdminAnswer, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { connectDingTalk, throughDingTalk } from '../support/dingtalk-organisation.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, UserAgent, type Answer } from '../support/user-agent.js';

let clinch: TestClinch;
let dingtalk: DingTalkSimulator;
let admin: AdminApi;
let app: TestApp;
let closed: TestApp;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  [app, closed, person, dingtalk] = await Promise.all([
    anApp(clinch, { clientName: 'Expenses' }),
    anApp(clinch, { clientName: 'Payroll', access: 'assigned' }),
    aPerson(clinch),
    connectDingTalk(clinch),
  ]);
});
afterAll(async () => {
  await clinch.stop();
  await dingtalk.stop();
});

function traceOf(answer: Answer): string {
  return /class="trace">([\w-]+)</.exec(answer.text)?.[1] ?? answer.headers.get('x-request-id') ?? '';
}

async function timelineOf(trace: string, locale: Locale): Promise<AdminAnswer> {
  await clinch.app.get(AuditWriter).written();
  return admin.call('GET', `audit-events/timeline/${trace}?locale=${locale}`);
}

async function atSignIn(to = app): Promise<{ agent: UserAgent; page: Answer }> {
  const agent = new UserAgent(clinch.url);
  return { agent, page: await agent.follow(await agent.get(authorizeUrl(clinch.url, to))) };
}

/** Each is a way in which a sign-in fails; what comes back is the last thing that the person saw. */
const WAYS: readonly [what: string, reason: FailureReason, fails: () => Promise<Answer>][] = [
  [
    'a wrong password',
    'wrong_password',
    async () => {
      const { agent, page } = await atSignIn();
      return agent.signIn(page, { ...person, password: 'not this one' });
    },
  ],
  [
    'a name that nobody has',
    'unknown_name',
    async () => {
      const { agent, page } = await atSignIn();
      return agent.signIn(page, { username: 'nobody.at.all', password: 'whatever it is' });
    },
  ],
  [
    'an account that is switched off',
    'account_disabled',
    async () => {
      const gone = await aPerson(clinch);
      await admin.call('PATCH', `users/${gone.id}`, { status: 'disabled' });
      const { agent, page } = await atSignIn();
      return agent.signIn(page, gone);
    },
  ],
  [
    'an app that is not open to the person',
    'access_refused',
    async () => {
      const { agent, page } = await atSignIn(closed);
      return agent.signIn(page, person);
    },
  ],
  [
    'an address that is not the app’s',
    'redirect_uri_mismatch',
    () => new UserAgent(clinch.url).get(authorizeUrl(clinch.url, { ...app, redirectUri: 'https://evil.example/cb' })),
  ],
  [
    'an app that nobody knows',
    'unknown_app',
    () => new UserAgent(clinch.url).get(authorizeUrl(clinch.url, { ...app, clientId: 'no-such-app' })),
  ],
  [
    'a page that is over',
    'interaction_expired',
    async () => {
      const { page } = await atSignIn();
      return new UserAgent(clinch.url).get(page.url);
    },
  ],
  [
    'a DingTalk that is away',
    'dingtalk_away',
    async () => {
      const { agent, page } = await atSignIn();
      const href = /href="([^"]*\/dingtalk\/[^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
      const sent = await agent.get(href);
      dingtalk.faults.fail('refuse', { path: '/oapi' });
      const back = await agent.follow(await throughDingTalk(agent, sent, samplePeople.ordinary));
      dingtalk.faults.reset();
      return back;
    },
  ],
];

describe('the time line of a sign-in that failed', () => {
  it.each(WAYS)('explains %s in both languages, by the trace id that the person has', async (_, reason, fails) => {
    const trace = traceOf(await fails());
    expect(trace).toMatch(/^[\w-]{36}$/);
    for (const locale of ['zh-CN', 'en'] as const) {
      const { status, body } = await timelineOf(trace, locale);
      expect(status).toBe(200);
      const entries = body['entries'] as Json[];
      const told = TIMELINE_WORDS[locale].failures[reason](factsWith(entries, String(body['why'])));
      expect(body['state']).toBe('failed');
      expect(body['advice']).toBe(told.advice);
      expect(entries.some(({ why, trace_id: from }) => why === body['why'] && typeof from === 'string')).toBe(true);
    }
  });

  it('is the whole of it from any of its requests: which app, which way in, who', async () => {
    const { agent, page } = await atSignIn(closed);
    const first = page.headers.get('x-request-id') ?? '';
    const wrong = await agent.signIn(page, { ...person, password: 'not this one' });
    const refused = await agent.signIn(wrong, person);
    for (const trace of [traceOf(wrong), traceOf(refused)]) {
      const { body } = await timelineOf(trace, 'en');
      expect(body).toMatchObject({
        client_id: closed.clientId,
        user_id: person.id,
        summary: 'The sign-in at “Payroll” failed.',
      });
      expect((body['entries'] as Json[]).map(({ event }) => event)).toEqual(
        expect.arrayContaining(['authorization.requested', 'sign_in.failed', 'sign_in.succeeded', 'access.refused']),
      );
      expect((body['entries'] as Json[])[0]).toMatchObject({
        what: '“Payroll” sent the browser here to sign in.',
        outcome: 'success',
      });
      expect(body['why']).toContain('nothing lets them into “Payroll”');
    }
    expect(first).not.toBe('');
  });

  it('says of one that went well in the end that it did', async () => {
    const { agent, page } = await atSignIn();
    const wrong = await agent.signIn(page, { ...person, password: 'not this one' });
    await agent.signIn(wrong, person);
    const { body } = await timelineOf(traceOf(wrong), 'zh-CN');
    expect(body).toMatchObject({ state: 'signed_in', summary: '用户已进入“Expenses”。', why: null });
  });

  it('holds nothing that a sign-in could be made of, and no name for who may not read people', async () => {
    const { agent, page } = await atSignIn();
    const interaction = new URL(page.url).searchParams.get('interaction') ?? 'none';
    const wrong = await agent.signIn(page, { ...person, password: 'Planted-Password-1' });
    await agent.signIn(wrong, person);
    await clinch.app.get(ChainWorker).settled();
    const { body } = await admin.call('GET', 'audit-events?limit=200');
    const text = JSON.stringify(body);
    for (const secret of [interaction, 'Planted-Password-1', person.password]) expect(text).not.toContain(secret);
  });

  it('is not there for a trace id of nobody', async () => {
    for (const trace of ['4bf92f35-77b3-4da6-a3ce-929d0e0e4736', 'x'.repeat(90), '%00']) {
      expect((await admin.call('GET', `audit-events/timeline/${encodeURIComponent(trace)}`)).status, trace).not.toBe(
        200,
      );
    }
    expect((await admin.call('GET', 'audit-events/timeline/x?locale=fr')).status).toBe(400);
  });
});

/** Why and advice depend on the app and the hint; only the advice is compared, and that on the app alone. */
function factsWith(entries: readonly Json[], hint: string): LineFacts {
  return { app: entries.length > 0 ? 'Payroll' : '', person: '', method: '', reason: '', hint };
}
