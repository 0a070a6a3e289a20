import { Injectable } from '@nestjs/common';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { PageError } from '../http/page-error.js';
import { OAuthError } from '../protocol/oauth-error.js';
import type { Parameters } from '../protocol/parameters.js';
import { redirectUriMatches } from '../protocol/redirect-uri.js';
import { LogoutHints, type LogoutHint } from './logout-hint.js';

export const LOGOUT_PATH = '/oidc/logout';

/** OpenID Connect RP-Initiated Logout 1.0 §2. What else comes is ignored. */
export const LOGOUT_PARAMETERS = [
  'id_token_hint',
  'logout_hint',
  'client_id',
  'post_logout_redirect_uri',
  'state',
  'ui_locales',
] as const;

/** A request to sign somebody out, with what may be done with it. */
export interface LogoutRequest {
  /** The parameters as they came, for the form that asks for them again. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Absent without `id_token_hint`, and for one that is not worth anything. */
  readonly hint: LogoutHint | undefined;
  /** Of the hint, or of `client_id`. */
  readonly client: Client | undefined;
  /** Where the browser goes afterwards, with its `state`; absent where it stays with us. */
  readonly returnTo: string | undefined;
  readonly logoutHint: string | undefined;
  readonly uiLocales: string | undefined;
}

/** Reads a request at the end_session_endpoint and judges all that does not depend on who is signed in. */
@Injectable()
export class LogoutRequests {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly hints: LogoutHints,
  ) {}

  /** @throws {PageError} for what is wrong with the request: then nobody is signed out, and nobody is sent anywhere */
  async read(parameters: Parameters): Promise<LogoutRequest> {
    refuseMalformed(parameters);
    const given = parameters.get('id_token_hint');
    const hint = given === undefined ? undefined : await this.hints.read(given);
    const client = await this.clientOf(parameters.get('client_id'), hint);
    const redirectUri = redirectUriOf(parameters, client);
    // A hint that is worth nothing is worse than none: somebody made it up. And who is switched off gets nobody back.
    const mayReturn = (given === undefined || hint !== undefined) && client?.enabled === true;
    return {
      parameters: parameters.pick(LOGOUT_PARAMETERS),
      hint,
      client,
      returnTo: redirectUri === undefined || !mayReturn ? undefined : withState(redirectUri, parameters.get('state')),
      logoutHint: parameters.get('logout_hint'),
      uiLocales: parameters.get('ui_locales'),
    };
  }

  /** §2: when both `client_id` and `id_token_hint` are there, the OP MUST verify that they are of one client. */
  private async clientOf(clientId: string | undefined, hint: LogoutHint | undefined): Promise<Client | undefined> {
    if (clientId === undefined) return hint?.client;
    if (hint !== undefined && hint.client.id !== clientId)
      throw invalid(`client_id is not the client that the id_token_hint was issued to, ${hint.client.id}`);
    const client = await this.registry.find(clientId);
    if (client === undefined) throw invalid(`client_id ${clientId.slice(0, 64)} is not registered`);
    return client;
  }
}

/** @throws {PageError} for a parameter that is repeated, or cannot be read */
export function refuseMalformed(parameters: Parameters): void {
  const repeated = LOGOUT_PARAMETERS.find((name) => parameters.repeated.has(name));
  if (repeated !== undefined) throw invalid(`${repeated} is repeated`);
  const unprintable = parameters.firstUnprintable(LOGOUT_PARAMETERS);
  if (unprintable !== undefined) throw invalid(`${unprintable} holds a character that cannot stand in a URL`);
}

/**
 * §2: the value MUST have been previously registered. §3: without a client whose address it is, nobody is redirected.
 *
 * @throws {PageError} post_logout_redirect_uri_mismatch
 */
function redirectUriOf(parameters: Parameters, client: Client | undefined): string | undefined {
  const redirectUri = parameters.get('post_logout_redirect_uri');
  if (redirectUri === undefined || client === undefined) return undefined;
  const { postLogoutRedirectUris, applicationType } = client.metadata;
  if (redirectUriMatches(postLogoutRedirectUris, redirectUri, applicationType)) return redirectUri;
  throw new PageError('post_logout_redirect_uri_mismatch', {
    hint: `client ${client.id} has not registered the post_logout_redirect_uri ${redirectUri.slice(0, 200)}`,
    signOutPath: LOGOUT_PATH,
  });
}

/** The registered address byte for byte, its own query kept; §3: `state` is passed back, and nothing else. */
function withState(redirectUri: string, state: string | undefined): string {
  if (state === undefined) return redirectUri;
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${new URLSearchParams({ state }).toString()}`;
}

/** The page for a request that cannot be understood. It offers to sign out without the app. */
export function invalid(hint: string | undefined, cause?: OAuthError): PageError {
  return new PageError('sign_out_request_invalid', {
    hint,
    signOutPath: LOGOUT_PATH,
    ...(cause === undefined ? {} : { status: cause.status, cause }),
  });
}
