import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Something the person who started the demo can put right; its message is all that is shown. */
export class DemoError extends Error {}

export interface ChosenPort {
  readonly port: number;
  /** The usual port that another program holds, if that is why this one was chosen. */
  readonly insteadOf?: number;
}

/**
 * The port a variable names, or the usual one, or a free one where the usual one is taken.
 * Throws DemoError when the variable holds no port, or one that is taken: somebody wanted exactly that.
 */
export async function choosePort(variable: string, usual: number, taken: readonly number[]): Promise<ChosenPort> {
  const wanted = process.env[variable];
  if (!wanted) {
    if (await isFree(usual, taken)) return { port: usual };
    return { port: await freePort(taken), insteadOf: usual };
  }
  const port = Number(wanted);
  if (!/^\d{1,5}$/.test(wanted) || port < 1 || port > 65535) {
    throw new DemoError(`${variable} is "${wanted}", which is not a port. Example: ${variable}=${usual}`);
  }
  if (!(await isFree(port, taken))) {
    throw new DemoError(
      `${variable} is ${port}, and another program listens there. Choose another, or leave ${variable} out.`,
    );
  }
  return { port };
}

// A browser that asks for "localhost" may try either loopback address, so a port is free only if both are; and on some
// systems a program that listens on all addresses does not stop another one from listening on one of them.
async function isFree(port: number, taken: readonly number[]): Promise<boolean> {
  if (taken.includes(port)) return false;
  for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::']) {
    if (!(await canListen(port, host))) return false;
  }
  return true;
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    // Anything but "in use" or "not for you" means this machine has no such address.
    probe.once('error', (error: NodeJS.ErrnoException) => done(!['EADDRINUSE', 'EACCES'].includes(error.code ?? '')));
    probe.listen({ port, host, exclusive: true, ipv6Only: host.includes(':') }, () => probe.close(() => done(true)));
  });
}

async function freePort(taken: readonly number[]): Promise<number> {
  const port = await new Promise<number>((done, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? done(address.port) : fail(new Error('no free port')),
      );
    });
  });
  return (await isFree(port, taken)) ? port : freePort(taken);
}

const MARK = 'demo.pid';

/**
 * Empties the demo's folder, so that each run starts from nothing, and marks it as this process's.
 * Throws DemoError when the folder holds something that is not a demo's, or a demo that still runs.
 */
export function wipeDataFolder(folder: string): void {
  const mark = join(folder, MARK);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    if (!existsSync(mark))
      throw new DemoError(`${folder} holds files that are not a demo's; it was left alone. Move it away.`);
    const pid = Number(readFileSync(mark, 'utf8'));
    if (isRunning(pid)) throw new DemoError(`A demo runs already in ${folder}, as process ${pid}. End that one first.`);
    rmSync(folder, { recursive: true });
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(mark, String(process.pid));
}

/** Says that the folder's demo has ended. */
export function releaseDataFolder(folder: string): void {
  writeFileSync(join(folder, MARK), '0');
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
