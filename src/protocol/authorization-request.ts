import { OAuthError } from './oauth-error.js';
import type { Parameters } from './parameters.js';
import { isCodeChallenge, type CodeChallengeMethod } from './pkce.js';
import { parsePrompt, type Prompt } from './prompt.js';
import { parseRequestedClaims, type RequestedClaims } from './requested-claims.js';
import { narrowScope, parseScope } from './scope.js';

const RESPONSE_MODES = ['query', 'fragment', 'form_post'] as const;

/** OAuth 2.0 Multiple Response Type Encoding Practices and OAuth 2.0 Form Post Response Mode. */
export type ResponseMode = (typeof RESPONSE_MODES)[number];

export const RESPONSE_MODE_VALUES: readonly ResponseMode[] = RESPONSE_MODES;

/** The parameters that Clinch understands at /oidc/authorize; all others are ignored (RFC 6749 §3.1). */
export const AUTHORIZATION_PARAMETERS = (
  'client_id redirect_uri response_type response_mode scope state nonce code_challenge code_challenge_method prompt ' +
  'max_age login_hint id_token_hint ui_locales claims_locales display acr_values claims resource request request_uri registration'
).split(' ');

/** A request whose client and redirect URI are proven. It is stored while the person signs in, so it is plain JSON. */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  readonly scope: readonly string[];
  readonly state?: string;
  readonly nonce?: string;
  readonly codeChallenge?: string;
  readonly codeChallengeMethod?: CodeChallengeMethod;
  readonly prompt: readonly Prompt[];
  /** Seconds. */
  readonly maxAge?: number;
  readonly loginHint?: string;
  /** The subject that `id_token_hint` or `claims` names; filled in once the hint was verified. */
  readonly hintedSubject?: string;
  readonly uiLocales?: string;
  readonly acrValues: readonly string[];
  readonly requestedClaims: RequestedClaims;
  /** RFC 8707: the identifier of the API that the access token will be for; absent: Clinch's own userinfo. */
  readonly resource?: string;
}

/** What the client's registration says about its authorization requests. */
export interface AuthorizationPolicy {
  readonly mayUseCode: boolean;
  readonly requirePkce: boolean;
  readonly codeChallengeMethods: readonly string[];
  readonly scope: readonly string[];
  /** The API that this request is about, found and allowed; its scopes are among those above. */
  readonly resource?: string;
  readonly defaultMaxAge: number | undefined;
  readonly defaultAcrValues: readonly string[];
}

/** Where an answer, good or bad, may be sent: proven before anything else is judged (RFC 6749 §4.1.2.1). */
export interface AnswerAddress {
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  readonly state?: string;
  /** The languages of the page that `form_post` is. */
  readonly uiLocales?: string;
}

/**
 * The response mode of the answer. A mode that is not known, or that came twice, is answered in the default one, `query`.
 *
 * @returns the address, and the fault to answer with when `response_mode` is unknown
 */
export function answerAddress(
  redirectUri: string,
  parameters: Parameters,
): { address: AnswerAddress; fault?: OAuthError } {
  const wanted = parameters.repeated.has('response_mode') ? undefined : parameters.get('response_mode');
  const known = RESPONSE_MODES.find((mode) => mode === wanted);
  const state = parameters.repeated.has('state') ? undefined : parameters.get('state');
  const uiLocales = parameters.repeated.has('ui_locales') ? undefined : parameters.get('ui_locales')?.slice(0, 200);
  const address = {
    redirectUri,
    responseMode: known ?? 'query',
    ...(state === undefined ? {} : { state }),
    ...(uiLocales === undefined ? {} : { uiLocales }),
  } as const;
  if (wanted !== undefined && known === undefined) {
    return { address, fault: new OAuthError('invalid_request', 'response_mode is not supported') };
  }
  return { address };
}

/**
 * Reads what is left of the request once its client and redirect URI are proven.
 *
 * @throws {OAuthError} that may be sent to the redirect URI
 */
