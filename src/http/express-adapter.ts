import { ExpressAdapter } from '@nestjs/platform-express';
import { createServer, IncomingMessage, ServerResponse, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';

type Constructor = new (...parameters: never[]) => object;

/** Milliseconds between two looks for requests that take too long; Node's own 30 s would double every timeout. */
const CHECK_CONNECTIONS_EVERY_MS = 1_000;

/**
 * Express on Node 20 changes the prototypes of every request and response, which makes V8 forget what it learnt about
 * them and costs as much as all the rest of the framework. Here they are born with the prototypes that Express would
 * give them. Node 22 and later do not mind the change.
 */
export class ClinchExpressAdapter extends ExpressAdapter {
  override initHttpServer(options: Parameters<ExpressAdapter['initHttpServer']>[0]): void {
    super.initHttpServer(options);
    this.httpServer = createServer(
      { connectionsCheckingInterval: CHECK_CONNECTIONS_EVERY_MS, ...this.messageClasses() },
      this.getInstance(),
    );
  }

  private messageClasses(): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
    if (Number(process.versions.node.split('.')[0]) >= 22) return {};
    const app = this.getInstance<{ request: object; response: object }>();
    return {
      IncomingMessage: born(IncomingMessage, app.request) as typeof IncomingMessage,
      ServerResponse: born(ServerResponse, app.response) as typeof ServerResponse,
    };
  }
}

/** A constructor like the given one whose instances have that prototype from the start. */
function born(Base: Constructor, prototype: object): Constructor {
  function Born(this: object, ...parameters: [Socket]): void {
    Reflect.apply(Base as unknown as (...all: unknown[]) => void, this, parameters);
  }
  Born.prototype = prototype;
  return Born as unknown as Constructor;
}
