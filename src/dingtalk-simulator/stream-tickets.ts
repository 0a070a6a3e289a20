import { randomUUID } from 'node:crypto';
import type { SimulatorApp } from './app.js';

const TICKET_LIFETIME_MS = 90_000;

export interface StreamTicket {
  readonly app: SimulatorApp;
  /** Whether events were subscribed to. */
  readonly takesEvents: boolean;
}

/** Tickets for Stream connections: ninety seconds, one connection each. */
export class StreamTickets {
  /** Where a connection is opened; known once the simulator listens. */
  endpoint = '';
  readonly #tickets = new Map<string, StreamTicket & { expiresAt: number }>();

  open(app: SimulatorApp, takesEvents: boolean): { endpoint: string; ticket: string } {
    const ticket = randomUUID();
    this.#tickets.set(ticket, { app, takesEvents, expiresAt: Date.now() + TICKET_LIFETIME_MS });
    return { endpoint: this.endpoint, ticket };
  }

  /** What a ticket is good for, once. */
  redeem(ticket: string): StreamTicket | undefined {
    const held = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    return held && held.expiresAt > Date.now() ? held : undefined;
  }
}
