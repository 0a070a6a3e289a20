import { randomUUID } from 'node:crypto';
import type { SimulatorApp } from './app.js';

const TICKET_LIFETIME_MS = 90_000;

/** Tickets for Stream connections: ninety seconds, one connection each. */
export class StreamTickets {
  /** Where a connection is opened; known once the simulator listens. */
  endpoint = '';
  readonly #tickets = new Map<string, { app: SimulatorApp; expiresAt: number }>();

  open(app: SimulatorApp): { endpoint: string; ticket: string } {
    const ticket = randomUUID();
    this.#tickets.set(ticket, { app, expiresAt: Date.now() + TICKET_LIFETIME_MS });
    return { endpoint: this.endpoint, ticket };
  }

  /** Whose ticket it is, once. */
  redeem(ticket: string): SimulatorApp | undefined {
    const held = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    return held && held.expiresAt > Date.now() ? held.app : undefined;
  }
}
