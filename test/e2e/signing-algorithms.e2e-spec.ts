import { compactVerify, createRemoteJWKSet, decodeProtectedHeader, importJWK, jwtVerify, type JWK } from 'jose';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../../src/protocol/signing-algorithm.js';
import { TokenSigningService } from '../../src/token-signing/token-signing.service.js';
import { AdminApi } from '../support/admin-api.js';
import { anApp, aPerson, REDIRECT_URI, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { tokensOf } from '../support/tokens.js';
import { UserAgent } from '../support/user-agent.js';

describe.each(SIGNING_ALGORITHMS)('an app with %s', (algorithm) => {
  let clinch: TestClinch;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  const withAlgorithm = () => anApp(clinch, { idTokenSignedResponseAlg: algorithm });
  const jwks = async () => ((await (await fetch(`${clinch.url}/oidc/jwks`)).json()) as { keys: JWK[] }).keys;

  it('has its id_token signed so, and its access token with RS256, which jose verifies', async () => {
    const app = await withAlgorithm();
    const { body } = await tokensOf(clinch, app, person, { scope: ['openid'] });
    const keys = createRemoteJWKSet(new URL(`${clinch.url}/oidc/jwks`));
    const idToken = await jwtVerify(String(body['id_token']), keys, { issuer: clinch.url, algorithms: [algorithm] });
    expect(idToken.protectedHeader).toEqual({ alg: algorithm, typ: 'JWT', kid: idToken.protectedHeader.kid });
    const accessToken = await jwtVerify(String(body['access_token']), keys, { algorithms: ['RS256'], typ: 'at+jwt' });
    expect(accessToken.protectedHeader.kid === idToken.protectedHeader.kid).toBe(algorithm === 'RS256');
  });

  it('has it verified by openid-client, hash of the access token and all', async () => {
    const app = await withAlgorithm();
    const config = await client.discovery(
      new URL(clinch.url),
      app.clientId,
      { client_secret: app.clientSecret, id_token_signed_response_alg: algorithm },
      client.ClientSecretBasic(app.clientSecret),
      { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
    );
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const answer = await new UserAgent(clinch.url).authorize(url.href, person);
    const callback = new URL(`${REDIRECT_URI}?${answer.toString()}`);
    const tokens = await client.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier });
    expect(tokens.claims()?.sub).toBe(person.id);
  });

  it('finds its key among those that are published, made for this algorithm and no other (RFC 8725 §3.1)', async () => {
    const app = await withAlgorithm();
    const { body } = await tokensOf(clinch, app, person, { scope: ['openid'] });
    const idToken = String(body['id_token']);
    const { kid } = decodeProtectedHeader(idToken);
    const published = await jwks();
    const own = published.filter((key) => key.kid === kid);
    expect(own).toHaveLength(1);
    expect(own[0]?.alg).toBe(algorithm);
    for (const key of published) expect(key, key.alg).not.toHaveProperty('d');
    await expect(compactVerify(idToken, await importJWK(own[0] ?? {}, algorithm))).resolves.toBeDefined();
  });

  it('is believed as a hint, and not when its header says anything else (RFC 8725 §3.1)', async () => {
    const signing = clinch.app.get(TokenSigningService);
    const app = await withAlgorithm();
    const { body } = await tokensOf(clinch, app, person, { scope: ['openid'] });
    const [header = '', payload = '', signature = ''] = String(body['id_token']).split('.');
    expect(await signing.verify([header, payload, signature].join('.'), 'JWT')).toMatchObject({ aud: app.clientId });
    const said = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: SigningAlgorithm };
    for (const alg of [...SIGNING_ALGORITHMS, 'none', 'HS256'].filter((each) => each !== algorithm)) {
      const other = Buffer.from(JSON.stringify({ ...said, alg })).toString('base64url');
      expect(await signing.verify([other, payload, signature].join('.'), 'JWT'), alg).toBeUndefined();
    }
  });

  it('is set by the admin API and says so in its registration', async () => {
    const admin = await AdminApi.of(clinch);
    const app = await withAlgorithm();
    const path = `apps/${app.clientId}`;
    expect((await admin.call('GET', path)).body).toMatchObject({ id_token_signed_response_alg: algorithm });
    const change = { id_token_signed_response_alg: 'ES256' };
    expect((await admin.call('PATCH', path, change)).body).toMatchObject(change);
    expect((await admin.call('PATCH', path, { id_token_signed_response_alg: 'none' })).status).toBe(400);
  });
});
