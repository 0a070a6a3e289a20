import type { FieldProblem } from '../admin/problem.js';
import { adminScopesOf } from '../admin/admin-scope.js';
import { destinationFault, type Reach } from '../outbound/destination.js';
import { redirectUriFault } from '../protocol/redirect-uri.js';
import { scopeTokens } from '../protocol/scope.js';
import { keysFault } from './app-keys.js';
import type { ClientEntity } from './client.entity.js';
import type { GrantType } from './grant-types.js';

/** What the rules must know of this server: what it can do, and where it may go. */
export interface RuleContext extends Reach {
  readonly grants: readonly GrantType[];
  /** Those of the admin API, by name. */
  readonly adminScopes: readonly string[];
}

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

/** Ids that the server makes for people have this form; a client of that id would be taken for a person (RFC 9068 §5). */
const ACCOUNT_ID = /^[A-Za-z0-9_-]{22}$/;

/** They stand in the paths of the admin API where ids do. */
const RESERVED = new Set(['export', 'import']);

/** What is wrong with an id that a new app would like to have. */
export function clientIdFault(clientId: string): string | undefined {
  if (!/^[A-Za-z0-9._~-]{1,64}$/.test(clientId)) {
    return 'may hold 1 to 64 letters, digits, dots, dashes, underscores and tildes';
  }
  if (/^\.+$/.test(clientId)) return 'may not be dots alone: it is a part of addresses';
  if (RESERVED.has(clientId)) return 'is a word of the admin API';
  if (ACCOUNT_ID.test(clientId)) return 'may not have exactly 22 characters of that kind: ids of people look so';
  return undefined;
}

/**
 * The rules about an app as a whole (OpenID Connect Registration 1.0 §2, RFC 7591 §2, RFC 9700 §2.1). They judge what
 * the app would be, not what was asked to be changed.
 *
 * @returns everything that is wrong, under the wire names; nothing when the app is acceptable
 */
export async function appProblems(app: ClientEntity, context: RuleContext): Promise<FieldProblem[]> {
  const found = [
    ...nameProblems(app),
    ...grantProblems(app, context.grants),
    ...redirectProblems(app),
    ...pkceProblems(app),
    ...(await keyProblems(app)),
    ...destinationProblems(app, context),
    ...scopeProblems(app, context),
    ...lifetimeProblems(app),
    ...rotationProblems(app),
    ...initiationProblems(app),
    ...frontChannelProblems(app),
  ];
  return found;
}

/** RFC 7591 §3.2.2: which of its two codes a set of problems has. */
export function metadataErrorOf(errors: readonly FieldProblem[]): string {
  const isAboutRedirects = ({ field }: FieldProblem): boolean => /^(post_logout_)?redirect_uris\b/.test(field);
  return errors.length > 0 && errors.every((error) => isAboutRedirects(error))
    ? 'invalid_redirect_uri'
    : 'invalid_client_metadata';
}

function isPublic({ tokenEndpointAuthMethod }: ClientEntity): boolean {
  return tokenEndpointAuthMethod === 'none';
}

function problem(field: string, text: string): FieldProblem[] {
  return [{ field, problem: text }];
}

function nameProblems({ clientName }: ClientEntity): FieldProblem[] {
  return clientName.trim() === '' ? problem('client_name', 'is required: people read it') : [];
}

function grantProblems(app: ClientEntity, grants: readonly GrantType[]): FieldProblem[] {
  const { grantTypes, template } = app;
  // What is opened by a template is entered without one.
  if (grantTypes.length === 0 && template !== null) return [];
  if (grantTypes.length === 0) return problem('grant_types', 'must hold at least one grant');
  const known = grants.map(({ type }) => type);
  const unknown = grantTypes.filter((type) => !known.includes(type));
  if (unknown.length > 0) {
    return problem('grant_types', `holds ${unknown.join(', ')}; this server has ${known.join(', ')}`);
  }
  const confidential = grants.filter(({ type, clients }) => clients === 'confidential' && grantTypes.includes(type));
  if (isPublic(app) && confidential.length > 0) {
    const types = confidential.map(({ type }) => type).join(', ');
    return problem('grant_types', `holds ${types}, which is for apps that can prove who they are`);
  }
  // A refresh token comes with another grant; by itself there is none to begin with.
  const beginsSomething = grantTypes.some((type) => type === 'authorization_code' || type === DEVICE_CODE);
  if (grantTypes.includes('refresh_token') && !beginsSomething) {
    return problem('grant_types', 'holds refresh_token without a grant that gives refresh tokens');
  }
  return [];
}

function redirectProblems(app: ClientEntity): FieldProblem[] {
  const { redirectUris, postLogoutRedirectUris, grantTypes, applicationType } = app;
  const faultsOf = (field: string, uris: readonly string[]): FieldProblem[] =>
    uris.flatMap((uri, index) => {
      const fault = redirectUriFault(uri, applicationType);
      return fault === undefined ? [] : [{ field: `${field}.${index}`, problem: fault }];
    });
  const missing =
    grantTypes.includes('authorization_code') && redirectUris.length === 0
      ? problem('redirect_uris', 'must hold at least one address for the grant authorization_code')
      : [];
  return [
    ...missing,
    ...faultsOf('redirect_uris', redirectUris),
    ...faultsOf('post_logout_redirect_uris', postLogoutRedirectUris),
  ];
}

