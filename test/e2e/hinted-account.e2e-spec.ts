import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { postFormTo } from '../support/own-pages.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, responseParameters, UserAgent } from '../support/user-agent.js';

const { reauthenticateHeading } = MESSAGES.en.login;

let clinch: TestClinch;
let app: TestApp;
let anna: TestPerson;
let bert: TestPerson;
let hintAtBert: string;

beforeAll(async () => {
  clinch = await startClinch();
  app = await anApp(clinch);
  [anna, bert] = await Promise.all([aPerson(clinch, { name: 'Anna' }), aPerson(clinch, { name: 'Bert' })]);
  const answer = await new UserAgent(clinch.url).authorize(authorizeUrl(clinch.url, app), bert);
  hintAtBert = String((await redeem(clinch.url, app, answer.get('code') ?? '')).body['id_token']);
});
afterAll(() => clinch.stop());

/** A browser in which these have signed in; the last one counts. */
async function browserOf(...people: TestPerson[]): Promise<UserAgent> {
  const agent = new UserAgent(clinch.url);
  for (const person of people) {
    await agent.signIn(await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'login' }))), person);
  }
  return agent;
}

const asked = async (agent: UserAgent, differences: Record<string, string> = {}) =>
  agent.follow(await agent.get(authorizeUrl(clinch.url, app, { id_token_hint: hintAtBert, ...differences })));

describe('an app that asks for somebody else than who is signed in (id_token_hint)', () => {
  it.each<Record<string, string>>([{}, { prompt: 'select_account' }])(
    'is offered the one, where they are in this browser: %j',
    async (more) => {
      const agent = await browserOf(bert, anna);
      const page = await asked(agent, more);
      expect(page.text).toContain('Bert');
      expect(page.text).not.toContain('Anna');
      const { action, hidden } = postFormTo(page, '/login', 'Bert');
      const answer = await agent.follow(await agent.post(action, { ...hidden, decision: 'continue' }));
      expect(responseParameters(answer).has('code')).toBe(true);
    },
  );

  it.each<Record<string, string>>([{}, { prompt: 'login' }])('has nobody else prove who they are: %j', async (more) => {
    const agent = await browserOf(anna);
    const page = await asked(agent, more);
    expect(page.text).toContain('name="password"');
    expect(page.text).not.toContain('Anna');
    expect(page.text).not.toContain(reauthenticateHeading);
    expect(responseParameters(await agent.signIn(page, bert)).has('code')).toBe(true);
  });

  it('has the one prove it, by the badge, where the proof is to be fresh', async () => {
    const agent = await browserOf(bert);
    const page = await asked(agent, { prompt: 'login' });
    expect(page.text).toContain(reauthenticateHeading);
    expect(page.text).toContain('Bert');
  });
});

describe('the page that asks somebody again who they are', () => {
  it('leads to the others of this browser, who are asked too', async () => {
    const agent = await browserOf(bert, anna);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'login' })));
    const href = /<a href="([^"]*account=choose)"/.exec(page.text.replaceAll('&amp;', '&'))?.[1] ?? '';
    const chooser = await agent.get(href);
    const { action, hidden } = postFormTo(chooser, '/login', 'Bert');
    const again = await agent.follow(await agent.post(action, { ...hidden, decision: 'continue' }));
    expect(again.text).toContain(reauthenticateHeading);
    expect(again.text).toContain('Bert');
    expect(responseParameters(await agent.signIn(again, bert)).has('code')).toBe(true);
  });

  it('leads to the form, where there is nobody else', async () => {
    const agent = await browserOf(anna);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'login' })));
    const href = /<a href="([^"]*account=choose)"/.exec(page.text.replaceAll('&amp;', '&'))?.[1] ?? '';
    const form = await agent.get(href);
    expect(form.text).not.toContain('Anna');
    expect(responseParameters(await agent.signIn(form, bert)).has('code')).toBe(true);
  });
});
