import 'reflect-metadata';
import cluster from 'node:cluster';
import { createApp } from './app.setup.js';
import { ServerLog } from './audit/server-log.js';
import { ClinchConfig } from './config/clinch-config.js';
import { ConfigError } from './config/environment-reader.js';
import { StartError } from './config/start-error.js';
import { Ending } from './operations/ending.js';
import { Supervisor } from './workers/supervisor.js';
import { WorkerLink } from './workers/worker-link.js';

await start();

async function start(): Promise<void> {
  try {
    const config = ClinchConfig.fromEnvironment(process.env);
    if (config.workers > 1 && cluster.isPrimary) {
      const supervisor = new Supervisor(config.workers, config.drainSeconds, (line) =>
        process.stderr.write(`${line}\n`),
      );
      process.exit(await supervisor.run());
    }
    await serve(config);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

async function serve(config: ClinchConfig): Promise<void> {
  const started = endWhileStarting();
  const app = await createApp(config);
  await app.listen(config.port, config.host);
  app
    .get(ServerLog)
    .info(
      { kind: 'start', issuer: config.issuer, database: config.database.kind },
      `Clinch is listening on ${config.host}:${config.port} as ${config.issuer}`,
    );
  endWhenAsked(new Ending(app, config.drainSeconds), app.get(WorkerLink));
  started();
}

/**
 * Nobody is served yet, so nobody has to be waited for. Without handlers of its own, a process that is the first one of
 * a container would not hear the signal at all, and go on starting. Workers are told by their supervisor.
 *
 * @returns to be called when others see to the signals
 */
function endWhileStarting(): () => void {
  if (cluster.isWorker) return () => undefined;
  const end = (): never => process.exit(0);
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  return () => {
    process.off('SIGTERM', end);
    process.off('SIGINT', end);
  };
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

/**
 * SIGTERM is an orchestrator's, and there is a balancer that has to see it first; SIGINT is a person's at a terminal, who
 * waits. A second signal ends the process at once. Workers hear of it from their supervisor: a terminal signals all of a
 * group, and what comes twice is no second signal.
 */
function endWhenAsked(ending: Ending, link: WorkerLink): void {
  link.onEnd((how) => ending.begin(how));
  if (link.isWorker) {
    process.on('SIGTERM', () => ending.begin('drain'));
    process.on('SIGINT', () => undefined);
    return;
  }
  let asked = false;
  const ask = (how: 'drain' | 'finish'): void => {
    ending.begin(asked ? 'abort' : how);
    asked = true;
  };
  process.on('SIGTERM', () => ask('drain'));
  process.on('SIGINT', () => ask('finish'));
}
