import { ExpressAdapter } from '@nestjs/platform-express';
import type { Response } from 'express';
import { createServer, IncomingMessage, ServerResponse, type RequestListener, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { ClinchRequest } from './clinch-request.js';
import type { DirectRoutes } from './direct-routes.js';

/** What Express's requests and responses inherit from. */
interface Prototypes {
  readonly request: object;
  readonly response: object;
}

type Constructor = new (...parameters: never[]) => object;

/** Milliseconds between two looks for requests that take too long; Node's own 30 s would double every timeout. */
const CHECK_CONNECTIONS_EVERY_MS = 1_000;

/**
 * Express on Node 20 changes the prototypes of every request and response, which makes V8 forget what it learnt about
 * them and costs as much as all the rest of the framework. Here they are born with the prototypes that Express would
 * give them. Node 22 and later do not mind the change.
 */
export class ClinchExpressAdapter extends ExpressAdapter {
  private direct: DirectRoutes | undefined;

  override initHttpServer(options: Parameters<ExpressAdapter['initHttpServer']>[0]): void {
    super.initHttpServer(options);
    const app = this.getInstance<RequestListener & Prototypes>();
    const born = isOldNode();
    this.httpServer = createServer(
      { connectionsCheckingInterval: CHECK_CONNECTIONS_EVERY_MS, ...(born ? messageClasses(app) : {}) },
      (request, response) => {
        if (!born) {
          Object.setPrototypeOf(request, app.request);
          Object.setPrototypeOf(response, app.response);
        }
        if (this.direct?.take(request as ClinchRequest, response as Response) !== true) app(request, response);
      },
    );
  }

  /** From now on these routes are served without Express. */
  serveDirectly(direct: DirectRoutes): void {
    this.direct = direct;
  }
}

function isOldNode(): boolean {
  return Number(process.versions.node.split('.')[0]) < 22;
}

function messageClasses(app: Prototypes): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  return {
    IncomingMessage: bornWith(IncomingMessage, app.request) as typeof IncomingMessage,
    ServerResponse: bornWith(ServerResponse, app.response) as typeof ServerResponse,
  };
}

/** A constructor like the given one whose instances have that prototype from the start. */
function bornWith(Base: Constructor, prototype: object): Constructor {
  function Born(this: object, ...parameters: [Socket]): void {
    Reflect.apply(Base as unknown as (...all: unknown[]) => void, this, parameters);
  }
  Born.prototype = prototype;
  return Born as unknown as Constructor;
}
