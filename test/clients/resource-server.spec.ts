import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, UserAgent } from '../support/user-agent.js';

/** An API that trusts one issuer: all it knows is the address (RFC 9068 §4). */
async function resourceServer(issuer: string): Promise<(token: string) => Promise<JWTPayload>> {
  const answer = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
  const metadata = (await answer.json()) as { issuer: string; jwks_uri: string };
  if (metadata.issuer !== issuer) throw new Error('RFC 8414 §3.3: the issuer of the metadata is another one');
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const requiredClaims = ['exp', 'sub', 'client_id', 'iat', 'jti'];
  return async (token) => {
    const rules = { issuer, audience: issuer, typ: 'at+jwt', algorithms: ['RS256'], requiredClaims };
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
});
