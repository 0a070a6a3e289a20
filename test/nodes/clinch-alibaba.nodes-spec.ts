import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { StateFile } from '../../src/clinch-alibaba/state-file.js';
import { AlibabaCli, type Running } from '../support/alibaba-cli.js';
import { aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aCli, askForCodes, confirmationPage, DEVICE_CODE_GRANT, poll } from '../support/device.js';
import { FakeSts } from '../support/fake-sts.js';
import { LossyWire } from '../support/lossy-wire.js';
import { startAlibabaCloud, type RunningAlibabaCloud } from '../support/start-alibaba-cloud.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const PROVIDER = 'acs:ram::1234567890123456:oidc-provider/clinch';
const ROLE = 'acs:ram::1234567890123456:role/clinch-ops';

let clinch: TestClinch;
let wire: LossyWire;
let sts: FakeSts;
let app: TestApp;
let person: TestPerson;
let issuer: string;
let cli: AlibabaCli;

beforeAll(async () => {
  wire = new LossyWire();
  await wire.listen();
  issuer = `http://localhost:${wire.port}`;
  clinch = await startClinch({ CLINCH_ISSUER: issuer });
  wire.connect(clinch.url);
  sts = new FakeSts();
  await sts.start();
  const grantTypes = [DEVICE_CODE_GRANT, 'refresh_token'];
  app = await aCli(clinch, { clientName: 'Alibaba Cloud CLI', grantTypes, scope: 'openid profile offline_access' });
});
beforeEach(async () => {
  person = await aPerson(clinch);
  Object.assign(sts, { refusal: undefined, seconds: undefined });
  sts.calls.length = 0;
  wire.requests.length = 0;
  wire.losing.clear();
  const role = ['--oidc-provider-arn', PROVIDER, '--role-arn', ROLE, '--sts-url', sts.url];
  cli = new AlibabaCli(['--issuer', issuer, '--client-id', app.clientId, ...role]);
});
afterEach(() => cli.remove());
afterAll(async () => {
  sts?.stop();
  await clinch?.stop();
  wire?.stop();
});

/** Opens the address that it shows, as the person, and says yes. */
async function approve(program: Running): Promise<void> {
  await program.shows('Waiting for your answer');
  const verification_uri_complete = /https?:\S+user_code=\S+/.exec(program.shown())?.[0] ?? '';
  const { agent, page } = await confirmationPage(issuer, { verification_uri_complete }, person);
  expect(page.text).toContain('Alibaba Cloud CLI');
  await agent.press(page, 'allow');
}

/** As a sign-in leaves it, without the five seconds that its first poll has to wait. */
async function signIn(): Promise<void> {
  const codes = await askForCodes(issuer, app, { scope: 'openid profile offline_access' });
  const { agent, page } = await confirmationPage(issuer, codes, person);
  await agent.press(page, 'allow');
  const { body } = await poll(issuer, app, codes);
  const file = new StateFile({ issuer, clientId: app.clientId, folder: cli.folder });
  const refreshToken = String(body['refresh_token']);
  file.write({ sub: person.id, name: '李华', sessionName: 'lihua', refreshToken, credentials: {} });
  wire.requests.length = 0;
}

const stateFile = () => join(cli.folder, cli.files().find((name) => name.endsWith('.json')) ?? '');
const refreshes = () => wire.count('POST /oidc/token');

