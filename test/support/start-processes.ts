import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './postgres.js';

/** Generous, because a machine that does other work as well is slow; a test of the start itself says less. */
const READY_WITHIN_MS = 60_000;
// The server gives running requests 15 s, and 9 s more to what else it has to end.
const STOPS_WITHIN_MS = 25_000;
const ATTEMPTS = 3;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program of dist that runs as a process of its own. */
export interface RunningProcess {
  readonly pid: number;
  /** Resolves when it has ended, however that came about. */
  readonly exited: Promise<Exit>;
  /** All it has printed so far, both streams. */
  output(): string;
  /** Asks it to end and waits. Throws, after killing it, when it does not within 25 s. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
  /** Ends it as a power cut would, and waits. */
  kill(): Promise<Exit>;
}

export interface RunningServer extends RunningProcess {
  /** Where it listens; the issuer too, unless the environment named another. */
  readonly url: string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts the built server with this environment on a free port (or the PORT given) and waits until /readyz answers 200.
 * Nobody balances between the servers of tests, so they do not drain unless the environment says so.
 * Of this process's own environment it sees nothing that configures Clinch. The caller stops it.
 * Throws, with what it printed, when dist is missing, or the server ends or is not ready in time.
 */
export async function startServer({
  env,
  readyWithinMs = READY_WITHIN_MS,
}: {
  env: Record<string, string>;
  readyWithinMs?: number;
}): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = env.PORT ?? String(await freePort());
    // The issuer may be another node's, or a proxy's; its path is ours too.
    const url = `http://127.0.0.1:${port}${pathOf(env.CLINCH_ISSUER)}`;
    const server = startProgram('dist/server/main.js', {
      CLINCH_ISSUER: url,
      CLINCH_DRAIN_SECONDS: '0',
      ...env,
      HOST: '127.0.0.1',
      PORT: port,
    });
    try {
      await waitUntilReady(`${url}/readyz`, server, readyWithinMs);
      return { ...server, url };
    } catch (error) {
      await server.kill();
      // Between finding a port and listening on it, another test may have taken it.
      const portWasTaken = !env.PORT && server.output().includes('EADDRINUSE');
      if (!portWasTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Starts a built program with this environment and these arguments. The caller stops it. Throws when it was not built. */
export function startProgram(path: string, env: Record<string, string>, args: readonly string[] = []): RunningProcess {
  const program = resolve(path);
  if (!existsSync(program)) throw new Error(`${path} is missing: run npm run build`);
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...unconfigured(process.env), NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exited = new Promise<Exit>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      running.delete(child);
      done({ code, signal });
    });
  });

  const kill = () => {
    child.kill('SIGKILL');
    return exited;
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    const exit = await within(STOPS_WITHIN_MS, exited);
    if (exit) return exit;
    await kill();
    throw new Error(`${path} did not end within ${STOPS_WITHIN_MS / 1000} s of ${signal}:\n${output}`);
  };
  return { pid: child.pid ?? 0, exited, output: () => output, stop, kill };
}

async function waitUntilReady(address: string, server: RunningProcess, readyWithinMs: number): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  let exit: Exit | undefined;
  server.exited.then(
    (value) => (exit = value),
    () => undefined,
  );
  while (Date.now() < deadline) {
    if (exit) throw new Error(`the server ended with ${exit.signal ?? exit.code}:\n${server.output()}`);
    const answer = await fetch(address, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    await delay(50);
  }
  throw new Error(`the server was not ready within ${readyWithinMs / 1000} s:\n${server.output()}`);
}

function pathOf(issuer: string | undefined): string {
  return issuer ? new URL(issuer).pathname.replace(/\/$/, '') : '';
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const cancel = new AbortController();
  const timeout = delay(milliseconds, undefined, { signal: cancel.signal });
  return Promise.race([promise, timeout]).finally(() => cancel.abort());
}

/** The environment without what configures Clinch, so that a test sees only what it sets itself. */
function unconfigured(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = (name: string) => name.startsWith('CLINCH_') || ['DATABASE_URL', 'HOST', 'PORT'].includes(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours(name)));
}
