import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { postFormTo } from '../support/own-pages.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, responseParameters, UserAgent, type Answer } from '../support/user-agent.js';

let clinch: TestClinch;
let app: TestApp;
let first: TestPerson;
let second: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  app = await anApp(clinch);
  [first, second] = await Promise.all([
    aPerson(clinch, { name: 'The First One' }),
    aPerson(clinch, { name: 'The Second One' }),
  ]);
});
afterAll(() => clinch.stop());

/** A browser in which both have signed in; the second one counts. */
async function browserOfBoth(): Promise<UserAgent> {
  const agent = new UserAgent(clinch.url);
  for (const person of [first, second]) {
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'login' })));
    await agent.signIn(page, person);
  }
  return agent;
}

/** Two presses of one button: the browser has the cookies of the first answer when it sends the second one. */
async function twice(agent: UserAgent, action: string, fields: Record<string, string>): Promise<[Answer, Answer]> {
  return [await agent.post(action, fields), await agent.post(action, fields)];
}

const chooserFor = async (agent: UserAgent, url: string) => {
  const page = await agent.follow(await agent.get(url));
  return { page, ...postFormTo(page, '/login', 'The First One') };
};

describe('a button of the choice of accounts, pressed twice', () => {
  it('ends at the app where the first press did', async () => {
    const agent = await browserOfBoth();
    const { action, hidden } = await chooserFor(agent, authorizeUrl(clinch.url, app, { prompt: 'select_account' }));
    const [one, two] = await twice(agent, action, { ...hidden, decision: 'continue' });
    expect([one.status, two.status]).toEqual([303, 303]);
    expect(two.headers.get('location')).toBe(one.headers.get('location'));
    expect(responseParameters(await agent.follow(two)).has('code')).toBe(true);
    expect((await agent.get('/')).text).toContain('The First One');
  });

  it.each(['/account/switch', '/device?account=other'])(
    'ends at the page of our own that %s waits for',
    async (path) => {
      const agent = await browserOfBoth();
      const { action, hidden } = await chooserFor(agent, path);
      const [one, two] = await twice(agent, action, { ...hidden, decision: 'continue' });
      expect([one.status, two.status]).toEqual([303, 303]);
      expect(two.headers.get('location')).toBe(one.headers.get('location'));
      const arrived = await agent.follow(two);
      expect(arrived.status).toBe(200);
      expect(arrived.text).toContain(first.username);
    },
  );

  it('leads to the form for another one', async () => {
    const agent = await browserOfBoth();
    const { page } = await chooserFor(agent, authorizeUrl(clinch.url, app, { prompt: 'select_account' }));
    const { action, hidden } = postFormTo(page, '/login', 'value="other"');
    const [, two] = await twice(agent, action, { ...hidden, decision: 'other' });
    expect((await agent.follow(two)).text).toContain('name="password"');
  });

  it('goes on as nobody where it does not say whose it is', async () => {
    const agent = await browserOfBoth();
    const { action, hidden } = await chooserFor(agent, authorizeUrl(clinch.url, app, { prompt: 'select_account' }));
    const { session: _, ...rest } = hidden;
    const answer = await agent.follow(await agent.post(action, { ...rest, decision: 'continue' }));
    expect(answer.text).toContain('choice-mark');
  });
});

describe('the sign-in for a page of our own', () => {
  it.each(['/', '/account', '/account/sessions', '/device'])('for %s may be sent twice', async (path) => {
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(path));
    const { action, hidden } = formOf(page);
    const { username, password } = first;
    const [one, two] = await twice(agent, action, { ...hidden, username, password });
    expect([one.status, two.status]).toEqual([303, 303]);
    expect(two.headers.get('location')).toBe(one.headers.get('location'));
    expect((await agent.follow(two)).status).toBe(200);
  });

  it('leads whoever goes back to it to the page, and from the choice to the choice', async () => {
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get('/account'));
    await agent.signIn(page, first);
    const back = await agent.follow(await agent.get(page.url));
    expect(new URL(back.url).pathname).toBe('/account');
    const { page: chooser, action, hidden } = await chooserFor(agent, '/account/switch');
    await agent.follow(await agent.post(action, { ...hidden, decision: 'continue' }));
    const again = await agent.get(chooser.url);
    expect(again.status).toBe(200);
    expect(again.text).toContain('The First One');
  });

  it('takes nobody in by itself after they have signed out', async () => {
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get('/'));
    await agent.signIn(page, first);
    agent.cookies.delete('clinch_session');
    const back = await agent.get(page.url);
    expect(back.status).toBe(200);
    expect(back.text).toContain('name="password"');
  });
});
