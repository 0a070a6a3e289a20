import { isIP } from 'node:net';

/** True for `localhost` and for the loopback addresses, as they stand in a URL's hostname. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Letters, digits, dots and dashes, or an IPv6 address: parsers of URLs take more, such as a semicolon, and what they take
 * ends up in headers.
 */
export function isHostName(hostname: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(hostname) || /^\[[0-9a-fA-F:.]+\]$/.test(hostname);
}
