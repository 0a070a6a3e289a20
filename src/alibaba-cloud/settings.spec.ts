import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { ClinchConfig } from '../config/clinch-config.js';
import { AlibabaCloudSettings } from './alibaba-cloud-settings.dto.js';
import { consoleAccount } from './console-account.js';
import { settingsProblems } from './settings-problems.js';
import { consolePage } from './sites.js';

const LEAST = { account_id: '1234567890123456', oidc_provider: 'clinch', roles: [{ name: 'clinch-ops' }] };
const production = ClinchConfig.fromEnvironment({
  CLINCH_ISSUER: 'https://id.example',
  CLINCH_OUTBOUND_ALLOW: 'sts.intra.example',
});
const trial = ClinchConfig.fromEnvironment({});

/** What `new URL` takes, and makes something else of. */
const CROOKED = ['/a b', '/\n', ' ', '/a\tb', '\\a', '/a\\..\\b', '/a/../b', ':443/', '/阿里', '/a%2e%2e/./b'];

const settings = (differences: object = {}) => plainToInstance(AlibabaCloudSettings, { ...LEAST, ...differences });

function wrong(differences: object): string[] {
  const fields = (errors: readonly ValidationError[], before = ''): string[] =>
    errors.flatMap(({ property, children = [], constraints }) => [
      ...(constraints === undefined ? [] : [before + property]),
      ...fields(children, `${before}${property}.`),
    ]);
  return fields(validateSync(settings(differences)));
}

const problems = (differences: object, config = production) =>
  settingsProblems(settings(differences), config).map(({ field }) => field);

describe('the settings', () => {
  it('need the account, the provider and a role, and no more', () => {
    expect(wrong({})).toEqual([]);
    expect(problems({})).toEqual([]);
    expect(problems({ account_id: undefined, oidc_provider: undefined, roles: undefined })).toEqual([
      'account_id',
      'oidc_provider',
      'roles',
    ]);
    expect(problems({ roles: [] })).toEqual(['roles']);
    expect(problems({ roles: [{}] })).toEqual(['roles[0].name']);
    expect(problems({ roles: [{ name: 'ops' }, { name: 'OPS' }] })).toEqual(['roles[1].name']);
  });

  it.each<[string, object]>([
    ['account_id', { account_id: '1234' }],
    ['account_id', { account_id: 'acs:ram' }],
    ['account_id', { account_id: 1_234_567_890 }],
    ['oidc_provider', { oidc_provider: 'a/b' }],
    ['oidc_provider', { oidc_provider: '--help' }],
    ['site', { site: 'moon' }],
    ['roles', { roles: Array.from({ length: 21 }, (_, index) => ({ name: `r${index}` })) }],
    ['roles.0.name', { roles: [{ name: 'a b' }] }],
    ['roles.0.name', { roles: [{ name: 'x'.repeat(65) }] }],
    ['roles.0.session_seconds', { roles: [{ name: 'a', session_seconds: 899 }] }],
    ['roles.0.destination', { roles: [{ name: 'a', destination: 'https://evil.example/' }] }],
    ['session_seconds', { session_seconds: 43_201 }],
    ['session_name', { session_name: 'nickname' }],
    ['issuance_limit_hours', { issuance_limit_hours: 169 }],
    ['ticket_type', { ticket_type: 'maxi' }],
    ['sts_region', { sts_region: 'oss-cn-hangzhou' }],
    ['sts_region', { sts_region: 'evil.example/' }],
    ['destination', { destination: 'http://home.console.aliyun.com/' }],
  ])('are refused for their %s: %j', (field, differences) => {
    expect(wrong(differences)).toEqual([field]);
  });

  it.each([
    'https://home.console.aliyun.com',
    'https://home.console.aliyun.com/',
    'https://ecs.console.aliyun.com/server?x=1#/region/cn-hangzhou',
  ])('have a destination in its normal form: %s', (destination) => {
    expect(wrong({ destination, roles: [{ name: 'a', destination }] })).toEqual([]);
  });

  it.each(CROOKED)('refuse a destination that is read one way here and another there: %j', (rest) => {
    const destination = `https://home.console.aliyun.com${rest}`;
    expect(wrong({ destination })).toEqual(['destination']);
    expect(wrong({ roles: [{ name: 'a', destination }] })).toEqual(['roles.0.destination']);
  });

  it.each([
    'https://home.console.aliyun.com/',
    'https://ecs.console.aliyun.com/server?x=1#/region/cn-hangzhou',
    'https://home.console.alibabacloud.com/',
    'https://aliyun.com/',
  ])('may lead to %s', (address) => {
    expect(consolePage(address)).toBe(address);
  });

  it.each([
    'https://aliyun.com.evil.example/',
    'https://evilaliyun.com/',
    'https://user@home.console.aliyun.com/',
    'https://home.console.aliyun.com:8443/',
    'https://bucket.oss-cn-hangzhou.aliyuncs.com/',
    'javascript:alert(1)//.aliyun.com',
    '//home.console.aliyun.com',
    `https://home.console.aliyun.com/${'x'.repeat(2_000)}`,
    'home',
  ])('never lead to %s', (address) => {
    expect(consolePage(address)).toBeUndefined();
  });
});

