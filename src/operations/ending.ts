import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerLog } from '../audit/server-log.js';
import type { HowToEnd } from '../workers/messages.js';
import { Draining } from './draining.js';

/** Milliseconds that running requests get once the listener is closed. */
const RUNNING_MS = 15_000;
/** Milliseconds from there to the end, whatever still hangs: with the drain of five seconds it is within thirty. */
const END_WITHIN_MS = 24_000;
const SWEEP_MS = 100;

/**
 * The end of a server: it says that it leaves, while it still serves; closes the listener when balancers have seen
 * that; lets what runs be answered; gives back what it holds; and ends with 0.
 */
export class Ending {
  private begun: Promise<void> | undefined;
  private readonly hurry = new AbortController();

  constructor(
    private readonly app: NestExpressApplication,
    private readonly drainSeconds: number,
  ) {}

  /** Asked again, it does not wait: with `abort` it ends where it is, otherwise it goes on without the drain. */
  begin(how: HowToEnd): void {
    if (how === 'abort') process.exit(1);
    if (how === 'finish') this.hurry.abort();
    this.begun ??= this.end().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  }

  private async end(): Promise<void> {
    this.app.get(Draining).begin();
    const server: Server = this.app.getHttpServer();
    // Whoever keeps a connection goes elsewhere with the next request.
    server.prependListener('request', (_request: unknown, response: ServerResponse) => {
      response.shouldKeepAlive = false;
    });
    this.app.get(ServerLog).info({ kind: 'stop', drainSeconds: this.drainSeconds }, 'Clinch was asked to end');
    const { signal } = this.hurry;
    await delay(this.drainSeconds * 1_000, undefined, { signal }).catch(() => undefined);
    setTimeout(() => process.exit(1), END_WITHIN_MS).unref();
    await closed(server);
    await this.app.close();
  }
}

/** No new connections; those that are there end with the request that runs on them. */
async function closed(server: Server): Promise<void> {
  const closing = new Promise<void>((resolve) => server.close(() => resolve()));
  const timer = setTimeout(() => server.closeAllConnections(), RUNNING_MS);
  // A connection that is kept alive would hold the process; each goes once its request is answered.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  server.closeIdleConnections();
  await closing;
  clearTimeout(timer);
  clearInterval(sweep);
}
