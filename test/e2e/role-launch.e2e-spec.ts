import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AccessPolicy } from '../../src/access/access-policy.js';
import { AppAccounts } from '../../src/app-accounts/app-accounts.js';
import { AuditWriter } from '../../src/audit/audit-writer.js';
import { ServerLog } from '../../src/audit/server-log.js';
import { FEDERATION_CAUSES, FederationError } from '../../src/app-templates/federation-error.js';
import { containerUserAgent } from '../../src/dingtalk-simulator/bridge-script.js';
import { SessionClients } from '../../src/session/session-clients.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestPerson } from '../support/builders.js';
import { cloudApp, withCloud, withProgram, type CloudTemplate } from '../support/role-federation.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, unescapeHtml, UserAgent, type Answer } from '../support/user-agent.js';

const { situations } = MESSAGES.en.error;
const WORDS = MESSAGES.en.federation;

let clinch: TestClinch;
let admin: AdminApi;
let cloud: CloudTemplate;
let person: TestPerson;
let count = 0;

beforeAll(async () => {
  clinch = await startClinch();
  cloud = withCloud(clinch);
  withProgram(clinch);
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());
beforeEach(async () => {
  person = await aPerson(clinch);
  cloud.openings.length = 0;
  cloud.entersAtOnce();
});

async function aCloudApp(differences: object = {}, roles?: object[]): Promise<string> {
  const id = `cloud-${(count += 1)}`;
  await admin.made('apps', cloudApp(id, { client_name: 'Some Cloud', ...differences }, roles));
  return id;
}

/** An app with a role for everybody, and one for those who have the app's role `ops`, which the person gets if told so. */
async function anAppOfTwoRoles(isOps: boolean): Promise<{ id: string; assignment: string }> {
  const id = await aCloudApp({}, [
    { name: 'reader', display_name: 'Reader' },
    { name: 'operator', app_role: 'ops' },
  ]);
  const role = await admin.call('POST', 'roles', { client_id: id, name: 'ops', permissions: [] });
  expect(role.status, JSON.stringify(role.body)).toBe(201);
  if (!isOps) return { id, assignment: '' };
  const assigned = await admin.call('POST', `apps/${id}/assignments`, {
    subject: { type: 'user', id: person.id },
    role: 'ops',
  });
  expect(assigned.status, JSON.stringify(assigned.body)).toBe(201);
  return { id, assignment: String(assigned.body['id']) };
}

async function signedIn(who = person): Promise<UserAgent> {
  const agent = new UserAgent(clinch.url);
  await agent.authorize(authorizeUrl(clinch.url, await anApp(clinch)), who);
  return agent;
}

async function events(app: string, event: string): Promise<Json[]> {
  await clinch.app.get(AuditWriter).written();
  const { body } = await admin.call('GET', `audit-events?app=${app}&event=${event}`);
  return body['items'] as Json[];
}

function locationOf({ status, headers }: Answer): string {
  expect(status).toBe(303);
  return headers.get('location') ?? '';
}

describe('opening an app by a template', () => {
  it('takes the only role, with an id_token for this app alone, for five minutes', async () => {
    const id = await aCloudApp();
    const answer = await (await signedIn()).get(`/launch/${id}`);
    expect(locationOf(answer)).toBe('https://console.cloud.example/enter?ticket=once-1');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const [opening] = cloud.openings;
    expect(opening).toMatchObject({
      role: { name: 'reader', displayName: 'reader', appRole: null },
      subject: person.id,
      launchUrl: `${clinch.url}/launch/${id}`,
      settings: { account: '123456789012' },
    });
    const keys = createRemoteJWKSet(new URL(`${clinch.url}/oidc/jwks`));
    const { payload } = await jwtVerify(opening?.idToken ?? '', keys, { issuer: clinch.url, audience: id });
    expect(payload).toMatchObject({
      aud: id,
      azp: id,
      sub: person.id,
      amr: ['pwd'],
      sid: expect.any(String) as string,
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    expect(payload).not.toHaveProperty('nonce');
    // Nothing of the profile: the app asked for nothing.
    expect(payload).not.toHaveProperty('email');
  });

  it('signs with the app’s algorithm, for the app’s shorter time, by the app’s subject and claims', async () => {
    const id = await aCloudApp({
      id_token_signed_response_alg: 'ES256',
      id_token_lifetime: 60,
      subject_expression: '"cloud-" + user.username',
      id_token_claims: [{ name: 'team', value: '"ops"' }],
    });
    await (await signedIn()).get(`/launch/${id}`);
    const { idToken = '', subject } = cloud.openings[0] ?? {};
    expect(decodeProtectedHeader(idToken)).toMatchObject({ alg: 'ES256', typ: 'JWT' });
    const { payload } = await jwtVerify(idToken, createRemoteJWKSet(new URL(`${clinch.url}/oidc/jwks`)));
    expect(payload).toMatchObject({ sub: `cloud-${person.username}`, team: 'ops' });
    expect(subject).toBe(payload.sub);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
  });

  it('signs in on the way, and keeps role and page', async () => {
    const { id } = await anAppOfTwoRoles(false);
    const agent = new UserAgent(clinch.url);
    const target = 'https://console.cloud.example/billing';
    const page = await agent.follow(
      await agent.get(`/launch/${id}?role=reader&target_link_uri=${encodeURIComponent(target)}`),
    );
    expect(page.text).toContain(MESSAGES.en.login.destination('Some Cloud'));
    // Chromium holds the form to where its answer goes on to.
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https:");
    const answer = await agent.signIn(page, person);
    expect(locationOf(answer)).toContain('https://console.cloud.example/');
    expect(cloud.openings[0]).toMatchObject({ role: { name: 'reader' }, targetLinkUri: target });
  });

  it('says what the person is called there', async () => {
    const id = await aCloudApp({ account_rule: 'expression', account_expression: '"at." + user.username' });
    await (await signedIn()).get(`/launch/${id}`);
    expect(cloud.openings[0]?.appAccount).toBe(`at.${person.username}`);
  });

  it('is noted, with what the template says of it, and counts as used', async () => {
    const id = await aCloudApp();
    const agent = await signedIn();
    await agent.get(`/launch/${id}`);
    const [noted] = await events(id, 'federation.opened');
    expect(noted).toMatchObject({
      outcome: 'success',
      user_id: person.id,
      app: id,
      details: { template: 'some_cloud', role: 'reader', role_arn: 'arn:cloud:reader', session_name: person.username },
    });
    const sessions = await admin.call('GET', `sessions?user_id=${person.id}`);
    expect(JSON.stringify(sessions.body)).toContain(id);
  });

  it('opens in the system’s own browser, with the role that the link named', async () => {
    const { id } = await anAppOfTwoRoles(false);
    const inside = await signedIn();
    inside.headers['User-Agent'] = containerUserAgent;
    const page = await inside.get(`/launch/${id}?role=reader&open=browser`);
    expect(cloud.openings).toHaveLength(0);
    const href = unescapeHtml(/href="(dingtalk:[^"]*)"/.exec(page.text)?.[1] ?? '');
    const outside = new UserAgent(clinch.url);
    const handover = await outside.get(new URL(href).searchParams.get('url') ?? '');
    expect(handover.headers.get('content-security-policy')).toContain("form-action 'self' https:");
    const { action, hidden } = formOf(handover);
    const answer = await outside.follow(await outside.post(action, hidden));
    expect(locationOf(answer)).toContain('https://console.cloud.example/');
    expect(cloud.openings[0]?.role.name).toBe('reader');
  });
});

describe('which role', () => {
  it('is asked where there are several, and taken by one press', async () => {
    const { id } = await anAppOfTwoRoles(true);
    const agent = await signedIn();
    const target = 'https://console.cloud.example/billing?a=b&c';
    const page = await agent.get(`/launch/${id}?target_link_uri=${encodeURIComponent(target)}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain(WORDS.question('Some Cloud'));
    expect([...page.text.matchAll(/name="role" value="(\w+)"/g)].map(([, name]) => name)).toEqual([
      'reader',
      'operator',
    ]);
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https:");
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(cloud.openings).toHaveLength(0);
    const { action, hidden } = formOf(page);
    const answer = await agent.post(action, { ...hidden, role: 'operator' });
    expect(locationOf(answer)).toContain('https://console.cloud.example/');
    expect(cloud.openings[0]).toMatchObject({
      role: { name: 'operator' },
      targetLinkUri: target,
      rights: { roles: ['ops'] },
    });
  });

  it('is not asked of who has but one, nor where the link says it', async () => {
    const one = await anAppOfTwoRoles(false);
    locationOf(await (await signedIn()).get(`/launch/${one.id}`));
    const two = await anAppOfTwoRoles(true);
    locationOf(await (await signedIn()).get(`/launch/${two.id}?role=operator`));
    expect(cloud.openings.map(({ role }) => role.name)).toEqual(['reader', 'operator']);
  });

  it.each(['operator', 'no-such'])('is refused where it is not the person’s: "%s"', async (role) => {
    const { id } = await anAppOfTwoRoles(false);
    const answer = await (await signedIn()).get(`/launch/${id}?role=${role}`);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain(situations.access_denied.title);
    expect(cloud.openings).toHaveLength(0);
    const [noted] = await events(id, 'access.refused');
    expect(noted).toMatchObject({ outcome: 'failure', user_id: person.id, details: { role } });
  });

  it('is none for who has none of them, and the app is not on their portal', async () => {
    const id = await aCloudApp({}, [{ name: 'operator', app_role: 'ops' }]);
    const open = await aCloudApp();
    const agent = await signedIn();
    expect((await agent.get(`/launch/${id}`)).status).toBe(403);
    const portal = await agent.get('/');
    expect(portal.text).not.toContain(`/launch/${id}"`);
    expect(portal.text).toContain(`/launch/${open}"`);
  });

  it('is for those only who may enter the app', async () => {
    const closed = await aCloudApp({ access: 'assigned' });
    const off = await aCloudApp({ enabled: false });
    const agent = await signedIn();
    expect((await agent.get(`/launch/${closed}`)).status).toBe(403);
    expect((await agent.get(`/launch/${off}`)).text).toContain(situations.app_disabled.title);
    const portal = await agent.get('/');
    for (const id of [closed, off]) expect(portal.text).not.toContain(`/launch/${id}"`);
    expect(cloud.openings).toHaveLength(0);
  });
});

describe('what takes no role', () => {
  it('a target elsewhere, a parameter twice', async () => {
    const id = await aCloudApp();
    const agent = await signedIn();
    for (const query of [
      'target_link_uri=https%3A%2F%2Fevil.example%2F',
      'target_link_uri=javascript:1',
      'role=a&role=b',
    ])
      expect((await agent.get(`/launch/${id}?${query}`)).status, query).toBe(400);
    expect(cloud.openings).toHaveLength(0);
  });

  it('HEAD, a prefetch, a frame, a picture', async () => {
    const id = await aCloudApp();
    const agent = await signedIn();
    expect((await fetch(`${clinch.url}/launch/${id}`, { method: 'HEAD' })).status).toBe(405);
    for (const header of ['Sec-Purpose', 'Purpose'])
      expect((await agent.get(`/launch/${id}`, { [header]: 'prefetch;prerender' })).status).toBe(503);
    for (const destination of ['iframe', 'image', 'empty', 'script'])
      expect((await agent.get(`/launch/${id}`, { 'Sec-Fetch-Dest': destination })).status, destination).toBe(400);
    expect(cloud.openings).toHaveLength(0);
    locationOf(await agent.get(`/launch/${id}`, { 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Mode': 'navigate' }));
  });

  it('a form of another site, another browser, another person, or without a token', async () => {
    const { id } = await anAppOfTwoRoles(true);
    const agent = await signedIn();
    const { action, hidden } = formOf(await agent.get(`/launch/${id}`));
    const form = { ...hidden, role: 'operator' };
    expect((await agent.post(action, { role: 'operator' })).status).toBe(403);
    expect((await agent.post(action, form, { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await agent.post(action, form, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await (await signedIn()).post(action, form)).status).toBe(403);
    const other = await anAppOfTwoRoles(true);
    expect((await agent.post(`/launch/${other.id}`, form)).status).toBe(403);
    expect(cloud.openings).toHaveLength(0);
  });

  it('a form without a role, or for an app without a template', async () => {
    const { id } = await anAppOfTwoRoles(true);
    const agent = await signedIn();
    const { action, hidden } = formOf(await agent.get(`/launch/${id}`));
    expect((await agent.post(action, hidden)).status).toBe(400);
    const { clientId } = await anApp(clinch);
    const answer = await agent.post(`/launch/${clientId}`, hidden);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET');
  });

  it('a form of an account that was disabled, or lost the role or the app, since the page', async () => {
    const { id, assignment } = await anAppOfTwoRoles(true);
    const agent = await signedIn();
    const { action, hidden } = formOf(await agent.get(`/launch/${id}`));
    const form = { ...hidden, role: 'operator' };
    expect((await admin.call('DELETE', `apps/${id}/assignments/${assignment}`)).status).toBe(204);
    expect((await agent.post(action, form)).status).toBe(403);
    await admin.call('PATCH', `apps/${id}`, { access: 'assigned' });
    expect((await agent.post(action, { ...hidden, role: 'reader' })).status).toBe(403);
    await admin.call('PATCH', `apps/${id}`, { access: 'everyone' });
    await admin.call('PATCH', `users/${person.id}`, { status: 'disabled' });
    const answer = await agent.follow(await agent.post(action, { ...hidden, role: 'reader' }));
    expect(answer.url).toContain('/login?');
    expect(cloud.openings).toHaveLength(0);
  });

  it('a form whose session ended: it goes on after the sign-in', async () => {
    const { id } = await anAppOfTwoRoles(true);
    const agent = await signedIn();
    const { action, hidden } = formOf(await agent.get(`/launch/${id}`));
    agent.cookies.delete('clinch_session');
    const page = await agent.follow(await agent.post(action, { ...hidden, role: 'operator' }));
    expect(page.url).toContain('/login?');
    locationOf(await agent.signIn(page, person));
    expect(cloud.openings[0]?.role.name).toBe('operator');
  });

  it('the thirty-first within a minute', async () => {
    const id = await aCloudApp();
    const agent = await signedIn();
    for (let launch = 0; launch < 30; launch += 1) expect((await agent.get(`/launch/${id}`)).status).toBe(303);
    const answer = await agent.get(`/launch/${id}`);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(cloud.openings).toHaveLength(30);
    locationOf(await (await signedIn(await aPerson(clinch))).get(`/launch/${id}`));
  });
});

describe('when the other side does not let somebody in', () => {
  it.each(FEDERATION_CAUSES)('says so, and what to do: %s', async (cause) => {
    const { id } = await anAppOfTwoRoles(true);
    cloud.answer = async () => {
      throw new FederationError(cause, { leg: 'sts', code: 'Some.Code', requestId: 'request-1' });
    };
    const agent = await signedIn();
    const status = cause === 'timeout' ? 504 : cause === 'throttled' ? 503 : 502;
    for (const [locale, language] of [
      ['en', 'en'],
      ['zh-CN', 'zh-CN'],
    ] as const) {
      const answer = await agent.get(`/launch/${id}?role=reader`, { 'Accept-Language': language });
      expect(answer.status).toBe(status);
      const words = MESSAGES[locale].federation.failures[cause]('Some Cloud', 'Reader');
      const text = unescapeHtml(answer.text).replaceAll('&#39;', "'");
      for (const line of [words.title, words.explanation, words.advice]) expect(text).toContain(line);
      expect(text).toContain('Some.Code');
      expect(text).toContain(answer.headers.get('x-request-id') ?? '?');
      expect(text).toContain(MESSAGES[locale].federation.otherRole);
      const timeline = await timelineOf(answer, locale);
      expect(timeline['state']).toBe('failed');
      expect(String(timeline['why'])).toContain('Some Cloud');
      expect(String(timeline['why'])).toContain(`sts: ${cause}`);
    }
    const [noted] = await events(id, 'federation.failed');
    expect(noted).toMatchObject({
      outcome: 'failure',
      reason: cause,
      details: { template: 'some_cloud', role: 'reader', leg: 'sts', code: 'Some.Code', requestId: 'request-1' },
    });
  });

  it('has an answer within three seconds from one that gives none', async () => {
    const id = await aCloudApp();
    cloud.answer = () => new Promise(() => undefined);
    const began = performance.now();
    const answer = await (await signedIn()).get(`/launch/${id}`);
    expect(performance.now() - began).toBeLessThan(3_500);
    expect(answer.status).toBe(504);
    const [noted] = await events(id, 'federation.failed');
    expect(noted).toMatchObject({ reason: 'timeout', details: { leg: 'open' } });
    expect(Number((noted as { details: Json }).details['seconds'])).toBeLessThan(3);
  });

  it('takes the word of a template that heeds the signal', async () => {
    const id = await aCloudApp();
    cloud.answer = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new FederationError('timeout', { leg: 'signin' })));
      });
    const answer = await (await signedIn()).get(`/launch/${id}`);
    expect(answer.status).toBe(504);
    expect(answer.text).toContain(`href="/launch/${id}?role=reader"`);
    const [noted] = await events(id, 'federation.failed');
    expect(noted).toMatchObject({ details: { leg: 'signin' } });
  });

  it('is a 500 of ours where no leg threw it: in the log, and not the other side’s', async () => {
    const id = await aCloudApp();
    const logged = vi.spyOn(clinch.app.get(ServerLog), 'failure');
    cloud.answer = () => Promise.reject(new TypeError('settings is not iterable'));
    const answer = await (await signedIn()).get(`/launch/${id}`);
    expect(answer.status).toBe(500);
    expect(answer.text).toContain(situations.server_error.title);
    expect(logged.mock.calls[0]?.[0]).toMatchObject({
      traceId: answer.headers.get('x-request-id'),
      err: { name: 'TypeError', message: 'settings is not iterable' },
    });
    logged.mockRestore();
    const [noted] = await events(id, 'federation.failed');
    expect(noted).toMatchObject({ reason: 'server_error', details: { leg: 'clinch', fault: 'TypeError' } });
    expect(String((await timelineOf(answer, 'en'))['why'])).toContain('Something went wrong on this server.');
  });

  it('says nothing of the id_token then, not even in the log', async () => {
    const id = await aCloudApp();
    const logged = vi.spyOn(clinch.app.get(ServerLog), 'failure');
    cloud.answer = ({ idToken }) => Promise.reject(new TypeError(`cannot fetch https://sts.example/?token=${idToken}`));
    const answer = await (await signedIn()).get(`/launch/${id}`);
    expect(answer.status).toBe(500);
    const err = logged.mock.calls[0]?.[0]?.['err'] as Error;
    logged.mockRestore();
    expect(err.message).toContain('TypeError in the opening of an app');
    const [noted] = await events(id, 'federation.failed');
    expect(inspect(err) + answer.text + JSON.stringify(noted)).not.toContain('token=');
  });

  it('lets in who was let in there, though the use of the app could not be noted', async () => {
    const id = await aCloudApp();
    const agent = await signedIn();
    const logged = vi.spyOn(clinch.app.get(ServerLog), 'failure');
    const noting = vi.spyOn(clinch.app.get(SessionClients), 'note').mockRejectedValue(new Error('the disk is full'));
    const answer = await agent.get(`/launch/${id}`);
    noting.mockRestore();
    expect(locationOf(answer)).toContain('https://console.cloud.example/');
    expect(logged.mock.calls[0]?.[0]).toMatchObject({ kind: 'federation', err: { message: 'the disk is full' } });
    logged.mockRestore();
    expect(await events(id, 'federation.opened')).toHaveLength(1);
  });

  it('counts the time from the request on: what comes before the template, and the id_token', async () => {
    const id = await aCloudApp();
    const agent = await signedIn();
    const slowly = async () => new Promise((resolve) => void setTimeout(resolve, 1_000));
    const accounts = clinch.app.get(AppAccounts);
    const found = accounts.of.bind(accounts);
    const naming = vi.spyOn(accounts, 'of').mockImplementation(async (...asked) => {
      await slowly();
      return found(...asked);
    });
    const policy = clinch.app.get(AccessPolicy);
    const decided = policy.decide.bind(policy);
    const deciding = vi.spyOn(policy, 'decide').mockImplementation(async (...asked) => {
      await slowly();
      return decided(...asked);
    });
    cloud.answer = () => new Promise(() => undefined);
    const began = performance.now();
    const answer = await agent.get(`/launch/${id}`);
    expect(performance.now() - began).toBeLessThan(3_500);
    naming.mockRestore();
    deciding.mockRestore();
    expect(answer.status).toBe(504);
  });

  it('says that there is no id_token for a person without a claim that must be there, or without a subject', async () => {
    const claim = { name: 'badge', value: 'user.custom.badge', on_error: 'fail' };
    const apps = [
      await aCloudApp({ id_token_claims: [claim] }),
      await aCloudApp({ access: 'assigned', subject_expression: 'user.custom.badge' }),
    ];
    const assigned = await admin.call('POST', `apps/${apps[1]}/assignments`, {
      subject: { type: 'user', id: person.id },
    });
    expect(assigned.status).toBe(201);
    const agent = await signedIn();
    for (const id of apps) {
      const answer = await agent.get(`/launch/${id}`);
      expect(answer.status, id).toBe(403);
      expect(answer.text).toContain(WORDS.failures.no_identity('Some Cloud', '').title);
      const [noted] = await events(id, 'federation.failed');
      expect(noted).toMatchObject({ reason: 'no_identity', details: { leg: 'token' } });
    }
    expect(cloud.openings).toHaveLength(0);
  });

  it('is counted', async () => {
    const id = await aCloudApp();
    await (await signedIn()).get(`/launch/${id}`);
    const text = await (await fetch(`${clinch.url}/metrics`)).text();
    expect(text).toMatch(/^clinch_federation_total\{template="some_cloud",outcome="opened"\} \d+$/m);
    expect(text).toMatch(/^clinch_federation_total\{template="some_cloud",outcome="trust_policy"\} \d+$/m);
    expect(text).toContain('clinch_federation_duration_seconds_count{template="some_cloud",outcome="opened"}');
  });

  async function timelineOf(answer: Answer, locale: string): Promise<Json> {
    await clinch.app.get(AuditWriter).written();
    const trace = answer.headers.get('x-request-id') ?? '';
    return (await admin.call('GET', `audit-events/timeline/${trace}?locale=${locale}`)).body;
  }
});

describe('an app of a template that is not opened from here', () => {
  const DEVICE = {
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  };

  it('opens by no tile, and its launch says so: its template opens nothing', async () => {
    const id = await aCloudApp({ template: 'some_program', client_name: 'Some Program', default_max_age: 600 });
    const agent = await signedIn();
    const portal = await agent.get('/');
    expect(portal.text).not.toContain(`/launch/${id}`);
    const words = MESSAGES.en.launch;
    const asked = [`/launch/${id}`, `/launch/${id}?role=reader`];
    for (const address of asked) {
      const page = await agent.get(address);
      expect(page.status).toBe(200);
      expect(unescapeHtml(page.text)).toContain(words.openDirectlyTitle('Some Program'));
    }
    const target = await agent.get(`/launch/${id}?target_link_uri=https%3A%2F%2Fconsole.cloud.example%2F`);
    expect(target.status).toBe(400);
    expect((await agent.post(`/launch/${id}`, { role: 'reader' })).status).toBe(405);
    const closed = await aCloudApp({ template: 'some_program', access: 'assigned' });
    expect((await agent.get(`/launch/${closed}`)).status).toBe(403);
    expect(await events(id, 'federation.failed')).toEqual([]);
  });

  it('opens by no tile where it hands id_tokens to a program and says that it is begun there', async () => {
    const own = await aCloudApp({ ...DEVICE, sso_initiator: 'app', client_name: 'Command line' });
    const both = await aCloudApp({ ...DEVICE, client_name: 'Command line and console' });
    const { text } = await (await signedIn()).get('/');
    expect(text).not.toContain(`/launch/${own}"`);
    expect(text).toContain(`/launch/${both}"`);
  });
});

describe('two clicks at once', () => {
  it('each take the role, with a ticket each', async () => {
    const id = await aCloudApp();
    const agent = await signedIn();
    const answers = await Promise.all(Array.from({ length: 8 }, () => agent.get(`/launch/${id}`)));
    expect(new Set(answers.map((answer) => locationOf(answer))).size).toBe(8);
  });

  it('of which one comes after the account was closed take none then', async () => {
    const id = await aCloudApp();
    const agents = await Promise.all(Array.from({ length: 4 }, () => signedIn()));
    const closing = admin.call('PATCH', `users/${person.id}`, { status: 'disabled' });
    await Promise.all(agents.map((agent) => agent.get(`/launch/${id}`)));
    expect((await closing).status).toBe(200);
    const before = cloud.openings.length;
    const answers = await Promise.all(agents.map(async (agent) => agent.follow(await agent.get(`/launch/${id}`))));
    for (const { url } of answers) expect(url).toContain('/login?');
    expect(cloud.openings).toHaveLength(before);
  });
});
