import 'reflect-metadata';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Server } from 'node:http';
import { createApp } from './app.setup.js';
import { ServerLog } from './audit/server-log.js';
import { ClinchConfig } from './config/clinch-config.js';
import { ConfigError } from './config/environment-reader.js';
import { StartError } from './config/start-error.js';
import { Draining } from './operations/draining.js';

/** Milliseconds that running requests get once the listener is closed. */
const DRAIN_MS = 20_000;
const SWEEP_MS = 100;

await start();

async function start(): Promise<void> {
  try {
    const config = ClinchConfig.fromEnvironment(process.env);
    const app = await createApp(config);
    await app.listen(config.port, config.host);
    app
      .get(ServerLog)
      .info(
        { kind: 'start', issuer: config.issuer, database: config.database.kind },
        `Clinch is listening on ${config.host}:${config.port} as ${config.issuer}`,
      );
    endOnSignal(app);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

/** What the operator can mend is said in a sentence; anything else is a fault of ours and comes with its stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return `Clinch cannot start: the configuration has faults.\n${error.message}`;
  if (error instanceof StartError) return `Clinch cannot start. ${error.message}`;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `Clinch cannot start: ${error.message}. Another program uses the port; set PORT to a free one.`;
  }
  return `Clinch cannot start.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** Requests that run are finished, then the process ends with 0. */
function endOnSignal(app: NestExpressApplication): void {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    app.get(Draining).begin();
    const server: Server = app.getHttpServer();
    const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    // A connection that is kept alive would hold the process; each goes once its request is answered.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    server.closeIdleConnections();
    app.close().then(
      () => {
        clearTimeout(timer);
        clearInterval(sweep);
        process.exit(0);
      },
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
