import { createHash, randomBytes } from 'node:crypto';
import type { TestApp, TestPerson } from './builders.js';

/** An answer that was not followed. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The address that was asked. */
  readonly url: string;
}

/** A form as it stands on a page. */
export interface Form {
  readonly action: string;
  readonly hidden: Record<string, string>;
}

/** A browser without a screen: cookies, redirects, forms. Nothing is followed unless it is asked to. */
export class UserAgent {
  readonly cookies = new Map<string, string>();
  /** Sent with every request. */
  readonly headers: Record<string, string> = { Accept: 'text/html' };

  constructor(readonly base: string) {}

  async get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', url, undefined, headers);
  }

  async post(
    url: string,
    form: Record<string, string> | URLSearchParams,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.send('POST', url, new URLSearchParams(form), headers);
  }

  /** Follows redirects as long as they stay with the server. */
  async follow(answer: Answer): Promise<Answer> {
    let current = answer;
    for (let hops = 0; hops < 10; hops++) {
      const location = current.headers.get('location');
      if (location === null || !this.isOurs(location)) return current;
      current = await this.get(location);
    }
    throw new Error('too many redirects');
  }

  /** Fills in the sign-in form of a page and follows what comes of it. */
  async signIn(page: Answer, person: Pick<TestPerson, 'username' | 'password'>): Promise<Answer> {
    const { action, hidden } = formOf(page);
    return this.follow(await this.post(action, { ...hidden, username: person.username, password: person.password }));
  }

  /** Presses a button of a page's form, and follows. */
  async press(page: Answer, decision: string): Promise<Answer> {
    const { action, hidden } = formOf(page);
    return this.follow(await this.post(action, { ...hidden, decision }));
  }

  /** The whole way from the app's request to the app's redirect URI, through whatever pages come. */
  async authorize(url: string, person: Pick<TestPerson, 'username' | 'password'>): Promise<URLSearchParams> {
    let page = await this.follow(await this.get(url));
    if (page.text.includes('name="password"')) page = await this.signIn(page, person);
    if (page.text.includes('value="allow"')) page = await this.press(page, 'allow');
    return responseParameters(page);
  }

  private isOurs(location: string): boolean {
    return new URL(location, this.base).origin === new URL(this.base).origin;
  }

  private async send(method: string, url: string, body: URLSearchParams | undefined, extra: Record<string, string>) {
    const address = new URL(url, this.base);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, {
      method,
      redirect: 'manual',
      headers: { ...this.headers, ...(cookie === '' ? {} : { Cookie: cookie }), ...extra },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      if (line.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(pair.indexOf('=') + 1));
    }
    return { status: response.status, headers: response.headers, text: await response.text(), url: address.href };
  }
}

/** The (only) form of a page: where it goes, and its hidden fields. */
export function formOf(page: Pick<Answer, 'text' | 'status'>): Form {
  const action = /<form[^>]*\saction="([^"]*)"/.exec(page.text)?.[1];
  if (action === undefined) throw new Error(`no form on this page (${page.status}): ${page.text.slice(0, 500)}`);
  const hidden: Record<string, string> = {};
  for (const [input] of page.text.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    if (name !== undefined) hidden[name] = unescapeHtml(/value="([^"]*)"/.exec(input)?.[1] ?? '');
  }
  return { action: unescapeHtml(action), hidden };
}

export function unescapeHtml(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** What arrived at the app: from the redirect's query or fragment, or from the form_post page. */
export function responseParameters(answer: Answer): URLSearchParams {
  const location = answer.headers.get('location');
  if (location === null) return new URLSearchParams(formOf(answer).hidden);
  const url = new URL(location);
  return url.hash === '' ? url.searchParams : new URLSearchParams(url.hash.slice(1));
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function pkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** An authorization request of that app; a parameter that is undefined is left out. */
export function authorizeUrl(
  base: string,
  app: Pick<TestApp, 'clientId' | 'redirectUri'>,
  differences: Readonly<Record<string, string | undefined>> = {},
): string {
  const parameters = new URLSearchParams();
  const all = {
    client_id: app.clientId,
    redirect_uri: app.redirectUri,
    response_type: 'code',
    scope: 'openid',
    state: 'the-state',
    ...differences,
  };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) parameters.set(name, value);
  return `${base}/oidc/authorize?${parameters.toString()}`;
}

/** The answer of the token endpoint. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function postToken(
  base: string,
  form: Record<string, string> | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await fetch(`${base}/oidc/token`, { method: 'POST', headers, body: new URLSearchParams(form) });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** Credentials as the app was registered to send them. */
export function credentials(app: TestApp): { headers: Record<string, string>; form: Record<string, string> } {
  if (app.method === 'client_secret_basic') {
    const pair = `${encodeURIComponent(app.clientId)}:${encodeURIComponent(app.clientSecret)}`;
    return { headers: { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, form: {} };
  }
  if (app.method === 'client_secret_post') {
    return { headers: {}, form: { client_id: app.clientId, client_secret: app.clientSecret } };
  }
  return { headers: {}, form: { client_id: app.clientId } };
}

/** Redeems a code as its app would. */
export async function redeem(
  base: string,
  app: TestApp,
  code: string,
  differences: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const { headers, form } = credentials(app);
  return postToken(
    base,
    { grant_type: 'authorization_code', code, redirect_uri: app.redirectUri, ...form, ...differences },
    headers,
  );
}
