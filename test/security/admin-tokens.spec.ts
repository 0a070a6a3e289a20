import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenSigningService } from '../../src/token-signing/token-signing.service.js';
import { AdminRate, MOST_OF_APP, MOST_REFUSED } from '../../src/admin/admin-rate.js';
import { AdminApi } from '../support/admin-api.js';
import { anApp, aPerson } from '../support/builders.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, UserAgent } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;
let operations: { readonly name: string; readonly method: string; readonly path: string }[];

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  const document = (await (await fetch(`${clinch.url}/admin/openapi.json`)).json()) as {
    paths: Record<string, object>;
  };
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      name: `${method} ${path}`,
      method: method.toUpperCase(),
      path: path.replace('/admin/api/v1/', '').replaceAll(/\{\w+\}/g, 'nothing'),
    })),
  );
});
afterAll(() => clinch.stop());

/** Signed by us, but for one thing just as it should be. */
async function tokenWith(claims: object): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const good = {
    iss: clinch.url,
    aud: `${clinch.url}/admin/api/v1`,
    sub: OPERATOR.id,
    client_id: OPERATOR.id,
    scope: 'clinch:admin',
    iat,
    exp: iat + 60,
    jti: 'x',
  };
  return clinch.app.get(TokenSigningService).sign('at+jwt', { ...good, ...claims });
}

describe('ADMIN-01: each route', () => {
  it('refuses with 401 whatever is no access token of an app for this API', async () => {
    const agent = new UserAgent(clinch.url);
    const app = await anApp(clinch, { scope: 'openid' });
    const code = (await agent.authorize(authorizeUrl(clinch.url, app), await aPerson(clinch))).get('code') ?? '';
    const { body } = await redeem(clinch.url, app, code);
    const now = Math.floor(Date.now() / 1000);
    const credentials: Record<string, Record<string, string>> = {
      none: { authorization: '' },
      'of a person': { authorization: `Bearer ${String(body['access_token'])}` },
      'an id_token': { authorization: `Bearer ${String(body['id_token'])}` },
      expired: { authorization: `Bearer ${await tokenWith({ iat: now - 3_600, exp: now - 3_000 })}` },
      'for another API': { authorization: `Bearer ${await tokenWith({ aud: 'urn:example:reports' })}` },
      'of another issuer': { authorization: `Bearer ${await tokenWith({ iss: 'https://other.example' })}` },
      // A sign-in of a person, and whatever a page may have set, opens nothing here.
      'cookie only': { authorization: '', cookie: `clinch_session=x; token=${admin.token}` },
      'basic authentication': {
        authorization: `Basic ${Buffer.from(`${OPERATOR.id}:${OPERATOR.secret}`).toString('base64')}`,
      },
    };
    expect(operations.length).toBeGreaterThan(80);
    // What all of them are compared with does open it.
    const good = { authorization: `Bearer ${await tokenWith({})}` };
    expect((await admin.call('GET', 'users', undefined, good)).status).toBe(200);
    for (const { name, method, path } of operations) {
      const sent = method === 'GET' || method === 'DELETE' ? undefined : {};
      for (const [what, headers] of Object.entries(credentials)) {
        const { status } = await admin.call(method, path, sent, headers);
        expect(status, `${name}: ${what}`).toBe(401);
      }
    }
  }, 180_000);
});

describe('ADMIN-15: a way in for the first one who comes', () => {
  it.each(['setup', 'install', 'init', 'bootstrap', 'first-run', 'admin/setup', 'admin/api/v1/setup', 'console/setup'])(
    'there is none: /%s',
    async (path) => {
      for (const method of ['GET', 'POST']) {
        const { status } = await fetch(`${clinch.url}/${path}`, { method, redirect: 'manual' });
        expect(status, `${method} ${path}`).toBe(404);
      }
    },
  );
});

describe('ADMIN-13: more than the rate', () => {
  /** Counted by the minute of the clock, which may turn between the counting and the request. */
  async function beyond(count: (rate: AdminRate) => void, headers: Readonly<Record<string, string>> = {}) {
    const rate = clinch.app.get(AdminRate, { strict: false });
    for (let attempt = 1; ; attempt += 1) {
      // Others were counted before in this minute.
      try {
        count(rate);
      } catch (error) {
        expect(error).toMatchObject({ kind: 'too-many-requests' });
      }
      const answer = await admin.call('GET', 'settings', undefined, headers);
      if (answer.status === 429 || attempt === 3) return answer;
    }
  }

  it('of an app is answered 429 with Retry-After, and reaches nothing', async () => {
    const answer = await beyond((rate) => {
      for (let count = 0; count < MOST_OF_APP; count++) {
        try {
          rate.countApp(OPERATOR.id);
        } catch {
          return;
        }
      }
    });
    expect([answer.status, answer.body['type']]).toEqual([429, 'urn:clinch:problem:too-many-requests']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(answer.body).not.toHaveProperty('company_name');
  });

  it('of an address with many bad tokens is answered 429 in the place of 401', async () => {
    const answer = await beyond(
      (rate) => {
        for (let count = 0; count < MOST_REFUSED; count++) rate.countRefused('127.0.0.1');
      },
      { authorization: 'Bearer x' },
    );
    expect([answer.status, answer.body['type']]).toEqual([429, 'urn:clinch:problem:too-many-requests']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
