import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT, type GenerateKeyPairResult, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/postgres.js';
import { startProgram, type RunningProcess } from '../support/start-processes.js';

const API = 'urn:example:orders';

/** An issuer of our own, so that it can also issue what a real one never would. */
describe('the sample API, which knows only an issuer and its own identifier (RFC 9068 §4)', () => {
  let issuer: Server;
  let issuerUrl: string;
  let url: string;
  let api: RunningProcess;
  let keys: GenerateKeyPairResult;
  let others: GenerateKeyPairResult;
  let isAway = false;

  beforeAll(async () => {
    [keys, others] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    issuer = createServer((request, response) => {
      const metadata = { issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` };
      const body = request.url === '/keys' ? { keys: [jwk] } : metadata;
      response.writeHead(isAway ? 503 : 200).end(isAway ? '' : JSON.stringify(body));
    });
    await new Promise<void>((done) => issuer.listen(0, '127.0.0.1', done));
    issuerUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    const port = String(await freePort());
    url = `http://127.0.0.1:${port}`;
    api = startProgram('dist/src/demo/sample-api.js', { ISSUER: issuerUrl, IDENTIFIER: API, PORT: port });
    const deadline = Date.now() + 30_000;
    while (!api.output().includes('listens on port')) {
      if (Date.now() > deadline) throw new Error(`the sample API does not start: ${api.output()}`);
      await delay(50);
    }
  });
  afterAll(async () => {
    expect(await api?.stop()).toEqual({ code: 0, signal: null });
    issuer?.closeAllConnections();
    issuer?.close();
  });

  /** A good token, or one that differs from it in this. */
  function token(claims: JWTPayload = {}, header: object = {}, { privateKey } = keys): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const good = { iss: issuerUrl, aud: API, sub: 'lihua', client_id: 'cli', iat: now, exp: now + 60, jti: 'j' };
    return new SignJWT({ ...good, scope: 'openid', ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'at+jwt', ...header })
      .sign(privateKey);
  }

  async function get(path: string, authorization?: string) {
    const answer = await fetch(url + path, { headers: authorization === undefined ? {} : { authorization } });
    const body = (await answer.json()) as Record<string, unknown>;
    return { status: answer.status, challenge: answer.headers.get('www-authenticate'), body };
  }

  // First, because afterwards it knows the keys.
  it('says 503 while it cannot learn the keys, and not that the token is bad', async () => {
    isAway = true;
    expect(await get('/whoami', `Bearer ${await token()}`)).toMatchObject({ status: 503, challenge: null });
    isAway = false;
    expect((await get('/whoami', `Bearer ${await token()}`)).status).toBe(200);
  });

  it('answers who, which app, and what scope', async () => {
    const answer = await get('/whoami', `bearer ${await token()}`);
    expect(answer).toEqual({ status: 200, challenge: null, body: { sub: 'lihua', client_id: 'cli', scope: 'openid' } });
  });

  it.each([undefined, 'Basic bGk6aHVh', 'Bearer', 'Bearer '])(
    'asks for a token when it gets %j (RFC 6750 §3)',
    async (header) => {
      const answer = await get('/whoami', header);
      expect(answer).toMatchObject({ status: 401, challenge: 'Bearer realm="sample-api"' });
    },
  );

  it.each<[string, () => Promise<string>]>([
    ['no token at all', async () => 'nonsense'],
    ['one for another API', () => token({ aud: issuerUrl })],
    ['one of another issuer', () => token({ iss: 'https://elsewhere.example' })],
    ['one that has expired', () => token({ exp: Math.floor(Date.now() / 1000) - 1 })],
    ['one without an end', () => token({ exp: undefined })],
    ['one without an app', () => token({ client_id: undefined })],
    ['an id_token', () => token({}, { typ: 'JWT' })],
    ['one that another key signed', () => token({}, {}, others)],
    ['one of a key nobody knows', () => token({}, { kid: 'two' })],
  ])('refuses %s', async (_, make) => {
    const answer = await get('/whoami', `Bearer ${await make()}`);
    expect(answer).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="sample-api", error="invalid_token"',
      body: { error: 'invalid_token' },
    });
  });

  it('refuses orders without their scope, and says which it is', async () => {
    const answer = await get('/orders', `Bearer ${await token({ scope: 'openid orders:reader' })}`);
    expect(answer).toMatchObject({
      status: 403,
      challenge: 'Bearer realm="sample-api", error="insufficient_scope", scope="orders:read"',
    });
    expect((await get('/orders')).status).toBe(401);
    const allowed = await get('/orders', `Bearer ${await token({ scope: 'openid orders:read' })}`);
    expect(allowed).toMatchObject({ status: 200, body: { orders: [{ placed_by: 'lihua' }] } });
  });

  it('has nothing else', async () => {
    expect((await get('/')).body).toMatchObject({ api: API, tokens_from: issuerUrl });
    expect((await get('/toString')).status).toBe(404);
    expect((await get('//?')).status).toBe(404);
    expect((await fetch(`${url}/whoami`, { method: 'POST' })).status).toBe(405);
  });
});
