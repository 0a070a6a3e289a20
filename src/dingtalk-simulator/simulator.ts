import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerApi } from './api.js';
import { type AppSettings, type SimulatorApp, simulatorApp } from './app.js';
import type { LoggedCall } from './call-log.js';
import type { Company } from './company.js';
import { type DeliveryTimings, usualTimings } from './delivery-timings.js';
import { EventDelivery } from './event-delivery.js';
import { type Answer, type Call, json, readCall, redirect, sendAnswer } from './exchange.js';
import { failureOf } from './fault-answers.js';
import type { Faults } from './faults.js';
import { answerClient } from './client.js';
import { answerControl } from './control.js';
import type { Desk } from './desk.js';
import { embeddedLoginScript } from './embedded-login-script.js';
import { answerLogin } from './login.js';
import { answerOapi } from './oapi.js';
import { foreignCompany, sampleCompany } from './sample-company.js';
import { type BridgeAnswer, type ClientRequest, World } from './world.js';

export interface SimulatorOptions {
  /** 0, the usual value, takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** The first organisation; the sample one when left out. */
  readonly company?: Company;
  /** The apps; the first one is `simulator.app`. One with the usual values when left out. */
  readonly apps?: readonly AppSettings[];
  /** How long deliveries of events wait, where that differs from DingTalk. */
  readonly timings?: Partial<DeliveryTimings>;
}

const HOSTS = { oapi: answerOapi, api: answerApi, login: answerLogin } as const;

/** A DingTalk that runs: three hosts of DingTalk's under one origin, each with a prefix of its own. */
export class DingTalkSimulator {
  readonly world: World;
  /** The events that were sent, and the means to send more. */
  readonly events: EventDelivery;
  readonly desk: Desk;
  readonly #server: Server;
  #url = '';

  constructor(options: SimulatorOptions = {}) {
    const company = options.company ?? sampleCompany();
    const apps = (options.apps ?? [{}]).map((settings) => simulatorApp({ corpId: company.corpId, ...settings }));
    this.world = new World([company, foreignCompany()], apps);
    this.events = new EventDelivery(this.world, { ...usualTimings, ...options.timings });
    this.desk = { world: this.world, events: this.events };
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        response.destroy();
      });
    });
    this.#server.on('upgrade', (request, socket, head) => this.events.stream.upgrade(request, socket, head));
  }

  get url(): string {
    return this.#url;
  }

  /** The addresses that stand for login.dingtalk.com, api.dingtalk.com and oapi.dingtalk.com. */
  get bases(): { login: string; api: string; oapi: string } {
    return { login: `${this.#url}/login`, api: `${this.#url}/api`, oapi: `${this.#url}/oapi` };
  }

  /** The organisation that the first app belongs to. */
  get company(): Company {
    return this.world.companyOf(this.app);
  }

  /** The organisation that has nothing to do with the first one. */
  get foreign(): Company {
    const other = this.world.companies.find((company) => company !== this.company);
    if (!other) throw new Error('There is one organisation only.');
    return other;
  }

  get app(): SimulatorApp {
    const [app] = this.world.apps;
    if (!app) throw new Error('There is no app.');
    return app;
  }

  get faults(): Faults {
    return this.world.faults;
  }

  /** The calls of a path, such as `/oapi/topapi/v2/user/get`, and of those below it; all of them without one. */
  calls(path?: string): readonly LoggedCall[] {
    return this.world.calls.of(path);
  }

  /** What the bridge inside DingTalk's browser answers to a page. */
  answerBridge(request: ClientRequest): BridgeAnswer {
    return this.world.answerBridge(request);
  }

  async start(port: number, host: string): Promise<void> {
    await new Promise<void>((done, fail) => {
      this.#server.once('error', fail);
      this.#server.listen(port, host, done);
    });
    const { port: taken } = this.#server.address() as AddressInfo;
    this.#url = `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
    this.world.streamTickets.endpoint = `${this.#url.replace('http', 'ws')}/connect`;
  }

  async stop(): Promise<void> {
    this.events.stop();
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const call = await readCall(request).catch((error: unknown) => error);
    if (call instanceof RangeError) return sendAnswer(response, json({ message: call.message }, 413));
    if (call instanceof Error) return void response.destroy();
    const answer = await this.#answer(call as Call);
    if (answer === 'refuse') return void response.destroy();
    this.world.calls.add({ path: (call as Call).path, at, status: answer === 'hang' ? 0 : answer.status });
    if (answer !== 'hang') sendAnswer(response, answer);
  }

  async #answer(call: Call): Promise<Answer | 'hang' | 'refuse'> {
    const [, prefix = ''] = call.path.split('/');
    const path = call.path.slice(prefix.length + 1);
    if (prefix === 'client') return answerClient(this.desk, call, path);
    if (prefix === 'simulator') return answerControl(this.desk, call, path);
    if (call.path === '/ddlogin.js') return embeddedLoginScript();
    if (call.path === '/') return redirect('/client');
    if (!isHost(prefix)) return json({ errcode: 404, errmsg: '请求的URI地址不存在' }, 404);
    const failure = failureOf(this.world, call, prefix);
    if (typeof failure === 'string') return failure;
    if (failure && 'answer' in failure) return failure.answer;
    if (failure) await new Promise((done) => setTimeout(done, failure.waitMs).unref());
    return HOSTS[prefix](this.world, call, path);
  }
}

function isHost(prefix: string): prefix is keyof typeof HOSTS {
  return Object.hasOwn(HOSTS, prefix);
}

/** Starts a simulator in this process. It listens when the promise is fulfilled; end it with `stop()`. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<DingTalkSimulator> {
  const simulator = new DingTalkSimulator(options);
  await simulator.start(options.port ?? 0, options.host ?? '127.0.0.1');
  return simulator;
}
