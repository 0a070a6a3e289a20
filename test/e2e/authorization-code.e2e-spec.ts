import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, pkce, redeem, UserAgent } from '../support/user-agent.js';

describe('authorization code + PKCE (RFC 6749 §4.1, RFC 7636)', () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch, { requirePkce: true });
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  it('signs a person in and redeems the code for tokens that verify', async () => {
    const agent = new UserAgent(clinch.url);
    const { verifier, challenge } = pkce();
    const url = authorizeUrl(clinch.url, app, {
      scope: 'openid profile email',
      nonce: 'n-1',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    const answer = await agent.authorize(url, person);
    expect(answer.get('state')).toBe('the-state');
    expect(answer.get('iss')).toBe(clinch.url);
    expect([...answer.keys()]).toEqual(['code', 'state', 'iss']);
    const tokens = await redeem(clinch.url, app, answer.get('code') ?? '', { code_verifier: verifier });
    expect(tokens.body).toMatchObject({ token_type: 'Bearer', expires_in: 7200, scope: 'openid profile email' });
    expect(tokens.status).toBe(200);
    const keys = createRemoteJWKSet(new URL(`${clinch.url}/oidc/jwks`));
    const idToken = await jwtVerify(String(tokens.body['id_token']), keys, {
      issuer: clinch.url,
      audience: app.clientId,
    });
    expect(idToken.payload).toMatchObject({ sub: person.id, nonce: 'n-1', amr: ['pwd'] });
    const userinfo = await fetch(`${clinch.url}/oidc/userinfo`, {
      headers: { Authorization: `Bearer ${String(tokens.body['access_token'])}` },
    });
    expect(await userinfo.json()).toMatchObject({ sub: person.id, name: '李华', email: 'lihua@example.com' });
    const again = await redeem(clinch.url, app, answer.get('code') ?? '', { code_verifier: verifier });
    expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const after = await fetch(`${clinch.url}/oidc/userinfo`, {
      headers: { Authorization: `Bearer ${String(tokens.body['access_token'])}` },
    });
    expect(after.status).toBe(401);
  });
});
