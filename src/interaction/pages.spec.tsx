import { describe, expect, it } from 'vitest';
import type { VNode } from 'preact';
import { MESSAGES } from '../ui/messages.js';
import type { Locale } from '../ui/messages.js';
import { renderPage } from '../ui/render.js';
import { ConsentPage } from './consent.page.js';
import type { ConsentPageProps } from './consent.page.js';
import { LoginPage } from './login.page.js';
import type { InteractionPageProps, LoginPageProps } from './login.page.js';
import { RefusedPage } from './refused.page.js';
import type { RefusedPageProps } from './refused.page.js';
import { SelectAccountPage } from './select-account.page.js';
import { SelectAppAccountPage } from './select-app-account.page.js';

const HOSTILE = '<script>alert(1)</script>';

function frame(overrides: Partial<InteractionPageProps> = {}): InteractionPageProps {
  return {
    locale: 'en',
    stylesheetHref: '/assets/clinch.css',
    app: { name: 'Expenses' },
    action: '/login',
    interactionId: 'i-123',
    csrfToken: 'c-456',
    ...overrides,
  };
}

function login(overrides: Partial<LoginPageProps> = {}): string {
  return renderPage(<LoginPage {...frame()} username="" {...overrides} />);
}

function consent(overrides: Partial<ConsentPageProps> = {}): string {
  const account = { displayName: 'Ada Lovelace', username: 'ada' };
  return renderPage(
    <ConsentPage {...frame()} account={account} scopes={['openid']} redirectHost="app.example" {...overrides} />,
  );
}

/** The start tag of the input with this name. */
function input(html: string, name: string): string {
  return new RegExp(`<input[^>]*\\sname="${name}"[^>]*>`).exec(html)?.[0] ?? '';
}

/** The text of the element a given input says it is described by. */
function described(html: string, name: string): string {
  const id = /aria-describedby="([^"]+)"/.exec(input(html, name))?.[1] ?? 'none';
  return new RegExp(`id="${id}">(.*?)</(?:p|div)>`).exec(html)?.[1]?.replace(/<[^>]+>/g, '') ?? '';
}

const account = { displayName: 'Ada Lovelace', username: 'ada', email: 'ada@corp.example' };
const choices = [
  { id: 'n1', username: 'ada.payer', chosenBefore: true },
  { id: 'n2', username: HOSTILE, chosenBefore: true },
];
const PAGES: readonly (readonly [string, (props: InteractionPageProps) => VNode])[] = [
  ['login', (props) => <LoginPage {...props} username="ada" error={{ kind: 'invalid_credentials' }} />],
  [
    'select-account',
    (props) => <SelectAccountPage {...props} accounts={[{ account, sessionId: 's-1', isCurrent: true }]} />,
  ],
  ['choice of a name', (props) => <SelectAppAccountPage {...props} account={account} choices={choices} />],
  ['refusal', (props) => <RefusedPage {...props} account={account} contact={HOSTILE} traceId="t-1" />],
  [
    'consent',
    (props) => <ConsentPage {...props} account={account} scopes={['openid', HOSTILE]} redirectHost="app.example" />,
  ],
];

describe.each(PAGES)('the %s page', (_, page) => {
  it('renders a hostile app as text', () => {
    const html = renderPage(
      page(frame({ app: { name: HOSTILE, logoUri: 'javascript:alert(1)', policyUri: 'javascript:alert(1)' } })),
    );
    expect(html).not.toMatch(/<script|javascript:/i);
    expect(html).toContain('&lt;script>');
  });

  it('posts to its action with the interaction and the CSRF token', () => {
    const html = renderPage(page(frame()));
    expect(html).toMatch(/<form [^>]*method="post" action="\/login"/);
    expect(input(html, 'interaction')).toMatch(/type="hidden".*value="i-123"/);
    expect(input(html, 'csrf_token')).toMatch(/type="hidden".*value="c-456"/);
  });

  it('names the app', () => {
    expect(renderPage(page(frame()))).toContain('<span class="badge-name">Expenses</span>');
  });

  it.each(['zh-CN', 'en'] as Locale[])('speaks %s', (locale) => {
    const html = renderPage(page(frame({ locale })));
    expect(html).toContain(`<html lang="${locale}">`);
    const heading = /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? '';
    expect(/\p{Script=Han}/u.test(heading)).toBe(locale === 'zh-CN');
  });

  it('carries nothing that a closed Content-Security-Policy would refuse', () => {
    expect(renderPage(page(frame()))).not.toMatch(/<style|<script|\sstyle=|\son[a-z]+=/i);
  });
});