describe('in a terminal', () => {
  it('shows an address, a code and a picture, and prints what the Alibaba Cloud CLI reads and nothing else', async () => {
    const program = cli.runInTerminal('credentials');
    await approve(program);
    expect(await program.ended).toMatchObject({ code: 0 });
    expect(program.shown()).toContain('Address');
    // The picture is black on white whatever the theme.
    expect(program.shown()).toContain('\u001b[38;5;16;48;5;231m');
    expect(JSON.parse(program.out())).toEqual({
      mode: 'StsToken',
      access_key_id: 'STS.1',
      access_key_secret: 'secret',
      sts_token: 'security-token',
      expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
    });
    expect(program.shown()).not.toContain('security-token');
  });

  it('asks again once the sign-in has ended, and lets the next one in when it is interrupted', async () => {
    await signIn();
    await cli.run('credentials').ended;
    await clinch.app.get(AccountStore).repository.update(person.id, { status: 'disabled' });
    const again = cli.runInTerminal('credentials', '--renew');
    await again.shows('Waiting for your answer');
    expect(again.shown()).toContain('Your sign-in has ended.');
    expect(cli.files()).toEqual([expect.stringMatching(/\.lock$/)]);
    again.interrupt();
    expect(await again.ended).toMatchObject({ code: 130 });
    expect([again.out(), cli.files()]).toEqual(['', []]);
  });

  it('is not asked with --no-login', async () => {
    const { code } = await cli.runInTerminal('credentials', '--no-login').ended;
    expect([code, wire.requests]).toEqual([1, []]);
  });
});

describe('what arrives at STS', () => {
  it('is the token in the body, for this app alone, with the person in the name of the session', async () => {
    await signIn();
    await cli.run('credentials', '--duration', '900').ended;
    const [call] = sts.calls;
    expect(Object.fromEntries(call?.query ?? [])).toEqual({
      Action: 'AssumeRoleWithOIDC',
      Version: '2015-04-01',
      Format: 'JSON',
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
    });
    const { OIDCToken, ...rest } = Object.fromEntries(call?.form ?? []);
    expect(OIDCToken?.length).toBeGreaterThan(100);
    expect(rest).toEqual({
      OIDCProviderArn: PROVIDER,
      RoleArn: ROLE,
      RoleSessionName: 'lihua',
      DurationSeconds: '900',
    });
    expect(call?.claims).toMatchObject({ iss: issuer, aud: app.clientId, sub: person.id });
    // Nothing more of a person than is needed there.
    expect(Object.keys(call?.claims ?? {})).not.toContain('name');
  });

  it('is named after the person whom userinfo describes', async () => {
    const program = cli.run('login');
    await approve(program);
    expect(await program.ended).toMatchObject({
      code: 0,
      err: expect.stringContaining('Signed in as 李华.') as unknown,
    });
    await cli.run('credentials').ended;
    expect(sts.calls[0]?.form.get('RoleSessionName')).toBe('lihua');
  });

  it('has the session name that an option gives', async () => {
    await signIn();
    await cli.run('credentials', '--session-name', 'nightly@build').ended;
    expect(sts.calls[0]?.form.get('RoleSessionName')).toBe('nightly@build');
  });
});

describe('without a terminal', () => {
  it('asks nobody, and says what to run', async () => {
    const { code, out, err } = await cli.run('credentials').ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe(
      `You are not signed in. Run: clinch-alibaba login --issuer ${issuer} --client-id ${app.clientId}\n`,
    );
    expect(wire.requests).toEqual([]);
  });

  it('is silent: one refresh and one exchange, and then what is kept', async () => {
    await signIn();
    const first = await cli.run('credentials').ended;
    expect([first.code, first.err]).toEqual([0, '']);
    expect(await cli.run('credentials').ended).toEqual(first);
    expect([refreshes(), sts.calls.length]).toEqual([1, 1]);
  });

  it('keeps credentials of each role, and until five minutes before their end', async () => {
    await signIn();
    await cli.run('credentials').ended;
    await cli.run('credentials', '--duration', '1800').ended;
    expect((await cli.run('credentials').ended).out).toContain('"STS.1"');
    sts.seconds = 299;
    await cli.run('credentials', '--renew').ended;
    expect((await cli.run('credentials').ended).out).toContain('"STS.4"');
  });

  it('makes one refresh and one exchange when ten run at once', async () => {
    await signIn();
    const all = await Promise.all(Array.from({ length: 10 }, () => cli.run('credentials').ended));
    expect(new Set(all.map(({ code, out, err }) => `${code} ${out} ${err}`)).size).toBe(1);
    expect(all[0]).toMatchObject({ code: 0, err: '' });
    expect([refreshes(), sts.calls.length]).toEqual([1, 1]);
    expect(cli.files()).toHaveLength(1);
  });

  it('takes the lock of a process that has died, also ten at once, and of one that shows no life', async () => {
    await signIn();
    const lock = `${stateFile()}.lock`;
    // The largest number that Linux gives; nobody has it.
    writeFileSync(lock, JSON.stringify({ pid: 4_194_304, host: hostname(), nonce: 'a' }));
    const all = await Promise.all(Array.from({ length: 10 }, () => cli.run('credentials').ended));
    expect(all.every(({ code }) => code === 0)).toBe(true);
    expect(sts.calls).toHaveLength(1);
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), nonce: 'b' }));
    utimesSync(lock, new Date(0), new Date(0));
    expect(await cli.run('credentials', '--renew').ended).toMatchObject({ code: 0 });
    expect(cli.files()).toHaveLength(1);
  });

  it('presents the same refresh token again when answers are lost', async () => {
    await signIn();
    wire.losing.set('/oidc/token', 2);
    expect(await cli.run('credentials').ended).toMatchObject({ code: 0, err: '' });
    expect(await cli.run('credentials', '--renew').ended).toMatchObject({ code: 0 });
  });

  it('keeps files that nobody else can read', async () => {
    await signIn();
    await cli.run('credentials').ended;
    expect(statSync(cli.folder).mode & 0o777).toBe(0o700);
    expect(statSync(stateFile()).mode & 0o777).toBe(0o600);
  });
});

