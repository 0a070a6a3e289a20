import { isIP } from 'node:net';

/** True for `localhost` and for the loopback addresses, as they stand in a URL's hostname. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
