import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { keySetFault, keysFault } from './app-keys.js';
import type { AppMetadata } from './app-metadata.dto.js';
import { appProblems, clientIdFault, metadataErrorOf, type RuleContext } from './app-rules.js';
import { responseTypeProblems, toApp, withFields } from './app-wire.js';
import { newClientEntity } from './client-defaults.js';

const CONTEXT: RuleContext = {
  grants: [
    { type: 'authorization_code', clients: 'any' },
    { type: 'refresh_token', clients: 'any' },
    { type: 'client_credentials', clients: 'confidential' },
    { type: 'urn:ietf:params:oauth:grant-type:device_code', clients: 'any' },
  ],
  adminScopes: ['clinch:admin', 'clinch:users:read', 'clinch:users:write'],
  loopback: false,
  outboundAllow: [],
};

const CALLBACK = 'https://app.example/cb';

function anApp(differences: AppMetadata = {}) {
  const usual = withFields(newClientEntity('sample', ''), { client_name: 'Sample', redirect_uris: [CALLBACK] });
  return withFields(usual, differences);
}

async function problemsOf(differences: AppMetadata, context = CONTEXT): Promise<string[]> {
  const problems = await appProblems(anApp(differences), context);
  return problems.map(({ field, problem }) => `${field} ${problem}`);
}

const PUBLIC = { token_endpoint_auth_method: 'none' } as const;
const MACHINE = { grant_types: ['client_credentials'], redirect_uris: [] };
const rsa = await exportJWK((await generateKeyPair('RS256', { extractable: true })).publicKey);
const ec = await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey);
const ed = await exportJWK((await generateKeyPair('EdDSA', { extractable: true })).publicKey);

describe('RFC 7591 §2: an app that is acceptable', () => {
  it.each<[string, AppMetadata]>([
    ['a web app by default', {}],
    ['a public app', PUBLIC],
    ['a native app', { ...PUBLIC, application_type: 'native', redirect_uris: ['com.example.app:/cb'] }],
    ['a machine', { ...MACHINE, scope: 'reports:write' }],
    ['an administrator', { ...MACHINE, scope: 'clinch:admin' }],
    ['an administrator of people', { ...MACHINE, scope: 'reports:write clinch:users:read clinch:users:write' }],
    ['code and refresh', { grant_types: ['authorization_code', 'refresh_token'] }],
    ['keys by value', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [rsa, ec, ed] } }],
    ['keys by address', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' }],
    ['plain for a confidential app', { code_challenge_methods: ['S256', 'plain'] }],
    ['PKCE off for a confidential app', { require_pkce: false }],
    ['no scope', { scope: '' }],
    ['an idle lifetime as long as the whole', { refresh_token_lifetime: 3600, refresh_token_idle_lifetime: 3600 }],
    ['the portal', { sso_initiator: 'portal_and_app', initiate_login_uri: 'https://app.example/login' }],
    ['a page that signs out in a frame', { frontchannel_logout_uri: 'https://app.example/out?x=1' }],
    ['the portal for a native app', { sso_initiator: 'portal_and_app', application_type: 'native' }],
  ])('takes %s', async (_, differences) => {
    expect(await problemsOf(differences)).toEqual([]);
  });
});

