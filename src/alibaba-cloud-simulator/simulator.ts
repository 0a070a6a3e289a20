import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type LoggedCall, logged } from './call-log.js';
import { answerConsole } from './console.js';
import { type Answer, type Call, json, parameter, readCall, redirect, sendAnswer } from './exchange.js';
import type { Fault, Leg } from './faults.js';
import { answerFederation } from './federation.js';
import { RamAccount } from './ram.js';
import { Refusal } from './refusal.js';
import { Sts } from './sts.js';
import { World } from './world.js';

export interface SimulatorOptions {
  /** One without anything registered in it when left out. */
  readonly accounts?: readonly RamAccount[];
  /** Whether an issuer at `http://localhost` is taken, which Alibaba Cloud never does. */
  readonly allowLoopback?: boolean;
  /** PEM: what chains of issuers may end in, in place of Node's own list. */
  readonly authorities?: readonly string[];
  readonly keysCachedSeconds?: number;
  /** PEM. With it the simulator itself speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export const SAMPLE_ACCOUNT_ID = '1234567890123456';

/** What was answered, and of a refusal its code. */
interface Outcome {
  readonly answer: Answer | 'hang' | 'close';
  readonly code?: string;
}

/** An Alibaba Cloud that runs: `sts.aliyuncs.com` at `/`, `signin.aliyun.com` at `/federation`, and its console. */
export class AlibabaCloudSimulator {
  readonly world: World;
  readonly calls: LoggedCall[] = [];
  readonly #sts: Sts;
  readonly #server: Server;
  readonly #scheme: string;
  #url = '';

  constructor(options: SimulatorOptions = {}) {
    this.world = new World([...(options.accounts ?? [new RamAccount(SAMPLE_ACCOUNT_ID)])]);
    const { allowLoopback = false, authorities, keysCachedSeconds = 0, tls } = options;
    this.#sts = new Sts(this.world, { allowLoopback, ...(authorities && { authorities }) }, keysCachedSeconds);
    const serve = (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch((error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        response.destroy();
      });
    };
    this.#server = tls ? createTlsServer(tls, serve) : createServer(serve);
    this.#scheme = tls ? 'https' : 'http';
  }

  get url(): string {
    return this.#url;
  }

  /** Port 0 takes a free one. */
  async listen(port = 0, host = '127.0.0.1'): Promise<void> {
    await new Promise<void>((done, fail) => {
      this.#server.once('error', fail);
      this.#server.listen(port, host, done);
    });
    const { port: taken } = this.#server.address() as AddressInfo;
    this.#url = `${this.#scheme}://${host}:${taken}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const call = await readCall(request).catch((error: unknown) => error);
    if (call instanceof RangeError) return sendAnswer(response, json({ Message: call.message }, 413));
    if (call instanceof Error) return void response.destroy();
    const leg = legOf(call as Call);
    if (leg === undefined) return sendAnswer(response, redirect('/console'));
    const { answer, code } = await this.#answer(leg, call as Call, request.headers.host ?? '');
    const status = typeof answer === 'string' ? 0 : answer.status;
    this.calls.push(logged(leg, call as Call, { status, code, at, tookMs: Date.now() - at }));
    if (answer === 'close') response.destroy();
    else if (answer !== 'hang') sendAnswer(response, answer);
  }

  async #answer(leg: Leg, call: Call, hostId: string): Promise<Outcome> {
    const { faults } = this.world;
    const latency = faults.latencyMs[leg] ?? 0;
    if (latency > 0) await delay(latency);
    try {
      const fault = faults.take(leg);
      const failed = fault === undefined ? undefined : await failure(fault);
      return { answer: failed ?? (await this.#route(leg, call)) };
    } catch (error) {
      if (error instanceof Refusal) return { answer: error.answer(hostId), code: error.code };
      throw error;
    }
  }

  async #route(leg: Leg, call: Call): Promise<Answer> {
    if (leg === 'sts') return this.#sts.answer(call);
    if (leg === 'console') return answerConsole(this.world, call, call.path);
    return answerFederation(this.world, call, parameter(call, 'Action'));
  }
}

/** Which of the hosts is meant; undefined for a person who looks at the address without anything. */
function legOf(call: Call): Leg | undefined {
  if (call.path === '/federation') return parameter(call, 'Action') === 'Login' ? 'login' : 'signin';
  if (call.path !== '/') return 'console';
  const isBrowser = call.method === 'GET' && call.query.size === 0 && (call.headers.accept ?? '').includes('text/html');
  return isBrowser ? undefined : 'sts';
}

/** @throws {Refusal} for a fault that is one */
async function failure(fault: Fault): Promise<Answer | 'hang' | 'close' | undefined> {
  if (fault === 'hang' || fault === 'close') return fault;
  if ('body' in fault) return { status: fault.status, headers: { 'content-type': 'text/html' }, body: fault.body };
  if ('code' in fault) throw new Refusal(fault.status, fault.code, fault.message ?? 'As it was told to.');
  await delay(fault.delayMs);
  return undefined;
}
