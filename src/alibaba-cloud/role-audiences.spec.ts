import { describe, expect, it } from 'vitest';
import { newClientEntity } from '../app-registry/client-defaults.js';
import type { ClientList } from '../app-registry/client-list.js';
import { Client } from '../app-registry/client.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { appChecks } from './app-checks.js';
import type { AlibabaCloudSettings } from './alibaba-cloud-settings.dto.js';
import { consoleAccount } from './console-account.js';
import { RoleAudiences } from './role-audiences.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const HANDING: Partial<ClientEntity> = { grantTypes: [DEVICE_GRANT, 'refresh_token'] };
const GUARDED: Partial<AlibabaCloudSettings> = { roles: [{ name: 'ops', app_role: 'ops' }] };

function app(
  id: string,
  settings: Partial<AlibabaCloudSettings> = {},
  differences: Partial<ClientEntity> = {},
): Client {
  const templateSettings = { account_id: '12345', oidc_provider: 'clinch', roles: [{ name: 'ops' }], ...settings };
  return new Client(
    Object.assign(newClientEntity(id, id, 'alibaba_cloud'), { templateSettings, ...differences } as ClientEntity),
    [],
  );
}

const audiencesOf = async (one: Client, ...others: Client[]) => {
  const list = { byId: async () => new Map([one, ...others].map((each) => [each.id, each])) };
  return new RoleAudiences(list as unknown as ClientList).of(one);
};
const audienceOf = async (one: Client, ...others: Client[]) => (await audiencesOf(one, ...others)).get('ops');

const grantsOf = async (one: Client, ...others: Client[]) => {
  const account = consoleAccount(one.metadata.templateSettings ?? {});
  return appChecks(one, account, await audiencesOf(one, ...others)).find(({ name }) => name === 'grants');
};

describe('the audiences of a RAM role', () => {
  it('are all apps that lead to it, so that the policy of one shuts no other out', async () => {
    const others = [
      app('b'),
      app('a', {}, HANDING),
      app('off', {}, { enabled: false }),
      app('c', { roles: [{ name: 'OPS' }] }),
    ];
    expect((await audienceOf(app('m'), ...others))?.clientIds).toEqual(['a', 'b', 'c', 'm']);
  });

  it.each([
    ['another account', app('a', { account_id: '99999' })],
    ['another provider', app('a', { oidc_provider: 'other' })],
    ['other roles', app('a', { roles: [{ name: 'readonly' }] })],
    ['another template', app('a', {}, { template: 'other_cloud' })],
    ['no template', app('a', {}, { template: null, templateSettings: null })],
  ])('are no app with %s', async (_, other) => {
    expect((await audienceOf(app('m'), other))?.clientIds).toEqual(['m']);
  });

  it.each<[string, Partial<ClientEntity>]>([
    ['the device grant', HANDING],
    ['codes', { grantTypes: ['authorization_code'] }],
    ['refresh tokens alone', { grantTypes: ['refresh_token'] }],
    ['logout tokens', { backchannelLogoutUri: 'https://app.example/logout' }],
  ])('leave out what hands tokens out by %s beside an app that keeps the role for some', async (_, handing) => {
    const [console, cli] = [app('console', GUARDED), app('cli', {}, handing)];
    const expected = { clientIds: ['console'], guards: ['console'], leftOut: ['cli'] };
    expect(await audienceOf(console, cli)).toEqual(expected);
    expect(await audienceOf(cli, console)).toEqual(expected);
    for (const check of [await grantsOf(console, cli), await grantsOf(cli, console)]) {
      expect(check?.state).toBe('failed');
      expect(check?.detail).toContain('must lead to another RAM role');
    }
  });

  it('leave it out by whichever provider it comes', async () => {
    const [console, cli] = [app('console', GUARDED), app('cli', { oidc_provider: 'other' }, HANDING)];
    expect((await audienceOf(cli, console))?.clientIds).toEqual([]);
    expect((await audienceOf(console, cli))?.clientIds).toEqual(['console']);
  });

  it('may be both where the role is for everybody who may enter, or each has one of its own', async () => {
    const cli = app('cli', {}, HANDING);
    expect((await audienceOf(cli, app('console')))?.clientIds).toEqual(['cli', 'console']);
    expect((await grantsOf(cli, app('console')))?.state).toBe('passed');
    const keeping = app('console', { roles: [{ name: 'admin', app_role: 'admin' }, { name: 'ops' }] });
    expect((await grantsOf(cli, keeping))?.state).toBe('passed');
    expect((await grantsOf(keeping, cli))?.state).toBe('passed');
  });
});
