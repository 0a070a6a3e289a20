import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Response } from 'express';
import type { Server } from 'node:http';
import { AdminDocument } from './admin/admin-document.js';
import { AppModule } from './app.module.js';
import { ServerLog } from './audit/server-log.js';
import type { ClinchConfig } from './config/clinch-config.js';
import type { ClinchRequest } from './http/clinch-request.js';
import { DirectRoutes } from './http/direct-routes.js';
import { ClinchExpressAdapter } from './http/express-adapter.js';
import { FallbackFilter } from './http/fallback.filter.js';
import { Gate } from './http/gate.js';
import { PageSender } from './http/page-sender.js';
import { Measurements } from './measurements/measurements.js';

/** Milliseconds: a client that sends its request slower than this is not one (slow loris). */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Of one process. More would use up the system's file descriptors, and what asks on this many connections at once is no
 * balancer; a stranger's half-open ones go after ten seconds.
 */
const MOST_CONNECTIONS = 10_000;
/** Then it is closed after an answer, so that whoever keeps one for ever also finds the nodes that came later. */
const MOST_REQUESTS_OF_CONNECTION = 10_000;

/**
 * The whole server, ready to listen. What `main.ts` and every end-to-end test share.
 *
 * @throws {StartError} for what the operator can mend
 */
export async function createApp(config: ClinchConfig): Promise<NestExpressApplication> {
  const adapter = new ClinchExpressAdapter();
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), adapter, {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(ServerLog));
  // No framework's name, no guessing of entity tags for answers that hold secrets, no second spelling of a path.
  for (const setting of ['x-powered-by', 'etag']) app.disable(setting);
  for (const setting of ['strict routing', 'case sensitive routing']) app.enable(setting);
  app.set('query parser', 'simple');
  app.set('trust proxy', [...config.trustProxy]);
  app.get(AdminDocument).describe(app);
  const gate = app.get(Gate);
  app.use((request: ClinchRequest, response: Response, next: NextFunction) => {
    gate.pass(request, response, next).catch(next);
  });
  adapter.serveDirectly(app.get(DirectRoutes));
  app.useGlobalFilters(new FallbackFilter(app.get(ServerLog), app.get(PageSender)));
  const server: Server = app.getHttpServer();
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = 65_000;
  server.maxConnections = MOST_CONNECTIONS;
  server.maxRequestsPerSocket = MOST_REQUESTS_OF_CONNECTION;
  measureConnections(server, app.get(Measurements));
  return app;
}

function measureConnections(server: Server, measurements: Measurements): void {
  const dropped = measurements.counter(
    'clinch_http_connections_dropped_total',
    'Connections that were closed at once because there were too many',
  );
  dropped.add({}, 0);
  server.on('drop', () => dropped.add());
  measurements.gauge('clinch_http_connections', 'Connections that are open', async () => {
    const value = await new Promise<number>((resolve, reject) => {
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
    return [{ value }];
  });
}
