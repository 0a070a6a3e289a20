import { DataSource } from 'typeorm';
import type { Pool } from 'pg';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import { ConfigError } from '../../src/config/environment-reader.js';
import { sqliteConnection, sqliteTurns } from '../../src/database/data-source.js';
import { anApp, aPerson, type TestApp } from '../support/builders.js';
import { ClientRegistrar, METADATA } from '../support/client-registrar.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, formOf, responseParameters, UserAgent } from '../support/user-agent.js';
import { loginPage, tokensFor, userinfo } from './support/b-flow.js';
import { BEHIND_PROXY, MASTER_KEY } from './support/b-server.js';

const SECRET = 'Xk3-vq8_Lm2.Rt7~Wy5';

function configure(environment: Record<string, string>): ClinchConfig {
  return ClinchConfig.fromEnvironment({ CLINCH_MASTER_KEY: MASTER_KEY, ...environment });
}

/** Takes the database away under a running server. */
async function breakDatabase({ app }: TestClinch): Promise<void> {
  const dataSource = app.get(DataSource);
  if (sqliteTurns(dataSource) !== undefined) {
    sqliteConnection(dataSource).close();
    return;
  }
  const pool = (dataSource.driver as PostgresDriver).master as Pool;
  // Nobody listens there; connections that are open are cut, the one that says so last.
  Object.assign(pool.options, { port: 9, host: '127.0.0.1', connectionString: undefined });
  const last = await pool.connect();
  const others = 'FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
  await last.query(`SELECT pg_terminate_backend(pid) ${others}`);
  await last.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
  last.release(true);
}

