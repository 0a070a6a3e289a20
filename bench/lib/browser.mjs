// The part of a browser that a sign-in needs: cookies, redirects, forms.
import { formsOf } from './html.mjs';

const MAX_HOPS = 16;
const PAGE = 'accept: text/html\r\naccept-language: en\r\n';
const FORM = 'content-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin\r\n';

/** Cookies of one virtual user, by path. */
class Jar {
  #cookies = new Map();

  /** @param {string[]} lines Set-Cookie fields */
  store(lines) {
    for (const line of lines) {
      const [pair, ...rest] = line.split(';');
      const equals = pair.indexOf('=');
      const cookie = {
        name: pair.slice(0, equals).trim(),
        value: pair.slice(equals + 1).trim(),
        path: '/',
        dead: false,
      };
      for (const part of rest) {
        const [name, value = ''] = part.trim().split('=');
        const key = name.toLowerCase();
        if (key === 'path' && value.startsWith('/')) cookie.path = value;
        else if (key === 'max-age') cookie.dead = Number(value) <= 0;
        else if (key === 'expires' && Date.parse(value) <= Date.now()) cookie.dead = true;
      }
      const key = `${cookie.name};${cookie.path}`;
      if (cookie.dead) this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
    }
  }

  /** @param {string} path */
  header(path) {
    let line = '';
    for (const { name, value, path: scope } of this.#cookies.values()) {
      if (scope !== '/' && path !== scope && !path.startsWith(scope.endsWith('/') ? scope : `${scope}/`)) continue;
      line += line === '' ? `cookie: ${name}=${value}` : `; ${name}=${value}`;
    }
    return line === '' ? '' : `${line}\r\n`;
  }
}

export class Browser {
  #connection;
  #origin;
  #jar = new Jar();

  /**
   * @param {import('./http-client.mjs').Connection} connection
   * @param {string} origin
   */
  constructor(connection, origin) {
    this.#connection = connection;
    this.#origin = origin;
  }

  /** Forgets who was signed in. */
  forget() {
    this.#jar = new Jar();
  }

  /**
   * @param {URL} url
   * @param {URLSearchParams} [form] makes it a POST
   */
  async open(url, form = undefined) {
    if (url.origin !== this.#origin) throw new Error(`left the server for ${url.origin}`);
    let fields = PAGE + this.#jar.header(url.pathname);
    if (form) fields += `${FORM}origin: ${this.#origin}\r\n`;
    const path = url.pathname + url.search;
    const answer = await this.#connection.request(form ? 'POST' : 'GET', path, fields, form?.toString());
    if (answer.cookies.length > 0) this.#jar.store(answer.cookies);
    return answer;
  }

  /**
   * Opens an address, follows redirects and fills in forms until the server sends the browser back to the app.
   * @param {URL} start
   * @param {string} redirectUri
   * @param {{username: string, password: string}} [person] without one, a form is a failure
   * @returns {Promise<URLSearchParams>} what the app gets
   */
  async untilBack(start, redirectUri, person = undefined) {
    let url = start;
    let answer = await this.open(url);
    const filled = new Set();
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      if (answer.status >= 301 && answer.status <= 308 && answer.headers.location) {
        const location = new URL(answer.headers.location, url);
        if (location.href.startsWith(redirectUri)) return location.searchParams;
        url = location;
        answer = await this.open(url);
        continue;
      }
      if (!person || answer.status !== 200) throw new Error(`${url.pathname} answered ${describe(answer)}`);
      const { kind, action, fields } = fillIn(answer.body, person, url);
      if (filled.has(kind)) throw new Error(`the ${kind} form came again: ${describe(answer)}`);
      filled.add(kind);
      url = action;
      answer = await this.open(url, fields);
    }
    throw new Error(`more than ${MAX_HOPS} steps and still not back at the app`);
  }

  /**
   * Opens a device's page, signed in, and says yes: forms that only pass something on are sent as they are.
   * @param {URL} start with the user code
   */
  async approveDevice(start) {
    let url = start;
    let answer = await this.open(url);
    let approved = false;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      if (answer.status >= 301 && answer.status <= 308 && answer.headers.location) {
        url = new URL(answer.headers.location, url);
        answer = await this.open(url);
        continue;
      }
      if (answer.status !== 200) throw new Error(`${url.pathname} answered ${describe(answer)}`);
      if (approved) return;
      const forms = formsOf(answer.body).filter(({ method }) => method === 'post');
      const form = forms.find(isYesOrNo) ?? forms.find(({ names }) => !names.has('password'));
      if (!form) throw new Error(`no form to say yes on ${url.pathname}: ${describe(answer)}`);
      const fields = new URLSearchParams(form.hidden);
      if (form.names.has('user_code')) fields.set('user_code', start.searchParams.get('user_code'));
      if (isYesOrNo(form)) fields.set('decision', 'allow');
      approved = isYesOrNo(form) || fields.has('confirm');
      url = actionOf(form, url);
      answer = await this.open(url, fields);
    }
    throw new Error(`more than ${MAX_HOPS} steps and the device is still not let in`);
  }
}

/** @param {import('./http-client.mjs').Answer} answer */
export function describe(answer) {
  const text = answer.body.replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  return `${answer.status} ${text.trim().slice(0, 160)}`;
}

/** Fills in the sign-in form, or presses "allow". */
function fillIn(html, person, url) {
  const forms = formsOf(html).filter((form) => form.method === 'post');
  const form = forms.find(({ names }) => names.has('username') && names.has('password')) ?? forms.find(isYesOrNo);
  if (!form) throw new Error(`no known form on ${url.pathname}: ${describe({ ...EMPTY_ANSWER, body: html })}`);
  const fields = new URLSearchParams(form.hidden);
  const kind = form.names.has('username') ? 'sign-in' : 'consent';
  if (kind === 'sign-in') {
    fields.set('username', person.username);
    fields.set('password', person.password);
  } else {
    fields.set('decision', 'allow');
  }
  return { kind, action: actionOf(form, url), fields };
}

/** @param {import('./html.mjs').Form} form */
function isYesOrNo({ buttons }) {
  return buttons.some(({ name, value }) => name === 'decision' && value === 'allow');
}

/** @param {import('./html.mjs').Form} form @param {URL} page */
const actionOf = ({ action }, page) => (action === '' ? page : new URL(action, page));

const EMPTY_ANSWER = { status: 200, headers: {}, cookies: [], body: '' };
