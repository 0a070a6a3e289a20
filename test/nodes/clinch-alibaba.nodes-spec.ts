import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { AlibabaCliStage, PROVIDER, ROLE } from '../support/alibaba-cli-stage.js';

let stage: AlibabaCliStage;

beforeAll(async () => {
  stage = await AlibabaCliStage.open();
});
beforeEach(() => stage.reset());
afterEach(() => stage.cli.remove());
afterAll(() => stage?.close());

const FOLDER_FOR_FILE = 'a folder stands where a file has to be (ERR_FS_EISDIR)';
const stateFile = () => join(stage.cli.folder, stage.cli.files().find((name) => name.endsWith('.json')) ?? '');
const refreshes = () => stage.wire.count('POST /oidc/token');

describe('in a terminal', () => {
  it('shows an address, a code and a picture, and prints what the Alibaba Cloud CLI reads and nothing else', async () => {
    const program = stage.cli.runInTerminal('credentials');
    await stage.approve(program);
    expect(await program.ended).toMatchObject({ code: 0 });
    expect(program.shown()).toMatch(/Address +\u001b\[22m\u001b\[1mhttp\S+\u001b\[22m/);
    expect(program.shown()).toMatch(/Code +\u001b\[22m\u001b\[1m[A-Z-]+\u001b\[22m/);
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
    await stage.signIn();
    await stage.cli.run('credentials').ended;
    await stage.clinch.app.get(AccountStore).repository.update(stage.person.id, { status: 'disabled' });
    const again = stage.cli.runInTerminal('credentials', '--renew');
    await again.shows('Waiting for your answer');
    expect(again.shown()).toContain('Your sign-in has ended.');
    expect(stage.cli.files()).toEqual([expect.stringMatching(/\.lock$/)]);
    again.interrupt();
    expect(await again.ended).toMatchObject({ code: 130 });
    expect([again.out(), stage.cli.files()]).toEqual(['', []]);
  });

  it('is not asked with --no-login', async () => {
    const { code } = await stage.cli.runInTerminal('credentials', '--no-login').ended;
    expect([code, stage.wire.requests]).toEqual([1, []]);
  });
});

describe('what arrives at STS', () => {
  it('is the token in the body, for this app alone, with the person in the name of the session', async () => {
    await stage.signIn();
    await stage.cli.run('credentials', '--duration', '900').ended;
    const [call] = stage.sts.calls;
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
    expect(call?.claims).toMatchObject({ iss: stage.issuer, aud: stage.app.clientId, sub: stage.person.id });
    // Nothing more of a person than is needed there.
    expect(Object.keys(call?.claims ?? {})).not.toContain('name');
  });

  it('is named after the person whom userinfo describes', async () => {
    const program = stage.cli.run('login');
    await stage.approve(program);
    expect(await program.ended).toMatchObject({
      code: 0,
      err: expect.stringContaining('Signed in as 李华.') as unknown,
    });
    await stage.cli.run('credentials').ended;
    expect(stage.sts.calls[0]?.form.get('RoleSessionName')).toBe('lihua');
  });

  it('has the session name that an option gives', async () => {
    await stage.signIn();
    await stage.cli.run('credentials', '--session-name', 'nightly@build').ended;
    expect(stage.sts.calls[0]?.form.get('RoleSessionName')).toBe('nightly@build');
  });
});

describe('without a terminal', () => {
  it('asks nobody, and says what to run', async () => {
    const { code, out, err } = await stage.cli.run('credentials').ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe(
      `You are not signed in. Run: clinch-alibaba login --issuer ${stage.issuer} --client-id ${stage.app.clientId}\n`,
    );
    expect(stage.wire.requests).toEqual([]);
  });

  it('is silent: one refresh and one exchange, and then what is kept', async () => {
    await stage.signIn();
    const first = await stage.cli.run('credentials').ended;
    expect([first.code, first.err]).toEqual([0, '']);
    expect(await stage.cli.run('credentials').ended).toEqual(first);
    expect([refreshes(), stage.sts.calls.length]).toEqual([1, 1]);
  });

  it('keeps credentials of each role, and until five minutes before their end', async () => {
    await stage.signIn();
    await stage.cli.run('credentials').ended;
    await stage.cli.run('credentials', '--duration', '1800').ended;
    expect((await stage.cli.run('credentials').ended).out).toContain('"STS.1"');
    stage.sts.seconds = 299;
    await stage.cli.run('credentials', '--renew').ended;
    expect((await stage.cli.run('credentials').ended).out).toContain('"STS.4"');
  });

  it('makes one refresh and one exchange when ten run at once', async () => {
    await stage.signIn();
    const all = await Promise.all(Array.from({ length: 10 }, () => stage.cli.run('credentials').ended));
    expect(new Set(all.map(({ code, out, err }) => `${code} ${out} ${err}`)).size).toBe(1);
    expect(all[0]).toMatchObject({ code: 0, err: '' });
    expect([refreshes(), stage.sts.calls.length]).toEqual([1, 1]);
    expect(stage.cli.files()).toHaveLength(1);
  });

  it('takes the lock of a process that has died, also ten at once', async () => {
    await stage.signIn();
    const lock = `${stateFile()}.lock`;
    // The largest number that Linux gives; nobody has it.
    writeFileSync(lock, JSON.stringify({ pid: 4_194_304, host: hostname(), nonce: 'a' }));
    const all = await Promise.all(Array.from({ length: 10 }, () => stage.cli.run('credentials').ended));
    expect(all.every(({ code }) => code === 0)).toBe(true);
    expect(stage.sts.calls).toHaveLength(1);
    expect(stage.cli.files()).toHaveLength(1);
  });

  it('waits for a lock that nobody can read, and can be interrupted', async () => {
    await stage.signIn();
    symlinkSync('/nowhere/at/all', `${stateFile()}.lock`);
    const program = stage.cli.runInTerminal('credentials', '--verbose');
    await program.shows('Waiting for another process');
    program.interrupt();
    expect(await program.ended).toMatchObject({ code: 130 });
    expect(stage.wire.requests).toEqual([]);
  });

  it('gives those that are kept to nearly their end while nobody answers, and says so only when asked to', async () => {
    await stage.signIn();
    stage.sts.seconds = 290;
    await stage.cli.run('credentials').ended;
    stage.sts.refusal = { status: 503, code: 'ServiceUnavailable', message: '' };
    const first = await stage.cli.run('credentials').ended;
    expect(first).toMatchObject({ code: 0, err: '', out: expect.stringContaining('"STS.1"') as unknown });
    expect((await stage.cli.run('credentials', '--verbose').ended).err).toContain('are good until');
    stage.wire.losing.set('/.well-known/openid-configuration', 1);
    expect(await stage.cli.run('credentials').ended).toEqual(first);
    // Who wants others is not given the same.
    expect(await stage.cli.run('credentials', '--renew').ended).toMatchObject({ code: 1, out: '' });
    stage.sts.refusal = { status: 401, code: 'AuthenticationFail.NoPermission', message: '' };
    expect(await stage.cli.run('credentials').ended).toMatchObject({ code: 1, out: '' });
  });

  it('does not give what has less than half a minute', async () => {
    await stage.signIn();
    stage.sts.seconds = 29;
    await stage.cli.run('credentials').ended;
    stage.sts.refusal = { status: 503, code: 'ServiceUnavailable', message: '' };
    expect(await stage.cli.run('credentials').ended).toMatchObject({ code: 1, out: '' });
  });

  it('removes what those that died have left, which holds a refresh token', async () => {
    await stage.signIn();
    writeFileSync(`${stateFile()}.0123456789ab`, '{"refresh_token":"x"}');
    await stage.cli.run('credentials').ended;
    expect(stage.cli.files()).toHaveLength(1);
    writeFileSync(`${stateFile()}.0123456789ab`, '{"refresh_token":"x"}');
    await stage.cli.run('logout').ended;
    expect(stage.cli.files()).toEqual([]);
  });

  it('says in words what it cannot do with its files', async () => {
    await stage.signIn();
    const path = stateFile();
    rmSync(path);
    mkdirSync(path);
    const { code, err } = await stage.cli.run('logout').ended;
    expect([code, err]).toEqual([1, `${path} cannot be written: ${FOLDER_FOR_FILE}.\n`]);
  });

  it('presents the same refresh token again when answers are lost', async () => {
    await stage.signIn();
    stage.wire.losing.set('/oidc/token', 2);
    expect(await stage.cli.run('credentials').ended).toMatchObject({ code: 0, err: '' });
    expect(await stage.cli.run('credentials', '--renew').ended).toMatchObject({ code: 0 });
  });

  it('keeps files that nobody else can read', async () => {
    await stage.signIn();
    await stage.cli.run('credentials').ended;
    expect(statSync(stage.cli.folder).mode & 0o777).toBe(0o700);
    expect(statSync(stateFile()).mode & 0o777).toBe(0o600);
  });
});

describe('when it is over', () => {
  it('refuses a person who was disabled, in one line', async () => {
    await stage.signIn();
    await stage.cli.run('credentials').ended;
    await stage.clinch.app.get(AccountStore).repository.update(stage.person.id, { status: 'disabled' });
    const { code, out, err } = await stage.cli.run('credentials', '--renew').ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^Your sign-in has ended\. Run: clinch-alibaba login .*\n$/);
    expect(await stage.cli.run('credentials').ended).toMatchObject({ code: 1 });
  });

  it('gives the sign-in back', async () => {
    await stage.signIn();
    const { refresh_token: token } = JSON.parse(readFileSync(stateFile(), 'utf8')) as { refresh_token: string };
    expect(await stage.cli.run('logout').ended).toMatchObject({
      code: 0,
      err: expect.stringContaining('Signed out.') as unknown,
    });
    expect(stage.cli.files()).toEqual([]);
    expect(stage.wire.count('POST /oidc/revoke')).toBe(1);
    const form = { grant_type: 'refresh_token', refresh_token: token, client_id: stage.app.clientId };
    const answer = await fetch(`${stage.issuer}/oidc/token`, { method: 'POST', body: new URLSearchParams(form) });
    expect(await answer.json()).toMatchObject({ error: 'invalid_grant' });
  });

  it('says who is signed in, and whether', async () => {
    expect(await stage.cli.run('status').ended).toMatchObject({ code: 1 });
    await stage.signIn();
    await stage.cli.run('credentials').ended;
    const { code, out } = await stage.cli.run('status').ended;
    expect(code).toBe(0);
    for (const part of ['李华', stage.issuer, ROLE, 'STS.1']) expect(out).toContain(part);
    expect(out).not.toContain('secret');
  });
});
