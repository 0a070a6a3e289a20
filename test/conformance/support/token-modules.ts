import { expect } from 'vitest';
import { anApp } from '../../support/builders.js';
import { aRefreshingApp } from '../../support/refresh.js';
import { pkce } from '../../support/user-agent.js';
import { askUserinfo, authorize, completeFlow, postToTokenEndpoint, redeemCode } from './code-flow.js';
import {
  expectCode,
  expectIdToken,
  expectTokenError,
  expectTokenRefused,
  expectTokens,
  expectUserinfo,
} from './expectations.js';
import { expectProviderMetadata, expectPublicKeys, listOf } from './metadata.js';
import type { ConformanceTest } from './module.js';
import { timePasses } from './provider.js';

/** The happy path, the id_token, and the code at the token endpoint. */
export const TOKEN_MODULES: readonly ConformanceTest[] = [
  {
    module: 'oidcc-server',
    rule: 'publishes its metadata and its public keys',
    run: async ({ metadata, jwks, clinch }) => {
      expectProviderMetadata(metadata, clinch.url);
      expectPublicKeys(jwks);
    },
  },
  {
    module: 'oidcc-server',
    rule: 'signs a person in and gives a code, tokens and userinfo that belong together',
    run: async (provider) => {
      const flow = await completeFlow(provider);
      expect(flow.pages).toEqual(['sign-in']);
      expectUserinfo(await askUserinfo(provider, flow.accessToken), flow.claims.sub, []);
    },
  },
  {
    module: 'oidcc-server',
    rule: 'keeps state and nonce as they are, whatever characters they are made of',
    run: async (provider) => {
      const everyCharacter = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join('');
      await completeFlow(provider, { parameters: { state: everyCharacter, nonce: everyCharacter } });
    },
  },
  {
    module: 'oidcc-idtoken-signature',
    rule: 'signs with RS256 and names the key, for an app that names no algorithm',
    run: async (provider) => {
      // completeFlow demands RS256, a kid that is published, and a signature of that key.
      const flow = await completeFlow(provider, { app: await anApp(provider.clinch) });
      expect(flow.claims.iss).toBe(provider.metadata['issuer']);
    },
  },
  {
    module: 'oidcc-idtoken-unsigned',
    rule: 'does not offer alg none, and signs',
    run: async (provider) => {
      expect(listOf(provider.metadata, 'id_token_signing_alg_values_supported')).not.toContain('none');
      const { idToken } = await completeFlow(provider);
      expect(idToken.split('.')[2]).not.toBe('');
    },
  },
  {
    module: 'oidcc-server-client-secret-post',
    rule: 'takes the secret from the form, of an app that is registered so',
    run: async (provider) => {
      expect(listOf(provider.metadata, 'token_endpoint_auth_methods_supported')).toContain('client_secret_post');
      const app = await anApp(provider.clinch, { tokenEndpointAuthMethod: 'client_secret_post' });
      const flow = await completeFlow(provider, { app });
      expectUserinfo(await askUserinfo(provider, flow.accessToken), flow.claims.sub, []);
    },
  },
  {
    module: 'oidcc-server-client-secret-post',
    rule: 'refuses a wrong secret with invalid_client',
    run: async (provider) => {
      const app = await anApp(provider.clinch, { tokenEndpointAuthMethod: 'client_secret_post' });
      const { received } = await authorize(provider, { app });
      const impostor = { ...app, clientSecret: provider.otherApp.clientSecret };
      expectTokenError(await redeemCode(provider, impostor, String(received['code'])), 'invalid_client');
    },
  },
  {
    module: 'oidcc-ensure-request-with-valid-pkce-succeeds',
    rule: 'redeems the code for the right S256 verifier',
    run: async (provider) => {
      expect(listOf(provider.metadata, 'code_challenge_methods_supported')).toContain('S256');
      const { verifier, challenge } = pkce();
      await completeFlow(provider, {
        parameters: { code_challenge: challenge, code_challenge_method: 'S256' },
        redemption: { code_verifier: verifier },
      });
    },
  },
  {
    module: 'oidcc-codereuse',
    rule: 'refuses a code that was used a moment ago with invalid_grant',
    run: async (provider) => {
      const { code } = await completeFlow(provider);
      expectTokenError(await redeemCode(provider, provider.app, code), 'invalid_grant');
    },
  },
  {
    module: 'oidcc-codereuse',
    rule: 'lets one of two win that redeem a code at the same time',
    run: async (provider) => {
      const { request, received } = await authorize(provider);
      const code = expectCode(provider, received, request['state']);
      const answers = await Promise.all([1, 2].map(() => redeemCode(provider, provider.app, code)));
      const [won, lost] = answers.sort((a, b) => a.status - b.status);
      expect([won?.status, lost?.status]).toEqual([200, 400]);
      if (lost !== undefined) expectTokenError(lost, 'invalid_grant');
    },
  },
  {
    module: 'oidcc-codereuse',
    rule: 'refuses the code to another app, and keeps it for its own',
    run: async (provider) => {
      const { app, otherApp } = provider;
      const { request, received } = await authorize(provider);
      const code = expectCode(provider, received, request['state']);
      const stolen = await redeemCode(provider, otherApp, code, { redirect_uri: app.redirectUri });
      expectTokenError(stolen, 'invalid_grant');
      expectTokens(await redeemCode(provider, app, code));
    },
  },
  {
    module: 'oidcc-codereuse-30seconds',
    rule: 'refuses a code that was used 30 seconds ago, and ends the access token that it gave',
    run: async (provider) => {
      const { code, accessToken, claims } = await completeFlow(provider);
      timePasses(30);
      expectUserinfo(await askUserinfo(provider, accessToken), claims.sub, []);
      expectTokenError(await redeemCode(provider, provider.app, code), 'invalid_grant');
      expectTokenRefused(await askUserinfo(provider, accessToken));
    },
  },
  {
    module: 'oidcc-refresh-token',
    rule: 'refreshes for either app, keeps what the id_token says of the sign-in, and takes no app’s token from another',
    run: async (provider) => {
      expect(listOf(provider.metadata, 'grant_types_supported')).toContain('refresh_token');
      expect(listOf(provider.metadata, 'scopes_supported')).toContain('offline_access');
      const apps = [await aRefreshingApp(provider.clinch), await aRefreshingApp(provider.clinch)] as const;
      const parameters = { scope: 'openid offline_access', prompt: 'consent' };
      const refreshTokens: string[] = [];
      for (const [index, app] of apps.entries()) {
        const flow = await completeFlow(provider, { app, parameters });
        expect(flow.pages).toEqual(['sign-in', 'consent']);
        timePasses(1);
        // The first client sends a scope, the second none.
        const scope: Record<string, string> = index === 0 ? { scope: parameters.scope } : {};
        const grant = { grant_type: 'refresh_token', refresh_token: flow.refreshToken ?? '', ...scope };
        const tokens = expectTokens(await postToTokenEndpoint(provider, app, grant));
        const claims = await expectIdToken(provider, app, tokens, undefined);
        for (const name of ['iss', 'sub', 'aud', 'azp', 'auth_time', 'sid']) {
          expect(claims[name], name).toEqual(flow.claims[name]);
        }
        expect(claims.iat).toBeGreaterThan(flow.claims.iat ?? Infinity);
        refreshTokens.push(tokens.refreshToken ?? '');
      }
      const stolen = { grant_type: 'refresh_token', refresh_token: refreshTokens[1] ?? '' };
      expectTokenError(await postToTokenEndpoint(provider, apps[0], stolen), 'invalid_grant');
    },
  },
  {
    module: 'oidcc-refresh-token',
    rule: 'issues no refresh token to an app that may not have one',
    run: async (provider) => {
      const parameters = { scope: 'openid offline_access', prompt: 'consent' };
      expect((await completeFlow(provider, { parameters })).refreshToken).toBeUndefined();
    },
  },
];
