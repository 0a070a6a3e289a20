import { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { SessionEntity } from '../../src/session/session.entity.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { enter } from '../support/logout.js';
import { atOwnPage, postFormsOf, postFormTo } from '../support/own-pages.js';
import { refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import type { Answer, UserAgent } from '../support/user-agent.js';

const PATH = '/account/sessions';
const WORDS = MESSAGES.en.portal.sessions;
const HOUR_MS = 3_600_000;

let clinch: TestClinch;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
});
afterAll(() => clinch.stop());
beforeEach(async () => {
  person = await aPerson(clinch);
});

const age = {
  'went idle': () => ({ lastUsedAt: new Date(Date.now() - 3 * HOUR_MS) }),
  'ran out': () => ({ startedAt: new Date(Date.now() - 11 * HOUR_MS), expiresAt: new Date(Date.now() - HOUR_MS) }),
};

/** An app that was entered in a browser which is not used any more, and whose refresh token goes on. */
async function leftBehind(how: keyof typeof age = 'went idle', app: Partial<ClientEntity> = {}, scope = 'openid') {
  const entered = await anApp(clinch, {
    grantTypes: ['authorization_code', 'refresh_token'],
    refreshTokenIssuance: 'always',
    scope: 'openid offline_access',
    ...app,
  });
  const { sid, tokens, agent } = await enter(clinch, entered, person, undefined, scope);
  await rows().update({ id: sid }, age[how]());
  return { app: entered, sid, refreshToken: String(tokens['refresh_token']), agent };
}

function rows() {
  return clinch.app.get(DataSource).getRepository(SessionEntity);
}

async function goesOn({ app, refreshToken }: { app: TestApp; refreshToken: string }): Promise<boolean> {
  return (await refresh(clinch.url, app, refreshToken)).status === 200;
}

async function press(agent: UserAgent, page: Answer, values: Record<string, string> = {}): Promise<Answer> {
  const form = postFormsOf(page)[0];
  if (form === undefined) throw new Error('no form');
  return agent.follow(await agent.post(form.action, { ...form.hidden, ...values }));
}

describe('a browser that is not used any more, of which an app goes on', () => {
  it.each(['went idle', 'ran out'] as const)(
    'is shown to its person, who ends it with the app, when it %s',
    async (how) => {
      const left = await leftBehind(how);
      const { agent, page } = await atOwnPage(clinch.url, PATH, person);
      expect(page.text).toContain(WORDS.over);
      expect(page.text).toContain(WORDS.overNote);
      expect(page.text).not.toContain(WORDS.onlyThis);
      expect(postFormTo(page, PATH, WORDS.endOf('node')).hidden['session']).toBe(left.sid);
      const after = await press(agent, page);
      expect(after.text).toContain(WORDS.ended);
      expect(after.text).toContain(WORDS.onlyThis);
      expect(after.text).not.toContain(WORDS.over);
      expect(await goesOn(left)).toBe(false);
    },
  );

  it('is ended with all other sessions', async () => {
    const left = await leftBehind();
    const { agent, page } = await atOwnPage(clinch.url, PATH, person);
    expect(page.text).toContain(WORDS.endOthers);
    const after = await press(agent, page, { session: 'others' });
    expect(after.text).toContain(WORDS.onlyThis);
    expect(await goesOn(left)).toBe(false);
  });

  it('is shown once, and as in use where somebody went on from it', async () => {
    const { agent, app } = await leftBehind();
    await enter(clinch, app, person, agent);
    const { page } = await atOwnPage(clinch.url, PATH, person);
    expect(page.text).not.toContain(WORDS.over);
    expect(page.text.match(/<li class="entry/g)).toHaveLength(2);
  });

  it('is shown while a token of an earlier session of its chain goes on', async () => {
    const left = await leftBehind();
    const late = await anApp(clinch);
    const { sid } = await enter(clinch, late, person, left.agent);
    await rows().update({ id: sid }, age['went idle']());
    const { agent, page } = await atOwnPage(clinch.url, PATH, person);
    expect(postFormTo(page, PATH, WORDS.endOf('node')).hidden['session']).toBe(sid);
    await press(agent, page);
    expect(await goesOn(left)).toBe(false);
  });

  it('is not shown where nothing goes on that its end would end', async () => {
    await leftBehind('went idle', {}, 'openid offline_access');
    await leftBehind('went idle', { refreshTokenLifetime: 1 });
    await leftBehind('went idle', { refreshTokenIdleLifetime: 1 });
    await expect
      .poll(async () => (await atOwnPage(clinch.url, PATH, person)).page.text.includes(WORDS.over), { timeout: 5_000 })
      .toBe(false);
  });

  it('is its person’s alone', async () => {
    const left = await leftBehind();
    const stranger = await aPerson(clinch);
    await atOwnPage(clinch.url, PATH, stranger);
    const { agent, page } = await atOwnPage(clinch.url, PATH, stranger);
    expect(page.text).not.toContain(WORDS.over);
    const after = await press(agent, page, { session: left.sid });
    expect(after.status).toBe(200);
    expect(after.text).not.toContain(WORDS.ended);
    expect(await goesOn(left)).toBe(true);
  });
});

describe('the page of sessions', () => {
  it('says what no session ends, and where that is ended', async () => {
    const { page } = await atOwnPage(clinch.url, PATH, person);
    const note = page.text.slice(page.text.indexOf(WORDS.notEnded));
    for (const path of ['/account/apps', '/account/devices']) expect(note).toContain(`href="${path}"`);
  });

  it('says that something was ended only where it was', async () => {
    await atOwnPage(clinch.url, PATH, person);
    const { agent, page } = await atOwnPage(clinch.url, PATH, person);
    expect((await press(agent, page, { session: 'others' })).text).toContain(WORDS.ended);
    expect((await press(agent, page, { session: 'others' })).text).not.toContain(WORDS.ended);
  });
});
