import { createServer, type AddressInfo } from 'node:net';

/** A port on this machine, on all its addresses, that must not be called: it counts, and hangs up. */
export interface Canary {
  readonly port: number;
  connections(): number;
  stop(): Promise<void>;
}

export async function startCanary(): Promise<Canary> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).destroy();
  });
  await new Promise<void>((listening) => server.listen(0, listening));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    stop: () => new Promise((stopped) => server.close(() => stopped())),
  };
}
