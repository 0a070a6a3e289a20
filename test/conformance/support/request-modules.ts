import { expect } from 'vitest';
import { unescapeHtml, type Answer } from '../../support/user-agent.js';
import { askUserinfo, authorize, completeFlow, newBrowser, requestOf, sendRequest } from './code-flow.js';
import { receiveResponse, walkPages, type SuiteBrowser } from './browser.js';
import { expectCode, expectErrorResponse, expectUserinfo } from './expectations.js';
import { listOf } from './metadata.js';
import type { ConformanceTest } from './module.js';
import { endpoint, randomText, type Provider } from './provider.js';

const REQUEST_URI = 'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported';
const REQUEST_OBJECT = 'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported';

/** Parameters of the authorization request: those that must do no harm, and those that must be refused. */
export const REQUEST_MODULES: readonly ConformanceTest[] = [
  {
    module: 'oidcc-response-type-missing',
    rule: 'tells the app, with its state and without a code',
    run: (provider) =>
      expectRefused(provider, { response_type: undefined }, ['invalid_request', 'unsupported_response_type']),
  },
  {
    module: 'oidcc-ensure-request-without-nonce-succeeds-for-code-flow',
    rule: 'issues a code, and an id_token without a nonce',
    run: async (provider) => {
      const { claims } = await completeFlow(provider, { parameters: { nonce: undefined } });
      expect(claims).not.toHaveProperty('nonce');
    },
  },
  harmless('oidcc-display-page', { display: 'page' }),
  harmless('oidcc-display-popup', { display: 'popup' }),
  harmless('oidcc-ensure-request-with-unknown-parameter-succeeds', { extra: 'foobar' }),
  harmless('oidcc-ui-locales', { ui_locales: 'se' }),
  harmless('oidcc-claims-locales', { claims_locales: 'se' }),
  {
    module: 'oidcc-login-hint',
    rule: 'lets somebody else than an unknown hinted person sign in',
    run: async (provider) => {
      const login_hint = `buffy@${new URL(provider.clinch.url).host}`;
      const flow = await completeFlow(provider, { parameters: { login_hint } });
      expect(flow.pages).toEqual(['sign-in']);
    },
  },
  {
    module: 'oidcc-ensure-request-with-acr-values-succeeds',
    rule: 'answers with an acr of those that were asked for',
    run: async (provider) => {
      const supported = listOf(provider.metadata, 'acr_values_supported');
      const { claims } = await completeFlow(provider, { parameters: { acr_values: supported.join(' ') } });
      expect(supported).toContain(claims['acr']);
    },
  },
  {
    module: 'oidcc-ensure-request-with-acr-values-succeeds',
    rule: 'lets acr values pass that it does not know',
    run: async (provider) => {
      await completeFlow(provider, { parameters: { acr_values: '1 2' } });
    },
  },
  {
    module: 'oidcc-ensure-post-request-succeeds',
    rule: 'takes the parameters from a form',
    run: async (provider) => {
      const flow = await completeFlow(provider, { by: 'POST' });
      expectUserinfo(await askUserinfo(provider, flow.accessToken), flow.claims.sub, []);
    },
  },
  {
    module: 'oidcc-ensure-post-request-succeeds',
    rule: 'finds the session though the form of another site brings no cookies',
    run: (provider) => expectSessionFound(provider, newBrowser(provider)),
  },
  {
    module: 'oidcc-ensure-post-request-succeeds',
    rule: 'finds the session though the form of another site brings only the cookie of a load balancer',
    run: (provider) => {
      const sender = newBrowser(provider);
      sender.cookies.set('sticky', 'node-1');
      return expectSessionFound(provider, sender);
    },
  },
  {
    module: 'oidcc-ensure-registered-redirect-uri',
    rule: 'shows an error page, and sends nothing to either address',
    run: (provider) => {
      const redirect_uri = `${provider.app.redirectUri}/${randomText(10)}`;
      return expectErrorPage(provider, { redirect_uri });
    },
  },
  {
    module: REQUEST_URI,
    rule: 'refuses request_uri by name',
    run: async (provider) => {
      expect(provider.metadata['request_uri_parameter_supported']).toBe(false);
      expect(listOf(provider.metadata, 'request_object_signing_alg_values_supported')).not.toContain('none');
      const request_uri = 'https://app.example/request.jwt';
      await expectRefused(provider, { request_uri }, ['request_uri_not_supported']);
    },
  },
  {
    module: REQUEST_OBJECT,
    rule: 'refuses a request object by name',
    run: async (provider) => {
      expect(provider.metadata['request_parameter_supported']).toBe(false);
      expect(listOf(provider.metadata, 'request_object_signing_alg_values_supported')).not.toContain('none');
      const { app } = provider;
      const request = unsignedRequestObject(provider, requestOf(provider, app));
      await expectRefused(provider, { request }, ['request_not_supported']);
    },
  },
  {
    module: 'oidcc-ensure-request-object-with-redirect-uri',
    rule: 'shows an error page when only the request object has a registered redirect_uri',
    run: (provider) => {
      const { app } = provider;
      const request = unsignedRequestObject(provider, requestOf(provider, app));
      return expectErrorPage(provider, { request, redirect_uri: `${app.redirectUri}/callback_invalid` });
    },
  },
];