describe('signing in', () => {
  it.each(['username', 'password'])('ties the label to the %s', (name) => {
    const html = login();
    const id = /\sid="([^"]+)"/.exec(input(html, name))?.[1];
    expect(html).toContain(`for="${id}"`);
  });

  it('lets password managers fill it in', () => {
    expect(input(login(), 'username')).toMatch(/autocomplete="username"/);
    expect(input(login(), 'password')).toMatch(/type="password".*autocomplete="current-password"/);
  });

  it('keeps the spelling checker away from what is typed', () => {
    expect(input(login(), 'username')).toContain('spellcheck="false"');
  });

  it('puts the cursor where there is still something to fill in', () => {
    expect(input(login(), 'username')).toMatch(/\sautofocus/);
    expect(input(login(), 'password')).not.toMatch(/\sautofocus/);
    expect(input(login({ username: 'ada' }), 'username')).not.toMatch(/\sautofocus/);
    expect(input(login({ username: 'ada' }), 'password')).toMatch(/\sautofocus/);
  });

  it('prefills the username and never the password', () => {
    const html = login({ username: 'a"b' });
    expect(input(html, 'username')).toContain('value="a&quot;b"');
    expect(input(html, 'password')).not.toContain('value=');
  });

  it('does not tell which of the two was wrong', () => {
    const html = login({ username: 'ada', error: { kind: 'invalid_credentials' } });
    expect(html).toContain('role="alert"');
    expect(described(html, 'username')).toBe(MESSAGES.en.login.invalidCredentials);
    expect(described(html, 'password')).toBe(MESSAGES.en.login.invalidCredentials);
  });

  it('says beside the field that it was left empty', () => {
    const html = login({ username: 'ada', error: { kind: 'missing_fields', fields: ['password'] } });
    expect(described(html, 'password')).toBe(MESSAGES.en.login.passwordMissing);
    expect(input(html, 'password')).toContain('aria-invalid="true"');
    expect(input(html, 'username')).not.toContain('aria-invalid');
  });

  it('blames the fields that are empty when it is not told which', () => {
    const html = login({ username: '', error: { kind: 'missing_fields' } });
    expect(described(html, 'username')).toBe(MESSAGES.en.login.usernameMissing);
    expect(described(html, 'password')).toBe(MESSAGES.en.login.passwordMissing);
  });

  it('reads the message out with the field without blaming what was typed', () => {
    const html = login({ username: 'ada', error: { kind: 'busy' } });
    expect(described(html, 'password')).toBe(MESSAGES.en.login.busy);
    expect(html).not.toContain('aria-invalid');
  });

  it('needs no app: a page of our own can be what waits', () => {
    const { app: _, ...own } = frame();
    const html = renderPage(<LoginPage {...own} username="" />);
    expect(html).toContain(MESSAGES.en.login.ownDestination);
    expect(html).toContain('<title>Sign in · Clinch</title>');
    expect(html).not.toContain('class="badge"');
  });

  it('says how long to wait after too many attempts', () => {
    const html = login({ locale: 'zh-CN', error: { kind: 'too_many_attempts', retryAfterSeconds: 290 } });
    expect(html).toContain('请 5 分钟后再试');
  });

  it('shows whose account has to be proven again', () => {
    const html = login({ username: 'ada', reauthenticating: { displayName: 'Ada Lovelace' } });
    expect(html).toContain('Ada Lovelace');
    expect(html).toContain(MESSAGES.en.login.reauthenticateReason('Expenses'));
  });
});

