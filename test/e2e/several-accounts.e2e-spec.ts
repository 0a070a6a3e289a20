import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionEntity } from '../../src/session/session.entity.js';
import { SignOut } from '../../src/sign-out/sign-out.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, redeem, responseParameters, UserAgent, type Answer } from '../support/user-agent.js';

const CURRENT = 'clinch_session';
const OTHERS = 'clinch_sessions';

let clinch: TestClinch;
let app: TestApp;

beforeAll(async () => {
  clinch = await startClinch();
  app = await anApp(clinch);
});
afterAll(() => clinch.stop());

const people = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => aPerson(clinch, { name: `Person ${index + 1}` })));

/** A browser in which these people have signed in, one after the other. */
async function browserOf(...persons: readonly TestPerson[]): Promise<UserAgent> {
  const agent = new UserAgent(clinch.url);
  for (const person of persons) await signIn(agent, person);
  return agent;
}

/** By the form, as somebody who is not among those who are signed in. */
async function signIn(agent: UserAgent, person: TestPerson): Promise<void> {
  const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'login' })));
  expect(responseParameters(await agent.signIn(page, person)).has('code')).toBe(true);
}

const silently = async (agent: UserAgent, differences: Record<string, string> = {}) =>
  responseParameters(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'none', ...differences })));

async function whoOf(answer: URLSearchParams): Promise<unknown> {
  const { body } = await redeem(clinch.url, app, answer.get('code') ?? '');
  const [, payload = ''] = String(body['id_token']).split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub;
}
const current = async (agent: UserAgent) => whoOf(await silently(agent));

const chooser = async (agent: UserAgent, differences: Record<string, string> = { prompt: 'select_account' }) =>
  agent.follow(await agent.get(authorizeUrl(clinch.url, app, differences)));

/** The sessions that the page offers, in their order, with the names beside them. */
function offered(page: Answer): { session: string; name: string; isCurrent: boolean }[] {
  return page.text
    .split('<form')
    .slice(1)
    .flatMap((form) => {
      const session = /name="session" value="([^"]*)"/.exec(form)?.[1];
      const name = /account-name">([^<]*)</.exec(form)?.[1] ?? '';
      return session === undefined ? [] : [{ session, name, isCurrent: form.includes('choice-mark') }];
    });
}

async function choose(agent: UserAgent, page: Answer, name: string): Promise<Answer> {
  const { action, hidden } = formOf(page);
  const session = offered(page).find((each) => each.name === name)?.session ?? '';
  return agent.post(action, { ...hidden, session, decision: 'continue' });
}

const sessionOf = async (person: TestPerson) =>
  clinch.app.get(DataSource).getRepository(SessionEntity).findOneByOrFail({ accountId: person.id });

describe('several people in one browser', () => {
  it('stay signed in beside one another; the last one counts', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!, second!);
    expect(await current(agent)).toBe(second!.id);
    expect(offered(await chooser(agent))).toEqual([
      { session: (await sessionOf(second!)).id, name: 'Person 2', isCurrent: true },
      { session: (await sessionOf(first!)).id, name: 'Person 1', isCurrent: false },
    ]);
  });

  it('are switched between by a button, without a password, each with their own session', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!, second!);
    const before = [agent.cookies.get(CURRENT), agent.cookies.get(OTHERS)];
    const answer = responseParameters(await agent.follow(await choose(agent, await chooser(agent), 'Person 1')));
    expect(await whoOf(answer)).toBe(first!.id);
    expect(await current(agent)).toBe(first!.id);
    expect(agent.cookies.get(OTHERS)).toBe(before[0]);
    expect(agent.cookies.get(CURRENT)).toBe(before[1]);
    // The session is the same one, so the time of the proof is too: nobody signed in.
    expect(await clinch.app.get(DataSource).getRepository(SessionEntity).countBy({ accountId: first!.id })).toBe(1);
  });

  it('keep one session each: whoever signs in again goes on with their own, and the old secret is worth nothing', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!, second!);
    const old = agent.cookies.get(OTHERS) ?? '';
    await signIn(agent, first!);
    expect(await current(agent)).toBe(first!.id);
    expect(offered(await chooser(agent)).map(({ name }) => name)).toEqual(['Person 1', 'Person 2']);
    const rows = await clinch.app.get(DataSource).getRepository(SessionEntity).findBy({ accountId: first!.id });
    expect(new Set(rows.map(({ chainId }) => chainId)).size).toBe(1);
    expect(rows.filter(({ replacedAt }) => replacedAt === null)).toHaveLength(1);
    const thief = new UserAgent(clinch.url);
    thief.cookies.set(CURRENT, old);
    expect((await silently(thief)).get('error')).toBe('login_required');
  });

  it('are five at most: the one who signed in first is forgotten here', async () => {
    const six = await people(6);
    const agent = await browserOf(...six);
    const names = offered(await chooser(agent)).map(({ name }) => name);
    expect(names).toEqual(['Person 6', 'Person 5', 'Person 4', 'Person 3', 'Person 2']);
    expect(agent.cookies.get(OTHERS)).toHaveLength(4 * 43 + 3);
  });

  it('are not chosen from without being asked: prompt=none knows the current one only', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!, second!);
    const { body } = await redeem(clinch.url, app, (await silently(agent)).get('code') ?? '');
    await agent.follow(await choose(agent, await chooser(agent), 'Person 1'));
    const hinted = await silently(agent, { id_token_hint: String(body['id_token']) });
    expect(hinted.get('error')).toBe('login_required');
    expect((await silently(agent, { login_hint: second!.username })).get('error')).toBeNull();
    expect(await current(agent)).toBe(first!.id);
    agent.cookies.delete(CURRENT);
    expect((await silently(agent)).get('error')).toBe('login_required');
  });

  it('are listed without those who cannot sign in any more', async () => {
    const [first, second, third] = await people(3);
    const agent = await browserOf(first!, second!, third!);
    const admin = { authorization: `Bearer ${await clinch.adminToken()}`, 'content-type': 'application/json' };
    await fetch(`${clinch.url}/admin/api/v1/users/${first!.id}`, {
      method: 'PATCH',
      headers: admin,
      body: JSON.stringify({ status: 'disabled' }),
    });
    await clinch.app.get(SignOut).end(await sessionOf(second!), 'administrator', {});
    expect(offered(await chooser(agent)).map(({ name }) => name)).toEqual(['Person 3']);
  });
});

