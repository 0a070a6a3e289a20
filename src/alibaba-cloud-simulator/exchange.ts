import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

const MOST_BYTES = 256 * 1024;

/** One request, read to its end. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The fields of a form; empty when the body is none. */
  readonly form: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reads a request. Throws RangeError when its body is larger than anything that is taken here. */
export async function readCall(request: IncomingMessage): Promise<Call> {
  const url = new URL(`http://simulator.invalid${request.url ?? '/'}`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk as Uint8Array);
    bytes += piece.length;
    if (bytes > MOST_BYTES) throw new RangeError('The body is too large.');
    chunks.push(piece);
  }
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '');
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    form: new URLSearchParams(isForm ? Buffer.concat(chunks).toString('utf8') : ''),
    headers: request.headers,
  };
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}

/** A parameter, wherever it was sent: these hosts do not care. */
export function parameter({ query, form }: Call, name: string): string | undefined {
  return query.get(name) ?? form.get(name) ?? undefined;
}

export function cookie({ headers }: Call, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([each]) => each === name)?.[1];
}

export function json(body: unknown, status = 200): Answer {
  const headers = { 'content-type': 'application/json;charset=utf-8', 'cache-control': 'no-store' };
  return { status, headers, body: JSON.stringify(body) };
}

export function html(body: string, status = 200): Answer {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    // Tickets stand in the address of the page before this one.
    'referrer-policy': 'no-referrer',
  };
  return { status, headers, body };
}

export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 302, headers: { location, 'cache-control': 'no-store', ...headers }, body: '' };
}
