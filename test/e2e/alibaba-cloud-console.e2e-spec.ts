import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditWriter } from '../../src/audit/audit-writer.js';
import type { FederationCause } from '../../src/app-templates/federation-error.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestPerson } from '../support/builders.js';
import { startAlibabaCloud, type RunningAlibabaCloud } from '../support/start-alibaba-cloud.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, unescapeHtml, UserAgent, type Answer } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;
let cloud: RunningAlibabaCloud;
let person: TestPerson;
let count = 0;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(async () => {
  await cloud.stop();
  await clinch.stop();
});
beforeEach(async () => {
  person = await aPerson(clinch);
  await startCloud();
});

/** One in whose RAM nothing was broken yet, with a place for the next app. */
async function startCloud(options: { keysCachedSeconds?: number } = {}): Promise<void> {
  await cloud?.stop();
  count += 1;
  cloud = await startAlibabaCloud({
    issuer: clinch.url,
    clientIds: [`aliyun-${count}`],
    roles: [{ name: 'clinch-ops' }],
    ...options,
  });
}

/** The app that this test's RAM knows. */
async function anAliyun(differences: object = {}, settings: object = {}): Promise<string> {
  const id = `aliyun-${count}`;
  await admin.made('apps', {
    client_id: id,
    client_name: 'Alibaba Cloud',
    template: 'alibaba_cloud',
    template_settings: {
      account_id: cloud.accountId,
      oidc_provider: 'clinch',
      roles: [{ name: 'clinch-ops' }],
      sts_url: cloud.stsUrl,
      signin_url: cloud.signinUrl,
      ...settings,
    },
    ...differences,
  });
  return id;
}

async function signedIn(who = person): Promise<UserAgent> {
  const agent = new UserAgent(clinch.url);
  agent.headers['Accept-Language'] = 'en';
  await agent.authorize(authorizeUrl(clinch.url, await anApp(clinch)), who);
  return agent;
}

const launched = async (id: string, who = person): Promise<Answer> => (await signedIn(who)).get(`/launch/${id}`);

/** The page for the person, and what operators find of it. */
async function expectFailure(answer: Answer, app: string, why: FederationCause, status = 502): Promise<Json> {
  const { title } = MESSAGES.en.federation.failures[why]('Alibaba Cloud', 'clinch-ops');
  expect(unescapeHtml(answer.text).replaceAll('&#39;', "'")).toContain(title);
  expect(answer.status).toBe(status);
  const event = await lastEvent(app, 'federation.failed');
  expect(event).toMatchObject({ reason: why, details: { role: 'clinch-ops', template: 'alibaba_cloud' } });
  return event['details'] as Json;
}

async function lastEvent(app: string, name: string): Promise<Json> {
  await clinch.app.get(AuditWriter).written();
  const { body } = await admin.call('GET', `audit-events?app=${app}&event=${name}`);
  const [event] = body['items'] as Json[];
  if (event === undefined) throw new Error(`no ${name}`);
  return event;
}

/** What STS was told of the person. */
const roleSessions = () => [...cloud.world.credentials.values()];

