import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JWK, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RamAccount } from './ram.js';
import { AlibabaCloudSimulator, SAMPLE_ACCOUNT_ID } from './simulator.js';

const ACCOUNT = `acs:ram::${SAMPLE_ACCOUNT_ID}`;

let issuer: string;
let server: Server;
let discovery: Record<string, unknown>;
let keys: JWK[];
let signingKey: CryptoKey;
let fetched: string[] = [];
let simulator: AlibabaCloudSimulator;

beforeAll(async () => {
  const pair = await generateKeyPair('RS256');
  signingKey = pair.privateKey;
  keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }];
  server = createServer((request, response) => {
    fetched.push(request.url ?? '');
    response.end(JSON.stringify(request.url === '/jwks' ? { keys } : discovery));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => void server.close());

beforeEach(async () => {
  fetched = [];
  discovery = { issuer, jwks_uri: `${issuer}/jwks` };
  const account = new RamAccount(SAMPLE_ACCOUNT_ID);
  account.addProvider({ name: 'clinch', issuer, clientIds: ['aliyun', 'aliyun-cli'] });
  account.addRole({ name: 'clinch-ops', maxSessionSeconds: 3600 });
  simulator = new AlibabaCloudSimulator({ accounts: [account], allowLoopback: true });
  await simulator.listen();
  return () => simulator.stop();
});

interface TokenFacts {
  readonly iss?: string;
  readonly aud?: string | string[];
  readonly sub?: string;
  readonly iatSecondsAgo?: number;
  readonly livesSeconds?: number;
  readonly kid?: string;
}

async function token(facts: TokenFacts = {}): Promise<string> {
  const iat = Math.floor(Date.now() / 1000) - (facts.iatSecondsAgo ?? 0);
  const claims = { iss: issuer, aud: 'aliyun', sub: 'u001', ...facts };
  return new SignJWT({ iss: claims.iss, aud: claims.aud, sub: claims.sub, iat, exp: iat + (facts.livesSeconds ?? 300) })
    .setProtectedHeader({ alg: 'RS256', kid: facts.kid ?? 'one' })
    .sign(signingKey);
}

type Parameters = Readonly<Record<string, string>>;

async function parameters(change: Parameters = {}, facts: TokenFacts = {}): Promise<Record<string, string>> {
  return {
    Action: 'AssumeRoleWithOIDC',
    Version: '2015-04-01',
    Format: 'JSON',
    Timestamp: new Date().toISOString(),
    OIDCProviderArn: `${ACCOUNT}:oidc-provider/clinch`,
    RoleArn: `${ACCOUNT}:role/clinch-ops`,
    RoleSessionName: 'lin.xiaoyu',
    OIDCToken: await token(facts),
    ...change,
  };
}

async function post(form: Parameters): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(simulator.url, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function refusal(change: Parameters = {}, facts: TokenFacts = {}): Promise<[number, unknown]> {
  const { status, body } = await post(await parameters(change, facts));
  expect(Object.keys(body).sort()).toEqual(['Code', 'HostId', 'Message', 'Recommend', 'RequestId']);
  return [status, body['Code']];
}

describe('AssumeRoleWithOIDC', () => {
  it('gives credentials of the role, in a form', async () => {
    const { status, body } = await post(await parameters({ DurationSeconds: '900' }));
    expect([status, body]).toMatchObject([
      200,
      {
        RequestId: expect.stringMatching(/^[\dA-F-]{36}$/),
        OIDCTokenInfo: { Subject: 'u001', Issuer: issuer, ClientIds: 'aliyun' },
        AssumedRoleUser: {
          Arn: `${ACCOUNT}:role/clinch-ops/lin.xiaoyu`,
          AssumedRoleId: expect.stringMatching(/^\d+:lin\.xiaoyu$/),
        },
        Credentials: {
          AccessKeyId: expect.stringMatching(/^STS\./),
          Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        },
      },
    ]);
    const { Expiration } = body['Credentials'] as { Expiration: string };
    expect((Date.parse(Expiration) - Date.now()) / 1000).toBeCloseTo(900, -1);
  });

  it('takes all of it in the query, or half here and half there', async () => {
    const all = await parameters();
    const inQuery = await fetch(`${simulator.url}/?${new URLSearchParams(all).toString()}`, { method: 'POST' });
    expect(inQuery.status).toBe(200);
    const { Action, Version, Format, Timestamp, ...rest } = all as Record<
      'Action' | 'Version' | 'Format' | 'Timestamp',
      string
    >;
    const query = new URLSearchParams({ Action, Version, Format, Timestamp });
    const both = await fetch(`${simulator.url}/?${query.toString()}`, {
      method: 'POST',
      body: new URLSearchParams(rest),
    });
    expect(both.status).toBe(200);
  });

  it('notes how it was asked, and nothing that is secret', async () => {
    const all = await parameters();
    await post(all);
    expect(simulator.calls).toMatchObject([{ leg: 'sts', action: 'AssumeRoleWithOIDC', status: 200, inQuery: [] }]);
    expect(simulator.calls[0]?.inForm).toContain('OIDCToken');
    expect(JSON.stringify(simulator.calls)).not.toContain(all['OIDCToken']);
  });

  it.each<[string, Parameters, number, string]>([
    ['no action', { Action: '' }, 404, 'InvalidAction.NotFound'],
    ['another action', { Action: 'AssumeRole' }, 404, 'InvalidAction.NotFound'],
    ['another version', { Version: '2014-01-01' }, 400, 'InvalidVersion'],
    ['no session name', { RoleSessionName: '' }, 400, 'MissingRoleSessionName'],
    ['a session name of one character', { RoleSessionName: 'x' }, 400, 'InvalidParameter.RoleSessionName'],
    ['a session name in Chinese', { RoleSessionName: '林小雨' }, 400, 'InvalidParameter.RoleSessionName'],
    ['a session name of 65 characters', { RoleSessionName: 'x'.repeat(65) }, 400, 'InvalidParameter.RoleSessionName'],
    ['a role that is no ARN', { RoleArn: 'clinch-ops' }, 400, 'InvalidParameter.RoleArn'],
    ['899 seconds', { DurationSeconds: '899' }, 400, 'InvalidParameter.DurationSeconds'],
    ['more seconds than the role has', { DurationSeconds: '3601' }, 400, 'InvalidParameter.DurationSeconds'],
    ['a token of 20,001 characters', { OIDCToken: 'x'.repeat(20_001) }, 400, 'InvalidParameter.OIDCToken'],
    ['a policy that is none', { Policy: '{' }, 400, 'InvalidParameter.PolicyGrammar'],
    ['a long policy', { Policy: 'x'.repeat(2049) }, 400, 'InvalidParameter.PolicySize'],
    ['no token', { OIDCToken: '' }, 401, 'AuthenticationFail.OIDCToken.Invalid'],
    ['two parts', { OIDCToken: 'aa.bb' }, 401, 'AuthenticationFail.OIDCToken.Invalid'],
    ['three parts of nothing', { OIDCToken: 'a.b.c' }, 401, 'AuthenticationFail.OIDCToken.Invalid'],
    [
      'a provider that nobody registered',
      { OIDCProviderArn: `${ACCOUNT}:oidc-provider/x` },
      401,
      'AuthenticationFail.NoPermission',
    ],
    ['a role that does not exist', { RoleArn: `${ACCOUNT}:role/x` }, 404, 'EntityNotExist.Role'],
  ])('refuses %s', async (_, change, status, code) => {
    expect(await refusal(change)).toEqual([status, code]);
  });

  it.each<[string, TokenFacts, string]>([
    ['another issuer', { iss: 'https://elsewhere.example' }, 'IssuerNotMatch'],
    ['another audience', { aud: 'expenses' }, 'AudienceNotMatch'],
    ['a time that is up', { iatSecondsAgo: 301 }, 'Expired'],
    ['an iat beyond the issuance limit', { iatSecondsAgo: 13 * 3600, livesSeconds: 86_400 }, 'Expired'],
    ['a key that is not published', { kid: 'two' }, 'InvalidSignature'],
    ['no subject', { sub: '' }, 'Invalid'],
  ])('refuses a token with %s', async (_, facts, kind) => {
    expect(await refusal({}, facts)).toEqual([401, `AuthenticationFail.OIDCToken.${kind}`]);
  });

  it('refuses a signature that is none, and an algorithm that it does not know', async () => {
    const [head, body, signature = ''] = (await token()).split('.');
    const forged = `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect(await refusal({ OIDCToken: forged })).toEqual([401, 'AuthenticationFail.OIDCToken.InvalidSignature']);
    const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
    const symmetric = await new SignJWT({ iss: issuer }).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    expect(await refusal({ OIDCToken: symmetric })).toEqual([401, 'AuthenticationFail.OIDCToken.Invalid']);
  });

  it('refuses what the trust policy of the role does not say', async () => {
    const { account } = simulator.world;
    const condition = { StringEquals: { 'oidc:iss': issuer, 'oidc:aud': 'aliyun', 'oidc:sub': 'u002' } };
    const Principal = { Federated: `${ACCOUNT}:oidc-provider/clinch` };
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal, Condition: condition };
    account.addRole({ name: 'other', trustPolicy: { Version: '1', Statement: [statement] } });
    const RoleArn = `${ACCOUNT}:role/other`;
    expect(await refusal({ RoleArn })).toEqual([401, 'AuthenticationFail.NoPermission']);
    expect((await post(await parameters({ RoleArn }, { sub: 'u002' }))).status).toBe(200);
  });

  it.each([
    ['another issuer in the discovery document', () => ({ issuer: `${issuer}/`, jwks_uri: `${issuer}/jwks` })],
    ['no address of keys', () => ({ issuer })],
    ['nobody there', () => ({ issuer, jwks_uri: 'http://127.0.0.1:9/jwks' })],
  ])('says that the issuer is broken: %s', async (_, document) => {
    discovery = document();
    expect(await refusal()).toEqual([401, 'AuthenticationFail.OIDCToken.IssuerConfigurationBroken']);
  });

  it('takes no issuer without https where it was not told to', async () => {
    const strict = new AlibabaCloudSimulator({ accounts: [simulator.world.account] });
    await strict.listen();
    const answer = await fetch(strict.url, { method: 'POST', body: new URLSearchParams(await parameters()) });
    expect(await answer.json()).toMatchObject({ Code: 'AuthenticationFail.OIDCToken.HttpsUrlInvalid' });
    await strict.stop();
  });

  it('asks for the keys each time, or keeps them as long as it was told', async () => {
    await post(await parameters());
    await post(await parameters());
    expect(fetched).toHaveLength(4);
    const keeping = new AlibabaCloudSimulator({
      accounts: [simulator.world.account],
      allowLoopback: true,
      keysCachedSeconds: 60,
    });
    await keeping.listen();
    for (const _ of [1, 2]) {
      await fetch(keeping.url, { method: 'POST', body: new URLSearchParams(await parameters()) });
    }
    expect(fetched).toHaveLength(6);
    await keeping.stop();
  });

  it('fails as it is told to, once', async () => {
    simulator.world.faults.failNext('sts', { code: 'Throttling.User', status: 400 });
    expect(await refusal()).toEqual([400, 'Throttling.User']);
    expect((await post(await parameters())).status).toBe(200);
    simulator.world.faults.failNext('sts', 'close');
    await expect(post(await parameters())).rejects.toThrow('fetch failed');
    simulator.world.faults.failNext('sts', { delayMs: 200 });
    await post(await parameters());
    expect(simulator.calls.at(-1)?.tookMs).toBeGreaterThanOrEqual(195);
  });
});
