import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Bytes. */
const HUGE = 10 * 1024 * 1024;

/**
 * How an app answers: with a status and nothing else; never; with 10 MB; with a body that never ends; with a redirect to
 * the receiver's path `/elsewhere`; or by cutting the connection. Or with 200 after some milliseconds: then what is cut off
 * before counts as not received.
 */
export type ReceiverAnswer = number | 'hang' | 'huge' | 'drip' | 'redirect' | 'reset' | { readonly afterMs: number };

/** A request as it arrived. */
export interface ReceivedLogout {
  /** The app that it was for: the last segment of the path. */
  readonly app: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
  /** `logout_token` of the form; '' when there is none. */
  readonly token: string;
  /** Milliseconds, by a clock that only goes forward. */
  readonly at: number;
}

/** The back-channel logout endpoints of as many apps as a test has, in one server: they record, and answer 200 unless told otherwise. */
export class LogoutReceiver {
  readonly received: ReceivedLogout[] = [];
  private readonly answers = new Map<string, (count: number) => ReceiverAnswer>();
  private readonly ends = new AbortController();
  private server: Server;

  private constructor(private port: number) {
    this.server = this.create();
  }

  /** @param port a free one unless said. The caller stops it */
  static async start(port = 0): Promise<LogoutReceiver> {
    const receiver = new LogoutReceiver(port);
    await receiver.up();
    return receiver;
  }

  /** What an app registers as its `backchannel_logout_uri`. */
  uri(app: string): string {
    return `${this.url}/logout/${app}`;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What an app answers from now on; the number counts the requests to it from 1. */
  answer(app: string, answer: ReceiverAnswer | ((count: number) => ReceiverAnswer)): void {
    this.answers.set(app, typeof answer === 'function' ? answer : () => answer);
  }

  /** What one app was told. */
  of(app: string): ReceivedLogout[] {
    return this.received.filter((each) => each.app === app);
  }

  /** Waits until an app was told so often. @throws when it was not in time */
  async waitFor(app: string, count = 1, withinMs = 10_000): Promise<ReceivedLogout[]> {
    const deadline = performance.now() + withinMs;
    while (this.of(app).length < count) {
      if (performance.now() > deadline) {
        throw new Error(`${app} was told ${this.of(app).length} times and not ${count} times in ${withinMs} ms`);
      }
      await delay(10);
    }
    return this.of(app);
  }

  /** Nobody listens any more, until {@link up}. */
  async down(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** Listens, where it did before. */
  async up(): Promise<void> {
    this.server = this.create();
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.ends.abort();
    if (this.server.listening) await this.down();
  }

  private create(): Server {
    return createServer((request, response) => {
      response.on('error', () => undefined);
      this.handle(request, response).catch(() => response.destroy());
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const { pathname } = new URL(request.url ?? '/', this.url);
    const app = pathname.slice(pathname.lastIndexOf('/') + 1);
    const answer = this.answers.get(app)?.(this.of(app).length + 1) ?? 200;
    if (typeof answer === 'object') await delay(answer.afterMs);
    if (response.destroyed) return;
    this.received.push({
      app,
      method: request.method ?? '',
      path: pathname,
      headers: request.headers,
      form,
      token: form.get('logout_token') ?? '',
      at: performance.now(),
    });
    await this.reply(response, typeof answer === 'object' ? 200 : answer);
  }

  private async reply(response: ServerResponse, answer: Exclude<ReceiverAnswer, object>): Promise<void> {
    if (typeof answer === 'number') response.writeHead(answer, { 'Cache-Control': 'no-store' }).end();
    else if (answer === 'redirect') response.writeHead(302, { Location: `${this.url}/elsewhere` }).end();
    else if (answer === 'reset') response.destroy();
    else if (answer === 'huge') response.writeHead(200).end(Buffer.alloc(HUGE, 'x'));
    else if (answer === 'drip') await this.drip(response);
  }

  private async drip(response: ServerResponse): Promise<void> {
    response.writeHead(200);
    while (!response.destroyed && !this.ends.signal.aborted) {
      response.write('x');
      await delay(100);
    }
  }
}

/** Checks a token that an app was sent. @returns its claims. @throws when it is not good */
export type LogoutTokenCheck = (clientId: string, token: string) => Promise<JWTPayload>;

/**
 * Checks logout tokens as apps have to (OpenID Connect Back-Channel Logout 1.0 §2.6), by the keys that Clinch publishes:
 * they are fetched once.
 *
 * @param base where the keys are; the issuer too, unless another is named
 */
export function logoutTokenCheck(base: string, issuer = base): LogoutTokenCheck {
  const keys = createRemoteJWKSet(new URL(`${base}/oidc/jwks`));
  return async (clientId, token) => {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer,
      audience: clientId,
      typ: 'logout+jwt',
      algorithms: ['RS256'],
      requiredClaims: ['iss', 'aud', 'iat', 'exp', 'jti', 'events'],
    });
    if (protectedHeader.kid === undefined) throw new Error('the header names no key');
    if (JSON.stringify(payload['events']) !== JSON.stringify({ [EVENT]: {} })) throw new Error('the events are others');
    if (payload.sub === undefined && payload['sid'] === undefined) throw new Error('neither sub nor sid');
    if ('nonce' in payload) throw new Error('a logout token has no nonce');
    return payload;
  };
}

/** One token, checked as {@link logoutTokenCheck} says. */
export function verifyLogoutToken(base: string, clientId: string, token: string, issuer = base): Promise<JWTPayload> {
  return logoutTokenCheck(base, issuer)(clientId, token);
}
