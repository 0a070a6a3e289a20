import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { TokenAnswer } from '../../support/user-agent.js';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Milliseconds until the server closed the connection. */
  readonly ms: number;
}

/** Sends these very bytes, and reads until the server closes the connection. */
export function exchange(base: string, bytes: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(base);
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname === 'localhost' ? '127.0.0.1' : hostname, port: Number(port) });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // The server has answered and closed while we were still sending: the answer counts.
      if (chunks.length === 0 || !['EPIPE', 'ECONNRESET'].includes(error.code ?? '')) reject(error);
    });
    socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString('latin1'), performance.now() - start)));
    socket.write(bytes);
  });
}

/** A request with its headers exactly so, repeated ones too. */
export function rawRequest(
  base: string,
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[] = [],
  body: string | Buffer = '',
): Promise<RawAnswer> {
  const length: [string, string][] = body.length > 0 ? [['Content-Length', String(Buffer.byteLength(body))]] : [];
  const all = [['Host', new URL(base).host], ['Connection', 'close'], ...headers, ...length];
  const head = `${method} ${target} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return exchange(base, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]));
}

function parse(text: string, ms: number): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Headers();
  for (const line of lines) headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim());
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, text: text.slice(end + 4), ms };
}

export function asTokenAnswer({ status, headers, text }: RawAnswer): TokenAnswer {
  return { status, headers, body: JSON.parse(text) as Record<string, unknown> };
}

/** A server on loopback that notes what it is asked: a key set of an app, or a trap that must stay empty. */
export interface Listener {
  readonly url: string;
  readonly requests: string[];
  stop(): Promise<void>;
}

export async function listen(
  answer: () => { status?: number; headers?: Record<string, string>; body: unknown },
): Promise<Listener> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { status = 200, headers = {}, body } = answer();
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
