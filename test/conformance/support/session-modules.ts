import { expect } from 'vitest';
import { authorize, completeFlow } from './code-flow.js';
import { expectErrorResponse } from './expectations.js';
import type { ConformanceTest } from './module.js';
import { nowInSeconds, randomText, timePasses } from './provider.js';

/** Who is signed in already, since when, and whether that is good enough (OpenID Connect Core 1.0 §3.1.2.1). */
export const SESSION_MODULES: readonly ConformanceTest[] = [
  {
    module: 'oidcc-prompt-login',
    rule: 'asks a person who is signed in to sign in again',
    run: async (provider) => {
      const first = await completeFlow(provider);
      timePasses(1);
      const second = await completeFlow(provider, { browser: first.browser, parameters: { prompt: 'login' } });
      expect(second.pages).toEqual(['sign-in']);
      expect(second.claims.sub).toBe(first.claims.sub);
      expect(Number(second.claims['auth_time'])).toBeGreaterThan(Number(first.claims['auth_time']));
    },
  },
  {
    module: 'oidcc-prompt-none-not-logged-in',
    rule: 'tells the app that nobody is signed in, with its state of 128 characters',
    run: async (provider) => {
      const state = randomText(128);
      const { received, pages } = await authorize(provider, { parameters: { prompt: 'none', state } });
      expect(pages).toEqual([]);
      expectErrorResponse(provider, received, state, [
        'login_required',
        'interaction_required',
        'account_selection_required',
        'consent_required',
      ]);
    },
  },
  {
    module: 'oidcc-prompt-none-logged-in',
    rule: 'issues a code at once for the session that is there',
    run: async (provider) => {
      const first = await completeFlow(provider);
      timePasses(5);
      const second = await completeFlow(provider, { browser: first.browser, parameters: { prompt: 'none' } });
      expectSameSignIn(first, second);
    },
  },
  {
    module: 'oidcc-max-age-1',
    rule: 'asks for a new sign-in after 2 seconds, and says when it was',
    run: async (provider) => {
      const first = await completeFlow(provider);
      timePasses(2);
      const second = await completeFlow(provider, { browser: first.browser, parameters: { max_age: '1' } });
      expect(second.pages).toEqual(['sign-in']);
      expect(second.claims.sub).toBe(first.claims.sub);
      const authTime = Number(second.claims['auth_time']);
      expect(authTime).toBeGreaterThan(Number(first.claims['auth_time']));
      expect(nowInSeconds() - authTime).toBeLessThanOrEqual(1);
    },
  },
  {
    module: 'oidcc-max-age-10000',
    rule: 'keeps a sign-in that is recent enough, and says when it was',
    run: async (provider) => {
      const first = await completeFlow(provider, { parameters: { max_age: '15000' } });
      expect(first.claims).toHaveProperty('auth_time');
      timePasses(600);
      const second = await completeFlow(provider, { browser: first.browser, parameters: { max_age: '10000' } });
      expectSameSignIn(first, second);
    },
  },
  {
    module: 'oidcc-id-token-hint',
    rule: 'issues a code at once for the person that the hint names',
    run: async (provider) => {
      const first = await completeFlow(provider);
      timePasses(5);
      const parameters = { prompt: 'none', id_token_hint: first.idToken };
      expectSameSignIn(first, await completeFlow(provider, { browser: first.browser, parameters }));
    },
  },
];

type SignedInFlow = Pick<Awaited<ReturnType<typeof completeFlow>>, 'claims' | 'pages'>;

function expectSameSignIn(first: SignedInFlow, second: SignedInFlow): void {
  expect(second.pages).toEqual([]);
  expect(second.claims.sub).toBe(first.claims.sub);
  expect(second.claims['auth_time']).toBe(first.claims['auth_time']);
}
