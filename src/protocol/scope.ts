import { OAuthError } from './oauth-error.js';

/** RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ), separated by single spaces. */
const SCOPE_TEXT = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/**
 * OpenID Connect Core 1.0 §5.4 and §11, and ours that release the claims of RFC 9068 §2.2.3.1: these speak of a person to
 * the app itself, and belong to no API.
 */
export const OPENID_SCOPES: readonly string[] = [
  'openid',
  'profile',
  'email',
  'phone',
  'address',
  'offline_access',
  'roles',
  'groups',
  'entitlements',
];

/** Longer than any honest request; keeps a scope from filling a row, a token or a log line. */
const MAX_SCOPE_LENGTH = 2000;

/**
 * The scope-tokens of a `scope` parameter, in their order, without repeats.
 *
 * @throws {OAuthError} invalid_scope when the text does not follow the grammar
 */
export function parseScope(text: string | undefined): string[] {
  if (text === undefined) return [];
  if (text.length > MAX_SCOPE_LENGTH || !SCOPE_TEXT.test(text)) {
    throw new OAuthError('invalid_scope', 'scope is malformed');
  }
  return [...new Set(text.split(' '))];
}

export function isScopeText(text: string): boolean {
  return text.length <= MAX_SCOPE_LENGTH && (text === '' || SCOPE_TEXT.test(text));
}

/** The tokens of a scope that is known to be well-formed, as it was stored. */
export function scopeTokens(text: string): string[] {
  return text.split(' ').filter((token) => token !== '');
}

/** One scope-token. */
export function isScopeToken(text: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text);
}

/** What was asked for and may be had. OpenID Connect Core 1.0 §3.1.2.1: scope values not understood SHOULD be ignored. */
export function narrowScope(requested: readonly string[], allowed: readonly string[]): string[] {
  return requested.filter((token) => allowed.includes(token));
}
