import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FederationError } from '../app-templates/federation-error.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import { FederationClient, type Signin } from './federation-client.js';
import { StsClient, type AssumedRole } from './sts-client.js';

const http = new OutboundHttp(ClinchConfig.fromEnvironment({}));
const ID_TOKEN = 'header.payload.signature';
const CREDENTIALS = { AccessKeyId: 'STS.id', AccessKeySecret: 'key-secret', SecurityToken: 'CAIS/token+==' };
const SUCCESS = {
  RequestId: '7B1C0D11-0000-4000-8000-000000000001',
  AssumedRoleUser: { Arn: 'acs:ram::1234567890123456:role/ops/zhangsan', AssumedRoleId: '3300:zhangsan' },
  Credentials: { ...CREDENTIALS, Expiration: '2026-01-01T01:00:00Z' },
};
const TICKET = { RequestId: '04F0F3E73368', SigninToken: '5aW96ZW/5a+rZW7lkYA=' };

interface Call {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
}

let server: Server;
let url: string;
let calls: Call[];
let answer: (response: ServerResponse) => void;

const says = (body: unknown, status = 200) => {
  answer = (response) => response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
};

beforeEach(async () => {
  calls = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    calls.push(await read(request));
    answer(response);
  };
  server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function read(request: IncomingMessage): Promise<Call> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { searchParams: query } = new URL(request.url ?? '', 'http://any');
  return { method: request.method ?? '', query, form: new URLSearchParams(body) };
}

const assume = async (signal = AbortSignal.timeout(10_000)): Promise<AssumedRole> =>
  new StsClient(http).assumeRole({
    url: `${url}/`,
    oidcProviderArn: 'acs:ram::1234567890123456:oidc-provider/clinch',
    roleArn: 'acs:ram::1234567890123456:role/ops',
    sessionName: 'zhangsan',
    seconds: 3600,
    idToken: ID_TOKEN,
    signal,
  });

const signIn = async (signal = AbortSignal.timeout(10_000)): Promise<Signin> =>
  new FederationClient(http).signIn({
    url: `${url}/federation`,
    credentials: { accessKeyId: 'STS.id', accessKeySecret: 'key-secret', securityToken: 'CAIS/token+==' },
    ticketType: 'mini',
    loginUrl: 'https://id.example/launch/aliyun?a=b&c=d',
    destination: 'https://ecs.console.aliyun.com/#/home',
    signal,
  });

/** Nothing secret is in it, in whatever way it is written down. */
async function failure(attempt: Promise<unknown>): Promise<FederationError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FederationError)) throw new Error(`no FederationError: ${String(error)}`);
  const written = [error.message, JSON.stringify(error.facts), String(error.facts.cause), error.stack].join('\n');
  for (const secret of [ID_TOKEN, ...Object.values(CREDENTIALS), TICKET.SigninToken]) {
    expect(written).not.toContain(secret);
  }
  return error;
}

