import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServerLog } from '../../src/audit/server-log.js';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import { DingTalkClients } from '../../src/dingtalk/api/dingtalk-clients.js';
import { IdentitySourceEntity } from '../../src/dingtalk/source/identity-source.entity.js';
import { IdentitySource, sealPlace } from '../../src/dingtalk/source/identity-source.js';
import { Keyring } from '../../src/keyring/keyring.js';
import { Measurements } from '../../src/measurements/measurements.js';
import { OutboundHttp } from '../../src/outbound/outbound-http.js';

/** A call as it arrived. */
export interface FakeCall {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  /** Milliseconds, by a clock that only goes forward. */
  readonly at: number;
}

/** What is answered: a body with status 200, an answer with another status or as it stands, or a function that does it. */
export type FakeAnswer = object | Reply | ((response: ServerResponse) => void);

class Reply {
  constructor(
    readonly status: number,
    readonly text: string,
  ) {}
}

/** @param body JSON, unless it is a text already */
export function reply(status: number, body: object | string): Reply {
  return new Reply(status, typeof body === 'string' ? body : JSON.stringify(body));
}

/** A few lines that answer like DingTalk: for what the simulator is too well-behaved for. */
export interface FakeDingTalk {
  readonly url: string;
  readonly calls: FakeCall[];
  callsTo(path: string): FakeCall[];
  /** Answers calls to a path from now on; the number counts that path's calls from 1. */
  answer(path: string, answer: (call: FakeCall, count: number) => FakeAnswer | Promise<FakeAnswer>): void;
  stop(): Promise<void>;
}

export const TOKEN_PATH = '/v1.0/oauth2/dingcorp0001/token';

export async function fakeDingTalk(): Promise<FakeDingTalk> {
  const calls: FakeCall[] = [];
  const answers = new Map<string, (call: FakeCall, count: number) => FakeAnswer | Promise<FakeAnswer>>();
  const callsTo = (path: string) => calls.filter((call) => call.path === path);
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await read(request);
    calls.push(call);
    const said = (await answers.get(call.path)?.(call, callsTo(call.path).length)) ?? { errcode: 404 };
    if (typeof said === 'function') said(response);
    else if (said instanceof Reply) response.writeHead(said.status).end(said.text);
    else response.writeHead(200).end(JSON.stringify(said));
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer: FakeDingTalk['answer'] = (path, each) => answers.set(path, each);
  answer(TOKEN_PATH, (_, count) => ({ access_token: `token-${count}`, expires_in: 7200 }));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    callsTo,
    answer,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function read(request: IncomingMessage): Promise<FakeCall> {
  const at = performance.now();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { method: request.method ?? '', path: pathname, query: searchParams, headers: request.headers, body, at };
}

const KEYRING = new Keyring([Buffer.alloc(32, 7)]);

export const CLIENT_SECRET = 'secret-of-tests-and-of-nothing-else';

/** A source whose two hosts are at that address. */
export function sourceAt(url: string, differences: Partial<IdentitySourceEntity> = {}, secret = CLIENT_SECRET) {
  const settings = Object.assign(new IdentitySourceEntity(), {
    id: 'acme',
    corpId: 'dingcorp0001',
    clientId: 'dingclinchdemo0001',
    clientSecret: KEYRING.seal(sealPlace('acme', 'clientSecret'), secret),
    apiBaseUrl: url,
    oapiBaseUrl: url,
    ...differences,
  });
  return new IdentitySource(settings, KEYRING);
}

/** Clients outside of any server; log lines land in the list. */
export function clientsOfTest(lines: object[] = [], environment: Readonly<Record<string, string>> = {}) {
  const config = ClinchConfig.fromEnvironment({ CLINCH_LOG_LEVEL: 'silent', ...environment });
  const log = new ServerLog(config);
  log.info = (fields) => void lines.push(fields);
  log.warning = (fields) => void lines.push(fields);
  return new DingTalkClients(new OutboundHttp(config), log, new Measurements());
}
