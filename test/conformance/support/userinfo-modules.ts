import { expect } from 'vitest';
import { askUserinfo, completeFlow, type FlowOptions, type UserinfoWay } from './code-flow.js';
import { expectUserinfo } from './expectations.js';
import { listOf } from './metadata.js';
import type { ConformanceTest } from './module.js';
import type { Provider } from './provider.js';

const ALL_SCOPES = ['openid', 'address', 'email', 'phone', 'profile'];

/** What userinfo says, by scope and by the `claims` parameter, and that the id_token does not say it too. */
export const USERINFO_MODULES: readonly ConformanceTest[] = [
  userinfoModule('oidcc-userinfo-get', 'answers a GET with the token in the header', 'GET'),
  userinfoModule('oidcc-userinfo-post-header', 'answers a POST with the token in the header alike', 'POST with header'),
  userinfoModule('oidcc-userinfo-post-body', 'answers a POST with the token in the form alike', 'POST with body'),
  scopeModule('oidcc-scope-profile', 'holds the 14 claims of profile', ['openid', 'profile']),
  scopeModule('oidcc-scope-email', 'holds the claims of email', ['openid', 'email']),
  scopeModule('oidcc-scope-address', 'holds the address', ['openid', 'address']),
  scopeModule('oidcc-scope-phone', 'holds the claims of phone', ['openid', 'phone']),
  scopeModule('oidcc-scope-all', 'holds the claims of all scopes together', ALL_SCOPES),
  {
    module: 'oidcc-alternate-happy-flow',
    rule: 'does not mind the order of scopes and parameters',
    run: (provider) => expectClaimsOf(provider, ['email', 'openid'], { reversed: true }),
  },
  {
    module: 'oidcc-claims-essential',
    rule: 'gives the name at userinfo, and not in the id_token',
    run: async (provider) => {
      expect(provider.metadata['claims_parameter_supported']).toBe(true);
      const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
      // completeFlow refuses any claim in the id_token that is not of the token itself.
      const flow = await completeFlow(provider, { parameters: { claims } });
      expectUserinfo(await askUserinfo(provider, flow.accessToken), flow.claims.sub, [], { name: '李华' });
    },
  },
];

function userinfoModule(module: string, rule: string, way: UserinfoWay): ConformanceTest {
  return { module, rule, run: (provider) => expectClaimsOf(provider, ALL_SCOPES, {}, way) };
}

function scopeModule(module: string, rule: string, scope: readonly string[]): ConformanceTest {
  return {
    module,
    rule: `${rule}, and leaves them out of the id_token`,
    run: (provider) => expectClaimsOf(provider, scope),
  };
}

async function expectClaimsOf(
  provider: Provider,
  scope: readonly string[],
  options: FlowOptions = {},
  way: UserinfoWay = 'GET',
): Promise<void> {
  expect(listOf(provider.metadata, 'scopes_supported')).toEqual(expect.arrayContaining([...scope]));
  const flow = await completeFlow(provider, { ...options, parameters: { scope: scope.join(' ') } });
  expectUserinfo(await askUserinfo(provider, flow.accessToken, way), flow.claims.sub, scope);
}
