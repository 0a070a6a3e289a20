import type { JWTPayload } from 'jose';
import { credentials } from '../../support/user-agent.js';
import type { TestApp } from '../../support/builders.js';
import { receiveResponse, SuiteBrowser, walkPages, type AskingPage } from './browser.js';
import { expectCode, expectIdToken, expectTokens, type JsonAnswer, type Tokens } from './expectations.js';
import { endpoint, randomText, type JsonObject, type Provider } from './provider.js';

type Differences = Readonly<Record<string, string | undefined>>;

/** One authorization request; say only what the module is about. */
export interface AuthorizationOptions {
  /** A fresh browser, unless the module needs one that was here before. */
  readonly browser?: SuiteBrowser;
  readonly app?: TestApp;
  /** Other parameters than the usual; one that is undefined is left out. */
  readonly parameters?: Differences;
  readonly by?: 'GET' | 'POST';
  /** Sends the parameters in the opposite order. */
  readonly reversed?: boolean;
}

/** What came of an authorization request. */
export interface Authorized {
  readonly browser: SuiteBrowser;
  /** The parameters as they were sent. */
  readonly request: Readonly<Record<string, string>>;
  /** What the person was asked for. */
  readonly pages: readonly AskingPage[];
  /** What the app received, in the plan's response mode. */
  readonly received: JsonObject;
}

/** Sends an authorization request, signs the person in if asked, and takes what reaches the app. */
export async function authorize(provider: Provider, options: AuthorizationOptions = {}): Promise<Authorized> {
  const { browser = newBrowser(provider), app = provider.app } = options;
  const request = requestOf(provider, app, options.parameters);
  const first = await sendRequest(provider, browser, request, options);
  const { pages, last } = await walkPages(browser, first, provider.person);
  const received = receiveResponse(browser, last, app.redirectUri, provider.mode);
  return { browser, request, pages, received };
}

export function newBrowser({ clinch }: Provider): SuiteBrowser {
  return new SuiteBrowser(clinch.url);
}

/** The usual parameters of the plan: `state` and `nonce` of 43 characters, and the response mode if it is not the default. */
export function requestOf({ mode }: Provider, app: TestApp, differences: Differences = {}): Record<string, string> {
  const all = {
    client_id: app.clientId,
    redirect_uri: app.redirectUri,
    scope: 'openid',
    state: randomText(43),
    nonce: randomText(43),
    response_type: 'code',
    ...(mode === 'form_post' ? { response_mode: 'form_post' } : {}),
    ...differences,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The answer to an authorization request, as it comes. */
export async function sendRequest(
  provider: Provider,
  browser: SuiteBrowser,
  request: Readonly<Record<string, string>>,
  { by = 'GET', reversed = false }: Pick<AuthorizationOptions, 'by' | 'reversed'> = {},
) {
  const pairs = Object.entries(request);
  const parameters = new URLSearchParams(reversed ? pairs.toReversed() : pairs);
  const url = endpoint(provider, 'authorization');
  return by === 'POST' ? browser.post(url, parameters) : browser.get(`${url}?${parameters.toString()}`);
}

/** Redeems a code as its app would. */
export async function redeemCode(
  provider: Provider,
  app: TestApp,
  code: string,
  differences: Readonly<Record<string, string>> = {},
): Promise<JsonAnswer> {
  const grant = { grant_type: 'authorization_code', code, redirect_uri: app.redirectUri };
  return postToTokenEndpoint(provider, app, { ...grant, ...differences });
}

export async function postToTokenEndpoint(
  provider: Provider,
  app: TestApp,
  parameters: Readonly<Record<string, string>>,
): Promise<JsonAnswer> {
  const { headers, form } = credentials(app);
  const body = new URLSearchParams({ ...parameters, ...form });
  return readJson(await fetch(endpoint(provider, 'token'), { method: 'POST', headers, body }));
}

/** The three ways to present an access token (RFC 6750 §2.1 and §2.2). */
export type UserinfoWay = 'GET' | 'POST with header' | 'POST with body';

export async function askUserinfo(
  provider: Provider,
  accessToken: string,
  way: UserinfoWay = 'GET',
): Promise<JsonAnswer> {
  const url = endpoint(provider, 'userinfo');
  const headers = { Authorization: `Bearer ${accessToken}` };
  if (way === 'GET') return readJson(await fetch(url, { headers }));
  if (way === 'POST with header') return readJson(await fetch(url, { method: 'POST', headers }));
  return readJson(await fetch(url, { method: 'POST', body: new URLSearchParams({ access_token: accessToken }) }));
}

async function readJson(response: Response): Promise<JsonAnswer> {
  return { status: response.status, headers: response.headers, body: (await response.json()) as JsonObject };
}

/** A flow that went well, to its end. */
export interface CompletedFlow extends Authorized, Tokens {
  readonly code: string;
  /** The verified claims of the id_token. */
  readonly claims: JWTPayload;
}

export interface FlowOptions extends AuthorizationOptions {
  /** More parameters of the token request. */
  readonly redemption?: Readonly<Record<string, string>>;
}

/** The whole code flow with the suite's standard checks: code, state and iss; token answer; id_token. */
export async function completeFlow(provider: Provider, options: FlowOptions = {}): Promise<CompletedFlow> {
  const { app = provider.app, redemption } = options;
  const authorized = await authorize(provider, options);
  const { request, received } = authorized;
  const code = expectCode(provider, received, request['state']);
  const tokens = expectTokens(await redeemCode(provider, app, code, redemption));
  const claims = await expectIdToken(provider, app, tokens, request['nonce']);
  return { ...authorized, ...tokens, code, claims };
}
