import { expect } from 'vitest';
import type { ClientEntity } from '../../../src/app-registry/client.entity.js';
import { anApp, type TestApp } from '../../support/builders.js';
import { startClinch } from '../../support/start-clinch.js';
import type { Answer } from '../../support/user-agent.js';
import { authorize, completeFlow, type CompletedFlow } from './code-flow.js';
import { expectErrorResponse } from './expectations.js';
import { expectHttpsAddresses } from './metadata.js';
import { randomText, startProvider, type JsonObject, type Provider } from './provider.js';

/** Where the suite's app wants its people back. */
export const POST_LOGOUT_REDIRECT_URI = 'https://app.example/post-logout';

/** A server, and an app that has registered what the plan is about. */
export interface LogoutPlan {
  readonly provider: Provider;
  readonly app: TestApp;
}

export async function startLogoutPlan(registration: Partial<ClientEntity> = {}): Promise<LogoutPlan> {
  const provider = await startProvider('query');
  const app = await anApp(provider.clinch, { postLogoutRedirectUris: [POST_LOGOUT_REDIRECT_URI], ...registration });
  return { provider, app };
}

/** Somebody who was signed in by the plan's app, in a browser that was never here before. */
export function signIn({ provider, app }: LogoutPlan): Promise<CompletedFlow> {
  return completeFlow(provider, { app });
}

/** Sends the browser to the end_session_endpoint, wherever discovery says that it is. */
export async function endSession(
  { provider }: LogoutPlan,
  { browser }: Pick<CompletedFlow, 'browser'>,
  parameters: Readonly<Record<string, string>>,
): Promise<Answer> {
  const address = String(provider.metadata['end_session_endpoint']);
  return browser.get(`${address}?${new URLSearchParams(parameters).toString()}`);
}

/** Says yes to the question, if there is one. */
export async function agree({ browser }: Pick<CompletedFlow, 'browser'>, answer: Answer): Promise<Answer> {
  return answer.text.includes('name="decision"') ? browser.press(answer, 'allow') : answer;
}

/** The suite's own parameters: a hint, the registered address, and a state of 128 characters. */
export function usual({ idToken }: Pick<CompletedFlow, 'idToken'>): Record<string, string> {
  return { id_token_hint: idToken, post_logout_redirect_uri: POST_LOGOUT_REDIRECT_URI, state: randomText(128) };
}

/** A page of ours, and no way to the app: neither now nor in a moment. */
export function expectStays(answer: Answer): void {
  expect([200, 400]).toContain(answer.status);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('location')).toBeNull();
  expect(answer.headers.get('refresh')).toBeNull();
  expect(answer.text).not.toMatch(/http-equiv="refresh"|<script/i);
  expect(answer.text).not.toContain(`href="${POST_LOGOUT_REDIRECT_URI}`);
}

/** The browser is sent to the registered address with these parameters and no others. */
export function expectReturns(answer: Answer, parameters: Readonly<Record<string, string>>): void {
  const location = answer.headers.get('location') ?? '';
  expect([302, 303], answer.text).toContain(answer.status);
  const [address, query = ''] = location.split('?');
  expect(address).toBe(POST_LOGOUT_REDIRECT_URI);
  expect([...new URLSearchParams(query)]).toEqual(Object.entries(parameters));
}

/** `prompt=none` says whether anybody is signed in. */
export async function expectSignedOut(plan: LogoutPlan, { browser }: Pick<CompletedFlow, 'browser'>): Promise<void> {
  const state = randomText(43);
  const { received } = await authorize(plan.provider, {
    app: plan.app,
    browser,
    parameters: { prompt: 'none', state },
  });
  expectErrorResponse(plan.provider, received, state, [
    'login_required',
    'interaction_required',
    'account_selection_required',
    'consent_required',
  ]);
}

export async function expectStillSignedIn(
  plan: LogoutPlan,
  { browser }: Pick<CompletedFlow, 'browser'>,
): Promise<void> {
  const { received } = await authorize(plan.provider, { app: plan.app, browser, parameters: { prompt: 'none' } });
  expect(received).toHaveProperty('code');
}

/** The discovery module of these plans: the members they need, and https everywhere. */
export async function expectLogoutMetadata(members: JsonObject): Promise<void> {
  const issuer = 'https://login.example.com';
  const clinch = await startClinch({ CLINCH_ISSUER: issuer, CLINCH_TRUST_PROXY: '127.0.0.1' });
  try {
    const headers = { 'X-Forwarded-Proto': 'https' };
    const response = await fetch(`${clinch.url}/.well-known/openid-configuration`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json(; charset=utf-8)?$/);
    const metadata = (await response.json()) as JsonObject;
    expect(metadata).toMatchObject({ issuer, ...members });
    expect(String(metadata['end_session_endpoint'])).toMatch(new RegExp(`^${issuer}/`));
    expectHttpsAddresses(metadata);
  } finally {
    await clinch.stop();
  }
}
