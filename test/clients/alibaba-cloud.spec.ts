import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { type CertificateChain, certificateChain } from '../support/certificate-chain.js';
import { type RunningAlibabaCloud, startAlibabaCloud } from '../support/start-alibaba-cloud.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { tokensOf } from '../support/tokens.js';

/** What the STS library does, as far as it is used here. */
interface StsLibrary {
  readonly default: new (config: object) => {
    assumeRoleWithOIDC(request: object): Promise<{
      readonly body: {
        readonly credentials: Readonly<Record<string, string>>;
        readonly assumedRoleUser: Readonly<Record<string, string>>;
        readonly OIDCTokenInfo: Readonly<Record<string, string>>;
      };
    }>;
  };
  readonly AssumeRoleWithOIDCRequest: new (fields: object) => object;
}

// Required, not imported: the packages ship their sources beside their types, and the compiler would hold them to our rules.
const require = createRequire(import.meta.url);
const sts = require('@alicloud/sts20150401') as StsLibrary;
const { $OpenApiUtil } = require('@alicloud/openapi-core') as {
  $OpenApiUtil: { Config: new (fields: object) => object };
};

let clinch: TestClinch;
let person: TestPerson;
let app: TestApp;
let idToken: string;

beforeAll(async () => {
  clinch = await startClinch();
  person = await aPerson(clinch);
  app = await anApp(clinch);
  const { body } = await tokensOf(clinch, app, person, { scope: ['openid'] });
  idToken = String(body['id_token']);
});
afterAll(() => clinch.stop());

describe('@alicloud/sts20150401, the official library of STS', () => {
  let alibaba: RunningAlibabaCloud;

  beforeEach(async () => {
    alibaba = await startAlibabaCloud({ issuer: clinch.url, clientIds: [app.clientId] });
    return () => alibaba.stop();
  });

  function assumeRole(change: object = {}) {
    // No AccessKey: the request is not signed.
    const config = new $OpenApiUtil.Config({ endpoint: new URL(alibaba.url).host, protocol: 'http' });
    const request = new sts.AssumeRoleWithOIDCRequest({
      OIDCProviderArn: alibaba.providerArn,
      OIDCToken: idToken,
      roleArn: alibaba.roleArn('clinch-ops'),
      roleSessionName: person.username,
      durationSeconds: 900,
      ...change,
    });
    return new sts.default(config).assumeRoleWithOIDC(request);
  }

  it('takes a role with an id_token of Clinch', async () => {
    const { body } = await assumeRole();
    expect(body.OIDCTokenInfo).toMatchObject({ issuer: clinch.url, clientIds: app.clientId, subject: person.id });
    expect(body.assumedRoleUser['arn']).toBe(`${alibaba.roleArn('clinch-ops')}/${person.username}`);
    expect(body.credentials['accessKeyId']).toMatch(/^STS\./);
    const seconds = (Date.parse(body.credentials['expiration'] ?? '') - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(880);
    expect(seconds).toBeLessThanOrEqual(900);
  });

  it('puts the token into the query of a POST, where proxies write it down; Clinch itself does not use it for that', async () => {
    await assumeRole();
    const [{ method, inQuery, inForm }] = alibaba.calls as [(typeof alibaba.calls)[number]];
    expect(method).toBe('POST');
    expect(inQuery).toEqual(expect.arrayContaining(['OIDCToken', 'RoleArn', 'Action', 'SignatureNonce']));
    expect(inForm).toEqual([]);
  });

  it('hears why it is refused', async () => {
    const role = alibaba.world.account.role('clinch-readonly');
    const statement = role?.trustPolicy.Statement[0];
    if (!role || !statement) throw new Error('there is no such role');
    const stricter = { StringEquals: { ...statement.Condition?.['StringEquals'], 'oidc:sub': 'somebody-else' } };
    role.trustPolicy = { Version: '1', Statement: [{ ...statement, Condition: stricter }] };
    await expect(assumeRole({ roleArn: alibaba.roleArn('clinch-readonly') })).rejects.toMatchObject({
      code: 'AuthenticationFail.NoPermission',
      statusCode: 401,
    });
    await expect(assumeRole({ roleArn: alibaba.roleArn('absent') })).rejects.toMatchObject({
      code: 'EntityNotExist.Role',
      statusCode: 404,
    });
    alibaba.provider.clientIds = ['another-app'];
    await expect(assumeRole()).rejects.toMatchObject({ code: 'AuthenticationFail.OIDCToken.AudienceNotMatch' });
  });
});

/** It speaks https only, and reads its CA where Node does: in a process of its own. */
const CREDENTIALS_PROGRAM = `
const { default: Credential, Config } = require('@alicloud/credentials');
const given = JSON.parse(process.env.GIVEN);
const credential = new Credential(new Config({ type: 'oidc_role_arn', ...given }));
credential.getCredential().then(
  (got) => console.log(JSON.stringify({ type: got.type, accessKeyId: got.accessKeyId, hasToken: Boolean(got.securityToken) })),
  (error) => console.log(JSON.stringify({ error: error.message })),
);
`;

describe('@alicloud/credentials, by which programs find their credentials', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clinch-credentials-'));
  let chain: CertificateChain;
  let alibaba: RunningAlibabaCloud;

  beforeAll(async () => {
    chain = certificateChain();
    writeFileSync(join(folder, 'root.pem'), chain.root);
    const tls = { key: chain.key, cert: chain.presented };
    alibaba = await startAlibabaCloud({ issuer: clinch.url, clientIds: [app.clientId], tls });
  });
  afterAll(async () => {
    await alibaba.stop();
    rmSync(folder, { recursive: true });
  });

  async function credential(token: string): Promise<Record<string, unknown>> {
    const oidcTokenFilePath = join(folder, 'token');
    writeFileSync(oidcTokenFilePath, token);
    const given = {
      roleArn: alibaba.roleArn('clinch-ops'),
      oidcProviderArn: alibaba.providerArn,
      oidcTokenFilePath,
      roleSessionName: 'nightly-job',
      stsEndpoint: new URL(alibaba.url).host,
    };
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'root.pem'), GIVEN: JSON.stringify(given) };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', CREDENTIALS_PROGRAM], { env });
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  it('takes a role with an id_token in a file, which it sends in a form', async () => {
    expect(await credential(idToken)).toEqual({
      type: 'oidc_role_arn',
      accessKeyId: expect.stringMatching(/^STS\./),
      hasToken: true,
    });
    const [{ inQuery, inForm, values }] = alibaba.calls as [(typeof alibaba.calls)[number]];
    expect(inQuery.toSorted()).toEqual(['Action', 'Format', 'Timestamp', 'Version']);
    expect(inForm).toEqual(expect.arrayContaining(['OIDCToken', 'RoleArn', 'OIDCProviderArn', 'DurationSeconds']));
    expect(values['RoleSessionName']).toBe('nightly-job');
  });

  it('hears why it is refused', async () => {
    const refused = await credential(`${idToken.slice(0, -8)}AAAAAAAA`);
    expect(refused['error']).toContain('AuthenticationFail.OIDCToken.InvalidSignature');
  });
});