describe('headers, listeners and failures', () => {
  let clinch: TestClinch;
  let app: TestApp;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
  });
  afterAll(() => clinch.stop());

  it('HDR-02 sends no ETag with anything personal or secret', async () => {
    const person = await aPerson(clinch);
    const agent = new UserAgent(clinch.url);
    const login = await loginPage(clinch, app, agent);
    const registrar = new ClientRegistrar(clinch, await clinch.adminToken());
    const { accessToken } = await tokensFor(clinch, app, person, {}, agent);
    const { headers, form } = credentials(app);
    const body = new URLSearchParams({ ...form, grant_type: 'client_credentials' });
    const answers = [
      login,
      await agent.get(authorizeUrl(clinch.url, app)),
      await userinfo(clinch, accessToken),
      await fetch(`${clinch.url}/oidc/token`, { method: 'POST', headers, body }),
      await fetch(`${clinch.url}/admin/api/v1/apps`, {
        headers: { Authorization: `Bearer ${await clinch.adminToken()}` },
      }),
      await registrar.configuration('GET', (await registrar.register(METADATA)).body),
      await agent.get('/'),
      await agent.get('/account/sessions'),
      await agent.get('/oidc/logout'),
    ];
    for (const answer of answers) {
      expect(answer.headers.get('etag')).toBeNull();
      expect(answer.headers.get('last-modified')).toBeNull();
    }
  });

  it('HDR-04 answers unknown paths briefly, and names no framework', async () => {
    for (const path of [
      '/nowhere',
      '/admin/nowhere',
      '/wp-login.php',
      '/.env',
      '/oidc',
      '/.git/config',
      '/assets/theme-0.css',
    ]) {
      for (const method of ['GET', 'POST', 'TRACE', 'OPTIONS'].filter((name) => name !== 'TRACE')) {
        const answer = await fetch(clinch.url + path, { method });
        const text = await answer.text();
        expect([401, 404], `${method} ${path}`).toContain(answer.status);
        expect(text.length).toBeLessThan(300);
        expect(text + JSON.stringify([...answer.headers])).not.toMatch(/express|nest|node|cannot get/i);
      }
    }
    const page = await new UserAgent(clinch.url).get('/nowhere');
    expect(page.status).toBe(404);
    expect(page.text.length).toBeLessThan(5_000);
    expect(page.text).not.toMatch(/express|nestjs|cannot get/i);
  });

  it('HDR-05 gives no token, cookie or code over http when the issuer is https', async () => {
    const server = await startClinch({ ...BEHIND_PROXY, CLINCH_TRUST_PROXY: '10.9.9.9' });
    try {
      const other = await anApp(server, { grantTypes: ['client_credentials'], scope: 'reports:read' });
      const { headers } = credentials(other);
      const body = new URLSearchParams({ grant_type: 'client_credentials' });
      const answers = [
        await fetch(`${server.url}/oidc/token`, { method: 'POST', headers, body }),
        await fetch(`${server.url}/oidc/token`, {
          method: 'POST',
          headers: { ...headers, 'X-Forwarded-Proto': 'https' },
          body,
        }),
        await fetch(authorizeUrl(server.url, other), { redirect: 'manual' }),
        await fetch(`${server.url}/login`, { method: 'POST', redirect: 'manual', body }),
        await fetch(`${server.url}/oidc/userinfo`, { headers: { Authorization: 'Bearer x' } }),
        await fetch(`${server.url}/.well-known/openid-configuration`),
        await fetch(`${server.url}/admin/api/v1/apps`),
        await fetch(`${server.url}/oidc/token`, { method: 'OPTIONS' }),
      ];
      for (const answer of answers) {
        expect(answer.status).toBe(400);
        expect(answer.headers.getSetCookie()).toEqual([]);
        expect(answer.headers.get('location')).toBeNull();
        expect(await answer.text()).not.toMatch(/access_token|code=/);
      }
      expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it.each([
    'http://id.example.com',
    'http://10.0.0.1:3000',
    'http://localhost.evil.test',
    'http://127.0.0.1.evil.test',
    'ftp://localhost',
  ])('HDR-06 refuses the issuer %s', (issuer) => {
    expect(() => configure({ CLINCH_ISSUER: issuer })).toThrow(ConfigError);
  });

  it('HDR-06 refuses issuers that are not exactly one address', () => {
    const faulty = [
      'https://id.example.com/',
      'https://id.example.com?x',
      'https://id.example.com#x',
      'https://u:p@id.example.com',
    ];
    for (const issuer of [...faulty, 'HTTPS://id.example.com', 'https://id.example.com:443', 'id.example.com']) {
      expect(() => configure({ CLINCH_ISSUER: issuer }), issuer).toThrow(ConfigError);
    }
    expect(configure({ CLINCH_ISSUER: 'https://id.example.com' }).secure).toBe(true);
  });

  it.each([
    'changeme',
    'secret',
    'changemechangeme',
    'ChangeMeChangeMe',
    'aaaaaaaaaaaaaaaaaaaaaaaa',
    'abababababababababababab',
    'short',
    '',
  ])('HDR-07 refuses the operators’ secret “%s”', (secret) => {
    const environment = { CLINCH_ADMIN_CLIENT_ID: 'operators', CLINCH_ADMIN_CLIENT_SECRET: secret };
    expect(() => configure(environment)).toThrow(ConfigError);
  });

  it.each([
    ['a short one', Buffer.alloc(16, 7).toString('base64')],
    ['zeros', Buffer.alloc(32).toString('base64')],
    ['one letter', Buffer.alloc(32, 'a').toString('base64')],
    ['a row of numbers', Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64')],
    ['a word', 'changeme'],
    ['a good one beside a weak one', `${MASTER_KEY},${Buffer.alloc(32).toString('base64')}`],
    ['no base64', '!'.repeat(43)],
  ])('HDR-07 refuses the master key: %s', (_name, key) => {
    expect(() => configure({ CLINCH_MASTER_KEY: key })).toThrow(ConfigError);
  });

  it('HDR-07 takes good secrets, needs a master key beside a server database, and refuses unknown variables', () => {
    expect(configure({ CLINCH_ADMIN_CLIENT_ID: 'operators', CLINCH_ADMIN_CLIENT_SECRET: SECRET })).toBeDefined();
    expect(() => configure({ CLINCH_MASTER_KEY: '', DATABASE_URL: 'postgres://db.example/clinch' })).toThrow(
      ConfigError,
    );
    expect(() => configure({ CLINCH_METRICS_TOKEN: 'changeme' })).toThrow(ConfigError);
    expect(() => configure({ CLINCH_MASTERKEY: MASTER_KEY })).toThrow(ConfigError);
    expect(() => configure({ CLINCH_TRUST_PROXY: 'everybody' })).toThrow(ConfigError);
  });

  it('HDR-09 says 503, on a page or to the app, when the database is away, and never 500', async () => {
    const server = await startClinch();
    try {
      const other = await anApp(server);
      const person = await aPerson(server);
      const agent = new UserAgent(server.url);
      const { accessToken } = await tokensFor(server, other, person, {}, agent);
      const login = formOf(await loginPage(server, other, agent, { prompt: 'login' }));
      const token = await server.adminToken();
      const registered = (await new ClientRegistrar(server, token).register(METADATA)).body;
      await breakDatabase(server);

      // The app is still in memory: the answer may go to it.
      const known = await agent.get(authorizeUrl(server.url, other, { state: 'a b&c' }));
      expect([303, 503]).toContain(known.status);
      if (known.status === 303) {
        const answer = responseParameters(known);
        expect(known.headers.get('location')?.startsWith(`${other.redirectUri}?`)).toBe(true);
        expect(answer.get('error')).toBe('temporarily_unavailable');
        expect(answer.get('state')).toBe('a b&c');
        expect(answer.get('iss')).toBe(server.url);
        expect(answer.has('code')).toBe(false);
      }
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const unknown = await agent.get(authorizeUrl(server.url, other));
      expect(unknown.status).toBe(503);
      expect(Number(unknown.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(unknown.headers.get('location')).toBeNull();

      const { headers, form } = credentials(other);
      const grant = {
        ...form,
        grant_type: 'authorization_code',
        code: 'A'.repeat(43),
        redirect_uri: other.redirectUri,
      };
      const answers = {
        logout: await agent.get(`${server.url}/oidc/logout`),
        login: await agent.post(login.action, { ...login.hidden, ...person }),
        token: await fetch(`${server.url}/oidc/token`, { method: 'POST', headers, body: new URLSearchParams(grant) }),
        cors: await fetch(`${server.url}/oidc/token`, { method: 'POST', headers: { Origin: 'https://x.example' } }),
        userinfo: await userinfo(server, accessToken),
        registration: await new ClientRegistrar(server, token).register(METADATA),
        configuration: await new ClientRegistrar(server, token).configuration('GET', registered),
        portal: await agent.get('/'),
        signOut: await agent.get('/oidc/logout'),
        ready: await fetch(`${server.url}/readyz`),
      };
      for (const [name, answer] of Object.entries(answers)) {
        expect(answer.status, name).toBe(503);
        expect(Number(answer.headers.get('retry-after')), name).toBeGreaterThan(0);
      }
      expect((await fetch(`${server.url}/livez`)).status).toBe(200);
      expect((await fetch(`${server.url}/oidc/jwks`)).status).toBe(200);
    } finally {
      await server.stop().catch(() => undefined);
    }
  });
});
