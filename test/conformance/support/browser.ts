import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { TestPerson } from '../../support/builders.js';
import { unescapeHtml, UserAgent, type Answer } from '../../support/user-agent.js';
import type { PlanMode } from './provider.js';

/** A browser that remembers every address it was at or sent to: what stands in one ends up in histories and logs. */
export class SuiteBrowser extends UserAgent {
  readonly addresses: string[] = [];

  override async get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.remember(await super.get(url, headers));
  }

  override async post(
    url: string,
    form: Record<string, string> | URLSearchParams,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.remember(await super.post(url, form, headers));
  }

  private remember(answer: Answer): Answer {
    this.addresses.push(answer.url, answer.headers.get('location') ?? '');
    return answer;
  }
}

/** A page that asked the person for something on the way. */
export type AskingPage = 'sign-in' | 'consent';

/** Goes on from an answer of the authorization endpoint to the response for the app, through whatever pages come. */
export async function walkPages(
  browser: SuiteBrowser,
  first: Answer,
  person: TestPerson,
): Promise<{ pages: AskingPage[]; last: Answer }> {
  const pages: AskingPage[] = [];
  let last = await browser.follow(first);
  if (last.text.includes('name="password"')) {
    expectPlainPage(last);
    pages.push('sign-in');
    last = await browser.signIn(last, person);
  }
  if (last.text.includes('value="allow"')) {
    expectPlainPage(last);
    pages.push('consent');
    last = await browser.press(last, 'allow');
  }
  return { pages, last };
}

/** The suite's browser is so old that pages must do without scripts. */
function expectPlainPage(page: Answer): void {
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.text).not.toMatch(/<script|\son[a-z]+=|javascript:/i);
}

/** What the app receives, with everything that its response mode demands of the way there. */
export function receiveResponse(
  browser: SuiteBrowser,
  last: Answer,
  redirectUri: string,
  mode: PlanMode,
): Record<string, string> {
  const received = mode === 'query' ? receiveByQuery(last, redirectUri) : receiveByForm(last, redirectUri);
  if (mode === 'form_post') {
    const telling = browser.addresses.filter((address) => /[?&#](code|error|access_token|id_token)=/.test(address));
    expect(telling).toEqual([]);
  }
  const names = [...received.keys()];
  expect(names).toEqual([...new Set(names)]);
  return Object.fromEntries(received);
}

function receiveByQuery(last: Answer, redirectUri: string): URLSearchParams {
  const location = last.headers.get('location') ?? '';
  // RFC 9700 §4.12: not 307; RFC 6749 §3.1.2: to the redirect URI as it was registered.
  expect([302, 303]).toContain(last.status);
  expect(location.startsWith(`${redirectUri}?`)).toBe(true);
  expect(location).not.toContain('#');
  return new URL(location).searchParams;
}

/** OAuth 2.0 Form Post Response Mode §2: a page that posts itself to the redirect URI, by one script or by a button. */
function receiveByForm(last: Answer, redirectUri: string): URLSearchParams {
  expect(last.status).toBe(200);
  expect(last.headers.get('location')).toBeNull();
  expect(last.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(last.headers.get('cache-control')).toContain('no-store');
  const forms = tagsOf(last, 'form');
  expect(forms).toHaveLength(1);
  expect(attribute(forms[0], 'method')?.toLowerCase()).toBe('post');
  expect(attribute(forms[0], 'enctype') ?? 'application/x-www-form-urlencoded').toBe(
    'application/x-www-form-urlencoded',
  );
  expect(attribute(forms[0], 'action')).toBe(redirectUri);
  expectOnlyItsOwnScript(last, redirectUri);
  const hidden = tagsOf(last, 'input').filter((tag) => attribute(tag, 'type') === 'hidden');
  return new URLSearchParams(hidden.map((tag) => [attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? '']));
}

/** The page's one script must be the one that its policy lets run, or nothing would post the form. */
function expectOnlyItsOwnScript(page: Answer, redirectUri: string): void {
  const scripts = [...page.text.matchAll(/<script\b([^>]*)>([^]*?)<\/script>/g)];
  expect(scripts).toHaveLength(1);
  const [, attributes = '', script = ''] = scripts[0] ?? [];
  expect(attributes).not.toContain('src');
  expect(script).toContain('submit');
  const policy = contentSecurityPolicy(page);
  expect(policy.get('script-src')).toEqual([`'sha256-${createHash('sha256').update(script).digest('base64')}'`]);
  const { origin, protocol } = new URL(redirectUri);
  expect(policy.get('form-action')?.some((source) => source === origin || source === protocol)).toBe(true);
}

function contentSecurityPolicy(page: Answer): Map<string, string[]> {
  const directives = (page.headers.get('content-security-policy') ?? '').split(';');
  return new Map(
    directives.map((directive) => {
      const [name = '', ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
}

/** The start tags of that name. An angle bracket within quotes ends no tag. */
function tagsOf(page: Answer, name: string): string[] {
  return [...page.text.matchAll(new RegExp(`<${name}\\b(?:[^>"]|"[^"]*")*>`, 'g'))].map(([tag]) => tag);
}

function attribute(tag: string | undefined, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag ?? '')?.[1];
  return value === undefined ? undefined : unescapeHtml(value);
}
