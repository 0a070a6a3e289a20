import { describe, expect, it } from 'vitest';
import { newCallbackKeys } from './callback-keys.js';
import { mappingFault, scheduleFault } from './source-formats.js';
import { handsOverAccounts, needsSecretAgain, sourceProblems } from './source-rules.js';
import { newSource } from './source-wire.js';
import { DEFAULT_MAPPING } from '../people/profile-mapping.js';

const PRODUCTION = { loopback: false, outboundAllow: ['10.1.0.0/16'] };
const GOOD = { name: 'Acme', corpId: 'dingcorp', clientId: 'dingapp', clientSecret: 'sealed' };
const aSource = (differences: object = {}) => Object.assign(newSource('acme'), GOOD, differences);

describe('the rules about a source', () => {
  it('find nothing wrong with a good one', () => {
    expect(sourceProblems(aSource(), PRODUCTION)).toEqual([]);
    expect(sourceProblems(aSource({ apiBaseUrl: 'https://10.1.2.3' }), PRODUCTION)).toEqual([]);
  });

  it.each(['loginBaseUrl', 'apiBaseUrl', 'oapiBaseUrl'])('let %s lead nowhere but out, and by https', (column) => {
    const fields = { loginBaseUrl: 'login_base_url', apiBaseUrl: 'api_base_url', oapiBaseUrl: 'oapi_base_url' };
    const field = fields[column as keyof typeof fields];
    for (const url of ['http://api.dingtalk.com', 'https://localhost', 'https://10.0.0.1', 'https://a.example:22']) {
      expect(sourceProblems(aSource({ [column]: url }), PRODUCTION)).toMatchObject([{ field }]);
    }
  });

  it('name everything at once', () => {
    const found = sourceProblems(Object.assign(newSource('acme'), { callbackEvents: true }), PRODUCTION);
    expect(found.map(({ field }) => field)).toEqual([
      'name',
      'corp_id',
      'client_id',
      'client_secret',
      'callback_events',
    ]);
  });

  it('ask for the secret where it would go elsewhere, and for more rights where accounts would', () => {
    const old = aSource();
    for (const column of ['clientId', 'apiBaseUrl', 'oapiBaseUrl']) {
      expect(needsSecretAgain(old, aSource({ [column]: 'x' }))).toBe(true);
    }
    expect(needsSecretAgain(old, aSource({ name: 'x', loginBaseUrl: 'x' }))).toBe(false);
    expect(handsOverAccounts(old, aSource({ matchBy: ['email'] }))).toBe(true);
    expect(handsOverAccounts(aSource({ matchBy: ['email'] }), aSource({ matchBy: ['email'] }))).toBe(false);
    expect(handsOverAccounts(aSource({ matchBy: ['email'] }), aSource({ matchBy: ['email', 'phone_number'] }))).toBe(
      true,
    );
  });

  it('ask for more rights where people are sent, and where more is believed of whom accounts are matched to', () => {
    const matching = { matchBy: ['email'] };
    expect(handsOverAccounts(aSource(), aSource({ loginBaseUrl: 'https://login.example' }))).toBe(true);
    expect(handsOverAccounts(aSource(matching), aSource({ ...matching, trustedEmail: 'org_email_or_email' }))).toBe(
      true,
    );
    expect(
      handsOverAccounts(aSource({ ...matching, trustedPhone: false }), aSource({ ...matching, trustedPhone: true })),
    ).toBe(true);
    // Less is nobody's loss, and where nobody is matched it is about claims only.
    expect(handsOverAccounts(aSource(matching), aSource({ ...matching, trustedEmail: 'none' }))).toBe(false);
    expect(handsOverAccounts(aSource(), aSource({ trustedEmail: 'org_email_or_email' }))).toBe(false);
  });
});

describe('the formats', () => {
  it('take the mapping that is the default, and nothing that reaches behind an object', () => {
    expect(mappingFault(DEFAULT_MAPPING)).toBeUndefined();
    expect(mappingFault({})).toBeUndefined();
    expect(mappingFault({ constructor: ['name'] })).toContain('is no claim');
  });

  it.each(['17 3 * * *', '*/30 * * * *', '0 2 * * MON'])('take %s for a schedule', (text) => {
    expect(scheduleFault(text)).toBeUndefined();
  });

  it('make keys of DingTalk’s forms, never the same', () => {
    const keys = Array.from({ length: 50 }, newCallbackKeys);
    for (const { token, aesKey } of keys) {
      expect(token).toMatch(/^[A-Za-z0-9]{32}$/);
      expect(aesKey).toMatch(/^[A-Za-z0-9]{43}$/);
      expect(Buffer.from(`${aesKey}=`, 'base64')).toHaveLength(32);
    }
    expect(new Set(keys.map(({ aesKey }) => aesKey)).size).toBe(50);
  });
});
