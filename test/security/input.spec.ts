import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, formOf, redeem, responseParameters, UserAgent } from '../support/user-agent.js';
import { loginPage, tokensFor } from './support/b-flow.js';
import { rawRequest, sendRaw } from './support/b-raw.js';

const FORM = 'application/x-www-form-urlencoded';

/** As they stand in an urlencoded text. */
const BROKEN_TEXTS = {
  NUL: 'a%00b',
  'a lone surrogate': 'a%ED%A0%80b',
  'the replacement character': 'a%EF%BF%BDb',
  'overlong UTF-8': 'a%C0%80%C0%AFb',
  'a byte order mark': '%EF%BB%BFab',
  'half a character': 'a%E6%9D',
  'a broken escape': 'a%zzb',
  'a control character': 'a%0D%0ASet-Cookie:x',
};

describe('hostile input', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;
  let basic: string;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    person = await aPerson(clinch);
    basic = credentials(app).headers['Authorization'] ?? '';
  });
  afterAll(() => clinch.stop());

  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(clinch.url + path, {
      method: 'POST',
      redirect: 'manual',
      body,
      headers: { 'Content-Type': FORM, ...headers },
    });

  async function expectAlive(): Promise<void> {
    expect((await fetch(`${clinch.url}/readyz`)).status).toBe(200);
  }

  const TOKEN_FIELDS =
    'grant_type code redirect_uri code_verifier client_id client_secret scope client_assertion'.split(' ');

  it.each(Object.entries(BROKEN_TEXTS))(
    'INPUT-02 refuses %s in every field of the token endpoint',
    async (_n, text) => {
      for (const field of TOKEN_FIELDS) {
        const fields = new Map([
          ['grant_type', 'authorization_code'],
          ['code', 'c'],
          ['redirect_uri', 'r'],
          [field, text],
        ]);
        const body = [...fields].map(([name, value]) => `${name}=${value}`).join('&');
        const answer = await post('/oidc/token', body, field.startsWith('client_') ? {} : { Authorization: basic });
        expect(answer.status, field).toBeGreaterThanOrEqual(400);
        expect(answer.status, field).toBeLessThan(500);
        const error = (await answer.json()) as Record<string, string>;
        expect(Object.keys(error).every((name) => ['error', 'error_description'].includes(name))).toBe(true);
        expect(error['error_description']).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/);
      }
    },
  );

  const AUTHORIZE_FIELDS =
    'client_id redirect_uri response_type response_mode scope state nonce code_challenge prompt max_age login_hint id_token_hint ui_locales acr_values claims'.split(
      ' ',
    );

  it.each(Object.entries(BROKEN_TEXTS))('INPUT-02 refuses %s in every field of /authorize', async (name, text) => {
    for (const field of AUTHORIZE_FIELDS) {
      const url = new URL(authorizeUrl(clinch.url, app, { [field]: undefined }));
      const target = `${url.pathname}${url.search}&${field}=${text}`;
      const answer = await rawRequest(clinch.url, 'GET', target);
      const location = answer.headers.get('location') ?? '';
      const refused = answer.status === 400 || /[?&]error=/.test(location);
      // A byte order mark is a character like others where any text may stand.
      if (name !== 'a byte order mark') expect(refused, `${field} ${answer.status} ${location}`).toBe(true);
      expect(answer.status).toBeLessThan(500);
      expect(answer.headers.get('set-cookie') ?? '').not.toMatch(/^x/);
    }
  });

  it.each(Object.entries(BROKEN_TEXTS))('INPUT-02 refuses %s in every field of the forms', async (_name, text) => {
    const agent = new UserAgent(clinch.url);
    const { action, hidden } = formOf(await loginPage(clinch, app, agent));
    const cookie = [...agent.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
    for (const field of ['interaction', 'csrf_token', 'username', 'password', 'decision']) {
      const filled = { ...hidden, username: 'nobody', password: 'x', [field]: 'PLACE' };
      const body = new URLSearchParams(filled).toString().replace('PLACE', text);
      for (const path of [action, '/consent']) {
        const answer = await post(path, body, { Cookie: cookie, Accept: 'text/html' });
        if (field === 'decision' && answer.status === 303) continue;
        expect(answer.status, `${path} ${field}`).toBeGreaterThanOrEqual(400);
        expect(answer.status, `${path} ${field}`).toBeLessThan(500);
      }
    }
  });

  it('INPUT-02 gives back state and nonce unchanged when it takes them', async () => {
    const state = '\u{1F600} é 李 \u202E"\'<>&+%20;=#';
    const agent = new UserAgent(clinch.url);
    const answer = await agent.authorize(authorizeUrl(clinch.url, app, { state, nonce: state }), person);
    expect(answer.get('state')).toBe(state);
    const { body } = await redeem(clinch.url, app, answer.get('code') ?? '');
    const payload = Buffer.from(String(body['id_token']).split('.')[1] ?? '', 'base64url').toString('utf8');
    expect((JSON.parse(payload) as { nonce: string }).nonce).toBe(state);
  });

  it.each([
    '-1',
    '1e999',
    'NaN',
    'Infinity',
    '0x10',
    '1.5',
    ' 1',
    '+1',
    '18446744073709551616',
    '9223372036854775808',
    '１',
  ])('INPUT-04 refuses max_age=%s', async (max_age) => {
    const answer = await new UserAgent(clinch.url).get(authorizeUrl(clinch.url, app, { max_age }));
    expect(responseParameters(answer).get('error')).toBe('invalid_request');
  });

  it('INPUT-04 takes a large max_age for what it is', async () => {
    for (const max_age of ['2147483648', '9999999999']) {
      expect((await new UserAgent(clinch.url).get(authorizeUrl(clinch.url, app, { max_age }))).status).toBe(303);
    }
  });

  it('INPUT-06 takes no arrays and no objects where a text belongs', async () => {
    for (const name of ['code[]', 'code[0]', 'code[a]', 'code[a][b]', 'code.a']) {
      const body = `grant_type=authorization_code&redirect_uri=r&${encodeURIComponent(name)}=x`;
      expect((await post('/oidc/token', body, { Authorization: basic })).status, name).toBe(400);
      expect(
        (await post('/oidc/token', body.replace(/%5B/g, '[').replace(/%5D/g, ']'), { Authorization: basic })).status,
      ).toBe(400);
    }
    for (const query of ['interaction[]=a', 'interaction=a&interaction=b', 'interaction[x]=a']) {
      expect((await fetch(`${clinch.url}/login?${query}`)).status).toBe(400);
      expect((await fetch(`${clinch.url}/oidc/authorize/continue?${query}`)).status).toBe(400);
    }
    const json = await post('/oidc/token', '{"grant_type":["a"]}', { 'Content-Type': 'application/json' });
    expect(json.status).toBe(400);
  });

  it('INPUT-07 takes an empty id for no id, never for the first row', async () => {
    await loginPage(clinch, app, new UserAgent(clinch.url));
    for (const path of ['/login', '/consent', '/refused', '/app-account', '/oidc/authorize/continue']) {
      for (const query of [
        '',
        '?interaction=',
        '?interaction',
        '?interaction=undefined',
        '?interaction=null',
        '?interaction=%25',
      ]) {
        expect((await fetch(clinch.url + path + query)).status, path + query).toBe(400);
      }
    }
    for (const clientId of ['', 'null', 'undefined', '%', '*', "' OR 1=1 --"]) {
      expect((await fetch(authorizeUrl(clinch.url, { ...app, clientId }), { redirect: 'manual' })).status).toBe(400);
    }
    const empty = await post('/oidc/token', 'grant_type=authorization_code&code=&redirect_uri=', {
      Authorization: basic,
    });
    expect(empty.status).toBe(400);
  });

  it('INPUT-09 refuses addresses and headers of 20 kB, and two hundred headers', async () => {
    const long = 'x'.repeat(20_000);
    expect([414, 431]).toContain((await rawRequest(clinch.url, 'GET', `/?${long}`)).status);
    expect([414, 431]).toContain((await rawRequest(clinch.url, 'GET', `/${long}`)).status);
    expect((await rawRequest(clinch.url, 'GET', '/', { 'X-Long': long })).status).toBe(431);
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`X-H${index}`, 'v']));
    for (const path of ['/', '/oidc/token', '/nowhere']) {
      expect((await rawRequest(clinch.url, 'GET', path, many)).status).toBe(431);
    }
    await expectAlive();
  });

  it('INPUT-10 opens no compressed body, however it is wrapped', async () => {
    const bomb = Buffer.alloc(8 * 1024 * 1024, 'a');
    const bodies: [string, Buffer][] = [
      ['gzip', gzipSync(bomb)],
      ['deflate', deflateSync(bomb)],
      ['br', brotliCompressSync(bomb)],
      ['gzip, gzip', gzipSync(gzipSync(bomb))],
      ['GZIP', gzipSync(bomb)],
      ['x-unknown', Buffer.from('a=b')],
    ];
    const before = process.memoryUsage().rss;
    for (const [encoding, body] of bodies) {
      for (const path of ['/oidc/token', '/oidc/authorize', '/login']) {
        const answer = await post(path, new Uint8Array(body), { 'Content-Encoding': encoding });
        expect([413, 415], `${encoding} ${path}`).toContain(answer.status);
      }
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
  });

  it('INPUT-10 reads no more of a body than it takes, and none that is only declared', async () => {
    expect((await post('/oidc/token', `a=${'x'.repeat(200_000)}`)).status).toBe(413);
    expect((await post('/oidc/token', `a=${'x'.repeat(17_000)}`)).status).toBe(413);
    const declared = { 'Content-Type': FORM, 'Content-Length': '10737418240' };
    expect((await rawRequest(clinch.url, 'POST', '/oidc/token', declared, 'a=b')).status).toBe(413);
    await expectAlive();
  });

  it('INPUT-12 takes no file anywhere: a logo is an address, or a picture in the text of one, and stays a picture', async () => {
    const picture = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>';
    const form = new FormData();
    form.set('client_name', 'Files');
    form.set('logo_uri', new Blob([picture], { type: 'image/svg+xml' }), '../../logo.svg');
    const token = await clinch.adminToken();
    const ADDRESSES = [
      '/admin/api/v1/apps',
      '/admin/api/v1/users',
      '/oidc/register',
      '/oidc/token',
      '/login',
      '/consent',
    ];
    for (const path of [...ADDRESSES, '/account/edit', '/admin/sources/new', '/oidc/authorize', '/device']) {
      const headers = { Authorization: `Bearer ${token}` };
      const sent = await fetch(clinch.url + path, { method: 'POST', redirect: 'manual', body: form, headers });
      expect([303, 400, 401, 403, 404, 405, 413, 415], path).toContain(sent.status);
      const huge = { ...headers, 'Content-Type': 'multipart/form-data; boundary=x', 'Content-Length': '10737418240' };
      const declared = await rawRequest(clinch.url, 'POST', path, huge, '--x\r\n');
      expect([303, 400, 401, 403, 404, 405, 413, 415], path).toContain(declared.status);
    }
    // As an address it is shown by an <img>, where scripts of a picture do not run, on a page that allows none.
    const logo = `data:image/svg+xml,${encodeURIComponent(picture)}`;
    const drawn = await anApp(clinch, { logoUri: logo, requireConsent: true });
    const agent = new UserAgent(clinch.url);
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, drawn)));
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'none'/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.text).not.toMatch(/<svg[^>]*onload|<object|<embed|<iframe/);
    await expectAlive();
  });

  it('INPUT-11 answers deep and wide JSON in the claims parameter at once', async () => {
    const texts = ['['.repeat(7_000), '{"a":'.repeat(2_500), `{"id_token":${'['.repeat(3_000)}${']'.repeat(3_000)}}`];
    texts.push(
      JSON.stringify({ id_token: Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`k${i}`, null])) }),
    );
    texts.push(
      `{"id_token":{"sub":{"value":${'9'.repeat(7_000)}}}}`,
      '{"id_token":null,"id_token":{"__proto__":null}}',
    );
    for (const claims of texts) {
      const form = new URLSearchParams(new URL(authorizeUrl(clinch.url, app, { claims, prompt: 'none' })).search);
      const start = performance.now();
      const answer = await post('/oidc/authorize', form.toString());
      expect(performance.now() - start).toBeLessThan(500);
      expect([303, 400, 413]).toContain(answer.status);
      if (answer.status === 303)
        expect(answer.headers.get('location')).toMatch(/error=(invalid_request|login_required)|claims=/);
    }
    expect((await post('/oidc/token', Array.from({ length: 5_000 }, (_, i) => `${i}=`).join('&'))).status).toBe(413);
    await expectAlive();
  });

  const TRICKS = [
    '//oidc/authorize',
    '/oidc//authorize',
    '/oidc/authorize/',
    '/OIDC/AUTHORIZE',
    '/oidc/authorize;x',
    '/oidc/authorize%2f',
    '/oidc%2fauthorize',
    '/./oidc/authorize',
    '/%2e/oidc/authorize',
    '/x/../oidc/authorize',
    '/oidc/authorize%00',
    '/oidc\\authorize',
    '/oidc/authoriz%65',
  ];
  it.each(TRICKS)('INPUT-13 knows %s only as far as it guards it', async (path) => {
    for (const trick of [path, path.replace(/authorize|AUTHORIZE/, 'token').replace('authoriz%65', 'toke%6e')]) {
      const get = await rawRequest(clinch.url, 'GET', trick);
      const send = await rawRequest(clinch.url, 'POST', trick, { 'Content-Type': FORM }, 'a=b');
      expect([400, 404, 405], trick).toContain(get.status);
      expect([400, 401, 404, 405], trick).toContain(send.status);
      expect(get.headers.get('location')).toBeNull();
    }
    expect([400, 401, 404]).toContain(
      (await rawRequest(clinch.url, 'GET', path.replace(/oidc.*$/i, 'admin/api/v1/apps'))).status,
    );
  });

  it('INPUT-13 guards the admin API under every spelling', async () => {
    const spellings = [
      '/admin/api/v1/apps',
      '/ADMIN/api/v1/apps',
      '/admin/api/v1/apps/',
      '/admin/api/v1/apps;a',
      '//admin/api/v1/apps',
    ];
    for (const path of [
      ...spellings,
      '/admin/api/v1/%61pps',
      '/admin/api/v1/x/../apps',
      '/admin/api/v1/apps/%2e%2e/users',
    ]) {
      for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND']) {
        const { status } = await rawRequest(clinch.url, method, path);
        expect([400, 401, 404, 405], `${method} ${path}`).toContain(status);
      }
    }
  });

  it('INPUT-14 answers HEAD like GET, without a body and without doing anything', async () => {
    const paths = [
      '/',
      '/.well-known/openid-configuration',
      '/oidc/jwks',
      '/livez',
      '/nowhere',
      '/login',
      '/oidc/userinfo',
    ];
    for (const path of paths) {
      const get = await fetch(clinch.url + path);
      const head = await fetch(clinch.url + path, { method: 'HEAD' });
      expect(head.status, path).toBe(get.status);
      expect(await head.text()).toBe('');
      for (const name of ['content-type', 'cache-control', 'content-security-policy', 'www-authenticate']) {
        expect(head.headers.get(name), `${path} ${name}`).toBe(get.headers.get(name));
      }
    }
    const { agent } = await tokensFor(clinch, app, person);
    const Cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const head = await fetch(authorizeUrl(clinch.url, app), {
      method: 'HEAD',
      redirect: 'manual',
      headers: { Cookie },
    });
    expect(head.status).toBe(405);
    expect(head.headers.get('location')).toBeNull();
    const page = await loginPage(clinch, app, new UserAgent(clinch.url));
    const { hidden } = formOf(page);
    const target = `${clinch.url}/oidc/authorize/continue?interaction=${hidden['interaction'] ?? ''}&decision=deny`;
    expect((await fetch(target, { method: 'HEAD', redirect: 'manual' })).status).toBe(405);
  });

  it('INPUT-13 refuses requests whose end is told in two ways', async () => {
    const { host } = new URL(clinch.url);
    const smuggled = [
      'Content-Length: 4\r\nTransfer-Encoding: chunked',
      'Content-Length: 4\r\nContent-Length: 5',
      'Transfer-Encoding: chunked, identity',
      'Transfer-Encoding : chunked',
      'Content-Length: +4',
    ];
    for (const lines of smuggled) {
      const bytes = `POST /oidc/token HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Type: ${FORM}\r\n${lines}\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n`;
      expect((await sendRaw(clinch.url, bytes)).status, lines).toBe(400);
    }
    expect((await sendRaw(clinch.url, 'GET / HTTP/1.1\r\n\r\n')).status).toBe(400);
    await expectAlive();
  });
});
