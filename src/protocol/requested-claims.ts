import { OAuthError } from './oauth-error.js';

/** What the `claims` parameter asks for, reduced to what Clinch acts on. */
export interface RequestedClaims {
  readonly idToken: readonly string[];
  readonly userinfo: readonly string[];
  /** `{"id_token":{"sub":{"value":"…"}}}`: the person it must be about. */
  readonly subject?: string;
  /** `{"id_token":{"acr":{"essential":true,"values":[…]}}}`: one of these, or the sign-in has failed (§5.5.1.1). */
  readonly requiredAcr?: readonly string[];
}

export const NO_REQUESTED_CLAIMS: RequestedClaims = { idToken: [], userinfo: [] };

const MAX_CLAIMS = 50;
/** Characters of all names together: they travel in the access token. */
const MAX_NAMES_LENGTH = 2_000;
const CLAIM_NAME = /^[A-Za-z0-9_:./#-]{1,100}$/;

/**
 * OpenID Connect Core 1.0 §5.5. Members that are not understood are ignored; whether a claim is essential or voluntary
 * makes no difference to what is released (§5.5.1: not returning an essential claim is no error), except for `acr`.
 *
 * @throws {OAuthError} invalid_request when the value is not a JSON object of that shape
 */
export function parseRequestedClaims(text: string | undefined): RequestedClaims {
  if (text === undefined) return NO_REQUESTED_CLAIMS;
  const request = parseObject(text);
  const idToken = memberObject(request, 'id_token');
  const subject = idToken['sub'];
  const value = isObject(subject) ? subject['value'] : undefined;
  const requiredAcr = requiredValues(idToken['acr']);
  return {
    idToken: claimNames(idToken),
    userinfo: claimNames(memberObject(request, 'userinfo')),
    ...(typeof value === 'string' ? { subject: value } : {}),
    ...(requiredAcr === undefined ? {} : { requiredAcr }),
  };
}

/** As a row keeps it: as JSON, read whole and never searched; null when nothing was asked for that matters later. */
export function storedClaims(claims: RequestedClaims): string | null {
  return claims.idToken.length + claims.userinfo.length > 0 ? JSON.stringify(claims) : null;
}

/** What {@link storedClaims} made of it. */
export function claimsFromStore(stored: string | null): RequestedClaims {
  return stored === null ? NO_REQUESTED_CLAIMS : (JSON.parse(stored) as RequestedClaims);
}

function requiredValues(claim: unknown): string[] | undefined {
  if (!isObject(claim) || claim['essential'] !== true) return undefined;
  const { value, values } = claim;
  const named: unknown[] = Array.isArray(values) ? values : value === undefined ? [] : [value];
  const texts = named.filter((each) => typeof each === 'string').slice(0, MAX_CLAIMS);
  return texts.length > 0 ? texts : undefined;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Falls through to the one answer for everything that is not a JSON object.
  }
  throw new OAuthError('invalid_request', 'claims is not a JSON object');
}

function memberObject(request: Record<string, unknown>, name: string): Record<string, unknown> {
  const member = request[name];
  if (member === undefined || member === null) return {};
  if (!isObject(member)) throw new OAuthError('invalid_request', `claims has a member ${name} that is not an object`);
  return member;
}

function claimNames(member: Record<string, unknown>): string[] {
  const names = Object.keys(member).filter((name) => CLAIM_NAME.test(name));
  if (names.length > MAX_CLAIMS || names.join('').length > MAX_NAMES_LENGTH)
    throw new OAuthError('invalid_request', 'claims asks for too many claims');
  return names;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
