import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type JWK, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateChain, certificateChain, thumbprintOf } from '../support/certificate-chain.js';
import {
  type AlibabaCloudSettings,
  type RunningAlibabaCloud,
  startAlibabaCloud,
} from '../support/start-alibaba-cloud.js';

let chain: CertificateChain;
let signingKey: CryptoKey;
let keys: JWK[];
const servers: Server[] = [];
let alibaba: RunningAlibabaCloud | undefined;

beforeAll(async () => {
  chain = certificateChain();
  const pair = await generateKeyPair('RS256');
  signingKey = pair.privateKey;
  keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'one' }];
});

afterEach(async () => {
  await alibaba?.stop();
  alibaba = undefined;
});

afterAll(() => servers.forEach((server) => server.close()));

/** An issuer by https that presents these certificates. */
async function anIssuer(cert = chain.presented): Promise<string> {
  let issuer = '';
  const server = createServer({ key: chain.key, cert }, (request, response) => {
    response.end(JSON.stringify(request.url === '/jwks' ? { keys } : { issuer, jwks_uri: `${issuer}/jwks` }));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
  return issuer;
}

/** The answer of STS to a token that is right, where this stands in RAM. */
async function answerFor(settings: AlibabaCloudSettings): Promise<string> {
  alibaba = await startAlibabaCloud(settings);
  const token = await new SignJWT({ sub: 'u001' })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer(settings.issuer)
    .setAudience('aliyun')
    .setIssuedAt()
    .setExpirationTime('5 minutes')
    .sign(signingKey);
  const parameters = { Action: 'AssumeRoleWithOIDC', Version: '2015-04-01', RoleSessionName: 'u001', OIDCToken: token };
  const arns = { OIDCProviderArn: alibaba.providerArn, RoleArn: alibaba.roleArn('clinch-ops') };
  const body = new URLSearchParams({ ...parameters, ...arns });
  const answer = (await (await fetch(alibaba.stsUrl, { method: 'POST', body })).json()) as Record<string, unknown>;
  return typeof answer['Code'] === 'string' ? answer['Code'].replace('AuthenticationFail.OIDCToken.', '') : 'success';
}

describe('an issuer by https, as Alibaba Cloud looks at it', () => {
  it('is accepted with a chain that is trusted and the thumbprint of the last certificate that it presents', async () => {
    const issuer = await anIssuer();
    const fingerprints = [thumbprintOf(chain.intermediate).toUpperCase()];
    expect(await answerFor({ issuer, fingerprints, authorities: [chain.root] })).toBe('success');
  });

  it('is accepted by the thumbprint of the root where it presents that too', async () => {
    const issuer = await anIssuer(`${chain.presented}${chain.root}`);
    const authorities = [chain.root];
    expect(await answerFor({ issuer, fingerprints: [thumbprintOf(chain.root)], authorities })).toBe('success');
  });

  it.each([
    ['of the server itself', () => chain.certificate],
    ['of a root that is not presented', () => chain.root],
  ])('is refused with the thumbprint %s', async (_, pem) => {
    const issuer = await anIssuer();
    const fingerprints = [thumbprintOf(pem())];
    expect(await answerFor({ issuer, fingerprints, authorities: [chain.root] })).toBe('PublicKeyFingerprintMismatch');
  });

  it('is refused with a chain that ends in an authority of the company’s own', async () => {
    const issuer = await anIssuer();
    expect(await answerFor({ issuer, fingerprints: [thumbprintOf(chain.intermediate)] })).toBe('HttpsUrlInvalid');
  });

  it('is refused when it presents its own certificate only', async () => {
    const issuer = await anIssuer(chain.certificate);
    const fingerprints = [thumbprintOf(chain.certificate)];
    expect(await answerFor({ issuer, fingerprints, authorities: [chain.root] })).toBe('HttpsUrlInvalid');
  });

  it('is broken when nobody listens there', async () => {
    const issuer = 'https://localhost:9';
    expect(await answerFor({ issuer, authorities: [chain.root] })).toBe('IssuerConfigurationBroken');
  });
});
