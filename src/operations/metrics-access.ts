import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { TokenMissingError } from '../http/bearer.js';
import { soleAuthorization } from '../http/sole-authorization.js';
import { isLoopbackHost } from '../protocol/loopback.js';
import { OAuthError } from '../protocol/oauth-error.js';

/** What a proxy adds; whoever reads from this machine itself sends none of them. */
const FORWARDING_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
] as const;

/**
 * Lets a request pass that may read the metrics: by the token, or, where none is configured, from this machine.
 *
 * @param token CLINCH_METRICS_TOKEN
 * @throws {OAuthError} invalid_token (401) without the token; 404 to the outside where there is none
 */
export function assertMayReadMetrics(request: Request, token: string | undefined): void {
  if (token === undefined) {
    if (isFromThisMachine(request)) return;
    const hint = 'without CLINCH_METRICS_TOKEN metrics are given to this machine only, and to no proxy on it';
    throw new OAuthError('invalid_request', undefined, { status: 404, hint });
  }
  const authorization = soleAuthorization(request);
  if (authorization === undefined) throw new TokenMissingError();
  const given = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (given === undefined || !isSame(given, token)) throw new OAuthError('invalid_token', 'the token is not the one');
}

/**
 * By the peer of the connection itself, never by what a header says of it. A proxy on this machine is a loopback peer
 * for the whole world, so a request that shows one's marks, or that was for another host, is none of ours.
 */
function isFromThisMachine({ socket, headers }: Request): boolean {
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
  const address = `http://${headers.host ?? ''}`;
  const host = URL.canParse(address) ? new URL(address).hostname : '';
  return (
    isLoopbackHost(peer) && isLoopbackHost(host) && FORWARDING_HEADERS.every((name) => headers[name] === undefined)
  );
}

/** As digests, which have one length: the time that it takes says nothing about the token. */
function isSame(given: string, wanted: string): boolean {
  const [left, right] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
