import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { newClientEntity } from '../app-registry/client-defaults.js';
import type { ClientList } from '../app-registry/client-list.js';
import { Client } from '../app-registry/client.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { AlibabaCloudSettings } from './alibaba-cloud-settings.dto.js';
import { appChecks, issuerForm } from './app-checks.js';
import { commandLine, options } from './command-line.js';
import { consoleAccount } from './console-account.js';
import { ConsoleSetup } from './console-setup.js';
import type { IssuerCertificates } from './issuer-certificates.js';
import { RoleAudiences } from './role-audiences.js';

const ISSUER = 'https://id.example/auth';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const THUMBPRINT = '902ef2deeb3c5b13ea4c3d5193629309e231ae55';
const SETTINGS = {
  account_id: '1234567890123456',
  oidc_provider: 'clinch',
  roles: [{ name: 'clinch-ops', session_seconds: 7200 }, { name: 'clinch-readonly' }],
};

const app = (differences: Partial<ClientEntity> = {}): Client =>
  new Client(
    Object.assign(newClientEntity('aliyun', '阿里云', 'alibaba_cloud'), { templateSettings: SETTINGS, ...differences }),
    [],
  );

/** What this server has, beside the app that is asked for. */
const audiences = (...others: Client[]) =>
  new RoleAudiences({ byId: async () => new Map(others.map((each) => [each.id, each])) } as unknown as ClientList);

const setup = (thumbprint: string | undefined = THUMBPRINT, ...others: Client[]) =>
  new ConsoleSetup(
    {
      thumbprint: async () => {
        if (thumbprint === '') throw new Error('nobody there');
        return thumbprint;
      },
    } as unknown as IssuerCertificates,
    audiences(...others),
    ClinchConfig.fromEnvironment({ CLINCH_ISSUER: ISSUER }),
  );

describe('what is entered in RAM', () => {
  it('has each value under a name of its own', async () => {
    const { values } = await setup().of(app(), SETTINGS);
    expect(Object.fromEntries(values.map(({ name, value }) => [name, value]))).toEqual({
      issuer: ISSUER,
      client_id: 'aliyun',
      thumbprint: THUMBPRINT,
      oidc_provider_arn: 'acs:ram::1234567890123456:oidc-provider/clinch',
      issuance_limit_hours: '12',
      'role_arn:clinch-ops': 'acs:ram::1234567890123456:role/clinch-ops',
      'role_arn:clinch-readonly': 'acs:ram::1234567890123456:role/clinch-readonly',
      launch_url: `${ISSUER}/launch/aliyun`,
    });
  });

  it('leaves the thumbprint out where there is none to see', async () => {
    const { values, commands } = await setup('').of(app(), SETTINGS);
    expect(values.map(({ name }) => name)).not.toContain('thumbprint');
    expect(commands[0]?.command).toContain("--Fingerprints '<thumbprint>'");
  });

  it('trusts this issuer’s tokens for this app, for each role', async () => {
    const { documents } = await setup().of(app(), SETTINGS);
    expect(documents.map(({ name }) => name)).toEqual(['trust_policy:clinch-ops', 'trust_policy:clinch-readonly']);
    expect(documents[0]?.content).toEqual({
      Version: '1',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Federated: ['acs:ram::1234567890123456:oidc-provider/clinch'] },
          Condition: { StringEquals: { 'oidc:iss': ISSUER, 'oidc:aud': ['aliyun'] } },
        },
      ],
    });
  });

  it('can be entered by command', async () => {
    const { commands, documents } = await setup().of(app(), SETTINGS);
    const policy = JSON.stringify(documents[0]?.content);
    expect(commands.map(({ name, command }) => [name, command])).toEqual([
      [
        'create_oidc_provider',
        `aliyun ims CreateOIDCProvider --OIDCProviderName clinch --IssuerUrl ${ISSUER} --ClientIds aliyun ` +
          `--Fingerprints ${THUMBPRINT} --IssuanceLimitTime 12`,
      ],
      ['add_client_id', 'aliyun ims AddClientIdToOIDCProvider --OIDCProviderName clinch --ClientId aliyun'],
      [
        'create_role:clinch-ops',
        `aliyun ram CreateRole --RoleName clinch-ops --AssumeRolePolicyDocument '${policy}' --MaxSessionDuration 7200`,
      ],
      [
        'update_role:clinch-ops',
        `aliyun ram UpdateRole --RoleName clinch-ops --NewAssumeRolePolicyDocument '${policy}'`,
      ],
      [
        'create_role:clinch-readonly',
        `aliyun ram CreateRole --RoleName clinch-readonly --AssumeRolePolicyDocument '${policy}'`,
      ],
      [
        'update_role:clinch-readonly',
        `aliyun ram UpdateRole --RoleName clinch-readonly --NewAssumeRolePolicyDocument '${policy}'`,
      ],
    ]);
  });

  it('has a command for Alibaba Cloud’s command line where the app signs people in there', async () => {
    const cli = app({ clientId: 'aliyun-cli', grantTypes: [DEVICE_GRANT, 'refresh_token'] });
    const { commands } = await setup().of(cli, { ...SETTINGS, sts_region: 'cn-beijing' });
    const configure = commands.filter(({ name }) => name.startsWith('configure_cli:'));
    expect(configure.map(({ command }) => command)).toEqual([
      'aliyun configure set --profile clinch-ops --mode External --region cn-beijing --process-command ' +
        `'clinch-alibaba credentials --issuer ${ISSUER} --client-id aliyun-cli ` +
        '--oidc-provider-arn acs:ram::1234567890123456:oidc-provider/clinch ' +
        '--role-arn acs:ram::1234567890123456:role/clinch-ops --duration 7200 ' +
        "--sts-url https://sts.cn-beijing.aliyuncs.com/'",
      expect.stringContaining('--profile clinch-readonly') as string,
    ]);
    expect(configure[1]?.command).not.toContain('--duration');
  });
});

