import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SettingsError, readSettings } from './settings.js';

const folder = mkdtempSync(join(tmpdir(), 'alibaba-cloud-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function from(content: unknown, environment: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'settings.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readSettings(['--settings', file], environment);
}

const ACCOUNT = {
  accountId: '1234567890123456',
  alias: 'example',
  providers: [{ name: 'clinch', issuer: 'http://localhost:3000', clientIds: ['aliyun'] }],
  roles: [{ name: 'clinch-ops', maxSessionSeconds: 7200 }, { name: 'clinch-readonly' }],
};

describe('the settings of the Alibaba Cloud simulator', () => {
  it('are a port, and nothing in RAM, when nothing is said', () => {
    expect(readSettings([], {})).toEqual({
      port: 3005,
      host: '127.0.0.1',
      allowLoopback: false,
      accounts: undefined,
    });
  });

  it('hold what stands in RAM', () => {
    const { port, allowLoopback, accounts } = from({ allowLoopback: true, accounts: [ACCOUNT] }, { PORT: '4000' });
    expect([port, allowLoopback]).toEqual([4000, true]);
    const [account] = accounts ?? [];
    expect(account?.alias).toBe('example');
    expect(account?.providers).toMatchObject([{ name: 'clinch', clientIds: ['aliyun'], issuanceLimitHours: 12 }]);
    expect(account?.roles).toMatchObject([
      { name: 'clinch-ops', maxSessionSeconds: 7200 },
      { name: 'clinch-readonly', maxSessionSeconds: 43_200 },
    ]);
    expect(account?.roles[0]?.trustPolicy.Statement[0]?.Condition).toEqual({
      StringEquals: { 'oidc:iss': ['http://localhost:3000'], 'oidc:aud': ['aliyun'] },
    });
  });

  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no object', []],
    ['accounts that are no list', { accounts: {} }],
    ['allowLoopback that is no flag', { allowLoopback: 'yes' }],
    ['no account id', { accounts: [{ ...ACCOUNT, accountId: 'x' }] }],
    ['a provider without an issuer', { accounts: [{ ...ACCOUNT, providers: [{ name: 'clinch' }] }] }],
    [
      'an issuer with a query',
      { accounts: [{ ...ACCOUNT, providers: [{ name: 'x', issuer: 'https://x.example?a' }] }] },
    ],
    ['a role twice', { accounts: [{ ...ACCOUNT, roles: [{ name: 'x' }, { name: 'X' }] }] }],
    ['a session of a day', { accounts: [{ ...ACCOUNT, roles: [{ name: 'x', maxSessionSeconds: 86_400 }] }] }],
    [
      'a trust policy that is none',
      { accounts: [{ ...ACCOUNT, roles: [{ name: 'x', trustPolicy: { Version: '1' } }] }] },
    ],
    [
      'a trust policy that trusts everybody',
      { accounts: [{ ...ACCOUNT, roles: [{ name: 'x', trustPolicy: { Version: '1', Statement: [] } }] }] },
    ],
  ])('are refused in words: %s', (_, content) => {
    expect(() => from(content)).toThrow(SettingsError);
  });

  it('name a port and an option that exist', () => {
    expect(() => readSettings([], { PORT: '65536' })).toThrow(SettingsError);
    expect(() => readSettings(['--setting', 'x'], {})).toThrow(SettingsError);
    expect(() => readSettings(['--settings', join(folder, 'absent.json')], {})).toThrow(SettingsError);
  });
});
