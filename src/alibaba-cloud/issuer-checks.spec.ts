import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newClientEntity } from '../app-registry/client-defaults.js';
import { Client } from '../app-registry/client.js';
import type { SetupCheck } from '../app-templates/app-template.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { OutboundAnswer, OutboundHttp } from '../outbound/outbound-http.js';
import { OutboundError } from '../outbound/outbound-http.js';
import type { SigningKeyStore } from '../token-signing/signing-key-store.js';
import { IssuerCertificates } from './issuer-certificates.js';
import { IssuerChecks } from './issuer-checks.js';

/** A public address, so that no name has to be looked up. */
const ISSUER = 'https://8.8.8.8';
const OWN_KEY = { kid: 'now', kty: 'RSA', n: 'modulus', e: 'AQAB', alg: 'RS256' };
const DISCOVERY = { issuer: ISSUER, jwks_uri: `${ISSUER}/oidc/jwks` };
const DAY_MS = 86_400_000;

interface World {
  readonly issuer: string;
  readonly discovery: object | OutboundAnswer | Error;
  readonly jwks: object | OutboundAnswer | Error;
  /** Days that the first certificate has left; how many there are; why they are not to be trusted. */
  readonly certificate: { readonly days: number; readonly count: number; readonly fault?: string } | Error;
}

const WELL: World = {
  issuer: ISSUER,
  discovery: DISCOVERY,
  jwks: { keys: [{ kid: 'other' }, OWN_KEY] },
  certificate: { days: 60, count: 2 },
};

async function checked(differences: Partial<World> = {}): Promise<Map<string, SetupCheck>> {
  const world = { ...WELL, ...differences };
  const config = ClinchConfig.fromEnvironment({ CLINCH_ISSUER: world.issuer });
  const request: OutboundHttp['request'] = async (url) => {
    const said = url.includes('/.well-known/') ? world.discovery : world.jwks;
    if (said instanceof Error) throw said;
    return 'status' in said ? (said as OutboundAnswer) : { status: 200, body: JSON.stringify(said) };
  };
  const presentedBy = async () => {
    const { certificate } = world;
    if (certificate instanceof Error) throw certificate;
    const { days, count, fault } = certificate;
    const validTo = new Date(Date.now() + days * DAY_MS + 1_000).toUTCString();
    return {
      chain: Array.from({ length: count }, () => ({ validTo, fingerprint: 'AA:01' }) as X509Certificate),
      fault,
    };
  };
  const keys = { current: () => ({ kid: 'now' }), published: () => [OWN_KEY] } as unknown as SigningKeyStore;
  const certificates = new IssuerCertificates({ presentedBy } as never, config);
  const checks = new IssuerChecks({ request } as OutboundHttp, certificates, keys, config);
  const app = new Client(newClientEntity('aliyun', '阿里云'), []);
  return new Map((await checks.of(app)).map((check) => [check.name, check]));
}

const page = { status: 200, body: '<!doctype html>' };
const timeout = new DOMException('no answer in time', 'TimeoutError');
const untrusted = Object.assign(new TypeError('fetch failed'), {
  cause: Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
});

describe('the checks of the issuer', () => {
  it('all pass where all is well', async () => {
    const found = await checked();
    expect([...found].map(([name, { state }]) => [name, state])).toEqual([
      ['issuer_public', 'passed'],
      ['issuer_reachable', 'passed'],
      ['issuer_exact', 'passed'],
      ['keys', 'passed'],
      ['certificate', 'passed'],
    ]);
    expect(found.get('issuer_public')?.detail).toContain('Only from the internet can it be told');
    expect(found.get('certificate')?.detail).toContain('thumbprint is aa01');
  });

  it.each<[string, string, RegExp, Partial<World>]>([
    ['issuer_public', 'failed', /leads to (127\.0\.0\.1|::1)/, { issuer: 'http://localhost:3000' }],
    ['issuer_public', 'failed', /10\.1\.2\.3/, { issuer: 'https://10.1.2.3' }],
    ['issuer_public', 'failed', /has no address here/, { issuer: 'https://id.invalid' }],
    ['issuer_reachable', 'failed', /not https/, { issuer: 'http://localhost:3000' }],
    ['issuer_reachable', 'failed', /status 502/, { discovery: { status: 502, body: '' } }],
    ['issuer_reachable', 'failed', /status 302/, { discovery: { status: 302, body: '' } }],
    ['issuer_reachable', 'failed', /no JSON object/, { discovery: page }],
    ['issuer_reachable', 'failed', /no answer in time/, { discovery: timeout }],
    ['issuer_reachable', 'failed', /DEPTH_ZERO_SELF_SIGNED_CERT/, { discovery: untrusted }],
    ['issuer_reachable', 'failed', /not public/, { discovery: new OutboundError('is not public') }],
    ['issuer_exact', 'failed', /says that the issuer is/, { discovery: { ...DISCOVERY, issuer: `${ISSUER}/` } }],
    ['issuer_exact', 'failed', /no address/, { discovery: { ...DISCOVERY, issuer: '<b>' } }],
    ['issuer_exact', 'failed', /another host/, { discovery: { ...DISCOVERY, jwks_uri: 'https://keys.example/' } }],
    ['issuer_exact', 'failed', /another host/, { discovery: { issuer: ISSUER } }],
    ['issuer_exact', 'failed', /was not fetched/, { discovery: page }],
    ['keys', 'failed', /does not have the key/, { jwks: { keys: [{ kid: 'other' }] } }],
    ['keys', 'failed', /does not have the key/, { jwks: { keys: 'none' } }],
    ['keys', 'failed', /another key by the name/, { jwks: { keys: [{ ...OWN_KEY, n: 'changed' }] } }],
    ['keys', 'failed', /status 500/, { jwks: { status: 500, body: '' } }],
    ['keys', 'failed', /not known where/, { discovery: page }],
    ['certificate', 'failed', /UNABLE_TO_VERIFY/, { certificate: { days: 60, count: 1, fault: 'UNABLE_TO_VERIFY' } }],
    ['certificate', 'failed', /no answer in time/, { certificate: timeout }],
    ['certificate', 'warning', /should be renewed/, { certificate: { days: 13, count: 2 } }],
    ['certificate', 'warning', /changes whenever/, { certificate: { days: 60, count: 1 } }],
  ])('%s is %s (%s)', async (name, state, words, differences) => {
    const check = (await checked(differences)).get(name);
    expect(check?.detail).toMatch(words);
    expect(check?.state).toBe(state);
  });

  it('repeat nothing that a stranger says at that address', async () => {
    const found = await checked({ discovery: { issuer: 'x"><script>alert(1)</script> y', jwks_uri: 'a\nb' } });
    expect([...found.values()].map(({ detail }) => detail).join('')).not.toMatch(/script|\n/);
  });
});