/** The flow goes to its end as if the parameter were not there. */
function harmless(module: string, parameters: Readonly<Record<string, string>>): ConformanceTest {
  const text = new URLSearchParams(parameters).toString();
  return {
    module,
    rule: `completes the flow with ${text}`,
    run: async (provider) => {
      const flow = await completeFlow(provider, { parameters });
      expect(flow.pages).toEqual(['sign-in']);
      expectUserinfo(await askUserinfo(provider, flow.accessToken), flow.claims.sub, []);
    },
  };
}

/**
 * Somebody is signed in, and another site posts the request. With SameSite=Lax none of our cookies come with that form,
 * all of them with the redirect that follows.
 */
async function expectSessionFound(provider: Provider, sender: SuiteBrowser): Promise<void> {
  const { browser } = await completeFlow(provider);
  const request = requestOf(provider, provider.app, { prompt: 'none' });
  const first = await sendRequest(provider, sender, request, { by: 'POST' });
  const { last } = await walkPages(browser, first, provider.person);
  const received = receiveResponse(browser, last, provider.app.redirectUri, provider.mode);
  expectCode(provider, received, request['state']);
}

/** The app is told, by the plan's response mode, and nobody is asked to sign in for nothing. */
async function expectRefused(
  provider: Provider,
  parameters: Readonly<Record<string, string | undefined>>,
  errors: readonly string[],
): Promise<void> {
  const { received, request, pages } = await authorize(provider, { parameters });
  expect(pages).toEqual([]);
  expectErrorResponse(provider, received, request['state'], errors);
}

/** RFC 6749 §4.1.2.1: a page for the person, with or without a session, and no way from it to any app. */
async function expectErrorPage(provider: Provider, parameters: Readonly<Record<string, string>>): Promise<void> {
  const stranger = newBrowser(provider);
  const { browser: known } = await completeFlow(provider);
  for (const browser of [stranger, known]) {
    const request = requestOf(provider, provider.app, parameters);
    expectDeadEnd(await sendRequest(provider, browser, request), provider);
  }
}

function expectDeadEnd(page: Answer, { app }: Provider): void {
  expect(page.status).toBe(400);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('cache-control')).toBe('no-store');
  for (const header of ['location', 'refresh']) expect(page.headers.get(header)).toBeNull();
  expect(page.text).toContain('invalid_request');
  expect(page.text).not.toMatch(/<script|<form|http-equiv|<iframe/i);
  expect(unescapeHtml(page.text)).not.toContain(app.redirectUri);
}

/** RFC 7519 §6. */
function unsignedRequestObject(provider: Provider, parameters: Readonly<Record<string, string>>): string {
  const claims = {
    iss: parameters['client_id'],
    aud: new URL(endpoint(provider, 'authorization')).origin,
    ...parameters,
  };
  const parts = [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return `${parts.join('.')}.`;
}