describe('the page with the choice', () => {
  it('stands where nobody is current but others are there, and nobody becomes it by themselves', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!, second!);
    await clinch.app.get(SignOut).end(await sessionOf(second!), 'person', {});
    const page = await chooser(agent, {});
    expect(offered(page)).toEqual([{ session: (await sessionOf(first!)).id, name: 'Person 1', isCurrent: false }]);
    expect((await silently(agent)).get('error')).toBe('login_required');
    const answer = responseParameters(await agent.follow(await choose(agent, page, 'Person 1')));
    expect(await whoOf(answer)).toBe(first!.id);
  });

  it('does not stand in the way of prompt=login', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!, second!);
    await clinch.app.get(SignOut).end(await sessionOf(second!), 'person', {});
    expect((await chooser(agent, { prompt: 'login' })).text).toContain('name="password"');
  });

  it('asks for the password of who was chosen, where the proof is too old', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!, second!);
    const page = await chooser(agent, { prompt: 'select_account', max_age: '3600' });
    const rows = clinch.app.get(DataSource).getRepository(SessionEntity);
    await rows.update({ accountId: first!.id }, { authTime: new Date(Date.now() - 3_601_000) });
    const asked = await agent.follow(await choose(agent, page, 'Person 1'));
    expect(asked.text).toContain('name="password"');
    expect(await whoOf(responseParameters(await agent.signIn(asked, first!)))).toBe(first!.id);
  });

  it('leads to the form for another person', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!);
    const form = await agent.press(await chooser(agent), 'other');
    expect(form.text).toContain('name="password"');
    expect(await whoOf(responseParameters(await agent.signIn(form, second!)))).toBe(second!.id);
    expect(offered(await chooser(agent)).map(({ name }) => name)).toEqual(['Person 2', 'Person 1']);
  });

  it('takes only sessions of this browser: a form with another’s id changes nothing', async () => {
    const [mine, stranger] = await people(2);
    const [agent, theirs] = [await browserOf(mine!), await browserOf(stranger!)];
    expect(await current(theirs)).toBe(stranger!.id);
    const page = await chooser(agent);
    const { action, hidden } = formOf(page);
    for (const session of [(await sessionOf(stranger!)).id, 'x', agent.cookies.get(CURRENT) ?? '']) {
      const answer = await agent.post(action, { ...hidden, session, decision: 'continue' });
      expect(answer.status).toBe(303);
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect(offered(await agent.follow(answer)).map(({ name }) => name)).toEqual(['Person 1']);
    }
    expect(await current(agent)).toBe(mine!.id);
  });

  it('comes to nobody by the cookie that ties forms to a browser', async () => {
    const [victim] = await people(1);
    const agent = await browserOf(victim!);
    const thief = new UserAgent(clinch.url);
    thief.cookies.set('clinch_browser', agent.cookies.get('clinch_browser') ?? '');
    expect((await chooser(thief)).text).toContain('name="password"');
  });

  it.each(['', '.', '....', 'x'.repeat(43), `${'A'.repeat(43)}.`, '%2e%2e', 'a.b.c.d.e.f.g', '"'.repeat(500)])(
    'bears the cookie %j',
    async (cookie) => {
      const [person] = await people(1);
      const agent = await browserOf(person!);
      agent.cookies.set(OTHERS, cookie);
      expect(offered(await chooser(agent)).map(({ name }) => name)).toEqual(['Person 1']);
      await signIn(agent, person!);
      expect(await current(agent)).toBe(person!.id);
    },
  );

  it('is offered to somebody whom an app refuses, where there are others', async () => {
    const closed = await anApp(clinch, { access: 'assigned' });
    const [first, second] = await people(2);
    const agent = await browserOf(first!, second!);
    const refused = await agent.follow(await agent.get(authorizeUrl(clinch.url, closed)));
    const page = await agent.press(refused, 'other');
    expect(offered(page).map(({ name }) => name)).toEqual(['Person 2', 'Person 1']);
    const alone = await browserOf(first!);
    const form = await alone.press(await alone.follow(await alone.get(authorizeUrl(clinch.url, closed))), 'other');
    expect(form.text).toContain('name="password"');
  });
});