describe('choosing an account', () => {
  const ada = { account, sessionId: 's-ada', isCurrent: true };
  const hua = { account: { displayName: '李华', username: 'li.hua' }, sessionId: 's-hua', isCurrent: false };

  it('offers the account that is signed in, and another', () => {
    const html = renderPage(<SelectAccountPage {...frame()} accounts={[ada]} />);
    expect(html).toContain('name="decision" value="continue">');
    expect(html).toContain('name="decision" value="other">');
    expect(html).toContain('ada@corp.example');
    expect(html).not.toContain(MESSAGES.en.selectAccount.current);
  });

  it('offers everybody in this browser, each by a form with their session, and says who is current', () => {
    const html = renderPage(<SelectAccountPage {...frame()} accounts={[ada, hua]} />);
    const forms = html.split('<form').slice(1);
    expect(forms.map((form) => /name="session" value="([^"]*)"/.exec(form)?.[1])).toEqual([
      's-ada',
      's-hua',
      undefined,
    ]);
    expect(forms.map((form) => form.includes(MESSAGES.en.selectAccount.current))).toEqual([true, false, false]);
  });

  it('speaks of no app where a page of our own waits', () => {
    const { app: _, ...own } = frame();
    const html = renderPage(<SelectAccountPage {...own} accounts={[hua]} />);
    expect(html).toContain(MESSAGES.en.selectAccount.ownDestination);
  });
});

