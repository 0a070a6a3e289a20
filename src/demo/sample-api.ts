/**
 * An API that lets in whoever has an access token for it, as a developer would write one. It knows the issuer, what it is
 * called there, and the port it listens on (ISSUER, IDENTIFIER, PORT). It never asks the provider about a token: the
 * signature and the claims say enough (RFC 9068 §4).
 */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type JWTPayload, createRemoteJWKSet, errors, jwtVerify } from 'jose';

const { ISSUER: issuer, IDENTIFIER: identifier, PORT: port = '3003' } = process.env;
if (!issuer || !identifier) {
  process.stderr.write(
    'Usage: ISSUER=http://localhost:3000 IDENTIFIER=http://localhost:3003 PORT=3003 node sample-api.js\n',
  );
  process.exit(2);
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What each address needs beside a token, and what it answers. */
const ROUTES: Readonly<Record<string, { scope?: string; answer: (claims: JWTPayload) => object }>> = {
  '/whoami': { answer: ({ sub, client_id, scope }) => ({ sub, client_id, scope }) },
  '/orders': { scope: 'orders:read', answer: ({ sub }) => ({ orders: [{ id: 1, item: 'Tea', placed_by: sub }] }) },
};

type Verify = (token: string) => Promise<JWTPayload>;

let discovered: Promise<Verify> | undefined;

/** Learns where the keys are. A failed try is not kept, so that the next request tries again. */
function verifier(trusted: string, audience: string): Promise<Verify> {
  discovered ??= discover(trusted, audience).catch((error: unknown) => {
    discovered = undefined;
    throw error;
  });
  return discovered;
}

async function discover(trusted: string, audience: string): Promise<Verify> {
  const address = `${trusted}/.well-known/openid-configuration`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(5000) });
  const metadata = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
  // RFC 8414 §3.3: the two MUST be identical.
  if (metadata.issuer !== trusted || typeof metadata.jwks_uri !== 'string')
    throw new Error(`${address} is not ${trusted}'s`);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const requiredClaims = ['exp', 'sub', 'client_id', 'iat', 'jti'];
  const rules = { issuer: trusted, audience, typ: 'at+jwt', algorithms: ['RS256'], requiredClaims };
  return async (token) => (await jwtVerify(token, keys, rules)).payload;
}

async function answer(
  trusted: string,
  audience: string,
  { method, url = '/', headers }: IncomingMessage,
): Promise<Answer> {
  const [pathname = '/'] = url.split('?');
  if (pathname === '/') return { status: 200, body: { api: audience, tokens_from: trusted, try: Object.keys(ROUTES) } };
  const route = Object.hasOwn(ROUTES, pathname) ? ROUTES[pathname] : undefined;
  if (!route) return { status: 404, body: { error: 'not_found' } };
  if (method !== 'GET') return { status: 405, body: { error: 'method_not_allowed' }, headers: { allow: 'GET' } };
  const token = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  // RFC 6750 §3.1: whoever did not know that a token is needed is told no error, only that one is.
  if (!token) return challenge(401);
  const verify = await verifier(trusted, audience);
  try {
    const claims = await verify(token);
    if (route.scope && !scopesOf(claims).includes(route.scope))
      return challenge(403, 'insufficient_scope', route.scope);
    return { status: 200, body: route.answer(claims) };
  } catch (error) {
    if (isAboutTheToken(error)) return challenge(401, 'invalid_token');
    throw error;
  }
}

/** RFC 6750 §3. What exactly is wrong with a token is for its owner to find out, not for whoever presents it. */
function challenge(status: number, error?: string, scope?: string): Answer {
  const parts = ['realm="sample-api"', ...(error ? [`error="${error}"`] : []), ...(scope ? [`scope="${scope}"`] : [])];
  const body = { error: error ?? 'token_missing', ...(scope ? { scope } : {}) };
  return { status, body, headers: { 'www-authenticate': `Bearer ${parts.join(', ')}` } };
}

function scopesOf({ scope }: JWTPayload): string[] {
  return typeof scope === 'string' ? scope.split(' ') : [];
}

/** Keys that cannot be had are nobody's fault who presents a token. */
function isAboutTheToken(error: unknown): boolean {
  const ofTheKeys = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid;
  return error instanceof errors.JOSEError && error.code !== errors.JOSEError.code && !ofTheKeys;
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(`${JSON.stringify(body)}\n`);
}

const server = createServer((request, response) => {
  answer(issuer, identifier, request)
    .catch((error: unknown): Answer => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      return { status: 503, body: { error: 'provider_unavailable' }, headers: { 'retry-after': '5' } };
    })
    .then((result) => send(response, result))
    .catch(() => response.destroy());
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`The sample API listens on port ${port}\n`));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
