import { Injectable } from '@nestjs/common';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ClinchConfig } from '../config/clinch-config.js';
import { judgedAddress } from './outbound-http.js';

/** Milliseconds for connecting, writing and closing together. */
const TIMEOUT_MS = 5_000;

/** Where a stream goes. */
export interface StreamAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** Sends bytes over a connection of their own, under the guard of `OutboundHttp`: never to a private address unasked. */
@Injectable()
export class OutboundStream {
  constructor(private readonly config: ClinchConfig) {}

  /**
   * Connects, writes, and waits until the other end has closed, so that all of it was taken from the network.
   *
   * @throws {OutboundError} for an address that is not allowed
   * @throws {Error} when the connection fails, or not all is done within five seconds
   */
  async send({ host, port, tls }: StreamAddress, bytes: Buffer): Promise<void> {
    const address = await judgedAddress(host, this.config);
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = tls ? connectTls({ host: address, port, ...servername }) : connect({ host: address, port });
    await new Promise<void>((resolve, reject) => deliver(socket, tls, bytes, resolve, reject));
  }
}

/** With TLS a certificate that does not fit comes as an error, and nothing has been written by then. */
function deliver(
  socket: Socket,
  tls: boolean,
  bytes: Buffer,
  resolve: () => void,
  reject: (error: Error) => void,
): void {
  let isWritten = false;
  const timer = setTimeout(() => socket.destroy(new Error('no end of the connection in time')), TIMEOUT_MS);
  socket.once(tls ? 'secureConnect' : 'connect', () => socket.end(bytes, () => (isWritten = true)));
  socket.resume();
  socket.once('error', reject);
  socket.once('close', () => {
    clearTimeout(timer);
    if (isWritten) resolve();
    else reject(new Error('the connection was closed before all was written'));
  });
}
