import dns from 'node:dns';
import dnsPromises from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { OutboundHttp } from '../../src/outbound/outbound-http.js';
import { AdminApi, fieldsOf, type AdminAnswer } from '../support/admin-api.js';
import { aPerson } from '../support/builders.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, postToken, UserAgent, type TokenAnswer } from '../support/user-agent.js';
import { aKey, aKeyedApp, goodClaims, present, signed, type Key } from './support/assertions.js';
import { BEHIND_PROXY } from './support/b-server.js';
import { startCanary, type Canary } from './support/canary.js';
import { expectInvalidClient, expectTokens } from './support/expectations.js';
import { listen } from './support/raw-http.js';

/** What this server calls by itself. */
const CALLED = ['jwks_uri', 'backchannel_logout_uri'] as const;
const THROUGH_PROXY = { 'X-Forwarded-Proto': 'https' };

const LOCAL = [
  '127.0.0.1',
  '127.1',
  '0.0.0.0',
  '2130706433',
  '0x7f.1',
  '017700000001',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::127.0.0.1]',
  'localhost',
  'localhost.',
  'app.localhost',
  '①②⑦.⓪.⓪.①',
];
const PRIVATE = [
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '169.254.169.254',
  '100.100.100.200',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.254',
  '192.168.0.1',
  '100.64.0.1',
  '[fe80::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[::ffff:10.0.0.1]',
  '224.0.0.1',
  '255.255.255.255',
];

