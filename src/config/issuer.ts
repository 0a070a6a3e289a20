import { isLoopbackHost } from '../protocol/loopback.js';

/**
 * Checks the issuer (OpenID Connect Discovery 1.0 §4.3): https unless loopback, no query, no fragment. It is compared
 * byte for byte by every app, so what the operator wrote is kept as it is.
 *
 * @throws {Error} whose message completes the sentence "CLINCH_ISSUER …"
 */
export function cleanIssuer(text: string): string {
  if (!URL.canParse(text)) throw new Error('is not an absolute URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('is not an http or https URL');
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new Error('must be https; http is for loopback addresses only');
  }
  if (text.includes('?') || text.includes('#')) throw new Error('may hold no query and no fragment');
  if (url.username !== '' || url.password !== '') throw new Error('may hold no user name and no password');
  if (text.endsWith('/')) throw new Error('may not end in a slash');
  if (text !== url.origin + (url.pathname === '/' ? '' : url.pathname)) {
    throw new Error(`is not in its normal form, which is ${url.origin}${url.pathname === '/' ? '' : url.pathname}`);
  }
  return text;
}
