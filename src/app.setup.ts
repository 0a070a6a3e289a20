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

/** Milliseconds: a client that sends its request slower than this is not one (slow loris). */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

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
  return app;
}