export function readAuthorizationRequest(
  parameters: Parameters,
  address: AnswerAddress,
  policy: AuthorizationPolicy,
): AuthorizationRequest {
  parameters.refuseRepeats();
  refuseUnsupported(parameters);
  checkResponseType(parameters.get('response_type'), policy);
  const loginHint = parameters.get('login_hint');
  const nonce = parameters.get('nonce');
  const uiLocales = parameters.get('ui_locales');
  const maxAge = readMaxAge(parameters.get('max_age')) ?? policy.defaultMaxAge;
  const requestedClaims = parseRequestedClaims(parameters.get('claims'));
  return {
    clientId: parameters.get('client_id') ?? '',
    ...address,
    scope: readScope(parameters.get('scope'), policy),
    ...(nonce === undefined ? {} : { nonce }),
    ...readCodeChallenge(parameters, policy),
    prompt: [...parsePrompt(parameters.get('prompt'))],
    ...(maxAge === undefined ? {} : { maxAge }),
    ...(loginHint === undefined ? {} : { loginHint: loginHint.slice(0, 200) }),
    ...(requestedClaims.subject === undefined ? {} : { hintedSubject: requestedClaims.subject }),
    ...(uiLocales === undefined ? {} : { uiLocales: uiLocales.slice(0, 200) }),
    acrValues: parameters.get('acr_values')?.split(' ').slice(0, 20) ?? policy.defaultAcrValues,
    requestedClaims,
    ...(policy.resource === undefined ? {} : { resource: policy.resource }),
  };
}

/** OpenID Connect Core 1.0 §3.1.2.6: each of these is refused by its own name, never silently ignored. */
function refuseUnsupported(parameters: Parameters): void {
  if (parameters.has('request')) throw new OAuthError('request_not_supported', 'request objects are not supported');
  if (parameters.has('request_uri')) throw new OAuthError('request_uri_not_supported', 'request_uri is not supported');
  if (parameters.has('registration')) {
    throw new OAuthError('registration_not_supported', 'registration is not supported');
  }
}

function checkResponseType(responseType: string | undefined, policy: AuthorizationPolicy): void {
  if (responseType === undefined) throw new OAuthError('invalid_request', 'response_type is missing');
  // RFC 9700 §2.1.2: tokens do not travel through the browser.
  if (responseType !== 'code') throw new OAuthError('unsupported_response_type', 'the only response_type is code');
  if (!policy.mayUseCode) {
    throw new OAuthError('unauthorized_client', 'this client may not use the authorization code grant');
  }
}

/** OpenID Connect Core 1.0 §3.1.2.1: `openid` is required; what this client may not have is left out. */
function readScope(text: string | undefined, policy: AuthorizationPolicy): string[] {
  const requested = parseScope(text);
  if (!requested.includes('openid')) throw new OAuthError('invalid_scope', 'scope must hold openid');
  const granted = narrowScope(requested, policy.scope);
  if (!granted.includes('openid')) throw new OAuthError('invalid_scope', 'this client may not ask for openid');
  return granted;
}

function readCodeChallenge(
  parameters: Parameters,
  policy: AuthorizationPolicy,
): Pick<AuthorizationRequest, 'codeChallenge' | 'codeChallengeMethod'> {
  const challenge = parameters.get('code_challenge');
  const named = parameters.get('code_challenge_method');
  if (challenge === undefined) {
    if (policy.requirePkce) throw new OAuthError('invalid_request', 'code_challenge is missing');
    if (named !== undefined) throw new OAuthError('invalid_request', 'code_challenge_method without code_challenge');
    return {};
  }
  // RFC 7636 §4.3: the method defaults to plain when it is left out.
  const method = named ?? 'plain';
  if ((method !== 'S256' && method !== 'plain') || !policy.codeChallengeMethods.includes(method)) {
    throw new OAuthError('invalid_request', 'code_challenge_method is not one that this client may use');
  }
  if (!isCodeChallenge(challenge, method)) throw new OAuthError('invalid_request', 'code_challenge is malformed');
  return { codeChallenge: challenge, codeChallengeMethod: method };
}

function readMaxAge(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new OAuthError('invalid_request', 'max_age is not a whole number of seconds');
  return Number(text);
}
