import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, UserAgent } from '../support/user-agent.js';
import { loginPage } from './support/b-flow.js';
import { captureLog } from './support/b-log.js';
import { rawRequest } from './support/b-raw.js';
import { BEHIND_PROXY, ProxiedAgent } from './support/b-server.js';

const HOSTILE = {
  'X-Forwarded-Proto': 'http',
  'X-Forwarded-Host': 'evil.test',
  'X-Forwarded-Port': '444',
  'X-Forwarded-Prefix': '/evil',
  Forwarded: 'for=1.2.3.4;host=evil.test;proto=http',
};

/** Failures that one address may have before it is stopped. */
const LIMIT = 60;

describe('Host and the headers of proxies', () => {
  let clinch: TestClinch;
  let app: TestApp;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
  });
  afterAll(() => clinch.stop());

  it('HOST-01 names only the issuer’s host, whatever Host says', async () => {
    const { pathname, search } = new URL(authorizeUrl(clinch.url, app));
    const paths = ['/', '/.well-known/openid-configuration', '/login', '/nowhere', '/oidc/jwks', pathname + search];
    for (const path of paths) {
      for (const headers of [{ Host: 'evil.test' }, { ...HOSTILE, Host: 'evil.test:443' }]) {
        const answer = await rawRequest(clinch.url, 'GET', path, headers);
        expect([200, 303, 400, 404, 421]).toContain(answer.status);
        const location = answer.headers.get('location');
        expect(answer.body + (location ?? '')).not.toContain('evil.test');
        if (location !== null) expect(location.startsWith(`${clinch.url}/`)).toBe(true);
      }
    }
  });

  it('HOST-02 ignores what an untrusted peer forwards: the cookie stays Secure, and http stays http', async () => {
    const server = await startClinch({ ...BEHIND_PROXY, CLINCH_TRUST_PROXY: '10.9.9.9' });
    try {
      const other = await anApp(server);
      const agent = new ProxiedAgent(server.url);
      // The peer says https, but nobody knows it: its word is worth nothing.
      const refused = await agent.get(authorizeUrl(server.url, other));
      expect(refused.status).toBe(400);
      expect(refused.headers.getSetCookie()).toEqual([]);
    } finally {
      await server.stop();
    }
    const trusting = await startClinch(BEHIND_PROXY);
    try {
      const other = await anApp(trusting);
      const agent = new ProxiedAgent(trusting.url, undefined, { ...HOSTILE, 'X-Forwarded-Proto': 'https' });
      const answer = await agent.get(authorizeUrl(trusting.url, other));
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toMatch(/^https:\/\/id\.example\.test\/login\?/);
      for (const cookie of answer.headers.getSetCookie()) expect(cookie).toMatch(/^__Host-.*; Secure/);
    } finally {
      await trusting.stop();
    }
  });

  async function failuresUntilStopped(server: TestClinch, forwarded: (index: number) => Record<string, string>) {
    const agent = new UserAgent(server.url);
    const { action, hidden } = formOf(await loginPage(server, await anApp(server), agent));
    for (let index = 0; index <= LIMIT + 5; index++) {
      const form = { ...hidden, username: `nobody-${index}`, password: 'x' };
      const { status } = await agent.post(action, form, forwarded(index));
      if (status === 429) return index;
      expect(status).toBe(401);
    }
    return Infinity;
  }

  it('HOST-03 stops an untrusted peer however many addresses it claims to be', async () => {
    const server = await startClinch();
    try {
      const forwarded = (index: number) => ({ 'X-Forwarded-For': `1.2.${index}.4`, Forwarded: `for=1.2.${index}.4` });
      expect(await failuresUntilStopped(server, forwarded)).toBe(LIMIT);
    } finally {
      await server.stop();
    }
  });

  it('HOST-04 counts by the rightmost address that no trusted proxy has', async () => {
    const server = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1,10.0.0.0/8' });
    try {
      const forwarded = (index: number) => ({
        'X-Forwarded-For': `evil, 6.6.${index}.6, 203.0.113.9, 10.0.0.${index}`,
      });
      expect(await failuresUntilStopped(server, forwarded)).toBe(LIMIT);
    } finally {
      await server.stop();
    }
  });

  it('HOST-04 reads the peer’s address from a trusted proxy, and takes the proxy’s own for anything else', async () => {
    const cases = [
      ['203.0.113.9', '203.0.113.9'],
      [Array.from({ length: 100 }, (_, index) => `198.51.100.${index}`).join(', '), '198.51.100.99'],
      ['garbage', '127.0.0.1'],
      ['203.0.113.9, <script>', '127.0.0.1'],
      ['203.0.113.9:4711', '127.0.0.1'],
      ['', '127.0.0.1'],
      ['fe80::1%eth0', 'fe80:0:0:0::/64'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
      ['::ffff:203.0.113.9', '203.0.113.9'],
      ['::FFFF:203.0.113.9', '203.0.113.9'],
      ['127.0.0.1, 127.0.0.1', '127.0.0.1'],
    ];
    const server = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1', CLINCH_LOG_LEVEL: 'info' });
    try {
      const log = captureLog(server.app);
      for (const [forwarded = '', address] of cases) {
        log.clear();
        await fetch(`${server.url}/livez`, { headers: { 'X-Forwarded-For': forwarded } });
        expect(log.lines().find((line) => line['path'] === '/livez')?.['address'], forwarded).toBe(address);
      }
    } finally {
      await server.stop();
    }
  });

  it('HOST-06 takes nobody’s identity from a header', async () => {
    const person = await aPerson(clinch);
    const headers = {
      'X-Remote-User': person.username,
      'Remote-User': person.username,
      'X-Forwarded-User': person.username,
      'X-Auth-Request-User': person.username,
      'X-Auth-Username': person.username,
      'X-Client-Cert': 'MIIB',
      'X-SSL-Client-Verify': 'SUCCESS',
      'X-Client-Id': app.clientId,
    };
    const silent = await new UserAgent(clinch.url).get(authorizeUrl(clinch.url, app, { prompt: 'none' }), headers);
    expect(silent.headers.get('location')).toContain('error=login_required');
    expect((await fetch(`${clinch.url}/oidc/userinfo`, { headers })).status).toBe(401);
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    const token = await fetch(`${clinch.url}/oidc/token`, { method: 'POST', headers, body });
    expect(token.status).toBe(401);
    expect((await fetch(`${clinch.url}/admin/api/v1/users`, { headers })).status).toBe(401);
  });
});