/** RFC 9700 §2.1.1: public clients MUST use PKCE; `plain` shows the verifier to whoever can read the request. */
function pkceProblems(app: ClientEntity): FieldProblem[] {
  const { codeChallengeMethods: methods, requirePkce } = app;
  if (methods.length === 0) return problem('code_challenge_methods', 'must hold at least S256');
  if (!isPublic(app)) return [];
  return [
    ...(requirePkce ? [] : problem('require_pkce', 'must be true for a public app')),
    ...(methods.includes('plain') ? problem('code_challenge_methods', 'must be ["S256"] for a public app') : []),
  ];
}

async function keyProblems(app: ClientEntity): Promise<FieldProblem[]> {
  const { jwks, jwksUri, tokenEndpointAuthMethod } = app;
  if (jwks !== null && jwksUri !== null) return problem('jwks_uri', 'may not stand beside jwks; give one of the two');
  if (tokenEndpointAuthMethod === 'private_key_jwt' && jwks === null && jwksUri === null) {
    return problem('jwks', 'or jwks_uri is needed for private_key_jwt');
  }
  const fault = jwks === null ? undefined : await keysFault(jwks);
  return fault === undefined ? [] : problem('jwks', fault);
}

/** Addresses that this server calls by itself: an app must not make it talk to what only this server can reach. */
function destinationProblems(app: ClientEntity, reach: Reach): FieldProblem[] {
  const called = {
    jwks_uri: app.jwksUri,
    backchannel_logout_uri: app.backchannelLogoutUri,
    sector_identifier_uri: app.sectorIdentifierUri,
  };
  return Object.entries(called).flatMap(([field, address]) => {
    const fault = address === null ? undefined : destinationFault(address, reach);
    return fault === undefined ? [] : problem(field, fault);
  });
}

function scopeProblems(app: ClientEntity, { adminScopes }: RuleContext): FieldProblem[] {
  const tokens = scopeTokens(app.scope);
  if (new Set(tokens).size < tokens.length) return problem('scope', 'holds a value twice');
  const rights = adminScopesOf(app.scope);
  if (rights.length === 0) return [];
  const unknown = rights.filter((token) => !adminScopes.includes(token));
  if (unknown.length > 0) {
    return problem('scope', `holds ${unknown.join(', ')}; the admin API has ${adminScopes.join(', ')}`);
  }
  const isMachine = app.grantTypes.length === 1 && app.grantTypes[0] === 'client_credentials' && !isPublic(app);
  return isMachine
    ? []
    : problem(
        'scope',
        `may hold ${rights.join(', ')} only for a confidential app whose one grant is client_credentials`,
      );
}

function lifetimeProblems({
  refreshTokenIdleLifetime: idle,
  refreshTokenLifetime: whole,
}: ClientEntity): FieldProblem[] {
  return idle !== null && idle > whole
    ? problem('refresh_token_idle_lifetime', 'may not be longer than refresh_token_lifetime')
    : [];
}

/** RFC 9700 §2.2.2: the refresh tokens of public clients MUST be sender-constrained or rotated. */
function rotationProblems(app: ClientEntity): FieldProblem[] {
  return isPublic(app) && app.refreshTokenRotation === 'reuse'
    ? problem('refresh_token_rotation', 'must be rotate for a public app')
    : [];
}

/** The portal opens a web app at an address of the app's; a native app has its own way to be opened, and a template is one. */
function initiationProblems({
  ssoInitiator,
  applicationType,
  initiateLoginUri,
  template,
}: ClientEntity): FieldProblem[] {
  const needsAddress = ssoInitiator === 'portal_and_app' && applicationType === 'web' && template === null;
  return needsAddress && initiateLoginUri === null
    ? problem('initiate_login_uri', 'is needed when sso_initiator is portal_and_app: the portal sends people there')
    : [];
}

/**
 * OpenID Connect Front-Channel Logout 1.0 §2: the domain, port and scheme MUST be those of a registered redirection URI,
 * so that no app has people's browsers open the pages of another.
 */
function frontChannelProblems({ frontchannelLogoutUri: uri, redirectUris }: ClientEntity): FieldProblem[] {
  if (uri === null) return [];
  const fault = redirectUriFault(uri, 'web');
  if (fault !== undefined) return problem('frontchannel_logout_uri', fault);
  const { origin } = new URL(uri);
  return redirectUris.some((redirectUri) => URL.canParse(redirectUri) && new URL(redirectUri).origin === origin)
    ? []
    : problem('frontchannel_logout_uri', 'must have the scheme, host and port of one of the redirect_uris');
}
