import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, unescapeHtml, UserAgent, type Answer } from '../support/user-agent.js';
import { loginPage } from './support/b-flow.js';
import { BEHIND_PROXY, ProxiedAgent } from './support/b-server.js';
import { FORMS, signedInAs } from './support/forms.js';

const FOREIGN: readonly Record<string, string>[] = [
  { Origin: 'https://evil.test' },
  { Origin: 'null' },
  { Origin: 'HTTP://LOCALHOST:80' },
  { 'Sec-Fetch-Site': 'cross-site' },
  { 'Sec-Fetch-Site': 'same-site' },
];

const PROBE = `"><script>alert(1)</script><img src=x onerror=alert(2)>'{{7*7}}\${7*7}`;

function directives(page: Answer): Map<string, string> {
  const policy = page.headers.get('content-security-policy') ?? '';
  const pairs = policy.split(';').map((text) => text.trim().split(/ (.*)/s));
  return new Map(pairs.map(([name = '', value = '']) => [name, value]));
}

describe('forms that other sites post (CSRF)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let asking: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    asking = await anApp(clinch, { requireConsent: true });
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  /** A browser at the consent page, and the form that it would send. */
  async function atConsent(who = person, agent = new UserAgent(clinch.url)) {
    const page = await agent.signIn(await loginPage(clinch, asking, agent), who);
    expect(page.text).toContain('value="allow"');
    return { agent, page, ...formOf(page) };
  }

  async function atLogin(agent = new UserAgent(clinch.url)) {
    const page = await loginPage(clinch, app, agent);
    const { action, hidden } = formOf(page);
    const filled: Record<string, string> = { ...hidden, username: person.username, password: person.password };
    return { agent, page, action, hidden: filled };
  }

  function without(form: Record<string, string>, name: string): Record<string, string> {
    return Object.fromEntries(Object.entries(form).filter(([key]) => key !== name));
  }

  it('CSRF-01 refuses the sign-in form without its token, with a foreign one, and with that of another browser', async () => {
    const { agent, action, hidden } = await atLogin();
    const other = await atLogin();
    const bodies = [
      without(hidden, 'csrf_token'),
      { ...hidden, csrf_token: '' },
      { ...hidden, csrf_token: 'A'.repeat(43) },
      { ...hidden, csrf_token: other.hidden['csrf_token'] ?? '' },
      { ...hidden, csrf_token: hidden['csrf_token']?.slice(0, -1) ?? '' },
    ];
    for (const body of bodies) expect((await agent.post(action, body)).status).toBe(403);
    expect((await other.agent.post(action, hidden)).status).toBe(403);
    expect((await new UserAgent(clinch.url).post(action, hidden)).status).toBe(403);
    expect(agent.cookies.has('clinch_session')).toBe(false);
    expect(other.agent.cookies.has('clinch_session')).toBe(false);
    expect((await agent.post(action, hidden)).status).toBe(303);
  });

  it('CSRF-01 refuses a token of the same browser that belongs to another request', async () => {
    const { agent, action, hidden } = await atLogin();
    const second = formOf(await loginPage(clinch, app, agent));
    expect((await agent.post(action, { ...hidden, csrf_token: second.hidden['csrf_token'] ?? '' })).status).toBe(403);
  });

  it('CSRF-01 refuses the consent form without its token, or with a foreign one, and remembers nothing', async () => {
    const reader = await aPerson(clinch);
    const { agent, action, hidden } = await atConsent(reader);
    const other = await atConsent(await aPerson(clinch));
    const tokens = ['', 'A'.repeat(43), other.hidden['csrf_token'] ?? ''];
    for (const csrf_token of tokens) {
      expect((await agent.post(action, { ...hidden, csrf_token, decision: 'allow' })).status).toBe(403);
    }
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, asking)));
    expect(page.text).toContain('value="allow"');
  });

  it('CSRF-01 refuses a consent form that was shown to somebody else who used this browser', async () => {
    const [first, second] = [await aPerson(clinch), await aPerson(clinch)];
    const { agent, action, hidden } = await atConsent(first);
    await agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), second);
    expect((await agent.post(action, { ...hidden, decision: 'allow' })).status).toBe(403);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, asking)));
    expect(page.text).toContain('value="allow"');
  });

  it('CSRF-01 takes "continue as" for nobody else than the button named', async () => {
    const [first, second] = [await aPerson(clinch, { name: 'First' }), await aPerson(clinch, { name: 'Second' })];
    const agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, app), first);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'select_account' })));
    expect(page.text).toContain('First');
    const { action, hidden } = formOf(page);
    await agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), second);
    const { session: _, ...unnamed } = hidden;
    const asked = await agent.follow(await agent.post(action, { ...unnamed, decision: 'continue' }));
    expect(asked.text).toContain('value="continue"');
    await agent.follow(await agent.post(action, { ...hidden, decision: 'continue' }));
    const own = (await agent.get('/')).text;
    expect(own).toContain('First');
    expect(own).not.toContain('Second');
  });

  describe.each(FORMS.map((form) => [form.name, form] as const))('the form “%s”', (_name, form) => {
    it('CSRF-01 is refused without its token, with a foreign one, with another person’s, and in another browser', async () => {
      const [mine, theirs] = [await form.at(clinch), await form.at(clinch)];
      const cookies = [...mine.agent.cookies];
      const tokens = [undefined, '', 'A'.repeat(43), mine.fields['csrf_token']?.slice(1), theirs.fields['csrf_token']];
      for (const token of tokens) {
        const rest = without(mine.fields, 'csrf_token');
        const body = token === undefined ? rest : { ...rest, csrf_token: token };
        expect((await mine.agent.post(mine.action, body)).status, `token ${token}`).toBe(403);
      }
      expect((await theirs.agent.post(mine.action, mine.fields)).status, 'another browser').toBe(403);
      expect((await new UserAgent(clinch.url).post(mine.action, mine.fields)).status, 'no browser').toBe(403);
      expect([...mine.agent.cookies]).toEqual(cookies);
      // Nothing of all that was taken: the form is still good.
      const answer = await mine.agent.post(mine.action, mine.fields);
      expect([200, 303], `${answer.status}`).toContain(answer.status);
    });

    it('CSRF-02 is refused with a good token from another site, and taken from our own', async () => {
      const { agent, action, fields } = await form.at(clinch);
      const cookies = [...agent.cookies];
      for (const headers of FOREIGN) {
        expect((await agent.post(action, fields, headers)).status, JSON.stringify(headers)).toBe(403);
      }
      expect([...agent.cookies]).toEqual(cookies);
      const own = { Origin: new URL(clinch.url).origin, 'Sec-Fetch-Site': 'same-origin' };
      expect([200, 303]).toContain((await agent.post(action, fields, own)).status);
    });

    it('CSRF-05, CSRF-08, CSRF-09: its page stands in no frame, sends no referrer, and has all its headers', async () => {
      const { page } = await form.at(clinch);
      expect(directives(page).get('frame-ancestors')).toBe("'none'");
      expect(directives(page).get('default-src')).toBe("'none'");
      expect(directives(page).get('form-action')).toMatch(/^'self'/);
      expect(page.headers.get('x-frame-options')).toBe('DENY');
      expect(page.headers.get('referrer-policy')).toBe('no-referrer, same-origin');
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(page.headers.get('permissions-policy')).toContain('camera=()');
      expect(page.headers.get('x-powered-by')).toBeNull();
    });

    it('is sent by POST only: the same as a GET changes nothing', async () => {
      const { agent, action, fields } = await form.at(clinch);
      const cookies = [...agent.cookies];
      const answer = await agent.get(`${action}?${new URLSearchParams(fields).toString()}`);
      expect(answer.headers.get('location') ?? '').not.toContain('code=');
      expect([...agent.cookies]).toEqual(cookies);
      expect([200, 303]).toContain((await agent.post(action, fields)).status);
    });
  });

  it('CSRF-03 refuses the attacker’s credentials in the victim’s browser', async () => {
    const attacker = await atLogin();
    const victim = await atLogin();
    expect((await victim.agent.post(attacker.action, attacker.hidden)).status).toBe(403);
    // A cross-site post carries no SameSite=Lax cookies at all.
    expect((await new UserAgent(clinch.url).post(attacker.action, attacker.hidden)).status).toBe(403);
    expect(victim.agent.cookies.has('clinch_session')).toBe(false);
  });

  it('CSRF-03 binds the token to a __Host- cookie on https', async () => {
    const server = await startClinch(BEHIND_PROXY);
    try {
      const agent = new ProxiedAgent(server.url);
      const begun = await agent.get(authorizeUrl(server.url, await anApp(server)));
      expect(begun.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^__Host-clinch_browser=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
      ]);
    } finally {
      await server.stop();
    }
  });

  async function everyPage(): Promise<Record<string, Answer>> {
    const agent = new UserAgent(clinch.url);
    const login = await loginPage(clinch, asking, agent);
    const wrong = formOf(login);
    const retry = await agent.post(wrong.action, { ...wrong.hidden, username: 'nobody', password: 'x' });
    const consent = await agent.signIn(login, await aPerson(clinch));
    const select = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'select_account' })));
    const formPost = await agent.get(authorizeUrl(clinch.url, app, { response_mode: 'form_post' }));
    return {
      login,
      retry,
      consent,
      select,
      formPost,
      front: await agent.get('/'),
      notFound: await agent.get('/nothing-here'),
      badRequest: await agent.get('/oidc/authorize'),
      mismatch: await agent.get(authorizeUrl(clinch.url, { ...app, redirectUri: 'https://evil.test/' })),
      expired: await agent.get('/login?interaction=x'),
      forbidden: await agent.post('/login', {}),
    };
  }

  it('CSRF-05 forbids every page to be framed', async () => {
    for (const [name, page] of Object.entries(await everyPage())) {
      expect(page.headers.get('content-type'), name).toBe('text/html; charset=utf-8');
      expect(directives(page).get('frame-ancestors'), name).toBe("'none'");
      expect(directives(page).get('default-src'), name).toBe("'none'");
      expect(directives(page).get('base-uri'), name).toBe("'none'");
      expect(directives(page).get('script-src'), name).toMatch(/^('none'|'sha256-[A-Za-z0-9+/=]+')$/);
      expect(page.headers.get('x-frame-options'), name).toBe('DENY');
      expect(page.headers.get('cache-control'), name).toBe('no-store');
    }
  });

  it('CSRF-05 sends redirects without a page of their own', async () => {
    const agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, app), person);
    const redirect = await agent.get(authorizeUrl(clinch.url, app));
    expect(redirect.status).toBe(303);
    expect(redirect.text).toBe('');
    expect(redirect.headers.get('content-type')).toBeNull();
  });

  it('CSRF-07 lets forms end at ourselves or, where they lead to an app on https, on https (see test/browser)', async () => {
    const { login, consent, front } = await everyPage();
    for (const page of [login, consent]) {
      expect(directives(page ?? login!).get('form-action')).toBe("'self' https:");
    }
    expect(directives(front!).get('form-action')).toBe("'self'");
  });

  it('CSRF-08 tells other sites nothing: no referrer, no foreign resources', async () => {
    for (const [name, page] of Object.entries(await everyPage())) {
      const policy = page.headers.get('referrer-policy') ?? '';
      const hasForm = page.text.includes('action="/');
      expect(policy, name).toBe(hasForm ? 'no-referrer, same-origin' : 'no-referrer');
      const links = [...page.text.matchAll(/\s(?:src|href)="([^"]*)"/g)].map((match) => unescapeHtml(match[1] ?? ''));
      const foreign = links.filter(
        (link) => !link.startsWith('data:') && new URL(link, clinch.url).origin !== clinch.url,
      );
      expect(foreign, name).toEqual([]);
    }
    const agent = new UserAgent(clinch.url);
    const first = await agent.get(authorizeUrl(clinch.url, app));
    const login = await agent.follow(first);
    const form = formOf(login);
    const posted = await agent.post(form.action, { ...form.hidden, ...person });
    const answered = await agent.get(posted.headers.get('location') ?? '');
    expect(answered.headers.get('location')).toContain('code=');
    for (const redirect of [first, posted, answered]) {
      expect(redirect.headers.get('referrer-policy')).toBe('no-referrer');
      expect(redirect.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('CSRF-09 sends the security headers with every page, and no framework’s name', async () => {
    for (const [name, page] of Object.entries(await everyPage())) {
      expect(page.headers.get('x-content-type-options'), name).toBe('nosniff');
      expect(page.headers.get('permissions-policy'), name).toContain('camera=()');
      const popup = ['login', 'retry', 'consent', 'select', 'formPost'].includes(name);
      expect(page.headers.get('cross-origin-opener-policy'), name).toBe(popup ? 'unsafe-none' : 'same-origin');
      expect(page.headers.get('x-powered-by'), name).toBeNull();
      expect(page.headers.get('server'), name).toBeNull();
    }
    const server = await startClinch(BEHIND_PROXY);
    try {
      const page = await new ProxiedAgent(server.url).get('/login?interaction=x');
      expect(page.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
    } finally {
      await server.stop();
    }
  });

  it('CSRF-13 shows stored and reflected strings as text', async () => {
    const hostile = await anApp(clinch, {
      clientName: PROBE,
      requireConsent: true,
      logoUri: 'javascript:alert(3)',
      policyUri: 'javascript:alert(4)',
      tosUri: `https://app.example/"onmouseover="alert(5)`,
      scope: 'openid <script>alert(6)</script>',
    });
    const named = { name: PROBE, nickname: PROBE, email: PROBE, username: `x.${Date.now()}` };
    const reader = await aPerson(clinch, named);
    const agent = new UserAgent(clinch.url);
    const request = { login_hint: PROBE, state: PROBE, ui_locales: PROBE, scope: 'openid <script>alert(6)</script>' };
    const login = await loginPage(clinch, hostile, agent, request);
    const { action, hidden } = formOf(login);
    const retry = await agent.post(action, { ...hidden, username: PROBE, password: PROBE });
    const consent = await agent.signIn(login, reader);
    const select = await agent.follow(await agent.get(authorizeUrl(clinch.url, hostile, { prompt: 'select_account' })));
    const denied = { ...request, response_mode: 'form_post', prompt: 'none', max_age: '0' };
    const formPost = await agent.get(authorizeUrl(clinch.url, hostile, denied));
    await agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), person);
    const chooser = await agent.follow(await agent.get('/device?account=other'));
    expect(chooser.text).toContain('&lt;script>alert(1)');
    const pages = [
      login,
      retry,
      consent,
      select,
      chooser,
      await agent.get('/device'),
      await (await signedInAs(clinch, reader)).get('/device'),
      formPost,
      await agent.get(`/${encodeURIComponent(PROBE)}`),
      await agent.get(`/login?interaction=${encodeURIComponent(PROBE)}`),
      await agent.get(authorizeUrl(clinch.url, { clientId: PROBE, redirectUri: PROBE })),
      await agent.get(authorizeUrl(clinch.url, { ...hostile, redirectUri: `https://evil.test/${PROBE}` })),
    ];
    expect(formPost.text).toContain('login_required');
    for (const page of pages) {
      expect(page.text).not.toMatch(/<script>alert|<img src=x|javascript:alert|"onmouseover="/);
      expect(page.text).not.toMatch(/<[a-z][^>]*\son\w+=/i);
    }
    expect(login.text).toContain('&lt;script>alert(1)');
  });
});