describe('consenting', () => {
  it('describes each scope in words, once', () => {
    const html = consent({ scopes: ['openid', 'email', 'email', 'offline_access'] });
    const { scopes } = MESSAGES.en.consent;
    expect(html.match(/<li class="scope">/g)).toHaveLength(3);
    for (const scope of ['openid', 'email', 'offline_access'] as const) expect(html).toContain(scopes[scope].title);
  });

  it.each(['invoices:read', 'constructor', '__proto__'])('shows a scope it does not know by its name: %s', (scope) => {
    expect(consent({ scopes: [scope] })).toContain(`<span class="scope-title">${scope}</span>`);
  });

  it('offers both answers as buttons called decision', () => {
    const html = consent();
    expect(html).toContain('name="decision" value="allow">Allow</button>');
    expect(html).toContain('name="decision" value="deny">Deny</button>');
  });

  it('shows the account and where the person will return to', () => {
    const html = consent({ locale: 'zh-CN' });
    expect(html).toContain('Ada Lovelace');
    expect(html).toContain('返回 app.example');
  });

  it("links the app's own papers when it has them", () => {
    const html = consent({
      app: { name: 'Expenses', policyUri: 'https://app.example/privacy', tosUri: 'https://app.example/terms' },
    });
    expect(html).toContain('href="https://app.example/privacy" target="_blank" rel="noreferrer noopener"');
    expect(html).toContain('href="https://app.example/terms"');
    expect(consent()).not.toContain('<a ');
  });

  it('describes the scopes of an API in its own words, as text', () => {
    const scopes = [{ name: 'orders:read', description: 'See your <b>orders</b>' }, { name: 'orders:write' }];
    const api = { identifier: 'https://orders.example', name: HOSTILE, scopes };
    const asked = ['openid', 'orders:read', 'orders:write', 'other'].map((name) =>
      name === 'openid' ? name : `${api.identifier}#${name}`,
    );
    const html = consent({ scopes: asked, api });
    expect(html).toContain('See your &lt;b>orders&lt;/b>');
    expect(html).toContain('<span class="scope-title">orders:write</span>');
    expect(html).toContain('<span class="scope-title">other</span>');
    expect(html).toContain(MESSAGES.en.consent.scopes.openid.title);
    expect(html).not.toMatch(/<script|orders\.example#/);
  });

  it("describes the operator's own scopes in the language of the page, beside an API that has one of that name", () => {
    const description = { 'zh-CN': '查看你的部门', en: 'See your <i>department</i>' };
    const customScopes = [{ name: 'employment', description }];
    expect(consent({ scopes: ['employment'], customScopes })).toContain('See your &lt;i>department&lt;/i>');
    expect(consent({ locale: 'zh-CN', scopes: ['employment'], customScopes })).toContain('查看你的部门');
    const api = { identifier: 'https://hr.example', name: 'HR', scopes: [{ name: 'employment', description: 'Hire' }] };
    const both = consent({ scopes: ['https://hr.example#employment'], api, customScopes });
    expect(both).toContain('<span class="scope-title">Hire</span>');
    expect(both).toContain('See your &lt;i>department');
    const neither = consent({ scopes: ['https://hr.example#employment'], api: { ...api, scopes: [] }, customScopes });
    expect(neither).toContain('See your &lt;i>department');
  });
});

describe('the sign-in page with other ways', () => {
  const way = { id: 'x', label: 'Sign in with X', href: '/x/begin?interaction=i-123' };
  const embedded = { scriptHref: '/assets/x.js', askHref: '/x/frame', origin: 'https://x.example', callback: HOSTILE };

  it('has the form first, and a link that works with scripts off', () => {
    const html = login({ ways: [way] });
    expect(html.indexOf('name="password"')).toBeLessThan(html.indexOf('href="/x/begin?interaction=i-123"'));
    expect(html).toContain(`<p class="divider">${MESSAGES.en.login.or}</p>`);
    expect(html).not.toContain('<script');
  });

  it('has the link alone where there is no form', () => {
    const html = login({ local: false, ways: [way] });
    expect(html).not.toContain('<form');
    expect(html).toContain('button button-primary');
  });

  it('asks for the organisation where several are all there is', () => {
    const html = login({ local: false, ways: [way, { ...way, id: 'y', label: HOSTILE }] });
    expect(html).toContain(`<h1>${MESSAGES.en.login.organisationHeading}</h1>`);
    expect(html).not.toContain(HOSTILE);
  });

  it('says so where nobody can come in', () => {
    expect(login({ local: false })).toContain(MESSAGES.en.login.noWay);
  });

  it('keeps what its script shows hidden until there is something to show', () => {
    const html = login({ ways: [way], embedded });
    expect(html).toMatch(/<section class="embedded" id="embedded" hidden/);
    expect(html).not.toContain(HOSTILE);
    expect(html).toContain('<script src="/assets/x.js" defer></script>');
  });
});

describe('the choice of a name', () => {
  const page = (chosenBefore: boolean) => {
    const shown = [{ id: 'n1', username: 'ada.payer', chosenBefore }, ...choices.slice(1)];
    return renderPage(<SelectAppAccountPage {...frame()} account={account} choices={shown} />);
  };

  it('is one button for each, the first one the nearest', () => {
    const buttons = [
      ...page(true).matchAll(/<button class="button button-(\w+)"[^>]* name="app_account" value="(\w+)"/g),
    ];
    expect(buttons.map(([, kind, id]) => [kind, id])).toEqual([
      ['primary', 'n1'],
      ['secondary', 'n2'],
    ]);
  });

  it('says which one was used last, and only where one was', () => {
    const last = MESSAGES.en.selectAppAccount.asLastTime('ada.payer');
    expect(page(true)).toContain(`>${last}<`);
    expect(page(false)).not.toContain(last);
  });
});

describe('the page of refusal', () => {
  const refused = (overrides: Partial<RefusedPageProps> = {}) =>
    renderPage(<RefusedPage {...frame()} account={account} traceId="trace-1" {...overrides} />);
  const { refused: words, error } = MESSAGES.en;

  it('names the app, the account, and what to quote', () => {
    const html = refused({ occurredAt: new Date('2026-11-22T08:15:30Z') });
    for (const text of [words.heading('Expenses'), 'Ada Lovelace', 'trace-1', '2026-11-22 08:15:30 UTC']) {
      expect(html).toContain(text);
    }
  });

  it('says whom to ask in the operator’s words, or sends to the administrator', () => {
    expect(refused({ contact: 'Ask the finance desk' })).toContain('<p class="contact">Ask the finance desk</p>');
    expect(refused()).toContain(error.situations.access_denied.advice);
    expect(refused()).not.toContain(words.ask);
  });

  it('leads back to the app first, and to another account', () => {
    const values = [...refused().matchAll(/name="decision" value="(\w+)"/g)].map(([, value]) => value);
    expect(values).toEqual(['back', 'other']);
  });
});
