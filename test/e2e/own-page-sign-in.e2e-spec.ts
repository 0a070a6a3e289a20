import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InteractionStore } from '../../src/interaction/interaction-store.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, UserAgent } from '../support/user-agent.js';

const PAGE = '/?from=the-page';

describe('a page of our own that somebody must be signed in for', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    [app, person] = await Promise.all([anApp(clinch), aPerson(clinch)]);
  });
  afterAll(() => clinch.stop());

  /** A browser that has been sent to sign in for the page. */
  async function waiting(): Promise<{ agent: UserAgent; interaction: string }> {
    const agent = new UserAgent(clinch.url);
    await agent.get(authorizeUrl(clinch.url, app));
    const browser = agent.cookies.get('clinch_browser') ?? '';
    const interaction = await clinch.app.get(InteractionStore).begin(browser, { page: PAGE }, '192.0.2.1');
    return { agent, interaction };
  }

  it('has a sign-in page without an app, whose form ends at ourselves', async () => {
    const { agent, interaction } = await waiting();
    const page = await agent.get(`/login?interaction=${interaction}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain(MESSAGES.en.login.ownDestination);
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self';");
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    const wrong = await agent.post('/login', { ...formOf(page).hidden, username: person.username, password: 'x' });
    expect(wrong.status).toBe(401);
    expect(wrong.text).toContain(MESSAGES.en.login.invalidCredentials);
  });

  it('is returned to after the sign-in, and once more by whoever comes back to the form or sends it again', async () => {
    const { agent, interaction } = await waiting();
    const { hidden } = formOf(await agent.get(`/login?interaction=${interaction}`));
    const form = { ...hidden, username: person.username, password: person.password };
    const answer = await agent.post('/login', form);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(clinch.url + PAGE);
    expect((await agent.get(`/login?interaction=${interaction}`)).headers.get('location')).toBe(clinch.url + PAGE);
    expect((await agent.post('/login', form)).headers.get('location')).toBe(clinch.url + PAGE);
  });

  it('is returned to at once by somebody who has signed in meanwhile', async () => {
    const { agent, interaction } = await waiting();
    await agent.authorize(authorizeUrl(clinch.url, app), person);
    const answer = await agent.get(`/login?interaction=${interaction}`);
    expect(answer.headers.get('location')).toBe(clinch.url + PAGE);
  });

  it('gives its interaction to no other browser, and to no app’s page', async () => {
    const { agent, interaction } = await waiting();
    const other = await waiting();
    expect((await other.agent.get(`/login?interaction=${interaction}`)).status).toBe(400);
    await agent.authorize(authorizeUrl(clinch.url, app), person);
    for (const path of ['/consent', '/refused', '/app-account', '/oidc/authorize/continue']) {
      const answer = await agent.get(`${path}?interaction=${interaction}`);
      expect(answer.status, path).toBe(400);
      expect(answer.text, path).toContain(MESSAGES.en.error.situations.interaction_expired.title);
    }
  });
});
