import type { Request } from 'express';

/** What the gate adds to every request. */
export interface ClinchRequest extends Request {
  /** Stands in the log line, in the `X-Request-Id` header, and on the person's error page. */
  traceId: string;
}

/** The address that limits are counted by: the real peer, or what a trusted proxy says; of IPv6 the /64. */
export function clientAddress(request: Request): string {
  const address = (request.ip ?? '').replace(/^::ffff:/, '').replace(/%.*$/, '');
  return address.includes(':') ? ipv6Network(address) : address;
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
