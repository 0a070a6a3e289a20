import type { Request } from 'express';
import { isIP } from 'node:net';

/** What the gate adds to every request. */
export interface ClinchRequest extends Request {
  /** Stands in the log line, in the `X-Request-Id` header, and on the person's error page. */
  traceId: string;
  /** What several requests of one sign-in have in common, once it is known: see `noteFlow`. */
  flowId?: string;
  /** The pattern of the route that it is for, such as `/admin/api/v1/apps/:client_id`. */
  routePath?: string;
  /** The code of the error that it was answered with. */
  refusedWith?: string;
  /** What clientAddress found, so that it looks once. */
  countedAddress?: string;
}

/** Characters of a path or a user agent that a log line keeps. */
const LOGGED_LENGTH = 300;

/** RFC 9700 §4.3: the query may hold codes and hints, so it is never logged. */
export function loggedPath(request: Request): string {
  return (request.url.split('?', 1)[0] ?? '').slice(0, LOGGED_LENGTH);
}

export function loggedUserAgent(request: Request): string | undefined {
  return request.headers['user-agent']?.slice(0, LOGGED_LENGTH);
}

/** The address that limits are counted by: the real peer, or what a trusted proxy says; of IPv6 the /64. */
export function clientAddress(request: Request): string {
  const asked = request as ClinchRequest;
  asked.countedAddress ??= countedAddressOf(exactAddress(request));
  return asked.countedAddress;
}

function countedAddressOf(address: string): string {
  return address.includes(':') ? ipv6Network(address) : address;
}

/** The whole address, for what depends on where somebody is: the real peer, or what a trusted proxy says. */
export function exactAddress(request: Request): string {
  const named = request.ip ?? '';
  // What a proxy passes on need not be an address at all; then it is nobody's but the proxy's own.
  const known = isIP(named) === 0 ? (request.socket.remoteAddress ?? '') : named;
  return known.replace(/^::ffff:/i, '').replace(/%.*$/, '');
}

/** A household or a server has a whole /64; counting single addresses in it would count nothing. */
function ipv6Network(address: string): string {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':') + '::/64';
}