describe('one click to the console', () => {
  it('takes the role and brings the person to the page of the console, with nothing to enter', async () => {
    const id = await anAliyun({}, { destination: 'https://ecs.console.aliyun.com/', session_seconds: 7200 });
    const agent = await signedIn();
    const began = performance.now();
    const answer = await agent.get(`/launch/${id}`);
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(answer.status).toBe(303);
    const location = new URL(answer.headers.get('location') ?? '');
    expect(`${location.origin}${location.pathname}`).toBe(cloud.signinUrl);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      Action: 'Login',
      LoginUrl: `${clinch.url}/launch/${id}`,
      Destination: 'https://ecs.console.aliyun.com/',
      SigninToken: expect.any(String) as string,
    });
    const console = new UserAgent(cloud.url);
    const page = await console.follow(await console.get(location.href));
    expect(page.status).toBe(200);
    expect(page.text).toContain(person.username);
    expect(page.text).toContain('https://ecs.console.aliyun.com/');
    const [session] = roleSessions();
    expect(session).toMatchObject({ subject: person.id, sessionName: person.username, issuer: clinch.url });
    expect(Math.round(((session?.expiresAt.getTime() ?? 0) - Date.now()) / 60_000)).toBe(120);
  });

  it('sends what is secret in forms only', async () => {
    await launched(await anAliyun());
    const [sts, signin] = cloud.calls;
    expect([sts?.method, signin?.method]).toEqual(['POST', 'POST']);
    expect(sts?.inQuery).toEqual(['Action', 'Version', 'Format', 'Timestamp']);
    expect(sts?.inForm).toContain('OIDCToken');
    expect(signin?.inQuery).toEqual([]);
    expect(signin?.inForm).toContain('SecurityToken');
  });

  it('is noted with the ids that Alibaba Cloud has for it, and without anything secret', async () => {
    const id = await anAliyun();
    const { headers } = await launched(id);
    const ticket = new URL(headers.get('location') ?? '').searchParams.get('SigninToken') ?? '';
    const event = await lastEvent(id, 'federation.opened');
    expect(event['details']).toMatchObject({
      role: 'clinch-ops',
      role_arn: cloud.roleArn('clinch-ops'),
      session_name: person.username,
      assumed_role_id: expect.stringContaining(`:${person.username}`) as string,
      session_seconds: 3600,
      sts_request_id: expect.any(String) as string,
      signin_request_id: expect.any(String) as string,
    });
    const [session] = roleSessions();
    const written = JSON.stringify(event);
    for (const secret of [ticket, session?.accessKeyId, session?.accessKeySecret, session?.securityToken]) {
      expect(secret).toBeTruthy();
      expect(written).not.toContain(secret);
    }
    expect(written).not.toMatch(/eyJ[\w-]+\./);
  });

  it('opens the page of the console that a link asks for, and no other company’s', async () => {
    const id = await anAliyun();
    const agent = await signedIn();
    const page = 'https://oss.console.aliyun.com/bucket?x=1#/list';
    const answer = await agent.get(`/launch/${id}?target_link_uri=${encodeURIComponent(page)}`);
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('Destination')).toBe(page);
    const foreign = await agent.get(`/launch/${id}?target_link_uri=${encodeURIComponent('https://evil.example/')}`);
    expect(foreign.status).toBe(400);
  });

  it('goes on when the signing key is another at the next click', async () => {
    const id = await anAliyun();
    expect((await launched(id)).status).toBe(303);
    const rotated = await admin.call('POST', 'keys/rotate', { alg: 'RS256', immediately: true });
    expect(rotated.status).toBe(200);
    expect((await launched(id)).status).toBe(303);
    expect(roleSessions()).toHaveLength(2);
  });
});

describe('who the person is there', () => {
  it.each([
    ['public', {}],
    ['pairwise', { subject_type: 'pairwise' }],
    ['by an expression', { subject_expression: '"user-" + user.username' }],
  ])('is said by a sub that is %s', async (kind, differences) => {
    await launched(await anAliyun(differences, { session_name: 'subject' }));
    const [session] = roleSessions();
    const { subject = '', sessionName } = session ?? {};
    if (kind === 'public') expect(subject).toBe(person.id);
    if (kind === 'pairwise') expect(subject).toMatch(/^[\w-]{20,}$/);
    if (kind === 'pairwise') expect(subject).not.toBe(person.id);
    if (kind === 'by an expression') expect(subject).toBe(`user-${person.username}`);
    expect(sessionName).toBe(subject);
  });

  it.each<[string, object, RegExp]>([
    ['email', { email: 'zhang.san@acme.cn' }, /^zhang\.san@acme\.cn-[0-9a-f]{12}$/],
    ['email', { email: null, username: 'no.mail' }, /^no\.mail-[0-9a-f]{12}$/],
    ['job_number', { custom: { job_number: 'E00013' } }, /^E00013-[0-9a-f]{12}$/],
    ['job_number', { custom: { job_number: 13 } }, /^13-[0-9a-f]{12}$/],
    ['username', { username: '张三', email: null }, /^user-[0-9a-f]{12}$/],
    ['username', { username: '李四', email: 'lisi@acme.cn' }, /^lisi@acme\.cn-[0-9a-f]{12}$/],
    ['app_account', { username: 'no.account' }, /^no\.account-[0-9a-f]{12}$/],
  ])('is carried by the name of the session: %s of %j', async (source, differences, name) => {
    const who = await aPerson(clinch, differences);
    const answer = await launched(await anAliyun({}, { session_name: source }), who);
    expect(answer.status).toBe(303);
    expect(cloud.calls[0]?.values['RoleSessionName']).toMatch(name);
  });
});

