import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClientStore } from '../../src/app-registry/client-store.js';
import { newClientSecret } from '../../src/app-registry/client-secret.js';
import { anApp, type TestApp } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, postToken, type TokenAnswer } from '../support/user-agent.js';
import { aKey, aKeyedApp, ASSERTION_TYPE, goodClaims, present, signed, type Key } from './support/assertions.js';
import { changeApp } from './support/arrange.js';
import { expectInvalidClient, expectTokenError, expectTokens } from './support/expectations.js';
import { asTokenAnswer, rawRequest } from './support/raw-http.js';

const FORM: [string, string] = ['Content-Type', 'application/x-www-form-urlencoded'];
const BODY = { grant_type: 'client_credentials' };
const HOUR = 3_600_000;

describe('client authentication under attack (RFC 6749 §2.3, OpenID Connect Core 1.0 §9)', () => {
  let clinch: TestClinch;
  let key: Key;

  beforeAll(async () => {
    // The tests stand behind a proxy, so that they can come from several addresses.
    clinch = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1' });
    key = await aKey();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(() => clinch.stop());

  const machine = (method: TestApp['method'] = 'client_secret_basic'): Promise<TestApp> =>
    anApp(clinch, { grantTypes: ['client_credentials'], scope: 'x', tokenEndpointAuthMethod: method });

  function basic(id: string, secret: string): Record<string, string> {
    return { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
  }

  async function raw(...headers: (readonly [string, string])[]): Promise<TokenAnswer> {
    const body = new URLSearchParams(BODY).toString();
    return asTokenAnswer(await rawRequest(clinch.url, 'POST', '/oidc/token', [FORM, ...headers], body));
  }

  it('CLAUTH-02 refuses a wrong secret with the challenge of the Basic scheme', async () => {
    const app = await machine();
    const near = [app.clientSecret.slice(0, -1), `${app.clientSecret} `, app.clientSecret.toUpperCase(), 'x', ''];
    for (const secret of near) expectInvalidClient(await postToken(clinch.url, BODY, basic(app.clientId, secret)));
    expectTokens(await postToken(clinch.url, BODY, basic(app.clientId, app.clientSecret)));
  });

  it('CLAUTH-04 answers an unknown and a disabled client like a wrong secret', async () => {
    const [app, disabled] = [await machine(), await machine()];
    await changeApp(clinch, disabled, { enabled: false });
    const answers = [
      await postToken(clinch.url, BODY, basic(app.clientId, newClientSecret())),
      await postToken(clinch.url, BODY, basic('nobody', newClientSecret())),
      await postToken(clinch.url, BODY, basic(disabled.clientId, disabled.clientSecret)),
    ];
    const shape = ({ status, body, headers }: TokenAnswer) => ({
      status,
      body,
      names: [...headers.keys()].sort(),
      challenge: headers.get('www-authenticate'),
    });
    for (const answer of answers) {
      expectInvalidClient(answer);
      expect(shape(answer)).toEqual(answers[0] && shape(answers[0]));
    }
  });

  it('CLAUTH-05 refuses Basic beside a secret in the body', async () => {
    const app = await machine();
    const form = { ...BODY, client_id: app.clientId, client_secret: app.clientSecret };
    expectTokenError(await postToken(clinch.url, form, credentials(app).headers), 'invalid_request');
    const post = await machine('client_secret_post');
    const both = await postToken(
      clinch.url,
      { ...BODY, ...credentials(post).form },
      basic(post.clientId, post.clientSecret),
    );
    expectTokenError(both, 'invalid_request');
  });

  it('CLAUTH-06 refuses an assertion beside any secret', async () => {
    const app = await aKeyedApp(clinch, key);
    const other = await machine();
    const assertion = await signed(goodClaims(clinch, app), key);
    expectTokenError(await present(clinch, assertion, {}, credentials(other).headers), 'invalid_request');
    expectTokenError(await present(clinch, assertion, { client_secret: 'x' }), 'invalid_request');
    const typeOnly = { ...BODY, client_assertion_type: ASSERTION_TYPE };
    expectTokenError(await postToken(clinch.url, typeOnly, credentials(other).headers), 'invalid_request');
    expectTokens(await present(clinch, assertion));
  });

  it('CLAUTH-07 refuses Basic of one client and the client_id of another', async () => {
    const [one, other] = [await machine(), await machine()];
    const form = { ...BODY, client_id: other.clientId };
    expectTokenError(await postToken(clinch.url, form, credentials(one).headers), 'invalid_request');
    expectTokens(await postToken(clinch.url, { ...BODY, client_id: one.clientId }, credentials(one).headers));
  });

  it('CLAUTH-09 takes the method that is registered for the client and no other', async () => {
    const ofBasic = await machine();
    const inBody = { ...BODY, client_id: ofBasic.clientId, client_secret: ofBasic.clientSecret };
    expectInvalidClient(await postToken(clinch.url, inBody));
    expectInvalidClient(await postToken(clinch.url, { ...BODY, client_id: ofBasic.clientId }));
    const ofPost = await machine('client_secret_post');
    expectInvalidClient(await postToken(clinch.url, BODY, basic(ofPost.clientId, ofPost.clientSecret)));
    const ofKey = await aKeyedApp(clinch, key);
    expectInvalidClient(await postToken(clinch.url, BODY, basic(ofKey.clientId, ofKey.clientSecret)));
    expectInvalidClient(await postToken(clinch.url, { ...BODY, client_id: ofKey.clientId }));
    const keyless = { ...goodClaims(clinch, ofBasic) };
    expectInvalidClient(await present(clinch, await signed(keyless, key)));
  });

  it('CLAUTH-09 takes no old secret of a client that has changed to keys', async () => {
    const app = await machine();
    await changeApp(clinch, app, { tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [{ ...key.jwk }] } });
    expectInvalidClient(await postToken(clinch.url, BODY, basic(app.clientId, app.clientSecret)));
    expectTokens(await present(clinch, await signed(goodClaims(clinch, app), key)));
  });

  it('CLAUTH-10 never takes a public client for a confidential one', async () => {
    const app = await anApp(clinch, {
      tokenEndpointAuthMethod: 'none',
      grantTypes: ['client_credentials'],
      scope: 'x',
    });
    for (const secret of ['x', app.clientSecret, 'undefined', 'null']) {
      expectInvalidClient(await postToken(clinch.url, { ...BODY, client_id: app.clientId, client_secret: secret }));
      expectInvalidClient(await postToken(clinch.url, BODY, basic(app.clientId, secret)));
    }
    expectInvalidClient(await postToken(clinch.url, BODY, basic(app.clientId, '')));
    const alone = await postToken(clinch.url, { ...BODY, client_id: app.clientId, client_secret: '' });
    expectTokenError(alone, 'unauthorized_client');
  });

  it('CLAUTH-11 refuses malformed Basic credentials, and takes the scheme in any case', async () => {
    const app = await machine();
    const pair = `${app.clientId}:${app.clientSecret}`;
    const good = Buffer.from(pair).toString('base64');
    const encode = (bytes: string | Buffer) => `Basic ${Buffer.from(bytes).toString('base64')}`;
    const malformed = [
      'Basic',
      'Basic ',
      `Basic  ${good}`,
      `Basic ${good},`,
      `Basic ${good} x`,
      `Basic\t${good}`,
      `Basic ${good.slice(0, -1)}!`,
      `Basic ===`,
      encode(app.clientId),
      encode(`:${app.clientSecret}`),
      encode(`${pair}\0`),
      encode(`\0${pair}`),
      encode(`${app.clientId}%00:${app.clientSecret}`),
      encode(`${app.clientId}%zz:${app.clientSecret}`),
      encode(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(pair)])),
      `Basic ${Buffer.from([0xfb, 0xff, 0x3a, 0x41]).toString('base64url')}`,
      encode('a'.repeat(6_000)),
    ];
    for (const header of malformed) expectInvalidClient(await raw(['Authorization', header]));
    const huge = await rawRequest(clinch.url, 'POST', '/oidc/token', [
      FORM,
      ['Authorization', `Basic ${'A'.repeat(100_000)}`],
    ]);
    expect(huge.status).toBe(431);
    for (const scheme of ['Basic', 'basic', 'BASIC']) expectTokens(await raw(['Authorization', `${scheme} ${good}`]));
  });

  it('CLAUTH-12 refuses two Authorization headers, and other schemes', async () => {
    const [one, other] = [await machine(), await machine()];
    const [first, second] = [one, other].map((app) => credentials(app).headers['Authorization'] ?? '');
    for (const header of [first, second]) {
      const answer = await raw(['Authorization', first ?? ''], ['authorization', header ?? '']);
      expectTokenError(answer, 'invalid_request');
    }
    expectInvalidClient(await raw(['Authorization', `${first ?? ''}, ${second ?? ''}`]));
    for (const scheme of ['Bearer', 'Digest', 'Negotiate', 'DPoP']) {
      expectInvalidClient(await raw(['Authorization', `${scheme} ${randomBytes(20).toString('base64')}`]));
    }
    const beside = await postToken(clinch.url, { ...BODY, client_id: one.clientId }, { Authorization: 'Bearer x' });
    expectInvalidClient(beside);
  });

  it('CLAUTH-23 wants the right client_assertion_type, once', async () => {
    const app = await aKeyedApp(clinch, key);
    const assertion = await signed(goodClaims(clinch, app), key);
    const types = [
      'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
      ASSERTION_TYPE.toUpperCase(),
      `${ASSERTION_TYPE} `,
      '',
    ];
    for (const type of types) expectInvalidClient(await present(clinch, assertion, { client_assertion_type: type }));
    expectInvalidClient(await postToken(clinch.url, { ...BODY, client_assertion_type: ASSERTION_TYPE }));
    for (const name of ['client_assertion_type', 'client_assertion']) {
      const twice = new URLSearchParams({
        ...BODY,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: assertion,
      });
      twice.append(name, twice.get(name) ?? '');
      expectTokenError(await postToken(clinch.url, twice), 'invalid_request');
    }
    expectTokens(await present(clinch, assertion));
  });

  async function guess(app: TestApp, from: string, secret = 'wrong'): Promise<TokenAnswer> {
    return postToken(clinch.url, BODY, { ...basic(app.clientId, secret), 'X-Forwarded-For': from });
  }

  it('CLAUTH-25 stops guessing from one address, and hurts nobody else', async () => {
    const [app, other] = [await machine(), await machine()];
    const answers: TokenAnswer[] = [];
    for (let round = 0; round < 100; round++) answers.push(await guess(app, '192.0.2.1'));
    const stopped = answers.findIndex(({ status }) => status === 429);
    expect(stopped).toBeGreaterThan(0);
    expect(stopped).toBeLessThanOrEqual(20);
    for (const answer of answers.slice(stopped)) {
      expectTokenError(answer, 'invalid_client', 429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await guess(app, '192.0.2.1', app.clientSecret)).status).toBe(429);
    expectTokens(await guess(app, '192.0.2.2', app.clientSecret));
    expectTokens(await guess(other, '192.0.2.1', other.clientSecret));
    expectTokens(await guess(app, '2001:db8::1', app.clientSecret));
  });

  it('CLAUTH-25 keeps nobody out of a public app, which has nothing to guess', async () => {
    const open = await anApp(clinch, { tokenEndpointAuthMethod: 'none' });
    const from = { 'X-Forwarded-For': '192.0.2.40' };
    const form = {
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: open.redirectUri,
      client_id: open.clientId,
    };
    for (let round = 0; round < 30; round++) await postToken(clinch.url, { ...form, client_secret: 'x' }, from);
    for (let round = 0; round < 30; round++) await postToken(clinch.url, { ...form, client_id: 'nobody' }, from);
    expectTokenError(await postToken(clinch.url, form, from), 'invalid_grant');
  });

  it('CLAUTH-25 counts the guesses that arrive together', async () => {
    const app = await machine();
    const answers = await Promise.all(Array.from({ length: 100 }, () => guess(app, '192.0.2.20')));
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(20);
  });

  it('CLAUTH-25 counts the addresses of one IPv6 network as one', async () => {
    const app = await machine();
    const answers: TokenAnswer[] = [];
    for (let round = 0; round < 25; round++) answers.push(await guess(app, `2001:db8:1:2::${round.toString(16)}`));
    expect(answers.at(-1)?.status).toBe(429);
    expectTokens(await guess(app, '2001:db8:1:3::1', app.clientSecret));
  });

  it('CLAUTH-25 counts failed assertions for the client that they name, and hurts no other', async () => {
    const [attacked, other] = [await aKeyedApp(clinch, key), await aKeyedApp(clinch, key)];
    const stranger = await aKey();
    const from = { 'X-Forwarded-For': '192.0.2.30' };
    const answers: TokenAnswer[] = [];
    for (let round = 0; round < 25; round++) {
      answers.push(await present(clinch, await signed(goodClaims(clinch, attacked), stranger), {}, from));
    }
    expect(answers.at(-1)?.status).toBe(429);
    expectTokens(await present(clinch, await signed(goodClaims(clinch, other), key), {}, from));
  });

  it('CLAUTH-26 takes the old and the new secret while they overlap, and notes which was used', async () => {
    const app = await machine();
    const store = clinch.app.get(ClientStore);
    const [old] = await store.secrets.findBy({ clientId: app.clientId });
    const secret = newClientSecret();
    const row = await store.addSecret(app.clientId, secret, new Date(Date.now() + HOUR));
    expectTokens(await postToken(clinch.url, BODY, basic(app.clientId, app.clientSecret)));
    expectTokens(await postToken(clinch.url, BODY, basic(app.clientId, secret)));
    await vi.waitFor(async () => {
      const rows = await store.secrets.findBy({ clientId: app.clientId });
      expect(rows.map(({ lastUsedAt }) => lastUsedAt instanceof Date)).toEqual([true, true]);
    });
    await expect(store.addSecret(app.clientId, newClientSecret(), null)).rejects.toThrow('two live secrets');
    await store.endSecret(app.clientId, old?.id ?? '');
    expectInvalidClient(await postToken(clinch.url, BODY, basic(app.clientId, app.clientSecret)));
    expectTokens(await postToken(clinch.url, BODY, basic(app.clientId, secret)));
    expect(row.expiresAt).toBeInstanceOf(Date);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR + 1 });
    expectInvalidClient(await postToken(clinch.url, BODY, basic(app.clientId, secret)));
  });
});
