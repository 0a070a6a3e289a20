import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { AlibabaCliStage, PROVIDER, ROLE } from '../support/alibaba-cli-stage.js';
import { AlibabaCli } from '../support/alibaba-cli.js';
import { startAlibabaCloud, type RunningAlibabaCloud } from '../support/start-alibaba-cloud.js';

let stage: AlibabaCliStage;

beforeAll(async () => {
  stage = await AlibabaCliStage.open();
});
beforeEach(() => stage.reset());
afterEach(() => stage.cli.remove());
afterAll(() => stage?.close());

describe('refusals of STS', () => {
  it('are said in one line, and nothing else is', async () => {
    await stage.signIn();
    stage.sts.refusal = { status: 401, code: 'AuthenticationFail.NoPermission', message: 'There is no permission.' };
    const { code, out, err } = await stage.cli.run('credentials').ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^Alibaba Cloud gave no credentials: the trust policy of .*NoPermission, request R-1\)\n$/);
  });

  it('never show the token that STS quotes, however much is asked to be said', async () => {
    await stage.signIn();
    stage.sts.refusal = {
      status: 401,
      code: 'AuthenticationFail.OIDCToken.Invalid',
      message: 'The token {token} is bad.',
    };
    const { err } = await stage.cli.run('credentials', '--verbose').ended;
    expect(err).toContain('The token [token] is bad.');
    expect(err).not.toContain(stage.sts.calls[0]?.form.get('OIDCToken'));
  });
});

describe('at a simulated Alibaba Cloud, which verifies what arrives', () => {
  let cloud: RunningAlibabaCloud;

  beforeAll(async () => {
    cloud = await startAlibabaCloud({ issuer: stage.issuer, clientIds: [stage.app.clientId] });
  });
  beforeEach(async () => {
    stage.cli.remove();
    const role = ['--oidc-provider-arn', cloud.providerArn, '--role-arn', cloud.roleArn('clinch-readonly')];
    await stage.reset([...role, '--sts-url', cloud.stsUrl]);
  });
  afterAll(() => cloud?.stop());

  it('brings credentials in a terminal, then silently, until the person is disabled', async () => {
    const first = stage.cli.runInTerminal('credentials');
    await stage.approve(first);
    expect(await first.ended).toMatchObject({ code: 0 });
    expect(JSON.parse(first.out())).toMatchObject({ mode: 'StsToken', sts_token: expect.any(String) as unknown });
    const second = await stage.cli.run('credentials').ended;
    expect(second).toEqual({ code: 0, out: first.out(), err: '' });
    const third = await stage.cli.run('credentials', '--renew').ended;
    expect([third.code, third.err, third.out === second.out]).toEqual([0, '', false]);
    await stage.clinch.app.get(AccountStore).repository.update(stage.person.id, { status: 'disabled' });
    const last = await stage.cli.run('credentials', '--renew').ended;
    expect([last.code, last.out]).toEqual([1, '']);
    expect(last.err).toContain('Your sign-in has ended.');
  });

  it('says in words which client id RAM does not know', async () => {
    await stage.signIn();
    const { clientIds } = cloud.provider;
    cloud.provider.clientIds = ['another'];
    const { code, err } = await stage.cli.run('credentials').ended;
    cloud.provider.clientIds = clientIds;
    expect(code).toBe(1);
    expect(err).toContain(`${stage.app.clientId} is not among the client ids of ${cloud.providerArn}`);
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
    const rest = ['--issuer', stage.issuer, '--client-id', 'x', '--oidc-provider-arn', PROVIDER, '--role-arn', ROLE];
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
      JSON.stringify({
        issuer: stage.issuer,
        client_id: stage.app.clientId,
        oidc_provider_arn: PROVIDER,
        role_arn: ROLE,
      }),
    );
    const { err } = await own.run('credentials', '--settings', settings).ended;
    expect(err).toContain(`Run: clinch-alibaba login --settings ${settings}`);
    own.remove();
  });
});
