import { OAuthError } from '../protocol/oauth-error.js';

/** Characters; an honest header has about 200. */
const LONGEST_HEADER = 4_096;

export interface BasicCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * RFC 6749 §2.3.1: id and secret, each form-urlencoded, as user name and password of the Basic scheme (RFC 7617).
 *
 * @throws {OAuthError} invalid_client when the header is there and is not that
 */
export function parseBasicCredentials(header: string | undefined): BasicCredentials | undefined {
  if (header === undefined) return undefined;
  const encoded = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (encoded === undefined || header.length > LONGEST_HEADER) throw malformed();
  const bytes = Buffer.from(encoded, 'base64');
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1 || /[\u0000-\u001f\u007f\ufffd]/.test(text) || bytes.toString('base64') !== padded(encoded))
    throw malformed();
  return { clientId: formDecode(text.slice(0, colon)), clientSecret: formDecode(text.slice(colon + 1)) };
}

function padded(encoded: string): string {
  const bare = encoded.replace(/=+$/, '');
  return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
}

function formDecode(text: string): string {
  try {
    // A plus is left alone. In form encoding it is a space, which no id or secret of ours has; what it really is, is the
    // plus of a base64 secret from a client that encodes nothing, such as curl.
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}

function malformed(): OAuthError {
  return new OAuthError('invalid_client', 'the Authorization header is not well-formed Basic credentials');
}
