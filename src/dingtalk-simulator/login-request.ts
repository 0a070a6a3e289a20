import type { SimulatorApp } from './app.js';
import type { Company } from './company.js';
import type { Account } from './person.js';
import type { World } from './world.js';

/** What an app's link to the sign-in page asks for, once it was found to be in order. */
export interface LoginRequest {
  readonly app: SimulatorApp;
  readonly redirectUri: string;
  readonly state?: string;
  /** Whether the scope holds `corpid`, so that the person chooses an organisation. */
  readonly wantsCorp: boolean;
  /** The organisation that the app chose beforehand. */
  readonly corpId?: string;
  readonly consented: boolean;
  /** Whether the page stands in a frame of the app's, which is told of the outcome by a message. */
  readonly isEmbedded: boolean;
}

/** The link is not in order; the message says why, and the browser is sent nowhere. */
export class LoginRefusal extends Error {}

/** Reads a link to the sign-in page. Throws LoginRefusal. */
export function readLoginRequest(world: World, query: URLSearchParams): LoginRequest {
  const app = world.app(query.get('client_id') ?? '');
  if (!app) throw new LoginRefusal('client_id 不存在 (unknown client_id)');
  if (!app.published) throw new LoginRefusal('应用尚未发布 (the app has no published version)');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!isRegistered(app, redirectUri, world.faults.switches.redirectByHost)) {
    throw new LoginRefusal('redirect_uri 未登记 (the redirect_uri is not registered)');
  }
  if (query.get('response_type') !== 'code') throw new LoginRefusal('response_type 必须为 code (must be code)');
  const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  if (!scopes.includes('openid') || scopes.some((scope) => !['openid', 'corpid'].includes(scope))) {
    throw new LoginRefusal('scope 只能为 openid 或 openid corpid (must be openid, or openid corpid)');
  }
  // DingTalk is no OpenID provider, and says so to whoever takes it for one.
  if (query.has('nonce')) throw new LoginRefusal('不支持 nonce (nonce is not supported)');
  const state = query.get('state');
  const wantsCorp = scopes.includes('corpid');
  const corpId = wantsCorp ? query.get('corpId') : null;
  return {
    app,
    redirectUri,
    wantsCorp,
    ...(state === null ? {} : { state }),
    ...(corpId ? { corpId } : {}),
    consented: query.get('prompt') === 'consent',
    isEmbedded: query.get('iframe') === 'true',
  };
}

function isRegistered(app: SimulatorApp, redirectUri: string, byHost: boolean): boolean {
  if (!URL.canParse(redirectUri)) return false;
  if (!byHost) return app.redirectUris.includes(redirectUri);
  const { host } = new URL(redirectUri);
  return app.redirectUris.some((registered) => URL.canParse(registered) && new URL(registered).host === host);
}

/**
 * The organisation that a sign-in is for, when one was asked for: the app's choice, the person's, the app's own when the
 * person is in it, or the only one. Throws LoginRefusal when the person is in none that fits.
 */
export function chosenCompany(world: World, request: LoginRequest, account: Account, choice?: string): Company {
  const companies = world.companiesOf(account.unionid);
  const wanted = request.corpId ?? choice;
  const fitting = wanted === undefined ? companies : companies.filter(({ corpId }) => corpId === wanted);
  const company = fitting.find(({ corpId }) => corpId === request.app.corpId) ?? fitting[0];
  if (!company) throw new LoginRefusal('您不在该组织内 (you are not a member of this organisation)');
  return company;
}

/** Where the browser goes with a code. Throws LoginRefusal. */
export function confirmed(world: World, request: LoginRequest, account: Account, choice?: string): string {
  const { app, consented, wantsCorp } = request;
  const { membersOnly, onlyAuthCode } = world.faults.switches;
  if (membersOnly && !world.companyOf(app).personByUnionid(account.unionid)) {
    throw new LoginRefusal('仅限本组织成员登录 (only for members of the organisation)');
  }
  const corpId = wantsCorp ? { corpId: chosenCompany(world, request, account, choice).corpId } : {};
  const code = world.codes.browser.issue({ clientId: app.clientId, unionid: account.unionid, consented, ...corpId });
  return backTo(request, onlyAuthCode ? { authCode: code } : { authCode: code, code });
}

/** Where the browser goes when the person declines. */
export function denied(request: LoginRequest): string {
  return backTo(request, { error: 'access_denied' });
}

function backTo({ redirectUri, state }: LoginRequest, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  if (state !== undefined) url.searchParams.set('state', state);
  return url.toString();
}
