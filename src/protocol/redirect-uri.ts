import { isHostName, isLoopbackHost } from './loopback.js';

/** Schemes that run code or read local things in the browser, or that no authorization response can travel on. */
const FORBIDDEN_SCHEMES = new Set(
  'javascript data vbscript file blob about ws wss ftp mailto tel sms view-source filesystem intent chrome'.split(' '),
);

const MAX_REDIRECT_URI_LENGTH = 2000;

/** RFC 8252 §7.3: http, a loopback literal, a port that the app was given by the operating system. */
const LOOPBACK_LITERAL = /^http:\/\/(127\.0\.0\.1|\[::1\])(:\d{1,5})?(\/.*)?$/;

export type ApplicationType = 'web' | 'native';

/**
 * May this URI be registered? RFC 6749 §3.1.2 (absolute, no fragment), RFC 9700 §4.1.3 (no patterns), RFC 8252 §7
 * (loopback and private-use schemes for native apps).
 *
 * @returns what is wrong with it, or undefined
 */
export function redirectUriFault(uri: string, applicationType: ApplicationType): string | undefined {
  if (uri.length > MAX_REDIRECT_URI_LENGTH) return 'is longer than 2000 characters';
  if (!/^[\x21-\x7e]+$/.test(uri)) return 'may hold printable ASCII only; write an international host name as punycode';
  // RFC 3986 §3.2.2: brackets stand round an IPv6 address and nowhere else; elsewhere somebody meant a pattern.
  const withoutAddress = uri.replace(/^(https?:\/\/)\[[0-9a-f:.]*\]/i, '$1');
  if (/[\\"<>^`{|}[\]]/.test(withoutAddress)) return 'holds a character that no URI has';
  if (uri.includes('#')) return 'may not hold a fragment';
  if (uri.includes('*')) return 'may not hold a wildcard; register each address';
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined || !URL.canParse(uri)) return 'is not an absolute URI';
  if (FORBIDDEN_SCHEMES.has(scheme)) return `may not use the scheme ${scheme}`;
  if (scheme === 'http' || scheme === 'https') return webUriFault(uri, scheme);
  if (applicationType !== 'native') return 'may use a scheme of its own only for application_type native';
  // RFC 8252 §7.1: a private-use scheme is a domain name in reverse, so that two apps cannot claim one by accident.
  if (!scheme.includes('.')) return 'needs a scheme in reverse domain form, such as com.example.app:/callback';
  return undefined;
}

function webUriFault(uri: string, scheme: string): string | undefined {
  if (!/^https?:\/\/[^/?]/i.test(uri)) return 'has no host';
  const url = new URL(uri);
  if (url.username !== '' || url.password !== '') return 'may not hold a user name or a password';
  if (!isHostName(url.hostname)) return 'has a host name that none can be';
  if (uri.split(/[?]/)[0]?.includes('@') === true) return 'may not hold an at sign before the query';
  if (scheme === 'http' && !isLoopbackHost(url.hostname)) return 'must use https; http is for loopback addresses only';
  return undefined;
}

/**
 * Is the requested URI one of the registered? RFC 9700 §4.1.3: byte for byte, with one exception, the port of a
 * loopback literal for native apps (RFC 8252 §7.3). Nothing is normalised on either side.
 */
export function redirectUriMatches(
  registered: readonly string[],
  requested: string,
  applicationType: ApplicationType,
): boolean {
  if (registered.includes(requested)) return true;
  if (applicationType !== 'native') return false;
  const asked = LOOPBACK_LITERAL.exec(requested);
  if (asked === null || !portIsValid(asked[2])) return false;
  return registered.some((uri) => {
    const known = LOOPBACK_LITERAL.exec(uri);
    return known !== null && known[1] === asked[1] && (known[3] ?? '') === (asked[3] ?? '');
  });
}

function portIsValid(port: string | undefined): boolean {
  return port === undefined || (Number(port.slice(1)) > 0 && Number(port.slice(1)) <= 65535);
}

/**
 * The registered URI that is most like the requested one, by how much they begin and end alike: for the log, where a
 * developer looks for the typo. Anybody can make us ask this, so it costs no more than reading the addresses once.
 */
export function nearestRedirectUri(registered: readonly string[], requested: string): string | undefined {
  const scores = registered.map((uri) => ({ uri, score: likeness(uri, requested) }));
  return scores.sort((a, b) => b.score - a.score)[0]?.uri;
}

function likeness(a: string, b: string): number {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return start + end;
}

/**
 * What a page's `form-action` must allow beside ourselves, so that the browser may leave for the app after the form.
 *
 * Chromium holds every redirect that follows a form against the form-action of the form's page: ours to the app, and
 * those of the app itself, which often sends on from its redirect URI to another host. Seen in Chromium 156: with the
 * app's origin alone, the app's redirect to a third origin was blocked and the person stayed on the sign-in page. So an
 * app on https may go on to anything on https, and an app on a developer's machine to that machine too.
 */
export function formActionSources(redirectUri: string): readonly string[] {
  const { protocol, hostname, origin } = new URL(redirectUri);
  if (protocol === 'https:') return ['https:'];
  if (protocol !== 'http:') return [protocol];
  // CSP3 §2.3.1: a host-source cannot be an IPv6 address, and Chromium ignores one; `http:` is all that is left.
  if (hostname.startsWith('[')) return ['http:'];
  const usual = ['https:', 'http://localhost:*', 'http://127.0.0.1:*'];
  return ['localhost', '127.0.0.1'].includes(hostname) ? usual : [...usual, origin];
}