describe('the endpoints that settings name', () => {
  it.each([
    ['sts_url', 'https://sts.cn-hangzhou.aliyuncs.com/'],
    ['sts_url', 'https://sts-vpc.cn-shanghai-finance-1.aliyuncs.com'],
    ['sts_url', 'https://sts.intra.example/'],
    ['signin_url', 'https://signin.aliyun.com/federation'],
    ['signin_url', 'https://signin-intl.aliyun.com/federation'],
  ])('may be Alibaba Cloud’s own, or one that the operator allows: %s %s', (field, address) => {
    expect(problems({ [field]: address })).toEqual([]);
  });

  it.each([
    ['sts_url', 'https://sts.oss-cn-hangzhou.aliyuncs.com/'],
    ['sts_url', 'https://sts.cn-hangzhou.oss.aliyuncs.com/'],
    ['sts_url', 'https://sts.aliyuncs.com.evil.example/'],
    ['sts_url', 'https://sts.evil.example/'],
    ['sts_url', 'http://sts.aliyuncs.com/'],
    ['sts_url', 'https://sts.aliyuncs.com:8443/'],
    ['sts_url', 'https://sts.aliyuncs.com/?Action=x'],
    ['sts_url', 'https://a:b@sts.aliyuncs.com/'],
    ['sts_url', 'http://localhost:4000/'],
    ['sts_url', 'https://127.0.0.1/'],
    ['sts_url', 'https://10.0.0.1/'],
    ['sts_url', 'sts'],
    ['signin_url', 'https://evil.aliyun.com/federation'],
    ['signin_url', 'https://sts.aliyuncs.com/'],
  ])('are never somebody else’s: %s %s', (field, address) => {
    expect(problems({ [field]: address })).toEqual([field]);
  });

  it.each(['/?', '/#', '?', '#', '/?x=1', '/#x', ...CROOKED])('are written in one way only: …%j', (rest) => {
    expect(problems({ sts_url: `https://sts.aliyuncs.com${rest}` })).toEqual(['sts_url']);
    expect(problems({ signin_url: `https://signin.aliyun.com${rest}` })).toEqual(['signin_url']);
  });

  it.each([
    'HTTPS://sts.aliyuncs.com/',
    'https://STS.aliyuncs.com/',
    'https:sts.aliyuncs.com',
    ' https://sts.aliyuncs.com/',
  ])('are written in one way only: %j', (address) => {
    expect(problems({ sts_url: address })).toEqual(['sts_url']);
  });

  it('may be on this machine where the issuer is, and only there', () => {
    const here = { sts_url: 'http://localhost:4000/', signin_url: 'http://127.0.0.1:4000/federation' };
    expect(problems(here, trial)).toEqual([]);
    expect(problems(here)).toEqual(['sts_url', 'signin_url']);
    expect(problems({ sts_url: 'http://192.168.1.1:4000/' }, trial)).toEqual(['sts_url']);
  });
});

describe('what was left out', () => {
  it.each([
    ['china', 'https://signin.aliyun.com/federation', 'https://home.console.aliyun.com/', 'cn-hangzhou'],
    [
      'international',
      'https://signin.alibabacloud.com/federation',
      'https://home.console.alibabacloud.com/',
      'ap-southeast-1',
    ],
  ])('is that of the site: %s', (site, signinUrl, destination, region) => {
    const account = consoleAccount(settings({ site }));
    expect(account).toMatchObject({
      stsUrl: 'https://sts.aliyuncs.com/',
      signinUrl,
      region,
      oidcProviderArn: 'acs:ram::1234567890123456:oidc-provider/clinch',
      sessionName: 'username',
      issuanceLimitHours: 12,
    });
    const arn = 'acs:ram::1234567890123456:role/clinch-ops';
    expect(account.roles).toEqual([
      { name: 'clinch-ops', displayName: 'clinch-ops', appRole: null, arn, sessionSeconds: 3600, destination },
    ]);
  });

  it('of a role is that of the app', () => {
    const own = {
      name: 'own',
      display_name: '自己',
      session_seconds: 900,
      destination: 'https://oss.console.aliyun.com/',
    };
    const given = settings({
      sts_region: 'eu-central-1',
      session_seconds: 7200,
      destination: 'https://ecs.console.aliyun.com/',
      roles: [{ name: 'plain', display_name: null, session_seconds: null, destination: null }, own],
    });
    const { stsUrl, roles } = consoleAccount(given);
    expect(stsUrl).toBe('https://sts.eu-central-1.aliyuncs.com/');
    expect(roles).toMatchObject([
      { displayName: 'plain', sessionSeconds: 7200, destination: 'https://ecs.console.aliyun.com/' },
      { displayName: '自己', sessionSeconds: 900, destination: 'https://oss.console.aliyun.com/' },
    ]);
  });
});