describe('AssumeRoleWithOIDC', () => {
  it('is sent as a form, with nothing of the person in the address', async () => {
    says(SUCCESS);
    expect(await assume()).toEqual({
      credentials: { accessKeyId: 'STS.id', accessKeySecret: 'key-secret', securityToken: 'CAIS/token+==' },
      assumedRoleId: '3300:zhangsan',
      requestId: SUCCESS.RequestId,
    });
    const [call] = calls;
    expect(call?.method).toBe('POST');
    expect(Object.fromEntries(call?.query ?? [])).toEqual({
      Action: 'AssumeRoleWithOIDC',
      Version: '2015-04-01',
      Format: 'JSON',
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
    });
    expect(Object.fromEntries(call?.form ?? [])).toEqual({
      OIDCProviderArn: 'acs:ram::1234567890123456:oidc-provider/clinch',
      RoleArn: 'acs:ram::1234567890123456:role/ops',
      OIDCToken: ID_TOKEN,
      RoleSessionName: 'zhangsan',
      DurationSeconds: '3600',
    });
  });

  it.each([
    [401, 'AuthenticationFail.NoPermission', 'There is no permission.', 'trust_policy'],
    [401, 'AuthenticationFail.NoPermission', 'No such OIDC Provider registered.', 'unknown_provider'],
    [401, 'AuthenticationFail.OIDCToken.Invalid', 'HS256', 'token_refused'],
    [401, 'AuthenticationFail.OIDCToken.InvalidSignature', '', 'signature_refused'],
    [401, 'AuthenticationFail.OIDCToken.IssuerNotMatch', '', 'issuer_refused'],
    [401, 'AuthenticationFail.OIDCToken.AudienceNotMatch', 'Invalid audience.', 'audience_refused'],
    [401, 'AuthenticationFail.OIDCToken.Expired', 'This JsonWebToken is expired.', 'token_expired'],
    [401, 'AuthenticationFail.OIDCToken.IssuerConfigurationBroken', '', 'issuer_unreachable'],
    [401, 'AuthenticationFail.OIDCToken.HttpsUrlInvalid', '', 'certificate_refused'],
    [401, 'AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch', '', 'thumbprint_mismatch'],
    [401, 'AuthenticationFail.OIDCToken.SomethingNew', '', 'token_refused'],
    [404, 'EntityNotExist.Role', '', 'unknown_role'],
    [400, 'Throttling.User', '', 'throttled'],
    [429, 'TooMany', '', 'throttled'],
    [503, 'ServiceUnavailable', '', 'unreachable'],
    [400, 'InvalidParameter.DurationSeconds', '', 'session_too_long'],
    [400, 'InvalidParameter.RoleArn', '', 'unexpected'],
    [200, 'AuthenticationFail.NoPermission', '', 'unexpected'],
  ])('that is refused with %i %s “%s” has the cause %s', async (status, code, message, why) => {
    says({ RequestId: 'R-1', HostId: 'sts.aliyuncs.com', Code: code, Message: `${message} ${ID_TOKEN}` }, status);
    expect(await failure(assume())).toMatchObject({ why, facts: { leg: 'sts', code, requestId: 'R-1' } });
  });

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['a page', '<!doctype html><title>Sign in</title>'],
    ['a list', []],
    ['null', 'null'],
    ['no credentials', { ...SUCCESS, Credentials: undefined }],
    ['credentials in a text', { ...SUCCESS, Credentials: JSON.stringify(SUCCESS.Credentials) }],
    ['a key that is a number', { ...SUCCESS, Credentials: { ...CREDENTIALS, AccessKeyId: 1 } }],
    ['an empty token', { ...SUCCESS, Credentials: { ...CREDENTIALS, SecurityToken: '' } }],
    ['a token of two lines', { ...SUCCESS, Credentials: { ...CREDENTIALS, SecurityToken: 'a\nb' } }],
    ['no role', { ...SUCCESS, AssumedRoleUser: { Arn: 'x' } }],
    ['a role that is no name', { ...SUCCESS, AssumedRoleUser: { AssumedRoleId: '<script>' } }],
    ['a code beside the credentials', { ...SUCCESS, Code: 7 }],
    ['ten million bytes', `{"Credentials":"${'x'.repeat(10_000_000)}"}`],
  ])('that is answered with %s is unexpected', async (_, body) => {
    says(body);
    expect(await failure(assume())).toMatchObject({ why: 'unexpected', facts: { leg: 'sts' } });
  });

  it('keeps no word of an answer that is not of the form of one', async () => {
    says({ Code: `<b>${ID_TOKEN}</b>`, RequestId: `${ID_TOKEN} ${'x'.repeat(99)}` }, 400);
    expect((await failure(assume())).facts).toEqual({ leg: 'sts', code: undefined, requestId: undefined });
  });

  it('ends after 1.8 seconds, and with the time of the whole', async () => {
    answer = () => undefined;
    const began = performance.now();
    expect(await failure(assume())).toMatchObject({ why: 'timeout' });
    expect(performance.now() - began).toBeGreaterThan(1_700);
    expect(performance.now() - began).toBeLessThan(2_800);
    expect(await failure(assume(AbortSignal.timeout(100)))).toMatchObject({ why: 'timeout' });
    expect(calls).toHaveLength(2);
  });

  it('ends when the answer begins and does not end', async () => {
    answer = (response) => void response.writeHead(200).write('{"RequestId":');
    expect(await failure(assume(AbortSignal.timeout(300)))).toMatchObject({ why: 'timeout' });
  });

  it('says when nobody is there, and when the connection breaks', async () => {
    answer = (response) => response.destroy();
    expect(await failure(assume())).toMatchObject({ why: 'unreachable' });
    server.closeAllConnections();
    server.close();
    expect(await failure(assume())).toMatchObject({ why: 'unreachable' });
    server.listen(0);
  });

  it('never follows a redirect with the token', async () => {
    answer = (response) => response.writeHead(307, { location: `${url}/elsewhere` }).end();
    expect(await failure(assume())).toMatchObject({ why: 'unexpected' });
    expect(calls).toHaveLength(1);
  });
});

describe('GetSigninToken', () => {
  it('is sent as a form, and becomes an address in which every parameter is encoded', async () => {
    says(TICKET);
    const { location, requestId } = await signIn();
    expect(requestId).toBe('04F0F3E73368');
    expect(location).toBe(
      `${url}/federation?Action=Login` +
        '&LoginUrl=https%3A%2F%2Fid.example%2Flaunch%2Faliyun%3Fa%3Db%26c%3Dd' +
        '&Destination=https%3A%2F%2Fecs.console.aliyun.com%2F%23%2Fhome' +
        '&SigninToken=5aW96ZW%2F5a%2BrZW7lkYA%3D',
    );
    const [call] = calls;
    expect([...(call?.query ?? [])]).toEqual([]);
    expect(Object.fromEntries(call?.form ?? [])).toEqual({
      Action: 'GetSigninToken',
      ...CREDENTIALS,
      TicketType: 'mini',
    });
  });

  it.each([
    [400, { RequestId: 'R-2', Code: 'MissingParameter.SecurityToken' }, 'session_refused'],
    [403, { RequestId: 'R-2', Code: 'InvalidSecurityToken.Expired' }, 'session_refused'],
    [400, { RequestId: 'R-2', Code: 'Throttling' }, 'throttled'],
    [502, '<html>', 'unreachable'],
    [400, '<html>', 'unexpected'],
    [200, '<html>', 'unexpected'],
    [200, { RequestId: 'R-2' }, 'unexpected'],
    [200, { ...TICKET, SigninToken: ['x'] }, 'unexpected'],
    [200, { ...TICKET, Code: 'Oops' }, 'unexpected'],
  ])('that is answered with %i %j has the cause %s', async (status, body, why) => {
    says(body, status);
    expect(await failure(signIn())).toMatchObject({ why, facts: { leg: 'signin' } });
  });

  it('ends after 0.9 seconds', async () => {
    answer = () => undefined;
    const began = performance.now();
    expect(await failure(signIn())).toMatchObject({ why: 'timeout', facts: { leg: 'signin' } });
    expect(performance.now() - began).toBeLessThan(1_700);
  });
});
