import { Injectable } from '@nestjs/common';
import { isIP } from 'node:net';
import type { X509Certificate } from 'node:crypto';
import { connect, rootCertificates, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { ClinchConfig } from '../config/clinch-config.js';
import { destinationFault, hostOf } from './destination.js';
import { judgedAddress, OutboundError } from './outbound-http.js';

/** Milliseconds for both connections together. */
const TIMEOUT_MS = 5_000;
/** Certificates; no chain is longer. */
const LONGEST_CHAIN = 20;

/** What a host shows of itself before a word is said. */
export interface PresentedCertificates {
  /** As the host sends them: its own first, then who issued that, as far as it says. At least one. */
  readonly chain: readonly X509Certificate[];
  /**
   * Why nobody should trust it, in OpenSSL's word; undefined for a chain that ends at a root of the public authorities, by the
   * list that comes with Node.
   */
  readonly fault: string | undefined;
}

/** Looks at the certificates of an https address, under the guard of `OutboundHttp`. Nothing is sent there. */
@Injectable()
export class OutboundCertificates {
  constructor(private readonly config: ClinchConfig) {}

  /**
   * Two connections: Node's `getPeerCertificate` fills a chain up with a root that this server knows, and the thumbprint would
   * be of that. So the chain is read where no root is known, and by the call that leaves it as it came. It is judged by the
   * public authorities only: what this server was told to trust beside them (NODE_EXTRA_CA_CERTS) nobody else trusts.
   *
   * @throws {OutboundError} for an address that is not https, or not allowed
   * @throws {Error} when nobody answers in TLS, or not within five seconds
   */
  async presentedBy(url: string): Promise<PresentedCertificates> {
    const { protocol, hostname, port } = new URL(url);
    const fault = protocol === 'https:' ? destinationFault(url, this.config) : 'has no certificate: it is not https';
    if (fault !== undefined) throw new OutboundError(`${hostname} ${fault}`);
    const host = hostOf(hostname);
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    const address = await withinTime(judgedAddress(host, this.config), limit);
    const options: ConnectionOptions = {
      host: address,
      port: port === '' ? 443 : Number(port),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // Whether it is to be trusted is the question here and not the condition: nothing is sent over these connections.
      rejectUnauthorized: false,
    };
    const chain = await look({ ...options, ca: [] }, limit, presentedChain);
    return { chain, fault: await look({ ...options, ca: [...rootCertificates] }, limit, trustProblem) };
  }
}

async function withinTime<T>(work: Promise<T>, limit: AbortSignal): Promise<T> {
  const end = new Promise<never>((_, reject) =>
    limit.addEventListener('abort', () => reject(noAnswer()), { once: true }),
  );
  return Promise.race([work, end]);
}

/** Connects, reads something of the connection, and hangs up. */
async function look<T>(options: ConnectionOptions, limit: AbortSignal, read: (socket: TLSSocket) => T): Promise<T> {
  const socket = connect(options);
  const stop = () => socket.destroy(noAnswer());
  limit.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      if (limit.aborted) stop();
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the connection was closed before it was secure')));
      socket.once('secureConnect', () => resolve(read(socket)));
    });
  } finally {
    limit.removeEventListener('abort', stop);
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function presentedChain(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let certificate = socket.getPeerX509Certificate();
  const known = new Set<string>();
  // A root is said to be issued by itself.
  while (certificate !== undefined && !known.has(certificate.fingerprint256) && chain.length < LONGEST_CHAIN) {
    known.add(certificate.fingerprint256);
    chain.push(certificate);
    certificate = certificate.issuerCertificate;
  }
  if (chain.length === 0) throw new Error('the host presented no certificate');
  return chain;
}

function trustProblem(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined;
  const { authorizationError: error } = socket as { authorizationError?: unknown };
  return error instanceof Error ? ('code' in error ? String(error.code) : error.message) : String(error);
}

function noAnswer(): Error {
  return new DOMException('no answer in time', 'TimeoutError');
}