describe('RFC 7591 §2, RFC 9700 §2.1: an app that is not', () => {
  it.each<[string, AppMetadata, RegExp]>([
    ['no name', { client_name: ' ' }, /^client_name is required/],
    ['no grant', { grant_types: [] }, /^grant_types must hold at least one/],
    [
      'an unknown grant',
      { grant_types: ['authorization_code', 'password'] },
      /^grant_types holds password; this server/,
    ],
    ['refresh alone', { grant_types: ['refresh_token'] }, /^grant_types holds refresh_token without/],
    ['a machine without a secret', { ...PUBLIC, ...MACHINE }, /^grant_types holds client_credentials, which is for/],
    ['no redirect URI', { redirect_uris: [] }, /^redirect_uris must hold at least one/],
    ['http', { redirect_uris: [CALLBACK, 'http://app.example/cb'] }, /^redirect_uris\.1 must use https/],
    ['a fragment', { redirect_uris: [`${CALLBACK}#x`] }, /^redirect_uris\.0 may not hold a fragment/],
    ['javascript', { redirect_uris: ['javascript:alert(1)'] }, /^redirect_uris\.0 may not use the scheme/],
    ['a private scheme for the web', { redirect_uris: ['com.example.app:/cb'] }, /^redirect_uris\.0 may use a scheme/],
    [
      'a wildcard after signing out',
      { post_logout_redirect_uris: ['https://*.example/'] },
      /^post_logout_redirect_uris\.0/,
    ],
    ['public without PKCE', { ...PUBLIC, require_pkce: false }, /^require_pkce must be true/],
    ['public with plain', { ...PUBLIC, code_challenge_methods: ['S256', 'plain'] }, /^code_challenge_methods must be/],
    ['no PKCE method', { code_challenge_methods: [] }, /^code_challenge_methods must hold/],
    ['no key', { token_endpoint_auth_method: 'private_key_jwt' }, /^jwks or jwks_uri is needed/],
    ['keys twice', { jwks: { keys: [rsa] }, jwks_uri: 'https://app.example/jwks' }, /^jwks_uri may not stand beside/],
    ['keys over http', { jwks_uri: 'http://localhost:3000/jwks' }, /^jwks_uri must use https/],
    ['a scope value twice', { scope: 'openid openid' }, /^scope holds a value twice/],
    ['an administrator that people sign in to', { scope: 'openid clinch:admin' }, /^scope may hold clinch:admin only/],
    ['a smaller right beside a sign-in', { scope: 'clinch:users:read' }, /^scope may hold clinch:users:read only/],
    [
      'a right beside another grant',
      { grant_types: ['authorization_code', 'client_credentials'], scope: 'clinch:users:read' },
      /^scope may hold clinch:users:read only/,
    ],
    ['a right that is none', { ...MACHINE, scope: 'clinch:user:read' }, /^scope holds clinch:user:read; the admin API/],
    [
      'an idle lifetime over the whole',
      { refresh_token_lifetime: 3600, refresh_token_idle_lifetime: 3601 },
      /^refresh_token_idle/,
    ],
    [
      'a frame of another host',
      { frontchannel_logout_uri: 'https://b.example/out' },
      /^frontchannel_logout_uri must have/,
    ],
    [
      'a frame at another port',
      { frontchannel_logout_uri: 'https://app.example:8443/' },
      /^frontchannel_logout_uri must/,
    ],
    [
      'a frame over http',
      { frontchannel_logout_uri: 'http://app.example/out' },
      /^frontchannel_logout_uri must use https/,
    ],
    ['a frame that runs code', { frontchannel_logout_uri: 'javascript:alert(1)' }, /^frontchannel_logout_uri may not/],
    ['the portal without an address', { sso_initiator: 'portal_and_app' }, /^initiate_login_uri is needed/],
  ])('refuses %s', async (_, differences, problem) => {
    const problems = await problemsOf(differences);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('names everything that is wrong at once', async () => {
    expect(await problemsOf({ client_name: '', redirect_uris: [], scope: 'a a' })).toHaveLength(3);
  });

  it('takes keys from loopback on a trial server', async () => {
    expect(await problemsOf({ jwks_uri: 'http://localhost:3000/jwks' }, { ...CONTEXT, loopback: true })).toEqual([]);
  });
});

describe('RFC 7591 §2.1: which grants go together', () => {
  const GRANTS = {
    code: 'authorization_code',
    refresh: 'refresh_token',
    device: 'urn:ietf:params:oauth:grant-type:device_code',
    machine: 'client_credentials',
  } as const;
  const GOOD = new Set(['code', 'code refresh', 'device', 'refresh device', 'code device', 'code refresh device']);
  const subsets = Array.from({ length: 16 }, (_, bits) =>
    (Object.keys(GRANTS) as (keyof typeof GRANTS)[]).filter((_each, bit) => (bits & (1 << bit)) !== 0),
  );

  it.each(subsets.map((subset) => [subset.join(' ') || 'none', subset] as const))('judges %s', async (_, subset) => {
    const others = subset.filter((name) => name !== 'machine').join(' ');
    const grants = { grant_types: subset.map((name) => GRANTS[name]) };
    const isGood = GOOD.has(others) || (others === '' && subset.length > 0);
    const confidential = await problemsOf(grants);
    expect(confidential).toHaveLength(isGood ? 0 : 1);
    if (!isGood)
      expect(confidential[0]).toMatch(subset.length === 0 ? /must hold at least one/ : /without a grant that/);
    const isGoodInPublic = isGood && !subset.includes('machine');
    const inPublic = await problemsOf({ ...PUBLIC, ...grants });
    expect(inPublic).toHaveLength(isGoodInPublic ? 0 : 1);
    if (isGood && !isGoodInPublic) expect(inPublic[0]).toMatch(/holds client_credentials, which is for apps that can/);
  });
});

describe('lifetimes that are set together', () => {
  const lifetimesOf = (app: ReturnType<typeof anApp>) => [
    app.accessTokenLifetime,
    app.idTokenLifetime,
    app.refreshTokenLifetime,
    app.refreshTokenIdleLifetime,
  ];

  it('are the two presets', () => {
    const short = withFields(anApp(), { lifetime_preset: 'short' });
    expect(lifetimesOf(short)).toEqual([600, 600, 2_592_000, 28_800]);
    expect(lifetimesOf(withFields(short, { lifetime_preset: 'idaas' }))).toEqual([7_200, 36_000, 2_592_000, null]);
    expect(toApp(short)).not.toHaveProperty('lifetime_preset');
  });

  it('give way to what is said beside them, null too', () => {
    const app = withFields(anApp(), {
      lifetime_preset: 'short',
      access_token_lifetime: 900,
      refresh_token_idle_lifetime: null,
    });
    expect(lifetimesOf(app)).toEqual([900, 600, 2_592_000, null]);
  });
});

describe('RFC 7591 §3.2.2: the error code', () => {
  it.each([
    [['redirect_uris'], 'invalid_redirect_uri'],
    [['redirect_uris.0', 'post_logout_redirect_uris.3'], 'invalid_redirect_uri'],
    [['redirect_uris.0', 'scope'], 'invalid_client_metadata'],
    [['redirect_uris_extra'], 'invalid_client_metadata'],
    [['client_name'], 'invalid_client_metadata'],
  ])('for %j is %s', (fields, code) => {
    expect(metadataErrorOf(fields.map((field) => ({ field, problem: 'x' })))).toBe(code);
  });
});

describe('RFC 7517: registered keys', () => {
  it.each<[string, object, RegExp]>([
    ['no list', { keys: rsa }, /must be a key set/],
    ['other members', { keys: [rsa], jku: 'https://x' }, /must be a key set/],
    ['no key', { keys: [] }, /at least one/],
    ['too many', { keys: Array.from({ length: 21 }, () => rsa) }, /at most 20/],
    ['a private key', { keys: [{ ...rsa, d: 'AQAB' }] }, /private or shared/],
    ['a shared key', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }, /private or shared/],
    ['a key for encryption', { keys: [{ ...rsa, use: 'enc' }] }, /use is not sig/],
    ['a text', { keys: ['x'] }, /keys that are objects/],
  ])('refuses %s', (_, set, problem) => {
    expect(keySetFault(set)).toMatch(problem);
  });

  const smallModulus = Buffer.alloc(128, 0xff).toString('base64url');
  it.each<[string, Record<string, unknown>[], RegExp]>([
    ['a small RSA key', [{ kty: 'RSA', e: 'AQAB', n: smallModulus }], /number 1, that has 1024 bits/],
    ['a key without its modulus', [ec, { kty: 'RSA', e: 'AQAB' }], /number 2, that cannot be read/],
    ['another curve', [{ ...ec, crv: 'P-384' }], /is none of RSA/],
    ['another algorithm', [{ ...rsa, alg: 'none' }], /has an alg other than RS256, PS256/],
    ['a point off the curve', [{ ...ec, x: ec.y }], /cannot be read/],
    ['a key twice', [rsa, { ...rsa, kid: 'b' }], /twice/],
    [
      'a kid twice',
      [
        { ...rsa, kid: 'a' },
        { ...ec, kid: 'a' },
      ],
      /twice/,
    ],
  ])('refuses %s', async (_, keys, problem) => {
    expect(await keysFault({ keys })).toMatch(problem);
  });
});

describe('client ids', () => {
  it.each(['expenses', 'a', 'A.b_c~d-9', 'x'.repeat(64), 'a-name-of-23-characters'])('takes %s', (id) => {
    expect(clientIdFault(id)).toBeUndefined();
  });

  it.each(['', 'a b', 'a/b', 'ä', 'x'.repeat(65), '.', '..', 'a%2f'])('refuses "%s"', (id) => {
    expect(clientIdFault(id)).toBeDefined();
  });

  it('refuses the form of a person’s id, so that a client is never taken for a person (RFC 9068 §5)', () => {
    expect(clientIdFault('mH3vAqYk0yq3n2mRcdQ1Zw')).toMatch(/22 characters/);
  });
});

describe('the wire', () => {
  it('gives back what was sent, and derives response_types from the grants', () => {
    const app = anApp({ require_consent: true, default_max_age: 0, jwks_uri: null });
    expect(toApp(app)).toMatchObject({ require_consent: true, default_max_age: 0, jwks_uri: null });
    expect(toApp(app)).toMatchObject({ response_types: ['code'], id_token_claims: [] });
    expect(toApp(anApp(MACHINE)).response_types).toEqual([]);
  });

  it.each<[AppMetadata, number]>([
    [{ response_types: ['code'] }, 0],
    [{ response_types: ['token'] }, 1],
    [{ response_types: [] }, 1],
    [{ ...MACHINE, response_types: [] }, 0],
    [{ ...MACHINE, response_types: ['code'] }, 1],
  ])('judges the response types of %j', (fields, problems) => {
    expect(responseTypeProblems(anApp(fields), fields)).toHaveLength(problems);
  });
});