describe('when it is over', () => {
  it('refuses a person who was disabled, in one line', async () => {
    await signIn();
    await cli.run('credentials').ended;
    await clinch.app.get(AccountStore).repository.update(person.id, { status: 'disabled' });
    const { code, out, err } = await cli.run('credentials', '--renew').ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^Your sign-in has ended\. Run: clinch-alibaba login .*\n$/);
    expect(await cli.run('credentials').ended).toMatchObject({ code: 1 });
  });

  it('gives the sign-in back', async () => {
    await signIn();
    const { refresh_token: token } = JSON.parse(readFileSync(stateFile(), 'utf8')) as { refresh_token: string };
    expect(await cli.run('logout').ended).toMatchObject({
      code: 0,
      err: expect.stringContaining('Signed out.') as unknown,
    });
    expect(cli.files()).toEqual([]);
    expect(wire.count('POST /oidc/revoke')).toBe(1);
    const form = { grant_type: 'refresh_token', refresh_token: token, client_id: app.clientId };
    const answer = await fetch(`${issuer}/oidc/token`, { method: 'POST', body: new URLSearchParams(form) });
    expect(await answer.json()).toMatchObject({ error: 'invalid_grant' });
  });

  it('says who is signed in, and whether', async () => {
    expect(await cli.run('status').ended).toMatchObject({ code: 1 });
    await signIn();
    await cli.run('credentials').ended;
    const { code, out } = await cli.run('status').ended;
    expect(code).toBe(0);
    for (const part of ['李华', issuer, ROLE, 'STS.1']) expect(out).toContain(part);
    expect(out).not.toContain('secret');
  });
});

describe('refusals of STS', () => {
  it.each([
    [401, 'AuthenticationFail.NoPermission', 'There is no permission.', 'trust policy'],
    [401, 'AuthenticationFail.NoPermission', 'No such OIDC Provider registered.', `there is no ${PROVIDER}`],
    [401, 'AuthenticationFail.OIDCToken.AudienceNotMatch', 'Invalid audience.', 'not among the client ids'],
    [401, 'AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch', '', 'thumbprint'],
    [404, 'EntityNotExist.Role', '', `there is no ${ROLE}`],
    [429, 'Throttling.User', '', 'too often'],
    [400, 'Something.New', 'whatever', 'does not know'],
  ])('%s %s are said in words, with the code and the request', async (status, code, message, words) => {
    await signIn();
    sts.refusal = { status, code, message };
    const ended = await cli.run('credentials').ended;
    expect([ended.code, ended.out]).toEqual([1, '']);
    for (const part of [words, code, 'request R-1']) expect(ended.err).toContain(part);
  });

  it('never show the token that STS quotes, however much is asked to be said', async () => {
    await signIn();
    sts.refusal = { status: 401, code: 'AuthenticationFail.OIDCToken.Invalid', message: 'The token {token} is bad.' };
    const { err } = await cli.run('credentials', '--verbose').ended;
    expect(err).toContain('The token [token] is bad.');
    expect(err).not.toContain(sts.calls[0]?.form.get('OIDCToken'));
  });
});

