import { mayStreamTo } from '../outbound/destination.js';
import type { StreamAddress } from '../outbound/outbound-stream.js';

const FORM = 'must be an https address, tls://HOST:PORT or tcp://HOST:PORT';

/** What is wrong with an address, whatever it is for. */
export function addressFormFault(text: string): string | undefined {
  if (!URL.canParse(text)) return FORM;
  const { protocol, username, password, hash } = new URL(text);
  if (!['https:', 'http:', 'tls:', 'tcp:'].includes(protocol)) return FORM;
  return username === '' && password === '' && hash === '' ? undefined : 'may hold no user name and no fragment';
}

/** An address as it is shown: receivers take their tokens in the query. */
export function shownAddress(text: string): string {
  return text.replace(/\?.*$/s, '?…');
}

/** The address of a syslog server; undefined for anything else. */
export function streamAddress(text: string): StreamAddress | undefined {
  const { protocol, hostname, port, pathname, search } = new URL(text);
  const isStream = protocol === 'tls:' || protocol === 'tcp:';
  if (!isStream || hostname === '' || port === '' || pathname.length > 1 || search !== '') return undefined;
  if (!mayStreamTo(Number(port))) return undefined;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), tls: protocol === 'tls:' };
}
