import type { Request } from 'express';
import { describe, expect, it } from 'vitest';
import type { OAuthError } from '../protocol/oauth-error.js';
import { assertMayReadMetrics } from './metrics-access.js';

const TOKEN = 'Zm9v+/bar!with$odd%signs';

function requestFrom(remoteAddress: string | undefined, headers: Record<string, string> = {}): Request {
  const all = { host: 'localhost:3000', ...headers };
  return { socket: { remoteAddress }, headers: all, rawHeaders: Object.entries(all).flat() } as unknown as Request;
}

/** The status that a request is answered with. */
function statusOf(request: Request, token?: string): number {
  try {
    assertMayReadMetrics(request, token);
    return 200;
  } catch (error) {
    return (error as OAuthError).status;
  }
}

describe('/metrics without a token is for this machine', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])('gives it to %s', (peer) => {
    expect(statusOf(requestFrom(peer))).toBe(200);
  });

  it.each(['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', '10.0.0.1', '', undefined, 'localhost.example'])(
    'is not there for %s',
    (peer) => expect(statusOf(requestFrom(peer))).toBe(404),
  );

  it('believes the connection, not what a header says of it', () => {
    expect(statusOf(requestFrom('192.0.2.1', { 'x-forwarded-for': '127.0.0.1' }))).toBe(404);
  });

  it.each(['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'])(
    'is not there for a proxy on this machine, which shows itself by %s',
    (name) => expect(statusOf(requestFrom('127.0.0.1', { [name]: '' }))).toBe(404),
  );

  it.each(['id.example.com', 'evil.example:3000', '127.0.0.1.nip.io', '', '127.0.0.1@evil.example'])(
    'is not there under the name %s: a proxy that keeps the host, or a page that points its name here',
    (host) => expect(statusOf(requestFrom('127.0.0.1', { host }))).toBe(404),
  );

  it.each(['127.0.0.1:3000', '[::1]:3000', 'localhost'])('is there under the name %s', (host) => {
    expect(statusOf(requestFrom('127.0.0.1', { host }))).toBe(200);
  });
});

describe('/metrics with CLINCH_METRICS_TOKEN', () => {
  it('is for whoever brings it, from anywhere, through any proxy', () => {
    const headers = { authorization: `Bearer ${TOKEN}`, host: 'id.example.com', 'x-forwarded-for': '192.0.2.7' };
    expect(statusOf(requestFrom('192.0.2.1', headers), TOKEN)).toBe(200);
    expect(statusOf(requestFrom('192.0.2.1', { ...headers, authorization: `bearer  ${TOKEN}` }), TOKEN)).toBe(200);
  });

  it('is for nobody else on this machine either', () => {
    expect(statusOf(requestFrom('127.0.0.1'), TOKEN)).toBe(401);
  });

  it.each([
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    'Bearer',
    'Bearer ',
    `Bearer ${TOKEN} ${TOKEN}`,
    `Basic ${TOKEN}`,
    TOKEN,
  ])('refuses %s', (authorization) => {
    expect(statusOf(requestFrom('127.0.0.1', { authorization }), TOKEN)).toBe(401);
  });
});
