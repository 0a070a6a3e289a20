import { expect } from 'vitest';
import type { TestApp } from '../../support/builders.js';
import type { Answer, TokenAnswer } from '../../support/user-agent.js';

/** What RFC 6749 §5.2 allows in `error_description`. */
const DESCRIPTION = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/;

/** A page that no other site may frame or cache, and that gives away nothing. */
export function expectOwnPage(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('location')).toBeNull();
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(answer.headers.get('x-frame-options')).toBe('DENY');
  expect(answer.headers.get('x-powered-by')).toBeNull();
}

/**
 * PAGE400: the request may not go back to the app, so the person is told on a page.
 *
 * @param given what came with the request and must not come back: the bad address above all
 */
export function expectPage400(answer: Answer, given: readonly string[] = []): void {
  expectOwnPage(answer, 400);
  expect(answer.headers.getSetCookie()).toEqual([]);
  const links = [...answer.text.matchAll(/(?:href|src|action|content)="([^"]*)"/g)].map(([, target = '']) => target);
  // The page's own icon is the one thing that is not at an address of ours.
  const foreign = links.filter((target) => /^[a-z][a-z0-9+.-]*:|^\/\//i.test(target));
  expect(foreign.filter((target) => !target.startsWith('data:image/svg+xml,'))).toEqual([]);
  expect(answer.text).not.toContain('http-equiv');
  for (const text of given) expect(answer.text).not.toContain(text);
}

/** R(x): a 303 to the registered address with the error, the state byte for byte, the issuer, and no code. */
export function expectErrorRedirect(
  answer: Answer,
  app: Pick<TestApp, 'redirectUri'>,
  error: string | readonly string[],
  issuer: string,
  state: string | undefined = 'the-state',
): URLSearchParams {
  const location = answer.headers.get('location') ?? '';
  expect(answer.status, location).toBe(303);
  expect(location.startsWith(`${app.redirectUri}?`), location).toBe(true);
  expect(location).not.toContain('#');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  const parameters = new URL(location).searchParams;
  expect([error].flat()).toContain(parameters.get('error'));
  expect(parameters.get('error_description') ?? '').toMatch(DESCRIPTION);
  expect(parameters.get('state') ?? undefined).toBe(state);
  expect(parameters.get('iss')).toBe(issuer);
  expect(
    [...parameters.keys()].filter((name) => !['error', 'error_description', 'state', 'iss'].includes(name)),
  ).toEqual([]);
  return parameters;
}

/** Somewhere on the way to the app: a redirect to a page of ours. */
export function expectOurPage(answer: Answer, issuer: string, path: '/login' | '/consent' | '/refused'): void {
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toMatch(new RegExp(`^${issuer}${path}\\?interaction=[\\w-]{43}$`));
}

function expectTokenHeaders(answer: TokenAnswer): void {
  expect(answer.headers.get('content-type')).toMatch(/^application\/json(;|$)/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('pragma')).toBe('no-cache');
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(answer.headers.get('x-powered-by')).toBeNull();
  expect(answer.headers.get('etag')).toBeNull();
}

/** OK200 of the token endpoint. */
export function expectTokens(answer: TokenAnswer): void {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expectTokenHeaders(answer);
  expect(answer.body).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) as string });
}

/** E400(x) and its like: the error in the shape of RFC 6749 §5.2 and nothing else, no stack, no cookie. */
export function expectTokenError(answer: TokenAnswer, error: string | readonly string[], status = 400): void {
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  expectTokenHeaders(answer);
  expect([error].flat()).toContain(answer.body['error']);
  expect(Object.keys(answer.body).filter((name) => !['error', 'error_description'].includes(name))).toEqual([]);
  expect(answer.body['error_description'] ?? '').toEqual(expect.stringMatching(DESCRIPTION));
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.(ts|js):\d/);
}

/** E401: invalid_client, with the challenge of the scheme that could have been used. */
export function expectInvalidClient(answer: TokenAnswer): void {
  expectTokenError(answer, 'invalid_client', 401);
  expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="[^"]+"/);
}
