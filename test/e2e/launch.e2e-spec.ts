import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerUserAgent } from '../../src/dingtalk-simulator/bridge-script.js';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { SessionStore } from '../../src/session/session-store.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { anIdentitySource } from '../support/identity-source.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, redeem, unescapeHtml, UserAgent } from '../support/user-agent.js';

const { situations } = MESSAGES.en.error;

describe('/launch/{client_id}', () => {
  let clinch: TestClinch;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    person = await aPerson(clinch, { username: 'li.hua+1' });
    await anIdentitySource(clinch, { id: 'acme', corpId: 'dingcorp0001', inAppSignIn: false });
    await anIdentitySource(clinch, { id: 'beta', name: 'Beta', corpId: 'dingcorp0002', inAppSignIn: false });
  });
  afterAll(() => clinch.stop());

  function launchOf({ clientId }: Pick<TestApp, 'clientId'>, query = ''): string {
    return `/launch/${encodeURIComponent(clientId)}${query}`;
  }

  async function signedIn(app?: TestApp): Promise<UserAgent> {
    const agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, app ?? (await anApp(clinch))), person);
    return agent;
  }

  it('opens an app by its initiation URL, with issuer and hint (OpenID Connect Core 1.0 §4)', async () => {
    const app = await anApp(clinch, { initiateLoginUri: 'https://app.example/start?tenant=1' });
    const answer = await (await signedIn()).get(launchOf(app, '?target_link_uri=https%3A%2F%2Fapp.example%2Fdeep'));
    expect(answer.status).toBe(303);
    const url = new URL(answer.headers.get('location') ?? '');
    expect(url.origin + url.pathname).toBe('https://app.example/start');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: '1',
      iss: clinch.url,
      login_hint: 'li.hua+1',
      target_link_uri: 'https://app.example/deep',
    });
  });

  it('says to an app only what the person is called there', async () => {
    const start = { initiateLoginUri: 'https://app.example/start' };
    const hintOf = async (more: Partial<ClientEntity>): Promise<string | null> => {
      const answer = await (await signedIn()).get(launchOf(await anApp(clinch, { ...start, ...more })));
      return new URL(answer.headers.get('location') ?? '').searchParams.get('login_hint');
    };
    expect(await hintOf({ subjectType: 'pairwise' })).toBeNull();
    expect(await hintOf({ subjectExpression: 'user.username' })).toBeNull();
    expect(await hintOf({ accountRule: 'expression', accountExpression: '"at." + user.username' })).toBe('at.li.hua+1');
    expect(await hintOf({ accountRule: 'job_number' })).toBeNull();
  });

  it('signs in on the way, on a page that shows the app and may end there', async () => {
    const app = await anApp(clinch, { clientName: 'Expenses', clientUri: 'https://expenses.example/' });
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(launchOf(app)));
    expect(page.text).toContain(MESSAGES.en.login.destination('Expenses'));
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https:;");
    const answer = await agent.signIn(page, person);
    expect(answer.headers.get('location')).toBe('https://expenses.example/');
  });

  it('offers the organisation that the address names, and all of them when it names none', async () => {
    const app = await anApp(clinch, { clientUri: 'https://app.example/' });
    const waysOf = async (query: string) => {
      const agent = new UserAgent(clinch.url);
      const page = await agent.follow(await agent.get(launchOf(app, query)));
      return [...page.text.matchAll(/href="\/dingtalk\/(\w+)\/begin/g)].map(([, id]) => id);
    };
    expect(await waysOf('?corpid=dingcorp0002')).toEqual(['beta']);
    for (const query of ['', '?corpid=$CORPID$', '?corpid=%24CORPID%24', '?corpid=nobody', '?corpid=%00']) {
      expect(await waysOf(query), query).toEqual(['acme', 'beta']);
    }
  });

  it('refuses a target that is not the app’s, before anybody signs in', async () => {
    const app = await anApp(clinch, { initiateLoginUri: 'https://app.example/start' });
    const agent = new UserAgent(clinch.url);
    for (const target of ['https://evil.example/', 'javascript:alert(1)', '%zz', '//evil.example']) {
      const answer = await agent.get(launchOf(app, `?target_link_uri=${target}`));
      expect(answer.status, target).toBe(400);
    }
    expect((await agent.get(launchOf(app, '?corpid=a&corpid=b'))).status).toBe(400);
  });

  it('says who to ask when the person may not use the app', async () => {
    const app = await anApp(clinch, { access: 'assigned', clientUri: 'https://app.example/' });
    const answer = await (await signedIn()).get(launchOf(app));
    expect(answer.status).toBe(403);
    expect(answer.text).toContain(situations.access_denied.title);
  });

  it('says that an app without a page is opened by itself', async () => {
    const native: Partial<ClientEntity> = {
      applicationType: 'native',
      clientName: 'Command line',
      redirectUris: ['http://127.0.0.1/cb'],
      tokenEndpointAuthMethod: 'none',
      requirePkce: true,
    };
    const app = await anApp(clinch, native);
    const answer = await (await signedIn()).get(launchOf(app));
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(MESSAGES.en.launch.openDirectlyTitle('Command line'));
  });

  it('has the pages of the authorization endpoint for apps that are not there, and takes no other method', async () => {
    const app = await anApp(clinch, { enabled: false });
    const agent = new UserAgent(clinch.url);
    expect((await agent.get('/launch/nobody')).text).toContain(situations.unknown_app.title);
    expect((await agent.get(launchOf(app))).text).toContain(situations.app_disabled.title);
    for (const id of ['%zz', '%00', 'a%2Fb', '%E4%BD%A0', 'x'.repeat(500)]) {
      const { status } = await agent.get(`/launch/${id}`);
      expect([400, 404], id).toContain(status);
    }
    for (const method of ['HEAD', 'PUT', 'DELETE']) {
      expect((await fetch(`${clinch.url}${launchOf(app)}`, { method })).status, method).toBe(405);
    }
  });

  it('sends nobody in circles whose browser keeps no session', async () => {
    const app = await anApp(clinch, { clientUri: 'https://app.example/' });
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(launchOf(app, '?stay=1')));
    expect(page.status).toBe(200);
    expect(page.url).toContain('/login?');
  });

  describe('hand-over to the system’s browser', () => {
    async function inDingTalk(app: TestApp): Promise<{ inside: UserAgent; link: string }> {
      const inside = await signedIn(app);
      inside.headers['User-Agent'] = containerUserAgent;
      const page = await inside.get(launchOf(app, '?open=browser'));
      const href = unescapeHtml(/href="(dingtalk:[^"]*)"/.exec(page.text)?.[1] ?? '');
      return { inside, link: new URL(href).searchParams.get('url') ?? '' };
    }

    async function accept(outside: UserAgent, link: string) {
      const page = await outside.get(link);
      return outside.post(formOf(page).action, formOf(page).hidden);
    }

    it('opens the same app in another browser, as the same person, with the same proof', async () => {
      const app = await anApp(clinch, { clientUri: 'https://app.example/' });
      const { link } = await inDingTalk(app);
      expect(link).toMatch(new RegExp(`^${clinch.url}/handover\\?code=[\\w-]{43}$`));
      const outside = new UserAgent(clinch.url);
      const page = await outside.get(link);
      expect(page.text).toContain('Continue as 李华');
      const answer = await outside.follow(await outside.post(formOf(page).action, formOf(page).hidden));
      expect(answer.headers.get('location')).toBe('https://app.example/');
      const parameters = await outside.authorize(authorizeUrl(clinch.url, app), person);
      const { body } = await redeem(clinch.url, app, parameters.get('code') ?? '');
      expect(decodeJwt(String(body['id_token']))).toMatchObject({ sub: person.id, amr: ['pwd'] });
    });

    it('is spent by the button, once, and by no look at the link', async () => {
      const { link } = await inDingTalk(await anApp(clinch, { clientUri: 'https://app.example/' }));
      const [preview, outside, third] = [1, 2, 3].map(() => new UserAgent(clinch.url)) as [
        UserAgent,
        UserAgent,
        UserAgent,
      ];
      const seen = await third.get(link);
      await preview.get(link);
      expect((await fetch(link, { method: 'HEAD' })).status).toBe(405);
      expect((await accept(outside, link)).status).toBe(303);
      const again = await third.post(formOf(seen).action, formOf(seen).hidden);
      expect(again.status).toBe(400);
      expect(again.text).toContain(situations.handover_over.title);
      expect((await third.get(link)).status).toBe(400);
    });

    it('needs our own form in this very browser', async () => {
      const { link } = await inDingTalk(await anApp(clinch, { clientUri: 'https://app.example/' }));
      const outside = new UserAgent(clinch.url);
      const { action, hidden } = formOf(await outside.get(link));
      expect((await new UserAgent(clinch.url).post(action, hidden)).status).toBe(403);
      expect((await outside.post(action, hidden, { Origin: 'https://evil.example' })).status).toBe(403);
      expect((await outside.post(action, { ...hidden, csrf_token: '' })).status).toBe(403);
      expect((await outside.post(action, hidden)).status).toBe(303);
    });

    it('ends with the session that it comes from', async () => {
      const { link } = await inDingTalk(await anApp(clinch, { clientUri: 'https://app.example/' }));
      const outside = new UserAgent(clinch.url);
      const { action, hidden } = formOf(await outside.get(link));
      await clinch.app.get(SessionStore).endAllOf(person.id);
      expect((await outside.post(action, hidden)).status).toBe(400);
      expect((await outside.get(link)).status).toBe(400);
      expect(outside.cookies.has('clinch_session')).toBe(false);
    });

    it('is for DingTalk only: elsewhere the app just opens', async () => {
      const app = await anApp(clinch, { clientUri: 'https://app.example/' });
      const answer = await (await signedIn(app)).get(launchOf(app, '?open=browser'));
      expect(answer.headers.get('location')).toBe('https://app.example/');
    });
  });
});