describe('at a simulated Alibaba Cloud, which verifies what arrives', () => {
  let cloud: RunningAlibabaCloud;

  beforeAll(async () => {
    cloud = await startAlibabaCloud({ issuer, clientIds: [app.clientId] });
  });
  beforeEach(() => {
    const role = ['--oidc-provider-arn', cloud.providerArn, '--role-arn', cloud.roleArn('clinch-readonly')];
    const options = ['--issuer', issuer, '--client-id', app.clientId, ...role, '--sts-url', cloud.stsUrl];
    cli.remove();
    cli = new AlibabaCli(options);
  });
  afterAll(() => cloud?.stop());

  it('brings credentials in a terminal, then silently, until the person is disabled', async () => {
    const first = cli.runInTerminal('credentials');
    await approve(first);
    expect(await first.ended).toMatchObject({ code: 0 });
    expect(JSON.parse(first.out())).toMatchObject({ mode: 'StsToken', sts_token: expect.any(String) as unknown });
    const second = await cli.run('credentials').ended;
    expect(second).toEqual({ code: 0, out: first.out(), err: '' });
    const third = await cli.run('credentials', '--renew').ended;
    expect([third.code, third.err, third.out === second.out]).toEqual([0, '', false]);
    await clinch.app.get(AccountStore).repository.update(person.id, { status: 'disabled' });
    const last = await cli.run('credentials', '--renew').ended;
    expect([last.code, last.out]).toEqual([1, '']);
    expect(last.err).toContain('Your sign-in has ended.');
  });

  it('says in words which client id RAM does not know', async () => {
    await signIn();
    const { clientIds } = cloud.provider;
    cloud.provider.clientIds = ['another'];
    const { code, err } = await cli.run('credentials').ended;
    cloud.provider.clientIds = clientIds;
    expect(code).toBe(1);
    expect(err).toContain(`${app.clientId} is not among the client ids of ${cloud.providerArn}`);
  });
});

describe('its command line', () => {
  it.each([
    [['sing'], 2, 'There is no "sing".'],
    [['credentials', '--colour'], 2, "Unknown option '--colour'"],
    [['credentials', '--duration', '60'], 1, 'between 900 and 43200'],
    [['credentials', '--role-arn', 'ops'], 1, '--role-arn is "ops"; it has to be of the form'],
    [['credentials', '--issuer', 'http://id.example'], 1, 'has to be an https address'],
    [['credentials', '--settings', '/nowhere.json'], 1, 'There is no file /nowhere.json.'],
  ])('%s ends with %i', async (args, expected, words) => {
    // What is said first is what it was made with; the last word counts.
    const own = new AlibabaCli([]);
    const rest = ['--issuer', issuer, '--client-id', 'x', '--oidc-provider-arn', PROVIDER, '--role-arn', ROLE];
    const [command = '', ...more] = args;
    const { code, err } = await own.run(command, ...rest, ...more).ended;
    expect([code, err]).toEqual([expected, expect.stringContaining(words)]);
    own.remove();
  });

  it('finds its settings in a file', async () => {
    const own = new AlibabaCli([]);
    const settings = join(own.home, 'settings.json');
    writeFileSync(
      settings,
      JSON.stringify({ issuer, client_id: app.clientId, oidc_provider_arn: PROVIDER, role_arn: ROLE }),
    );
    const { err } = await own.run('credentials', '--settings', settings).ended;
    expect(err).toContain(`Run: clinch-alibaba login --settings ${settings}`);
    own.remove();
  });
});
