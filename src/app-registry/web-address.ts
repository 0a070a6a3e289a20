import { isHostName, isLoopbackHost } from '../protocol/loopback.js';

/** What is wrong with the address of a page or an endpoint: https, or http on a loopback host. */
export function webAddressFault(address: string, options: { readonly fragment?: boolean } = {}): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(address)) return 'may hold printable ASCII only, without spaces';
  if (/[\\"<>^`{|}]/.test(address)) return 'holds a character that no URI has';
  if (!/^https?:\/\/[^/?#]/i.test(address) || !URL.canParse(address)) return 'must be an https address';
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return 'may not hold a user name or a password';
  if (!isHostName(url.hostname)) return 'has a host name that none can be';
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname))
    return 'must use https; http is for loopback addresses only';
  if (options.fragment !== true && address.includes('#')) return 'may not hold a fragment';
  return undefined;
}
