import { createHmac, createPublicKey, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonWebKey } from 'node:crypto';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import type { TestApp } from '../support/builders.js';
import { aKey, aKeyedApp, goodClaims, present, signed, type Key } from './support/assertions.js';
import { expectInvalidClient, expectTokens } from './support/expectations.js';
import { listen } from './support/raw-http.js';

type Claims = Record<string, unknown>;

describe('private_key_jwt under attack (RFC 7523 §3, RFC 8725)', () => {
  let clinch: TestClinch;
  let key: Key;
  let app: TestApp;
  let now: number;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1' });
    key = await aKey();
    app = await aKeyedApp(clinch, key);
    now = Math.floor(Date.now() / 1000);
  });
  afterAll(() => clinch.stop());

  /** Each from an address of its own, so that no refusal is for the number of refusals. */
  let address = 0;
  const presentAnew = (assertion: string, more: Record<string, string> = {}) =>
    present(clinch, assertion, more, { 'X-Forwarded-For': `198.51.100.${++address % 250}` });

  const withClaims = async (changes: Claims) =>
    presentAnew(await signed({ ...goodClaims(clinch, app), ...changes }, key));

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('CLAUTH-13 takes a good assertion signed with %s', async (alg) => {
    const own = await aKey(alg);
    const of = await aKeyedApp(clinch, own);
    expectTokens(await presentAnew(await signed(goodClaims(clinch, of), own)));
    expectTokens(await presentAnew(await signed(goodClaims(clinch, of), own), { client_id: of.clientId }));
    const issuer = { ...goodClaims(clinch, of), aud: [clinch.url] };
    expectTokens(await presentAnew(await signed(issuer, own)));
    // RFC 7519 §2: a NumericDate may have a fraction.
    const exp = Math.floor(Date.now() / 1000) + 60.25;
    expectTokens(await presentAnew(await signed({ ...goodClaims(clinch, of), exp }, own)));
  });

  it('CLAUTH-13 takes an assertion once, also when it comes many times at once (RFC 7523 §3)', async () => {
    const assertion = await signed(goodClaims(clinch, app), key);
    const answers = await Promise.all(Array.from({ length: 10 }, () => presentAnew(assertion)));
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectInvalidClient(answer);
    const other = await aKeyedApp(clinch, key);
    const jti = randomUUID();
    expectTokens(await withClaims({ jti }));
    expectInvalidClient(await withClaims({ jti }));
    expectTokens(await presentAnew(await signed({ ...goodClaims(clinch, other), jti }, key)));
  });

  it('CLAUTH-14 wants iss, sub and client_id to be the client', async () => {
    const other = await aKeyedApp(clinch, await aKey());
    const wrong: Claims[] = [
      { iss: other.clientId },
      { sub: other.clientId },
      { iss: 'x', sub: 'x' },
      { iss: undefined },
      { sub: undefined },
      { iss: other.clientId, sub: other.clientId },
      { iss: '' },
    ];
    for (const claims of wrong) expectInvalidClient(await withClaims(claims));
    const assertion = await signed(goodClaims(clinch, app), key);
    expectInvalidClient(await presentAnew(assertion, { client_id: other.clientId }));
  });

  it.each([[['id']], [{}], [true], [null], [1], [['a', 'b']]])(
    'CLAUTH-14 refuses a sub that is no text: %j',
    async (sub) => {
      expectInvalidClient(await withClaims({ sub, iss: sub }));
      expectInvalidClient(await withClaims({ sub: Array.isArray(sub) ? [app.clientId] : sub }));
    },
  );

  it('CLAUTH-14 wants this server for its only audience', async () => {
    const token = `${clinch.url}/oidc/token`;
    const wrong = [
      undefined,
      '',
      'https://other.example',
      [token, 'https://other.example'],
      [],
      `${token}/`,
      { a: token },
    ];
    for (const aud of wrong) expectInvalidClient(await withClaims({ aud }));
  });

  it('CLAUTH-16 wants times that are near', async () => {
    const wrong: Claims[] = [
      { exp: undefined },
      { exp: now - 60 },
      { exp: now + 400 },
      { exp: now + 1e9 },
      { exp: String(now + 60) },
      { exp: null },
      { exp: -1 },
      { nbf: now + 120 },
      { nbf: 'x' },
      { iat: now + 120 },
      { iat: undefined },
      { iat: 'x' },
    ];
    for (const claims of wrong) expectInvalidClient(await withClaims(claims));
    for (const name of ['exp', 'iat', 'nbf']) {
      for (const number of ['1e999', '-1e999']) {
        const text = JSON.stringify({ ...goodClaims(clinch, app), [name]: 0 }).replace(
          `"${name}":0`,
          `"${name}":${number}`,
        );
        const answer = await presentAnew(await signed(text, key));
        // Not before minus infinity is always true, but no clock says so.
        expectInvalidClient(answer);
      }
    }
  });

  it('CLAUTH-18 wants a jti that can be kept', async () => {
    for (const jti of [undefined, '', 'a'.repeat(10_240), 'a\0b', 1, ['x'], {}, 'é']) {
      expectInvalidClient(await withClaims({ jti }));
    }
  });

  it('CLAUTH-19 takes no algorithm but those of the registered keys', async () => {
    const payload = Buffer.from(JSON.stringify(goodClaims(clinch, app))).toString('base64url');
    const encode = (header: Claims) => Buffer.from(JSON.stringify(header)).toString('base64url');
    for (const alg of ['none', 'None', '', undefined]) {
      expectInvalidClient(await presentAnew(`${encode({ alg, kid: key.jwk.kid })}.${payload}.`));
    }
    const rsa = await aKey('RS256');
    const ofRsa = await aKeyedApp(clinch, rsa);
    const publicKey = createPublicKey({ key: rsa.jwk as JsonWebKey, format: 'jwk' });
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const body = Buffer.from(JSON.stringify(goodClaims(clinch, ofRsa))).toString('base64url');
    for (const secret of [der, pem, JSON.stringify(rsa.jwk), String(rsa.jwk.n)]) {
      const input = `${encode({ alg: 'HS256', kid: rsa.jwk.kid })}.${body}`;
      const mac = createHmac('sha256', secret).update(input).digest('base64url');
      expectInvalidClient(await presentAnew(`${input}.${mac}`));
    }
    const other = await aKey('RS256', key.jwk.kid);
    expectInvalidClient(await presentAnew(await signed(goodClaims(clinch, app), other)));
    const hs = Buffer.alloc(32, 1).toString('base64url');
    const symmetric = await aKeyedApp(clinch, key, { jwks: { keys: [{ kty: 'oct', k: hs, kid: 'x', alg: 'HS256' }] } });
    const input = `${encode({ alg: 'HS256', kid: 'x' })}.${Buffer.from(JSON.stringify(goodClaims(clinch, symmetric))).toString('base64url')}`;
    const mac = createHmac('sha256', Buffer.alloc(32, 1)).update(input).digest('base64url');
    expectInvalidClient(await presentAnew(`${input}.${mac}`));
  });

  it('CLAUTH-19 takes no critical header and no unencoded payload', async () => {
    const [, payload = '', signature = ''] = (await signed(goodClaims(clinch, app), key)).split('.');
    const headers: Claims[] = [
      { alg: 'ES256', kid: key.jwk.kid, crit: ['exp'], exp: 1 },
      { alg: 'ES256', kid: key.jwk.kid, crit: ['http://example.com/UNDEFINED'], 'http://example.com/UNDEFINED': true },
      { alg: 'ES256', kid: key.jwk.kid, b64: false, crit: ['b64'] },
      { alg: 'ES256', kid: key.jwk.kid, b64: false },
    ];
    for (const header of headers) {
      const encoded = Buffer.from(JSON.stringify(header)).toString('base64url');
      expectInvalidClient(await presentAnew(`${encoded}.${payload}.${signature}`));
    }
    const b64 = await signed(goodClaims(clinch, app), key, { b64: true, crit: ['b64'] });
    expectInvalidClient(await presentAnew(b64));
  });

  it('CLAUTH-19 refuses what is no JWT at all', async () => {
    for (const text of [
      'x',
      '..',
      'a.b.c',
      'a.b.c.d.e',
      '{}',
      'e30.e30.',
      `${'e30.'.repeat(2)}x`,
      '\0',
      'é.é.é',
      'a'.repeat(16_000),
    ]) {
      const answer = await presentAnew(text);
      if (text.length < 16_000) expectInvalidClient(answer);
      else expect([401, 413]).toContain(answer.status);
    }
    for (const payload of ['[]', 'null', '"x"', '1', '{', ''])
      expectInvalidClient(await presentAnew(await signed(payload, key)));
  });

  it('CLAUTH-21 takes no key that comes with the assertion, and fetches none', async () => {
    const trap = await listen(() => ({ body: { keys: [stranger.jwk] } }));
    const stranger = await aKey();
    const headers: Claims[] = [
      { jwk: stranger.jwk },
      { jku: `${trap.url}/jwks` },
      { x5u: `${trap.url}/cert` },
      { x5c: ['MIIB'] },
      { jku: `${trap.url}/jwks`, kid: stranger.jwk.kid },
      { jwk: stranger.jwk, kid: key.jwk.kid },
      { kid: `${trap.url}/kid` },
      { kid: '../../../etc/passwd' },
      { kid: "' OR 1=1 --" },
    ];
    for (const header of headers) {
      expectInvalidClient(await presentAnew(await signed(goodClaims(clinch, app), stranger, header)));
    }
    expect(trap.requests).toEqual([]);
    await trap.stop();
  });

  it('CLAUTH-24 fetches the keys of a client at most twice for 50 unknown kids', async () => {
    const own = await aKey();
    const keys = await listen(() => ({ body: { keys: [own.jwk] } }));
    const of = await aKeyedApp(clinch, own, { jwks: null, jwksUri: `${keys.url}/jwks` });
    for (let round = 0; round < 50; round++) {
      const header = { kid: randomUUID() };
      expectInvalidClient(await presentAnew(await signed(goodClaims(clinch, of), await aKey(), header)));
    }
    expect(keys.requests.length).toBeLessThanOrEqual(2);
    expectTokens(await presentAnew(await signed(goodClaims(clinch, of), own)));
    await keys.stop();
  });

  it.each([
    ['answers 500', { status: 500, body: {} }],
    ['redirects', { status: 302, body: {} }],
    ['answers nonsense', { body: { keys: 'x' } }],
    ['answers with too much', { body: { keys: [], padding: 'x'.repeat(600_000) } }],
  ])('CLAUTH-24 asks a key address that %s at most twice in 30 requests', async (_, answer) => {
    const keys = await listen(() => answer);
    const of = await aKeyedApp(clinch, key, { jwks: null, jwksUri: `${keys.url}/jwks` });
    for (let round = 0; round < 30; round++) {
      expectInvalidClient(await presentAnew(await signed(goodClaims(clinch, of), key)));
    }
    expect(keys.requests.length).toBeLessThanOrEqual(2);
    await keys.stop();
  });
});
