import { randomInt } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SimulatorApp } from './app.js';
import type { CompanyEvent } from './company-event.js';
import type { DeliveryTimings } from './delivery-timings.js';
import type { SentEvents } from './sent-events.js';
import { eventFrame, readAck, systemFrame } from './stream-frames.js';
import type { World } from './world.js';

interface Connection {
  readonly socket: WebSocket;
  readonly app: SimulatorApp;
  /** Whether it subscribed to events. */
  readonly takesEvents: boolean;
  /** After the disconnect frame nothing more is sent. */
  isLeaving: boolean;
  /** Answers that are waited for, by message id. */
  readonly waiting: Map<string, (outcome: string) => void>;
  pongs: number;
}

/** Events over WebSockets that the app opens. With several connections each event goes to one of them, by chance. */
export class Stream {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #connections = new Set<Connection>();
  readonly #pings: NodeJS.Timeout;

  constructor(
    private readonly world: World,
    private readonly sent: SentEvents,
    private readonly timings: DeliveryTimings,
    private readonly stopped: AbortSignal,
  ) {
    this.#pings = setInterval(() => this.#ping(), timings.streamPingMs).unref();
  }

  /** Takes a connection whose ticket is good; anything else is cut off. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(`http://simulator.invalid${request.url ?? '/'}`);
    const ticket = url.pathname === '/connect' && this.world.streamTickets.redeem(url.searchParams.get('ticket') ?? '');
    if (!ticket) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (opened) => this.#add(opened, ticket));
  }

  /** How many connections there are, and how many pings each has answered. */
  connections(): { clientId: string; pongs: number; isLeaving: boolean }[] {
    return [...this.#connections].map(({ app, pongs, isLeaving }) => ({ clientId: app.clientId, pongs, isLeaving }));
  }

  /** Asks every app to open another connection: a frame, then silence, then the end. */
  disconnectAll(reason = 'connection is expired'): void {
    for (const connection of this.#connections) {
      connection.isLeaving = true;
      connection.socket.send(systemFrame('disconnect', { reason }).text);
      setTimeout(() => connection.socket.terminate(), this.timings.streamCloseMs).unref();
    }
  }

  /** Cuts every connection without a word. */
  dropAll(): void {
    for (const { socket } of this.#connections) socket.terminate();
  }

  stop(): void {
    clearInterval(this.#pings);
    this.dropAll();
    this.#server.close();
  }

  /** Sends an event until it is acknowledged. Nobody connected counts as not acknowledged. */
  async deliver(app: SimulatorApp, event: CompanyEvent): Promise<void> {
    const sent = this.sent.begin(event, app.clientId, 'stream');
    const end = Date.now() + this.timings.streamWindowMs;
    do {
      const outcome = await this.#send(app, event);
      this.sent.attempted(sent, outcome);
      if (outcome === 'success') return this.sent.finished(sent, 'delivered');
      const isLate = outcome === 'no answer';
      // Who has not answered in time is asked again at once: the time has passed already.
      if (!isLate) await pause(this.timings.streamAckMs, undefined, { ref: false, signal: this.stopped });
    } while (Date.now() < end);
    this.sent.finished(sent, 'failed');
  }

  async #send(app: SimulatorApp, event: CompanyEvent): Promise<string> {
    const open = [...this.#connections].filter((each) => each.app === app && each.takesEvents && !each.isLeaving);
    const connection = open[open.length > 0 ? randomInt(open.length) : 0];
    if (!connection) return 'no connection';
    const { messageId, text } = eventFrame(event, app);
    if (!this.world.faults.switches.streamSilent) connection.socket.send(text);
    const outcome = await new Promise<string>((done) => {
      connection.waiting.set(messageId, done);
      setTimeout(done, this.timings.streamAckMs, 'no answer').unref();
    });
    connection.waiting.delete(messageId);
    return outcome;
  }

  #add(socket: WebSocket, { app, takesEvents }: { app: SimulatorApp; takesEvents: boolean }): void {
    const connection = {
      socket,
      app,
      takesEvents,
      isLeaving: false,
      waiting: new Map(),
      pongs: 0,
    } satisfies Connection;
    this.#connections.add(connection);
    socket.on('message', (data: Buffer) => answered(connection, data.toString('utf8')));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#connections.delete(connection);
      for (const done of (connection as Connection).waiting.values()) done('the connection was closed');
    });
  }

  #ping(): void {
    if (this.world.faults.switches.streamSilent) return;
    for (const connection of this.#connections) {
      if (connection.isLeaving) continue;
      const { messageId, text } = systemFrame('ping', { opaque: String(Date.now()) });
      connection.waiting.set(messageId, () => {
        connection.pongs += 1;
        connection.waiting.delete(messageId);
      });
      connection.socket.send(text);
    }
  }
}

function answered(connection: Connection, text: string): void {
  const ack = readAck(text);
  if (ack) connection.waiting.get(ack.messageId)?.(ack.outcome);
}
