import { Injectable } from '@nestjs/common';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, buildConnector, fetch as undiciFetch } from 'undici';
import { ClinchConfig } from '../config/clinch-config.js';
import { destinationFault, hostOf, mayReach } from './destination.js';

/** Milliseconds for the whole exchange. */
const TIMEOUT_MS = 5_000;
/** Bytes. */
const LARGEST_ANSWER = 512 * 1024;

/** The destination is one that Clinch does not go to, or did not answer as it should. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
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
      connect: (options, callback) => {
        // The address that was judged is the address that is connected to: a name cannot change its mind in between.
        this.judged(options.hostname).then(
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
    const fault = destinationFault(url, this.config);
    if (fault !== undefined) throw new OutboundError(`${url} ${fault}`);
    const response = await undiciFetch(url, {
      dispatcher: this.agent,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { Accept: 'application/json', 'User-Agent': 'clinch' },
    });
    const body = await readCapped(response.body, url);
    return new Response(body, { status: response.status, headers: { 'Content-Type': 'application/json' } });
  }

  private async judged(hostname: string): Promise<string> {
    const host = hostOf(hostname);
    const addresses = isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
    const [first] = addresses;
    if (first === undefined) throw new OutboundError(`${hostname} has no address`);
    const forbidden = addresses.find((address) => !mayReach(host, address, this.config));
    if (forbidden !== undefined)
      throw new OutboundError(`${hostname} leads to ${forbidden}, which is not a public address`);
    return first;
  }
}

async function readCapped(body: AsyncIterable<Uint8Array> | null, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new OutboundError(`${url} answered with more than ${LARGEST_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
