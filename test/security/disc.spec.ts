import { calculateJwkThumbprint, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartError } from '../../src/config/start-error.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, pkce, postToken, responseParameters, UserAgent } from '../support/user-agent.js';
import { headerOf, tokensFor, userinfo } from './support/b-flow.js';
import { rawRequest } from './support/b-raw.js';
import { createDatabase, startNode } from './support/b-server.js';

const OPENID = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';

type Document = Record<string, unknown> & Record<`${string}_supported`, string[]>;

async function documentOf(address: string): Promise<Document> {
  return (await (await fetch(address)).json()) as Document;
}

async function keysOf(clinch: Pick<TestClinch, 'url'>): Promise<JWK[]> {
  return ((await (await fetch(`${clinch.url}/oidc/jwks`)).json()) as { keys: JWK[] }).keys;
}

describe('discovery and keys under attack', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;
  let document: Document;

  beforeAll(async () => {
    clinch = await startClinch();
    const scope = 'openid profile email phone address roles groups entitlements';
    app = await anApp(clinch, { scope, codeChallengeMethods: ['S256', 'plain'] });
    person = await aPerson(clinch);
    document = await documentOf(clinch.url + OPENID);
  });
  afterAll(() => clinch.stop());

  it('DISC-01 names exactly the configured issuer', async () => {
    const response = await fetch(clinch.url + OPENID);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json(;|$)/);
    expect(document['issuer']).toBe(clinch.url);
  });

  it('DISC-03 answers below an issuer with a path, and at the address of RFC 8414', async () => {
    const server = await startClinch({ CLINCH_ISSUER: 'http://localhost:{port}/auth' });
    try {
      const { origin } = new URL(server.url);
      for (const address of [
        server.url + OPENID,
        server.url + OAUTH,
        `${origin}${OAUTH}/auth`,
        `${origin}${OPENID}/auth`,
      ]) {
        const found = await documentOf(address);
        expect(found['issuer'], address).toBe(`${origin}/auth`);
        for (const [member, value] of Object.entries(found)) {
          if (/_endpoint$|_uri$/.test(member))
            expect(String(value), member).toMatch(/^http:\/\/localhost:\d+\/auth\/oidc\//);
        }
      }
      expect((await fetch(`${origin}${OAUTH}/other`)).status).toBe(404);
      const { accessToken } = await tokensFor(server, await anApp(server), await aPerson(server));
      expect((await userinfo(server, accessToken)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('DISC-04 offers at every advertised endpoint something else than 404', async () => {
    const endpoints = Object.entries(document).filter(([member]) => /_endpoint$|^jwks_uri$/.test(member));
    expect(endpoints.length).toBeGreaterThanOrEqual(4);
    for (const [member, address] of endpoints) {
      expect((await fetch(String(address))).status, member).not.toBe(404);
    }
  });

  it('DISC-04 takes every advertised grant type at the token endpoint, and no other', async () => {
    const { headers, form } = credentials(app);
    const ask = async (grant_type: string) =>
      (await postToken(clinch.url, { ...form, grant_type }, headers)).body['error'];
    for (const type of document['grant_types_supported'] ?? [])
      expect(await ask(type)).not.toBe('unsupported_grant_type');
    for (const type of [
      'password',
      'implicit',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      '__proto__',
      'constructor',
    ]) {
      expect(document['grant_types_supported']).not.toContain(type);
      expect(await ask(type), type).toBe('unsupported_grant_type');
    }
  });

  it('DISC-04 takes every advertised response mode, prompt and PKCE method, and refuses the rest', async () => {
    const silent = async (differences: Record<string, string>) =>
      responseParameters(
        await new UserAgent(clinch.url).get(authorizeUrl(clinch.url, app, { prompt: 'none', ...differences })),
      ).get('error');
    for (const response_mode of document['response_modes_supported'] ?? []) {
      expect(await silent({ response_mode }), response_mode).toBe('login_required');
    }
    for (const response_mode of ['jwt', 'query.jwt', 'web_message']) {
      expect(await silent({ response_mode }), response_mode).toBe('invalid_request');
    }
    expect(document['response_types_supported']).toEqual(['code']);
    for (const response_type of ['token', 'id_token', 'code id_token', 'none', 'CODE']) {
      expect(await silent({ response_type }), response_type).toBe('unsupported_response_type');
    }
    for (const prompt of document['prompt_values_supported'] ?? []) {
      const page = await new UserAgent(clinch.url).get(authorizeUrl(clinch.url, app, { prompt }));
      expect(page.headers.get('location'), prompt).not.toContain('invalid_request');
    }
    expect(await silent({ prompt: 'create' })).toBe('invalid_request');
    for (const code_challenge_method of document['code_challenge_methods_supported'] ?? []) {
      const { challenge: code_challenge } = pkce();
      expect(await silent({ code_challenge_method, code_challenge })).toBe('login_required');
    }
    expect(document['request_parameter_supported']).toBe(false);
    expect(document['request_uri_parameter_supported']).toBe(false);
    expect(await silent({ request: 'a.b.c' })).toBe('request_not_supported');
    expect(await silent({ request_uri: 'https://app.example/r' })).toBe('request_uri_not_supported');
  });

  it('DISC-04 authenticates by every advertised method, and gives the advertised claims and scopes', async () => {
    const methods = document['token_endpoint_auth_methods_supported'] ?? [];
    for (const tokenEndpointAuthMethod of ['client_secret_basic', 'client_secret_post'] as const) {
      expect(methods).toContain(tokenEndpointAuthMethod);
      const { accessToken } = await tokensFor(clinch, await anApp(clinch, { tokenEndpointAuthMethod }), person);
      expect(accessToken).toMatch(/^ey/);
    }
    expect(methods).not.toContain('client_secret_jwt');
    const scopes = document['scopes_supported'] ?? [];
    const { accessToken, idToken } = await tokensFor(clinch, app, person, {
      scope: scopes.filter((scope) => scope !== 'offline_access').join(' '),
      nonce: 'n',
    });
    const said = { ...((await (await userinfo(clinch, accessToken)).json()) as object) };
    const inToken = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as object;
    const all = new Set([...Object.keys(said), ...Object.keys(inToken)]);
    expect((document['claims_supported'] ?? []).filter((claim) => !all.has(claim))).toEqual([]);
    expect(document['id_token_signing_alg_values_supported']).toEqual(['RS256', 'PS256', 'ES256', 'EdDSA']);
  });

  const HOSTILE: Record<string, string>[] = [
    { Host: 'evil.test' },
    { 'X-Forwarded-Host': 'evil.test' },
    { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Port': '444', 'X-Forwarded-Prefix': '/evil' },
    { Forwarded: 'for=1.2.3.4;host=evil.test;proto=https' },
    { 'X-Original-URL': '/evil', 'X-Rewrite-URL': '/evil' },
    { 'X-HTTP-Method-Override': 'DELETE' },
  ];

  it.each(HOSTILE)('DISC-05 sends the same bytes with %j', async (headers) => {
    const plain = await rawRequest(clinch.url, 'GET', OPENID);
    const hostile = await rawRequest(clinch.url, 'GET', OPENID, headers);
    expect(plain.status).toBe(200);
    if (![400, 421].includes(hostile.status)) expect(hostile.body).toBe(plain.body);
  });

  it('DISC-05 sends the same bytes for a request line in absolute form', async () => {
    const plain = await rawRequest(clinch.url, 'GET', OPENID);
    const hostile = await rawRequest(clinch.url, 'GET', `http://evil.test${OPENID}`);
    if (![400, 404, 421].includes(hostile.status)) expect(hostile.body).toBe(plain.body);
    expect(hostile.body).not.toContain('evil.test');
  });

  it('DISC-06 publishes public keys and nothing of the private ones', async () => {
    const response = await fetch(String(document['jwks_uri']));
    expect(response.status).toBe(200);
    const { keys } = (await response.json()) as { keys: Record<string, unknown>[] };
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).toMatchObject({ use: 'sig', kid: expect.any(String) as string });
      expect(['RS256 RSA', 'PS256 RSA', 'ES256 EC', 'EdDSA OKP']).toContain(
        `${String(key['alg'])} ${String(key['kty'])}`,
      );
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) expect(key).not.toHaveProperty(secret);
    }
  });

  it('DISC-07 publishes the key of every token that it signs', async () => {
    const { accessToken, idToken } = await tokensFor(clinch, app, person);
    const kids = (await keysOf(clinch)).map(({ kid }) => kid);
    for (const token of [accessToken, idToken, await clinch.adminToken()])
      expect(kids).toContain(headerOf(token)['kid']);
  });

  it('DISC-08 lets both documents be cached for five minutes to an hour', async () => {
    for (const path of [OPENID, OAUTH, '/oidc/jwks']) {
      const caching = (await fetch(clinch.url + path)).headers.get('cache-control') ?? '';
      const age = Number(/^public, max-age=(\d+)$/.exec(caching)?.[1]);
      expect(age).toBeGreaterThanOrEqual(300);
      expect(age).toBeLessThanOrEqual(3600);
    }
  });

  it('DISC-10 has keys of at least 2048 bits, with their thumbprint for an id', async () => {
    for (const key of await keysOf(clinch)) {
      if (key.kty === 'RSA') expect(Buffer.from(key.n ?? '', 'base64url').length * 8).toBeGreaterThanOrEqual(2048);
      else expect(['P-256', 'Ed25519']).toContain(key.crv);
      expect(key.kid).toBe(await calculateJwkThumbprint(key, 'sha256'));
    }
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])('DISC-11 answers %s with 405', async (method) => {
    for (const path of [OPENID, OAUTH, '/oidc/jwks']) {
      const response = await fetch(clinch.url + path, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    }
  });

  it('DISC-12 refuses to start when the master key does not open the signing key, and makes no new one', async () => {
    const database = await createDatabase();
    try {
      const first = await startNode(database);
      const before = await keysOf(first);
      await first.stop();
      const foreign = { CLINCH_MASTER_KEY: Buffer.from('another key of exactly 32 bytes!').toString('base64') };
      await expect(startNode(database, foreign)).rejects.toThrow(StartError);
      const again = await startNode(database);
      expect(await keysOf(again)).toEqual(before);
      const issued = await tokensFor(
        again,
        await anApp({ ...clinch, ...again }),
        await aPerson({ ...clinch, ...again }),
      );
      expect(headerOf(issued.idToken)['kid']).toBe(before[0]?.kid);
      await again.stop();
    } finally {
      await database.drop();
    }
  });
});
