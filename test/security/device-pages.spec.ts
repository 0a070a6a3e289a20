import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestPerson } from '../support/builders.js';
import { aCli, askForCodes, atCodeForm, confirmationPage, poll, postDeviceAuthorization } from '../support/device.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, formOf, unescapeHtml, UserAgent, type Answer } from '../support/user-agent.js';
import { captureLog, type CapturedLog } from './support/b-log.js';
import { rawRequest } from './support/b-raw.js';
import { BEHIND_PROXY } from './support/b-server.js';

const PROBE = `"><script>alert(1)</script><img src=x onerror=alert(2)>'{{7*7}}\${7*7}`;
const SPA = 'https://spa.example';

describe('the pages and endpoints of the device flow, like all the others', () => {
  let clinch: TestClinch;
  let person: TestPerson;
  let log: CapturedLog;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_LOG_LEVEL: 'trace' });
    log = captureLog(clinch.app);
    person = await aPerson(clinch);
  });
  beforeEach(() => log.clear());
  afterAll(() => clinch.stop());

  async function everyPage(): Promise<Record<string, Answer>> {
    const agent = new UserAgent(clinch.url);
    const login = await agent.follow(await agent.get('/device'));
    const form = await agent.signIn(login, await aPerson(clinch));
    const { hidden } = formOf(form);
    const app = await aCli(clinch);
    const [first, second] = [await askForCodes(clinch.url, app), await askForCodes(clinch.url, app)];
    const confirm = await agent.get(first.verification_uri_complete);
    return {
      login,
      form,
      confirm,
      missing: await agent.post('/device', hidden),
      wrong: await agent.post('/device', { ...hidden, user_code: 'BBBB-BBBB' }),
      typed: await agent.post('/device', { ...hidden, user_code: second.user_code }),
      denied: await agent.press(confirm, 'deny'),
      over: await agent.press(confirm, 'allow'),
      allowed: await agent.press(await agent.get(second.verification_uri_complete), 'allow'),
      forbidden: await agent.post('/device', {}),
      byAddress: await agent.get('/device?decision=allow'),
    };
  }

  it('CSRF-05 CSRF-07 CSRF-08 CSRF-09 HDR-02 sends the headers that belong to every page', async () => {
    for (const [name, { headers, text }] of Object.entries(await everyPage())) {
      expect(headers.get('content-type'), name).toBe('text/html; charset=utf-8');
      const policy = headers.get('content-security-policy') ?? '';
      for (const part of ["default-src 'none'", "script-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]) {
        expect(policy, name).toContain(part);
      }
      expect(policy, name).toContain("form-action 'self';");
      expect(headers.get('x-frame-options'), name).toBe('DENY');
      expect(headers.get('cache-control'), name).toBe('no-store');
      expect(headers.get('x-content-type-options'), name).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy'), name).toBe('same-origin');
      expect(headers.get('etag'), name).toBeNull();
      const hasForm = text.includes('<form');
      expect(headers.get('referrer-policy'), name).toBe(hasForm ? 'no-referrer, same-origin' : 'no-referrer');
      const links = [...text.matchAll(/\s(?:src|href)="([^"]*)"/g)].map((match) => unescapeHtml(match[1] ?? ''));
      const foreign = links.filter(
        (link) => !link.startsWith('data:') && new URL(link, clinch.url).origin !== clinch.url,
      );
      expect(foreign, name).toEqual([]);
    }
  });

  it('CSRF-13 shows stored and reflected strings as text', async () => {
    const app = await aCli(clinch, {
      clientName: PROBE,
      logoUri: 'javascript:alert(3)',
      policyUri: 'javascript:alert(4)',
      tosUri: `https://app.example/"onmouseover="alert(5)`,
      scope: 'openid <script>alert(6)</script>',
    });
    const codes = await askForCodes(clinch.url, app, { scope: 'openid <script>alert(6)</script>' });
    const named = { name: PROBE, nickname: PROBE, email: PROBE, username: `x.${Date.now()}` };
    const { agent, page } = await confirmationPage(clinch.url, codes, await aPerson(clinch, named));
    const form = await agent.get('/device');
    const pages = [
      page,
      form,
      await agent.post('/device', { ...formOf(form).hidden, user_code: PROBE }),
      await agent.get(`/device?user_code=${encodeURIComponent(PROBE)}`),
      await agent.get(`/device?decision=${encodeURIComponent(PROBE)}`),
      await agent.press(page, 'allow'),
    ];
    for (const { text } of pages) {
      expect(text).not.toMatch(/<script>alert|<img src=x|javascript:alert|"onmouseover="/);
      expect(text).not.toMatch(/<[a-z][^>]*\son\w+=/i);
    }
    expect(page.text).toContain('&lt;script>alert(1)');
  });

  it.each([SPA, 'https://evil.test', 'null'])('CORS-01 keeps the page to itself, from %s', async (origin) => {
    await anApp(clinch, { tokenEndpointAuthMethod: 'none', redirectUris: [`${SPA}/cb`] });
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const headers = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
      const answer = await fetch(`${clinch.url}/device`, { method, headers, redirect: 'manual' });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it('CORS-03 CORS-04 lets scripts of registered apps ask for codes, and no others', async () => {
    await anApp(clinch, { tokenEndpointAuthMethod: 'none', redirectUris: [`${SPA}/cb`] });
    const { clientId } = await aCli(clinch);
    const ask = (origin: string) => postDeviceAuthorization(clinch.url, { client_id: clientId }, { Origin: origin });
    const allowed = await ask(SPA);
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(SPA);
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    for (const origin of ['https://evil.test', 'null', `${SPA}.evil.test`]) {
      expect((await ask(origin)).headers.get('access-control-allow-origin'), origin).toBeNull();
    }
  });

  it('HOST-01 names only the issuer’s host, whatever Host says', async () => {
    const { clientId } = await aCli(clinch);
    const hostile = { Host: 'evil.test', 'X-Forwarded-Host': 'evil.test', 'X-Forwarded-Prefix': '/evil' };
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const codes = await rawRequest(
      clinch.url,
      'POST',
      '/oidc/device_authorization',
      { ...hostile, ...form },
      `client_id=${clientId}`,
    );
    expect(codes.status).toBe(200);
    expect(JSON.parse(codes.body)).toMatchObject({ verification_uri: `${clinch.url}/device` });
    const page = await rawRequest(clinch.url, 'GET', '/device', hostile);
    expect(page.headers.get('location')?.startsWith(`${clinch.url}/login?`)).toBe(true);
    expect(codes.body + page.body).not.toContain('evil');
  });

  it('keeps to the path of an issuer that has one', async () => {
    const server = await startClinch({ CLINCH_ISSUER: 'http://localhost:{port}/id' });
    try {
      const codes = await askForCodes(server.url, await aCli(server));
      expect(codes.verification_uri).toBe(`${server.url}/device`);
      const { agent, page } = await confirmationPage(server.url, codes, await aPerson(server));
      expect(formOf(page).action).toBe('/id/device');
      expect((await agent.press(page, 'allow')).status).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('HDR-05 gives no code over http when the issuer is https', async () => {
    const server = await startClinch({ ...BEHIND_PROXY, CLINCH_TRUST_PROXY: '10.9.9.9' });
    try {
      const { clientId } = await aCli(server);
      const body = new URLSearchParams({ client_id: clientId });
      const answers = [
        await fetch(`${server.url}/oidc/device_authorization`, { method: 'POST', body }),
        await fetch(`${server.url}/device`, { redirect: 'manual' }),
      ];
      for (const answer of answers) {
        expect(answer.status).toBe(400);
        expect(answer.headers.getSetCookie()).toEqual([]);
        expect(await answer.text()).not.toContain('user_code');
      }
    } finally {
      await server.stop();
    }
  });

  it('LOG-01 LOG-07 writes neither codes nor tokens, whatever goes right or wrong', async () => {
    const app = await aCli(clinch, { tokenEndpointAuthMethod: 'client_secret_post' });
    const codes = await askForCodes(clinch.url, app);
    const { agent, page } = await confirmationPage(clinch.url, codes, person);
    const { hidden } = formOf(page);
    await poll(clinch.url, app, codes);
    await poll(clinch.url, app, codes);
    await poll(clinch.url, await aCli(clinch), codes);
    await agent.get(`/device?user_code=${codes.user_code}&decision=allow`);
    await agent.get(`/device?user_code=${codes.user_code}x`);
    await agent.post('/device', { ...hidden, csrf_token: 'x', decision: 'allow' });
    await agent.press(page, 'allow');
    await agent.press(page, 'deny');
    const { body } = await poll(clinch.url, app, codes);
    await poll(clinch.url, app, codes);
    const { device_code, user_code } = codes;
    const secrets = [device_code, user_code, user_code.replace('-', ''), app.clientSecret, person.password];
    secrets.push(hidden['csrf_token'] ?? '', String(body['access_token']), String(body['id_token']));
    for (const [, value] of agent.cookies) secrets.push(value);
    expect(log.lines().filter(({ kind }) => kind === 'request').length).toBeGreaterThan(10);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(7);
      expect(log.text()).not.toContain(secret);
    }
  });

  it('LOG-05 records who asked, who answered, what was refused, and whence, under one grant', async () => {
    const app = await aCli(clinch);
    const [first, second] = [await askForCodes(clinch.url, app), await askForCodes(clinch.url, app)];
    const { agent, page } = await confirmationPage(clinch.url, first, person);
    await agent.press(page, 'allow');
    await poll(clinch.url, app, first);
    await agent.press(await agent.get(second.verification_uri_complete), 'deny');
    await agent.get('/device?user_code=BBBB-BBBB');
    const events = ['device.requested', 'device.allowed', 'device.denied', 'device.code_refused', 'token.issued'];
    for (const event of events) {
      const [line] = log.audit(event);
      expect(line, event).toMatchObject({ address: '127.0.0.1', traceId: expect.any(String) as string });
      if (event !== 'device.code_refused') expect(line, event).toMatchObject({ clientId: app.clientId });
      if (event !== 'device.requested') expect(line, event).toMatchObject({ accountId: person.id });
    }
    const grants = ['device.requested', 'device.allowed', 'token.issued'].map(
      (event) => log.audit(event)[0]?.['grantId'],
    );
    expect(new Set(grants).size).toBe(1);
  });

  it('does not mistake the form that asks for a code for a poll', async () => {
    const app = await aCli(clinch);
    const { agent, page } = await atCodeForm(clinch.url, person);
    const { form } = credentials(app);
    const answer = await agent.post('/device', { ...form, ...formOf(page).hidden, device_code: 'x'.repeat(43) });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('name="user_code"');
  });
});