describe('a refusal of Alibaba Cloud', () => {
  /** Each with what an administrator there did wrong. */
  it.each<[FederationCause, () => void, object?, object?]>([
    ['trust_policy', () => trusts({ 'oidc:sub': ['somebody-else'] })],
    ['unknown_provider', () => undefined, {}, { oidc_provider: 'another' }],
    ['unknown_role', () => cloud.world.account.roles.splice(0, 1)],
    ['audience_refused', () => (cloud.provider.clientIds = ['another'])],
    ['issuer_refused', () => (cloud.provider.issuer = `${clinch.url}/`)],
    ['token_expired', () => (cloud.provider.issuanceLimitHours = -1)],
    ['token_refused', () => undefined, { id_token_signed_response_alg: 'ES256' }],
  ])('is told in words: %s', async (why, spoil, differences, settings) => {
    const id = await anAliyun(differences, settings);
    spoil();
    const details = await expectFailure(await launched(id), id, why);
    expect(details).toMatchObject({ leg: 'sts', requestId: expect.any(String) as string });
    expect(roleSessions()).toEqual([]);
  });

  it.each<[FederationCause, string, number, number]>([
    ['issuer_unreachable', 'AuthenticationFail.OIDCToken.IssuerConfigurationBroken', 401, 502],
    ['certificate_refused', 'AuthenticationFail.OIDCToken.HttpsUrlInvalid', 401, 502],
    ['thumbprint_mismatch', 'AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch', 401, 502],
    ['throttled', 'Throttling.User', 400, 503],
  ])('is told in words: %s, which a loopback address cannot bring about', async (why, code, said, status) => {
    const id = await anAliyun();
    cloud.world.faults.failNext('sts', { code, status: said });
    expect(await expectFailure(await launched(id), id, why, status)).toMatchObject({ code });
  });

  it('is told in words: signature_refused, by an STS that still knows the old key only', async () => {
    await startCloud({ keysCachedSeconds: 3600 });
    const id = await anAliyun();
    expect((await launched(id)).status).toBe(303);
    await admin.call('POST', 'keys/rotate', { alg: 'RS256', immediately: true });
    await expectFailure(await launched(id), id, 'signature_refused');
  });

  it('is told in words: session_too_long, for the role', async () => {
    const role = cloud.world.account.role('clinch-ops');
    if (role !== undefined) role.maxSessionSeconds = 3600;
    const id = await anAliyun({}, { session_seconds: 7200 });
    const details = await expectFailure(await launched(id), id, 'session_too_long');
    expect(details).toMatchObject({ code: 'InvalidParameter.DurationSeconds' });
  });
});

