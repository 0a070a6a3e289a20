import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { decodeJwt, type JWTPayload } from 'jose';

/** One call of AssumeRoleWithOIDC, as it arrived. */
export interface StsCall {
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly claims: JWTPayload;
}

/** An STS that lets everybody in, or answers what a test says: for what the caller does with an answer. It verifies nothing. */
export class FakeSts {
  readonly calls: StsCall[] = [];
  /** Instead of credentials. `{token}` becomes the token that came. */
  refusal: { readonly status: number; readonly code: string; readonly message: string } | undefined;
  /** How long credentials live, instead of what was asked for. */
  seconds: number | undefined;
  url = '';
  private server: Server;

  async start(): Promise<void> {
    this.server = createServer((request, response) => void this.serve(request, response));
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, answer } = this.answer(new URL(request.url ?? '/', 'http://sts').searchParams, await text(request));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(query: URLSearchParams, body: string): { status: number; answer: object } {
    const form = new URLSearchParams(body);
    const token = form.get('OIDCToken') ?? '';
    this.calls.push({ query, form, claims: decodeJwt(token) });
    const RequestId = `R-${this.calls.length}`;
    if (this.refusal) {
      const { status, code, message } = this.refusal;
      return { status, answer: { RequestId, Code: code, Message: message.replace('{token}', token) } };
    }
    const end = new Date(Date.now() + (this.seconds ?? Number(form.get('DurationSeconds'))) * 1000);
    const Expiration = end.toISOString().replace(/\.\d+/, '');
    const AccessKeyId = `STS.${this.calls.length}`;
    const Credentials = { AccessKeyId, AccessKeySecret: 'secret', SecurityToken: 'security-token', Expiration };
    return { status: 200, answer: { RequestId, Credentials } };
  }
}
