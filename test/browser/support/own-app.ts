import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ClientEntity } from '../../../src/app-registry/client.entity.js';
import { anApp, type TestApp } from '../../support/builders.js';
import type { TestClinch } from '../../support/start-clinch.js';
import { authorizeUrl, redeem } from '../../support/user-agent.js';

/** What came to the app's redirect URI, and what the code was worth. */
export interface Arrival {
  readonly method: string;
  readonly parameters: URLSearchParams;
  /** The answer of the token endpoint; absent when there was no code. */
  readonly tokens?: Record<string, unknown>;
}

/**
 * A confidential client on 127.0.0.1: for a browser another site than Clinch, which is on localhost. It redeems each
 * code and keeps what came. Its title says how it ended: "Signed in", or the error.
 */
export class OwnApp {
  readonly arrivals: Arrival[] = [];
  /** Where its redirect URI sends the browser on to, when it does. */
  sendsOnTo: string | undefined;

  private constructor(
    private readonly server: Server,
    private readonly clinch: TestClinch,
    readonly url: string,
    readonly registration: TestApp,
  ) {}

  static async start(clinch: TestClinch, differences: Partial<ClientEntity> = {}): Promise<OwnApp> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const registration = await anApp(clinch, {
      clientName: 'Expenses',
      redirectUris: [`${url}/cb`],
      tokenEndpointAuthMethod: 'client_secret_basic',
      ...differences,
    });
    const app = new OwnApp(server, clinch, url, registration);
    server.on('request', (request, response) => {
      app.handle(request, response).catch((error: unknown) => page(response, 'Broken', String(error)));
    });
    return app;
  }

  /** The address of an authorization request. */
  request(differences: Readonly<Record<string, string | undefined>> = {}): string {
    return authorizeUrl(this.clinch.url, this.registration, differences);
  }

  /** What came last. Throws when nothing did. */
  get lastArrival(): Arrival {
    const last = this.arrivals.at(-1);
    if (last === undefined) throw new Error('nothing came to the app');
    return last;
  }

  async stop(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    // Browsers keep connections open in case they need them again, and open more of them.
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname === '/cb') {
      await this.receive(request, url, response);
    } else if (url.pathname === '/popup') {
      // As apps do it that sign in beside their own page.
      page(
        response,
        'Popup',
        `<button onclick="window.open('/start', 'sign-in', 'popup,width=480,height=640')">Go</button>`,
      );
    } else if (url.pathname === '/start') {
      response.writeHead(303, { location: this.request() }).end();
    } else {
      page(response, 'Elsewhere', url.pathname);
    }
  }

  private async receive(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const parameters = request.method === 'POST' ? new URLSearchParams(await text(request)) : url.searchParams;
    const code = parameters.get('code');
    const tokens = code === null ? undefined : (await redeem(this.clinch.url, this.registration, code)).body;
    this.arrivals.push({ method: request.method ?? '', parameters, ...(tokens === undefined ? {} : { tokens }) });
    if (this.sendsOnTo !== undefined) {
      response.writeHead(303, { location: this.sendsOnTo }).end();
      return;
    }
    const title =
      tokens === undefined ? (parameters.get('error') ?? 'Nothing') : 'access_token' in tokens && 'Signed in';
    page(response, title || 'Refused', `<script>window.opener?.postMessage(document.title, '*')</script>`);
  }
}

function page(response: ServerResponse, title: string, body: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`);
}