describe('an option', () => {
  it('keeps a value that looks like an option', () => {
    expect(options({ ClientId: '-x', RoleName: 'a', Limit: 12, None: undefined })).toEqual([
      '--ClientId=-x',
      '--RoleName',
      'a',
      '--Limit',
      '12',
    ]);
  });

  it('of a client id that begins with a dash stays one, in each command', async () => {
    const { commands } = await setup().of(app({ clientId: '--help', grantTypes: [DEVICE_GRANT] }), SETTINGS);
    const naming = commands.filter(
      ({ command }) => /client-?id/i.test(command) && !/UpdateRole|CreateRole/.test(command),
    );
    expect(naming.map(({ name }) => name)).toEqual([
      'create_oidc_provider',
      'add_client_id',
      'configure_cli:clinch-ops',
      'configure_cli:clinch-readonly',
    ]);
    for (const { command } of naming) expect(command).toMatch(/(ClientIds?|client-id)=--help( |$)/);
  });
});

describe('a command', () => {
  it.each([
    "it's",
    `'; rm -rf / #`,
    '$(id)`id`',
    'a b\tc\nd',
    '"quoted"',
    '*?[a]{b,c}~',
    '\\',
    '',
    '阿里云',
    '!event && other | third > file',
  ])('keeps every word as it is: %j', (word) => {
    const line = commandLine(['printf', '%s', word]);
    expect(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' })).toBe(word);
  });
});

describe('the checks of the app', () => {
  const stateOf = (
    name: string,
    differences: Partial<ClientEntity> = {},
    settings: Partial<AlibabaCloudSettings> = {},
  ) =>
    appChecks(app(differences), consoleAccount({ ...SETTINGS, ...settings }), new Map()).find(
      (check) => check.name === name,
    )?.state;

  it.each<[string, Partial<ClientEntity>, Partial<AlibabaCloudSettings>, string]>([
    ['algorithm', {}, {}, 'passed'],
    ['algorithm', { idTokenSignedResponseAlg: 'ES256' }, {}, 'failed'],
    ['client_id', {}, {}, 'passed'],
    ['client_id', { clientId: 'ali~yun' }, {}, 'failed'],
    ['client_id', { clientId: '-aliyun' }, {}, 'failed'],
    // A launch makes one for the moment, whatever the app's lifetime is.
    ['token_lifetime', { idTokenLifetime: 36_000 }, { issuance_limit_hours: 1 }, 'passed'],
    ['token_lifetime', { grantTypes: [DEVICE_GRANT], idTokenLifetime: 600 }, {}, 'passed'],
    ['token_lifetime', { grantTypes: [DEVICE_GRANT], idTokenLifetime: 601 }, {}, 'warning'],
    ['token_lifetime', { grantTypes: [DEVICE_GRANT], idTokenLifetime: 3601 }, { issuance_limit_hours: 1 }, 'failed'],
    ['session_seconds', {}, { roles: [{ name: 'a' }] }, 'passed'],
    ['session_seconds', {}, { roles: [{ name: 'a', session_seconds: 3601 }] }, 'warning'],
    ['grants', {}, {}, 'passed'],
    ['grants', { grantTypes: ['client_credentials'] }, {}, 'passed'],
    ['grants', { grantTypes: [DEVICE_GRANT, 'refresh_token'] }, {}, 'passed'],
    ['grants', { grantTypes: ['authorization_code'] }, {}, 'warning'],
    ['grants', { backchannelLogoutUri: 'https://app.example/logout' }, {}, 'warning'],
  ])('%s: of %j and %j is %s', (name, differences, settings, state) => {
    expect(stateOf(name, differences, settings)).toBe(state);
  });

  it.each([
    ['https://id.example', 'passed'],
    ['https://id.example/auth', 'passed'],
    [`https://id.example/${'x'.repeat(237)}`, 'failed'],
    ['http://id.example', 'failed'],
    ['https://user@id.example', 'failed'],
    ['https://id.example/?a', 'failed'],
  ])('issuer_form: of %s is %s', (issuer, state) => {
    expect(issuerForm(issuer)).toMatchObject({ name: 'issuer_form', state });
  });
});