describe('requests to addresses that come with a registration', () => {
  let production: TestClinch;
  let trial: TestClinch;
  let canary: Canary;
  let key: Key;

  beforeAll(async () => {
    production = await startClinch({
      ...BEHIND_PROXY,
      CLINCH_OUTBOUND_ALLOW: '10.1.0.0/16,192.168.7.7,keys.localhost',
    });
    trial = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1' });
    canary = await startCanary();
    key = await aKey();
  });
  afterAll(async () => {
    await Promise.all([production.stop(), trial.stop(), canary.stop()]);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  /** Saves an app with that address as an operator would. */
  async function save(field: string, address: string): Promise<AdminAnswer> {
    const basic = `Basic ${Buffer.from(`${OPERATOR.id}:${OPERATOR.secret}`).toString('base64')}`;
    const form = { grant_type: 'client_credentials', scope: 'clinch:admin' };
    const { body } = await postToken(production.url, form, { ...THROUGH_PROXY, Authorization: basic });
    const response = await fetch(`${production.url}/admin/api/v1/apps`, {
      method: 'POST',
      headers: {
        ...THROUGH_PROXY,
        Authorization: `Bearer ${String(body['access_token'])}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ client_name: 'Sample', redirect_uris: ['https://app.example/cb'], [field]: address }),
    });
    const json = (await response.json()) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body: json };
  }

  async function expectRefusedAtSave(field: string, address: string): Promise<void> {
    const answer = await save(field, address);
    expect(answer.status, address).toBe(400);
    expect(fieldsOf(answer), address).toEqual([field]);
  }

  /** Lets the server fetch the keys of an app that was saved before there was a rule. Each from another address. */
  let sender = 0;
  async function signIn(clinch: TestClinch, jwksUri: string, by = key): Promise<TokenAnswer> {
    const app = await aKeyedApp(clinch, by, { jwks: null, jwksUri });
    const headers = { ...THROUGH_PROXY, 'X-Forwarded-For': `198.51.100.${++sender % 250}` };
    return present(clinch, await signed(goodClaims(clinch, app), by), {}, headers);
  }

  function lookup(answers: readonly (readonly string[])[]): void {
    let asked = 0;
    vi.spyOn(dnsPromises, 'lookup').mockImplementation((async () => {
      const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
      return addresses.map((address) => ({ address, family: 4 }));
    }) as unknown as typeof dnsPromises.lookup);
    syncBuiltinESMExports();
  }

  it.each(CALLED)('SSRF-01 %s: refuses addresses that are not public when it is saved', async (field) => {
    for (const host of [...LOCAL, ...PRIVATE]) await expectRefusedAtSave(field, `https://${host}/x`);
  });

  it.each(CALLED)('SSRF-01 %s: takes public addresses, names, and what the operator allows', async (field) => {
    for (const host of [
      'app.example',
      '93.184.216.34',
      '[2606:4700::1111]',
      '10.1.2.3',
      '192.168.7.7',
      'keys.localhost',
    ]) {
      expect((await save(field, `https://${host}/x`)).status, host).toBe(201);
    }
    await expectRefusedAtSave(field, 'https://10.2.0.1/x');
  });

  it('SSRF-01 jwks_uri: calls none of them', async () => {
    for (const host of LOCAL) expectInvalidClient(await signIn(production, `https://${host}:${canary.port}/jwks`));
    const outbound = production.app.get(OutboundHttp);
    for (const host of PRIVATE) await expect(outbound.get(`https://${host}/jwks`), host).rejects.toThrow(/not public/);
    expect(canary.connections()).toBe(0);
    // The canary sings, where it may be called.
    expectInvalidClient(await signIn(trial, `http://127.0.0.1:${canary.port}/jwks`));
    expect(canary.connections()).toBe(1);
  });

  it.each([
    ['a private address', [['10.0.0.5']]],
    ['this machine', [['127.0.0.1']]],
    ['a public and a private address', [['93.184.216.34', '127.0.0.1']]],
    ['the metadata service', [['169.254.169.254']]],
  ])('SSRF-02 refuses a name that leads to %s', async (_, answers) => {
    const before = canary.connections();
    lookup(answers);
    const refused = production.app.get(OutboundHttp).get(`https://keys.example:${canary.port}/jwks`);
    await expect(refused).rejects.toMatchObject({ cause: { name: 'OutboundError' } });
    expect(canary.connections()).toBe(before);
  });

  it('SSRF-02 dials the address that was judged, though the name leads elsewhere by then', async () => {
    const keys = await listen(() => ({ body: { keys: [key.jwk] } }));
    lookup([['127.0.0.1'], ['127.0.0.2']]);
    // What would be asked by a connection that is given the name.
    const later = vi.spyOn(dns, 'lookup');
    const { port } = new URL(keys.url);
    expectTokens(await signIn(trial, `http://flips.example:${port}/jwks`));
    expect(keys.requests).toEqual(['GET /jwks']);
    expect(later.mock.calls.filter(([name]) => name === 'flips.example')).toEqual([]);
    await keys.stop();
  });

  it.each([301, 302, 303, 307, 308])('SSRF-03 does not follow a %i', async (status) => {
    const trap = await listen(() => ({ body: { keys: [key.jwk] } }));
    const keys = await listen(() => ({ status, headers: { Location: `${trap.url}/jwks` }, body: { keys: [key.jwk] } }));
    expectInvalidClient(await signIn(trial, `${keys.url}/jwks`));
    expect(keys.requests).toEqual(['GET /jwks']);
    expect(trap.requests).toEqual([]);
    await Promise.all([keys.stop(), trap.stop()]);
  });

  it.each(CALLED)('SSRF-04 %s: refuses other schemes, other services, and passwords', async (field) => {
    for (const address of [
      'file:///etc/passwd',
      'gopher://app.example/_x',
      'ftp://app.example/x',
      'data:application/json,{"keys":[]}',
      'http://app.example/x',
      'http://localhost/x',
      'https:app.example',
      '//app.example/x',
      'https://user@app.example/x',
      'https://user:pass@app.example/x',
      ...[22, 25, 139, 5432, 6379, 27017].map((port) => `https://app.example:${port}/x`),
    ]) {
      await expectRefusedAtSave(field, address);
    }
    expect((await save(field, 'https://app.example:8443/x')).status).toBe(201);
  });

  it('SSRF-04 calls none of them', async () => {
    lookup([['93.184.216.34']]);
    const outbound = production.app.get(OutboundHttp);
    for (const address of [
      'file:///etc/passwd',
      'data:application/json,{"keys":[]}',
      'http://app.example/x',
      'https://user:pass@app.example/x',
      'https://app.example:6379/x',
    ]) {
      await expect(outbound.get(address), address).rejects.toMatchObject({ name: 'OutboundError' });
    }
  });

  describe('SSRF-06 key sets', () => {
    async function signInBy(keys: readonly unknown[], by = key): Promise<TokenAnswer> {
      const server = await listen(() => ({ body: { keys } }));
      try {
        return await signIn(trial, `${server.url}/jwks`, by);
      } finally {
        await server.stop();
      }
    }
    const others = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ kty: 'EC', crv: 'P-256', kid: `k${index}` }));

    it('takes a hundred published keys, and no more', async () => {
      expectTokens(await signInBy([...others(99), key.jwk]));
      expectInvalidClient(await signInBy([...others(100), key.jwk]));
      const start = performance.now();
      // Small enough to be read whole: it is the number that is refused.
      expectInvalidClient(await signInBy([...others(9_999), key.jwk]));
      expect(performance.now() - start).toBeLessThan(2_000);
    });

    it('reads past keys that it cannot use', async () => {
      const bad = [null, 'x', 1, [], {}, { kty: 'RSA' }, { kty: 'EC', crv: 'P-999' }, { kty: 'oct', k: 'AAAA' }];
      expectTokens(await signInBy([...bad, key.jwk]));
    });

    it('does not check a signature with an RSA key of 16,384 bits', async () => {
      const rsa = await aKey('RS256');
      expectTokens(await signInBy([rsa.jwk], rsa));
      const huge = { ...rsa.jwk, n: Buffer.alloc(2_048, 0xff).toString('base64url') };
      const imported = vi.spyOn(crypto.subtle, 'importKey');
      expectInvalidClient(await signInBy([huge], rsa));
      expect(JSON.stringify(imported.mock.calls)).not.toContain(huge.n);
    });

    it('refuses them by value as well', async () => {
      const api = await AdminApi.of(trial);
      const app = { client_name: 'Sample', redirect_uris: ['https://app.example/cb'] };
      const huge = { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(2_048, 0xff).toString('base64url') };
      for (const keys of [others(100), others(500), [huge], [null], [{}]]) {
        const answer = await api.call('POST', 'apps', { ...app, jwks: { keys } });
        expect(answer.status).toBe(400);
        expect(fieldsOf(answer)).toEqual(['jwks']);
      }
      // More than any request may be long.
      expect((await api.call('POST', 'apps', { ...app, jwks: { keys: others(10_000) } })).status).toBe(413);
    });
  });

  it('SSRF-08 takes no notice of HTTP_PROXY', async () => {
    const before = canary.connections();
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy']) {
      vi.stubEnv(name, `http://127.0.0.1:${canary.port}`);
    }
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    vi.stubEnv('NO_PROXY', '');
    const behind = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1' });
    const keys = await listen(() => ({ body: { keys: [key.jwk] } }));
    expectTokens(await signIn(behind, `${keys.url}/jwks`));
    expect(keys.requests).toEqual(['GET /jwks']);
    await expect(behind.app.get(OutboundHttp).get('https://10.0.0.1/jwks')).rejects.toThrow(/not public/);
    expect(canary.connections()).toBe(before);
    await Promise.all([behind.stop(), keys.stop()]);
  });

  it('SSRF-09 never fetches logo_uri, nor any other page of an app', async () => {
    const trap = await listen(() => ({ body: {} }));
    const page = `${trap.url}/page`;
    const pages = { logo_uri: page, client_uri: page, policy_uri: page, tos_uri: page, initiate_login_uri: page };
    const api = await AdminApi.of(trial);
    const made = await api.made('apps', { client_name: 'Sample', redirect_uris: ['https://app.example/cb'], ...pages });
    expect(made).toMatchObject(pages);
    const app = { clientId: String(made['client_id']), redirectUri: 'https://app.example/cb' };
    const challenge = { code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' };
    const person = await aPerson(trial);
    const url = authorizeUrl(trial.url, app, { prompt: 'consent', scope: 'openid profile', ...challenge });
    const answer = await new UserAgent(trial.url).authorize(url, person);
    expect(answer.get('code')).not.toBeNull();
    expect(trap.requests).toEqual([]);
    await trap.stop();
  });
});
