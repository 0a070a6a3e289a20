import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands between a client and Clinch: it counts requests, and loses answers when told to. */
export class LossyWire {
  readonly requests: string[] = [];
  /** How many of the next answers to this path are lost, after Clinch has given them. */
  readonly losing = new Map<string, number>();
  port = 0;
  private server: Server;
  private target = '';

  async listen(): Promise<void> {
    this.server = createServer((incoming, response) => {
      const path = incoming.url ?? '/';
      this.requests.push(`${incoming.method} ${path}`);
      const { hostname, port } = new URL(this.target);
      const { method, headers } = incoming;
      const outgoing = send({ hostname, port, path, method, headers }, (answer) => {
        const left = this.losing.get(path) ?? 0;
        if (left > 0) {
          this.losing.set(path, left - 1);
          answer.resume().once('end', () => response.destroy());
          return;
        }
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      outgoing.once('error', () => response.destroy());
      incoming.pipe(outgoing);
    });
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Where Clinch is; it is started after this, since it has to know this address as its own. */
  connect(url: string): void {
    this.target = url;
  }

  count(request: string): number {
    return this.requests.filter((each) => each === request).length;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