describe('what an operator asks before the first click', () => {
  it('is what to enter in RAM, and whether RAM will take it: an issuer on this machine it never will', async () => {
    const id = await anAliyun();
    const setup = await admin.call('GET', `apps/${id}/template-setup`);
    const values = setup.body['values'] as { name: string; value: string }[];
    expect(values).toContainEqual({ name: 'issuer', value: clinch.url });
    expect(values.map(({ name }) => name)).not.toContain('thumbprint');
    const check = await admin.call('POST', `apps/${id}/template-check`);
    const items = check.body['items'] as { name: string; state: string }[];
    expect(items.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'issuer_form failed',
      'issuer_public failed',
      'issuer_reachable failed',
      'issuer_exact failed',
      'keys failed',
      'certificate failed',
      'algorithm passed',
      'client_id passed',
      'token_lifetime passed',
      'session_seconds passed',
      'grants passed',
      'app_roles passed',
    ]);
  });

  it('is one trust policy for all apps that lead to a role, as they are at that moment', async () => {
    const role = { name: `shared-${count}` };
    const id = await anAliyun({}, { roles: [role] });
    const cli = `${id}-cli`;
    const settings = { account_id: cloud.accountId, oidc_provider: 'clinch', roles: [role] };
    await admin.made('apps', {
      client_id: cli,
      client_name: 'CLI',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
      template: 'alibaba_cloud',
      template_settings: settings,
    });
    const audiences = async () => {
      const { body } = await admin.call('GET', `apps/${cli}/template-setup`);
      return JSON.stringify((body['documents'] as Json[])[0]?.['content']);
    };
    expect(await audiences()).toContain(JSON.stringify([id, cli]));
    const roles = [{ ...role, app_role: 'ops' }];
    await admin.call('PATCH', `apps/${id}`, { template_settings: { ...settings, roles } });
    expect(await audiences()).toContain(JSON.stringify([id]));
    const { body } = await admin.call('POST', `apps/${cli}/template-check`);
    expect((body['items'] as Json[]).find(({ name }) => name === 'grants')).toMatchObject({ state: 'failed' });
  });
});

describe('an Alibaba Cloud that is not well', () => {
  it('hangs: the page comes within three seconds, for each leg', async () => {
    const id = await anAliyun();
    const agent = await signedIn();
    for (const leg of ['sts', 'signin'] as const) {
      cloud.world.faults.failNext(leg, 'hang');
      const began = performance.now();
      const details = await expectFailure(await agent.get(`/launch/${id}`), id, 'timeout', 504);
      expect(performance.now() - began).toBeLessThan(3_000);
      expect(details).toMatchObject({ leg });
    }
  });

  it('closes the connection, or is away', async () => {
    const id = await anAliyun();
    cloud.world.faults.failNext('sts', 'close');
    await expectFailure(await launched(id), id, 'unreachable');
    const away = await signedIn();
    await cloud.stop();
    await expectFailure(await away.get(`/launch/${id}`), id, 'unreachable');
    await startCloud();
  });

  it.each([
    ['a page', '<!doctype html><h1>Sorry</h1>', 200],
    ['ten million bytes', 'x'.repeat(10_000_000), 200],
    ['nothing', '', 200],
  ])('answers with %s', async (_, body, status) => {
    const id = await anAliyun();
    cloud.world.faults.failNext('sts', { body, status });
    await expectFailure(await launched(id), id, 'unexpected');
    cloud.world.faults.failNext('signin', { body, status });
    expect(await expectFailure(await launched(id), id, 'unexpected')).toMatchObject({ leg: 'signin' });
  });

  it('gives the role and no session in the browser', async () => {
    const id = await anAliyun();
    cloud.world.faults.failNext('signin', { code: 'InvalidSecurityToken.Expired', status: 403 });
    const details = await expectFailure(await launched(id), id, 'session_refused');
    expect(details).toMatchObject({ leg: 'signin', code: 'InvalidSecurityToken.Expired' });
  });
});

function trusts(more: Record<string, string[]>): void {
  const role = cloud.world.account.role('clinch-ops');
  if (role === undefined) throw new Error('no role');
  const [statement] = role.trustPolicy.Statement;
  const { StringEquals } = statement?.Condition ?? {};
  role.trustPolicy = {
    ...role.trustPolicy,
    Statement: [{ ...statement, Condition: { StringEquals: { ...StringEquals, ...more } } } as never],
  };
}
