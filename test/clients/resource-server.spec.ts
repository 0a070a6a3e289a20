import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, postToken, redeem, UserAgent } from '../support/user-agent.js';

/** An API that trusts one issuer: all it knows is that address, and its own identifier (RFC 9068 §4). */
async function resourceServer(issuer: string, audience = issuer): Promise<(token: string) => Promise<JWTPayload>> {
  const answer = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
  const metadata = (await answer.json()) as { issuer: string; jwks_uri: string };
  if (metadata.issuer !== issuer) throw new Error('RFC 8414 §3.3: the issuer of the metadata is another one');
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const requiredClaims = ['exp', 'sub', 'client_id', 'iat', 'jti'];
  return async (token) => {
    const rules = { issuer, audience, typ: 'at+jwt', algorithms: ['RS256'], requiredClaims };
    return (await jwtVerify(token, keys, rules)).payload;
  };
}

describe('a resource server that knows only the issuer (RFC 9068 §4)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;
  let tokens: { access_token: string; id_token: string };
  let accept: (token: string) => Promise<JWTPayload>;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    person = await aPerson(clinch);
    const answer = await new UserAgent(clinch.url).authorize(
      authorizeUrl(clinch.url, app, { scope: 'openid email' }),
      person,
    );
    tokens = (await redeem(clinch.url, app, answer.get('code') ?? '')).body as typeof tokens;
    accept = await resourceServer(clinch.url);
  });
  afterAll(() => clinch.stop());

  it('accepts an access token and learns who, which app, and what scope', async () => {
    const claims = await accept(tokens.access_token);
    expect(claims).toMatchObject({ sub: person.id, client_id: app.clientId, scope: 'openid email' });
    expect(claims.exp).toBe(Number(claims.iat) + 7200);
  });

  it('refuses an id_token in its place', async () => {
    await expect(accept(tokens.id_token)).rejects.toMatchObject({ code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
  });

  it('refuses a token whose claims were changed', async () => {
    const [header = '', body = '', signature = ''] = tokens.access_token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as JWTPayload;
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody-else' })).toString('base64url');
    await expect(accept(`${header}.${forged}.${signature}`)).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    });
  });

  it('refuses a token of an issuer with other keys', async () => {
    const other = await startClinch();
    try {
      const theirs = await resourceServer(other.url);
      await expect(theirs(tokens.access_token)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    } finally {
      await other.stop();
    }
  });

  it("refuses an access token for the admin API, whose audience is another one's", async () => {
    await expect(accept(await clinch.adminToken())).rejects.toMatchObject({
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
      claim: 'aud',
    });
  });

  describe('and has an identifier of its own (RFC 8707)', () => {
    const ORDERS = 'https://orders.example.com';
    const STOCK = 'urn:example:stock';
    let orders: (token: string) => Promise<JWTPayload>;
    let stock: (token: string) => Promise<JWTPayload>;
    let reader: TestApp;
    let machine: TestApp;

    beforeAll(async () => {
      const admin = await AdminApi.of(clinch);
      const scopes = [{ name: 'orders:read' }];
      await admin.made('api-resources', { identifier: ORDERS, name: 'Orders', scopes, access_token_lifetime: 300 });
      await admin.made('api-resources', { identifier: STOCK, name: 'Stock', scopes: [{ name: 'stock:read' }] });
      const apiAccess = [
        { resource: ORDERS, scope: 'orders:read' },
        { resource: STOCK, scope: 'stock:read' },
      ];
      reader = await anApp(clinch, { apiAccess });
      machine = await anApp(clinch, { apiAccess, grantTypes: ['client_credentials'] });
      orders = await resourceServer(clinch.url, ORDERS);
      stock = await resourceServer(clinch.url, STOCK);
    });

    async function machineToken(form: Record<string, string>): Promise<string> {
      const body = { grant_type: 'client_credentials', ...form };
      return String((await postToken(clinch.url, body, credentials(machine).headers)).body['access_token']);
    }

    it('learns of a person: who, by which app, what scope, for how long', async () => {
      const url = authorizeUrl(clinch.url, reader, { scope: 'openid email orders:read', resource: ORDERS });
      const answer = await new UserAgent(clinch.url).authorize(url, person);
      const { body } = await redeem(clinch.url, reader, answer.get('code') ?? '');
      const claims = await orders(String(body['access_token']));
      expect(claims).toMatchObject({ sub: person.id, client_id: reader.clientId, aud: ORDERS, scope: 'orders:read' });
      expect(claims.exp).toBe(Number(claims.iat) + 300);
      for (const refuse of [stock, accept]) {
        await expect(refuse(String(body['access_token']))).rejects.toMatchObject({ claim: 'aud' });
      }
    });

    it('learns of an app that acts for itself', async () => {
      const claims = await orders(await machineToken({ resource: ORDERS }));
      expect(claims).toMatchObject({ sub: machine.clientId, client_id: machine.clientId, scope: 'orders:read' });
      expect(claims).not.toHaveProperty('auth_time');
    });

    it('accepts no token that is for another API, for userinfo, or for the admin API', async () => {
      const others = [
        await machineToken({ resource: STOCK }),
        await machineToken({ scope: 'stock:read' }),
        tokens.access_token,
        await clinch.adminToken(),
      ];
      for (const token of others) await expect(orders(token)).rejects.toMatchObject({ claim: 'aud' });
    });
  });
});
