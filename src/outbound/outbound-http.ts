import { Injectable } from '@nestjs/common';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, buildConnector, fetch as undiciFetch, WebSocket } from 'undici';
import { ClinchConfig } from '../config/clinch-config.js';
import { destinationFault, hostOf, mayReach, type Reach } from './destination.js';
import { limitTime } from './time-limit.js';

/** Milliseconds for the whole exchange. */
const TIMEOUT_MS = 5_000;
/** Bytes. */
const LARGEST_ANSWER = 512 * 1024;
/** Bytes of a message that comes through a WebSocket. */
const LARGEST_MESSAGE = 1024 * 1024;

/** The destination is one that Clinch does not go to, or did not answer as it should. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
}

/** The answer is longer than the caller wants to read. */
export class AnswerTooLarge extends OutboundError {}

export interface OutboundRequest {
  /** GET unless said. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request, whatever time is left. */
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole exchange, the answer's body included; 5,000 unless said. */
  readonly timeoutMs?: number;
  /** Bytes of the answer's body; 512 KiB unless said. */
  readonly largest?: number;
  /** False: the status is the answer, and a body that is too large or does not end is left unread. True unless said. */
  readonly bodyMatters?: boolean;
}

/** What came back: also when the status is one of refusal or of redirection. */
export interface OutboundAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Every request that Clinch makes to an address from a registration goes this way: https, no redirects, short, small,
 * and never to a private address unless the operator allowed it (CLINCH_OUTBOUND_ALLOW). Loopback is a fair
 * destination only when the issuer itself is on loopback.
 */
@Injectable()
export class OutboundHttp {
  private readonly agent: Agent;

  constructor(private readonly config: ClinchConfig) {
    const connect = buildConnector({ timeout: TIMEOUT_MS });
    this.agent = new Agent({
      webSocket: { maxPayloadSize: LARGEST_MESSAGE },
      connect: (options, callback) => {
        // The address that was judged is the address that is connected to: a name cannot change its mind in between.
        judgedAddress(options.hostname, this.config).then(
          (address) =>
            connect({ ...options, hostname: address, servername: options.servername ?? options.hostname }, callback),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
        );
      },
    });
  }

  /**
   * GET of a small JSON document.
   *
   * @throws {OutboundError}
   */
  async get(url: string): Promise<Response> {
    const { status, body } = await this.request(url, { headers: { Accept: 'application/json' } });
    return new Response(body, { status, headers: { 'Content-Type': 'application/json' } });
  }

  /**
   * One request, and its whole answer as text. Redirects are answers.
   *
   * @throws {OutboundError} for a destination that is not allowed, and for an answer that is too large. Its message has
   *   no query, which may hold a token
   * @throws {Error} when nobody answers, or not in time
   */
  async request(url: string, options: OutboundRequest = {}): Promise<OutboundAnswer> {
    const { method = 'GET', headers = {}, body, signal, timeoutMs = TIMEOUT_MS, largest = LARGEST_ANSWER } = options;
    const { bodyMatters = true } = options;
    this.requireAllowed(url, url);
    const limit = limitTime(timeoutMs, signal);
    try {
      const response = await undiciFetch(url, {
        method,
        dispatcher: this.agent,
        redirect: 'manual',
        signal: limit.signal,
        headers: { 'User-Agent': 'clinch', ...headers },
        ...(body === undefined ? {} : { body }),
      });
      const read = readCapped(response.body, url, largest);
      return { status: response.status, body: await (bodyMatters ? read : read.catch(() => '')) };
    } finally {
      limit.end();
    }
  }

  /**
   * Opens a WebSocket: wss, or ws where http would do. It is the caller's to close. What is wrong at the other end,
   * and an address that a name turns out to lead to, comes as its `error` event.
   *
   * @throws {OutboundError} for a destination that is not allowed
   */
  webSocket(url: string, headers: Readonly<Record<string, string>> = {}): WebSocket {
    const { protocol } = new URL(url);
    if (protocol !== 'wss:' && protocol !== 'ws:') throw new OutboundError(`${place(url)} is no WebSocket`);
    this.requireAllowed(url.replace(/^ws/i, 'http'), url);
    return new WebSocket(url, { dispatcher: this.agent, headers: { 'User-Agent': 'clinch', ...headers } });
  }

  private requireAllowed(asWeb: string, url: string): void {
    const fault = destinationFault(asWeb, this.config);
    if (fault !== undefined) throw new OutboundError(`${place(url)} ${fault}`);
  }
}

/**
 * The address to connect to for a host: judged together with all others that its name leads to.
 *
 * @throws {OutboundError} when there is none, or one of them is not allowed
 */
export async function judgedAddress(hostname: string, reach: Reach): Promise<string> {
  const host = hostOf(hostname);
  const addresses = isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
  const [first] = addresses;
  if (first === undefined) throw new OutboundError(`${hostname} has no address`);
  const forbidden = addresses.find((address) => !mayReach(host, address, reach));
  if (forbidden === undefined) return first;
  throw new OutboundError(
    `${hostname} leads to ${forbidden}, which is not a public address; CLINCH_OUTBOUND_ALLOW can allow it`,
  );
}

async function readCapped(body: AsyncIterable<Uint8Array> | null, url: string, largest: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > largest) throw new AnswerTooLarge(`${place(url)} answered with more than ${largest} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** For messages: a query may hold a token, and so may a user name before the host. */
function place(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
