import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientStore } from '../../src/app-registry/client-store.js';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { GO_ON_PATH } from '../../src/logout/front-channel.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { enter, isSignedIn, logoutUrl, SIGNED_OUT_URI, type Entered } from '../support/logout.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, unescapeHtml, UserAgent, type Answer } from '../support/user-agent.js';

const EN = MESSAGES.en.logout;
const ZH = MESSAGES['zh-CN'].logout;

let clinch: TestClinch;
let app: TestApp;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  app = await anAppToLeave();
  person = await aPerson(clinch);
});
afterAll(() => clinch.stop());

function anAppToLeave(differences: Partial<ClientEntity> = {}): Promise<TestApp> {
  return anApp(clinch, { postLogoutRedirectUris: [SIGNED_OUT_URI], ...differences });
}

function here(): Promise<Entered> {
  return enter(clinch, app, person);
}

function logout(): string {
  return `${clinch.url}/oidc/logout`;
}

/** The text of a page, as it is read. */
function textOf({ text }: Answer): string {
  return unescapeHtml(text.replaceAll(/<[^>]*>/g, ' ')).replaceAll('&#39;', "'");
}

describe('the form of another site (RP-Initiated Logout 1.0 §2), which comes without our cookies', () => {
  it('is sent round by a GET, with the parameters as they were', async () => {
    const { agent, idToken } = await here();
    const form = { id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI, state: 'a b&c=d"é' };
    const sent = await new UserAgent(clinch.url).post(logout(), form, { Origin: 'https://app.example' });
    expect(sent.status).toBe(303);
    const location = new URL(sent.headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe(logout());
    expect(Object.fromEntries(location.searchParams)).toEqual(form);
    const answer = await agent.get(location.href);
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('state')).toBe(form.state);
    expect(await isSignedIn(clinch, agent, app)).toBe(false);
  });

  it('is asked again on a page of ours when it is too long for an address', async () => {
    const { agent, idToken } = await here();
    const state = 'x'.repeat(7_000);
    const form = { id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI, state };
    const page = await new UserAgent(clinch.url).post(logout(), form, { Origin: 'https://app.example' });
    expect(page.status).toBe(200);
    expect(page.headers.getSetCookie()).toEqual([]);
    expect(page.text).not.toContain('name="decision"');
    const { action, hidden } = formOf(page);
    expect(hidden).toEqual(form);
    const answer = await agent.post(action, hidden, { Origin: clinch.url });
    expect(answer.headers.get('location')).toBe(`${SIGNED_OUT_URI}?state=${state}`);
    // With nobody here there is nothing more to ask.
    const nobody = await new UserAgent(clinch.url).post(action, hidden, { Origin: clinch.url });
    expect(nobody.headers.get('location')).toBe(`${SIGNED_OUT_URI}?state=${state}`);
  });

  it('lets no script of another site read an answer', async () => {
    const headers = { Origin: 'https://app.example' };
    const answer = await fetch(logout(), { headers });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the question', () => {
  it('names the app and the person, in the language that is asked for, and carries the request along', async () => {
    const named = await anAppToLeave({ clientName: 'Expenses <b>' });
    const { agent } = await enter(clinch, named, person);
    const parameters = {
      client_id: named.clientId,
      post_logout_redirect_uri: SIGNED_OUT_URI,
      state: `"'&amp;<i`,
      logout_hint: person.username,
    };
    const english = await agent.get(logoutUrl(clinch.url, { ...parameters, ui_locales: 'en' }));
    expect(textOf(english)).toContain(EN.confirmBodyFor('Expenses <b>'));
    expect(english.text).not.toContain('<b>');
    expect(english.text).toContain(person.username);
    expect(formOf(english).hidden).toMatchObject({ ...parameters, ui_locales: 'en' });
    expect(english.headers.get('content-security-policy')).toContain("form-action 'self' https:;");
    const chinese = await agent.get(logoutUrl(clinch.url, { ...parameters, ui_locales: 'zh-CN' }));
    expect(chinese.text).toContain(ZH.confirmHeading);
    const answer = await agent.press(chinese, 'allow');
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('state')).toBe(parameters.state);
  });

  it('is not asked by a decision in the address', async () => {
    const { agent } = await here();
    const page = await agent.get(logoutUrl(clinch.url, { decision: 'allow' }));
    expect(page.text).toContain(EN.confirmHeading.replace("'", '&#39;'));
    expect(await isSignedIn(clinch, agent, app)).toBe(true);
  });

  it('leads to the portal when the person stays', async () => {
    const { agent } = await here();
    const { action, hidden } = formOf(await agent.get(logoutUrl(clinch.url)));
    const answer = await agent.post(action, { ...hidden, decision: 'deny' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${clinch.url}/`]);
    expect(await isSignedIn(clinch, agent, app)).toBe(true);
  });

  it('judges the request again when it is answered', async () => {
    const { agent } = await here();
    const { action, hidden } = formOf(await agent.get(logoutUrl(clinch.url, { client_id: app.clientId })));
    const changed = { ...hidden, post_logout_redirect_uri: 'https://evil.example/', decision: 'allow' };
    expect((await agent.post(action, changed)).status).toBe(400);
    expect(await isSignedIn(clinch, agent, app)).toBe(true);
  });
});

describe('the signed-out page', () => {
  it('says who is signed out and which apps are told, and offers to sign in again', async () => {
    const told = await anAppToLeave({ clientName: 'Told', backchannelLogoutUri: 'http://127.0.0.1:9/logout' });
    const agent = new UserAgent(clinch.url);
    const { idToken } = await enter(clinch, told, person, agent);
    await enter(clinch, app, person, agent);
    const page = await agent.get(logoutUrl(clinch.url, { id_token_hint: idToken }));
    expect(page.status).toBe(200);
    expect(textOf(page)).toContain(EN.doneBody('李华'));
    expect(textOf(page)).toContain(EN.toldHeading);
    expect(page.text).toContain('<li>Told</li>');
    expect(page.text).not.toContain('<li>Sample App</li>');
    expect(page.text).toContain('href="/"');
    expect(page.text).not.toMatch(/<script|<iframe/);
    expect(page.headers.get('refresh')).toBeNull();
    const again = await agent.get(logoutUrl(clinch.url, { id_token_hint: idToken }));
    expect(textOf(again)).toContain(EN.doneNothing);
  });

  it('signs nobody in again by itself, not even inside DingTalk', async () => {
    const { agent, idToken } = await here();
    agent.headers['User-Agent'] = 'Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 AliApp(DingTalk/7.6.0)';
    for (const _ of [1, 2]) {
      const page = await agent.get(logoutUrl(clinch.url, { id_token_hint: idToken }));
      expect([page.status, page.headers.get('refresh')]).toEqual([200, null]);
      expect(page.text).not.toMatch(/<script|<iframe|http-equiv="refresh"/);
    }
  });

  it('names nobody to somebody who was not signed in', async () => {
    const { idToken } = await here();
    const page = await new UserAgent(clinch.url).get(logoutUrl(clinch.url, { id_token_hint: idToken }));
    expect(page.text).not.toContain(person.username);
    expect(page.text).not.toContain('李华');
  });
});

describe('whose id_token proves a request', () => {
  it('takes one with a pairwise sub', async () => {
    const pairwise = await anAppToLeave({ subjectType: 'pairwise' });
    const first = await enter(clinch, pairwise, person);
    // Of an earlier session of the same person in this browser, which has ended since.
    await first.agent.get(logoutUrl(clinch.url, { id_token_hint: first.idToken }));
    await enter(clinch, pairwise, person, first.agent);
    const answer = await first.agent.get(
      logoutUrl(clinch.url, { id_token_hint: first.idToken, post_logout_redirect_uri: SIGNED_OUT_URI }),
    );
    expect(answer.headers.get('location')).toBe(SIGNED_OUT_URI);
    expect(await isSignedIn(clinch, first.agent, pairwise)).toBe(false);
  });

  it('takes one from before the person signed in again, and ends all that came of either', async () => {
    const { agent, idToken, sid } = await here();
    await agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), person);
    const answer = await agent.get(
      logoutUrl(clinch.url, { id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI }),
    );
    expect(answer.status, sid).toBe(303);
    expect(await isSignedIn(clinch, agent, app)).toBe(false);
  });

  it('takes none of an app of the same id that is gone', async () => {
    const old = await anAppToLeave();
    const { agent, idToken } = await enter(clinch, old, person);
    // Times in tokens are whole seconds.
    const createdAt = new Date(Date.now() + 2_000);
    await clinch.app.get(ClientStore).repository.update({ clientId: old.clientId }, { createdAt });
    clinch.app.get(ClientRegistry).forget(old.clientId);
    const page = await agent.get(
      logoutUrl(clinch.url, { id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI }),
    );
    expect(page.text).toContain('name="decision"');
    expect(await isSignedIn(clinch, agent, app)).toBe(true);
  });

  it('signs out of an app that was switched off, but does not return there', async () => {
    const off = await anAppToLeave();
    const { agent, idToken } = await enter(clinch, off, person);
    await clinch.app.get(ClientStore).repository.update({ clientId: off.clientId }, { enabled: false });
    clinch.app.get(ClientRegistry).forget(off.clientId);
    const page = await agent.get(
      logoutUrl(clinch.url, { id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI }),
    );
    expect([page.status, page.headers.get('location')]).toEqual([200, null]);
    expect(await isSignedIn(clinch, agent, app)).toBe(false);
  });

  it('returns to whatever port of loopback a native app has (RFC 8252 §7.3)', async () => {
    const native = await anApp(clinch, {
      applicationType: 'native',
      tokenEndpointAuthMethod: 'none',
      redirectUris: ['http://127.0.0.1/cb'],
      postLogoutRedirectUris: ['http://127.0.0.1/out'],
    });
    const uri = 'http://127.0.0.1:50123/out';
    const answer = await new UserAgent(clinch.url).get(
      logoutUrl(clinch.url, { client_id: native.clientId, post_logout_redirect_uri: uri }),
    );
    expect(answer.headers.get('location')).toBe(uri);
  });
});

describe('front-channel logout (OpenID Connect Front-Channel Logout 1.0)', () => {
  const framed = (n: number, more: Partial<ClientEntity> = {}) =>
    anAppToLeave({
      clientName: `Framed ${n}`,
      redirectUris: [`https://framed-${n}.example/cb`],
      frontchannelLogoutUri: `https://framed-${n}.example/out`,
      ...more,
    });

  function frames(page: Answer): string[] {
    return [...page.text.matchAll(/<iframe\b[^>]*\ssrc="([^"]*)"/g)].map(([, src = '']) => unescapeHtml(src));
  }

  function source(page: Answer, directive: string): string | undefined {
    return new RegExp(`(?:^|; )${directive} ([^;]*)`).exec(page.headers.get('content-security-policy') ?? '')?.[1];
  }

  it('opens the page of each app that has no other way, with the sid that the app knows', async () => {
    const [first, second, both] = await Promise.all([
      framed(1),
      framed(2, { frontchannelLogoutUri: 'https://framed-2.example/out?a=b' }),
      framed(3, { backchannelLogoutUri: 'http://127.0.0.1:9/logout' }),
    ]);
    const agent = new UserAgent(clinch.url);
    const { sid } = await enter(clinch, first, person, agent);
    await enter(clinch, both, person, agent);
    await agent.authorize(authorizeUrl(clinch.url, second, { prompt: 'login' }), person);
    const later = await enter(clinch, second, person, agent);
    expect(later.sid).not.toBe(sid);
    const page = await agent.get(logoutUrl(clinch.url, { id_token_hint: later.idToken }));
    const query = (value: string) => new URLSearchParams({ iss: clinch.url, sid: value }).toString();
    expect(frames(page).sort()).toEqual([
      `https://framed-1.example/out?${query(sid)}`,
      `https://framed-2.example/out?a=b&${query(later.sid)}`,
    ]);
    expect(source(page, 'frame-src')?.split(' ').sort()).toEqual([
      'https://framed-1.example',
      'https://framed-2.example',
    ]);
    expect(source(page, 'script-src')).toBe("'none'");
    expect(page.text).toContain('<li>Framed 3</li>');
    expect(page.text.match(/<iframe\b[^>]*\shidden/g)).toHaveLength(2);
  });

  it('goes on to the app by a script of ours, by a header, and by a link', async () => {
    const one = await framed(4);
    const { agent, idToken } = await enter(clinch, one, person);
    const page = await agent.get(
      logoutUrl(clinch.url, { id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI, state: 'a&b' }),
    );
    expect(page.status).toBe(200);
    const returnTo = `${SIGNED_OUT_URI}?state=a%26b`;
    expect(page.headers.get('refresh')).toBe(`4; url=${returnTo}`);
    expect(unescapeHtml(page.text)).toContain(`href="${returnTo}" id="go-on"`);
    expect(source(page, 'script-src')).toBe(clinch.url + GO_ON_PATH);
    const script = await fetch(clinch.url + GO_ON_PATH);
    expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(script.headers.get('cache-control')).toContain('immutable');
  });

  it('opens no more than thirty', async () => {
    const agent = new UserAgent(clinch.url);
    const apps = await Promise.all(Array.from({ length: 32 }, (_, index) => framed(100 + index)));
    for (const each of apps) await agent.authorize(authorizeUrl(clinch.url, each), person);
    const question = await agent.get(logoutUrl(clinch.url));
    const page = await agent.press(question, 'allow');
    expect(frames(page)).toHaveLength(30);
  });
});

describe('an issuer with a path', () => {
  it('has its pages and its script below it', async () => {
    const server = await startClinch({ CLINCH_ISSUER: 'http://localhost:{port}/sso' });
    try {
      const there = await anApp(server, { postLogoutRedirectUris: [SIGNED_OUT_URI] });
      const { agent } = await enter(server, there, await aPerson(server));
      const question = await agent.get(logoutUrl(server.url));
      expect(formOf(question).action).toBe('/sso/oidc/logout');
      const done = await agent.press(question, 'allow');
      expect(done.text).toContain('href="/sso/"');
      const bad = await agent.get(logoutUrl(server.url, { client_id: 'nobody' }));
      expect(bad.text).toContain('href="/sso/oidc/logout"');
    } finally {
      await server.stop();
    }
  });
});