describe('/device for somebody else', () => {
  it('asks who, also while somebody is signed in, and comes back', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!, second!);
    const device = await agent.get('/device');
    const href = /href="([^"]*account=other[^"]*)"/.exec(device.text)?.[1] ?? '';
    const page = await agent.follow(await agent.get(href));
    expect(offered(page).map(({ name, isCurrent }) => [name, isCurrent])).toEqual([
      ['Person 2', true],
      ['Person 1', false],
    ]);
    const back = await agent.follow(await choose(agent, page, 'Person 1'));
    expect(new URL(back.url).pathname).toBe('/device');
    expect(back.text).toContain(first!.username);
    expect(await current(agent)).toBe(first!.id);
  });

  it('keeps the code', async () => {
    const [first] = await people(1);
    const agent = await browserOf(first!);
    const page = await agent.follow(await agent.get('/device?account=other&user_code=BCDF-GHJK'));
    const answer = await choose(agent, page, 'Person 1');
    expect(answer.headers.get('location')).toBe(`${clinch.url}/device?user_code=BCDF-GHJK`);
  });

  it('takes another person by the form', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!);
    const form = await agent.press(await agent.follow(await agent.get('/device?account=other')), 'other');
    const back = await agent.signIn(form, second!);
    expect(new URL(back.url).pathname).toBe('/device');
    expect(back.text).toContain(second!.username);
  });
});

describe('at the same time', () => {
  it('tabs that switch, to one person or to different ones, lose nobody', async () => {
    const [first, second, third] = await people(3);
    const agent = await browserOf(first!, second!, third!);
    const pages = await Promise.all(Array.from({ length: 6 }, () => chooser(agent)));
    // Each as if it came from a tab of its own, with the cookies of before.
    const tabs = pages.map(() => copyOf(agent));
    const name = (index: number) => `Person ${(index % 2) + 1}`;
    const answers = await Promise.all(pages.map((page, index) => choose(tabs[index]!, page, name(index))));
    for (const [index, answer] of answers.entries()) {
      const arrived = responseParameters(await tabs[index]!.follow(answer));
      expect(await whoOf(arrived)).toBe([first!.id, second!.id][index % 2]);
      // Whichever answer the browser keeps, all three are there.
      expect(
        offered(await chooser(tabs[index]!))
          .map((each) => each.name)
          .toSorted(),
      ).toEqual(['Person 1', 'Person 2', 'Person 3']);
    }
  });

  it('sign-ins of one person go on with one chain, so that they end together', async () => {
    const [first, second] = await people(2);
    const agent = await browserOf(first!, second!);
    const pages = await Promise.all(
      Array.from({ length: 4 }, async () =>
        agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'login' }))),
      ),
    );
    const tabs = pages.map(() => copyOf(agent));
    const answers = await Promise.all(pages.map((page, index) => tabs[index]!.signIn(page, first!)));
    expect(answers.every((answer) => responseParameters(answer).has('code'))).toBe(true);
    const rows = await clinch.app.get(DataSource).getRepository(SessionEntity).findBy({ accountId: first!.id });
    expect(rows).toHaveLength(5);
    expect(new Set(rows.map(({ chainId }) => chainId)).size).toBe(1);
    await clinch.app.get(SignOut).end(rows[0]!, 'person', {});
    for (const tab of tabs) expect((await silently(tab)).get('error')).toBe('login_required');
  });

  it('a switch and the end of that session leave nobody signed in with it', async () => {
    const [first, second] = await people(2);
    for (let round = 0; round < 5; round++) {
      const agent = await browserOf(first!, second!);
      const page = await chooser(agent);
      const [row] = await clinch.app
        .get(DataSource)
        .getRepository(SessionEntity)
        .find({ where: { accountId: first!.id }, order: { startedAt: 'DESC' }, take: 1 });
      await Promise.all([choose(agent, page, 'Person 1'), clinch.app.get(SignOut).end(row!, 'person', {})]);
      const answer = await silently(agent);
      if (answer.has('code')) expect(await whoOf(answer)).toBe(second!.id);
    }
  });
});

function copyOf(agent: UserAgent): UserAgent {
  const copy = new UserAgent(clinch.url);
  for (const [name, value] of agent.cookies) copy.cookies.set(name, value);
  return copy;
}
