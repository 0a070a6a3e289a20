import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import type { Session } from './session-store.js';

/** Milliseconds: what somebody used is remembered for so long, and no session lasts longer. */
const KEEP_MS = 90 * 24 * 3_600_000;

/** Milliseconds in which a second sign-in to the same app in the same session is not written down. */
const NOTED_FOR_MS = 5 * 60_000;

/** Pairs of session and app held at a time; the one noted longest ago makes room. */
const HELD = 20_000;

const NOTE = statement(
  'session_client_note',
  `INSERT INTO session_clients (id, session_id, client_id, account_id, first_used_at, last_used_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $5, $6)
   ON CONFLICT (session_id, client_id) DO UPDATE SET last_used_at = excluded.last_used_at, expires_at = excluded.expires_at`,
);
const LAST_USED = statement(
  'session_client_last_used',
  'SELECT client_id, MAX(last_used_at) AS last_used_at FROM session_clients WHERE account_id = $1 GROUP BY client_id',
);

/** Which apps were entered in which session. */
@Injectable()
export class SessionClients {
  private readonly noted = new Map<string, number>();

  constructor(private readonly database: Database) {}

  /** To be called before a code leaves: whoever has one is told when the session ends. */
  async note(
    { id, accountId }: Session,
    client: { readonly id: string; readonly metadata: { createdAt: Date } },
  ): Promise<void> {
    const now = Date.now();
    // With the app's age: another app of its id is another app.
    const pair = `${id} ${client.id} ${client.metadata.createdAt.getTime()}`;
    if ((this.noted.get(pair) ?? 0) > now - NOTED_FOR_MS) return;
    await this.database.run(NOTE, newIdentifier(), id, client.id, accountId, now, now + KEEP_MS);
    this.noted.delete(pair);
    this.noted.set(pair, now);
    if (this.noted.size > HELD) this.noted.delete(this.noted.keys().next().value ?? '');
  }

  /** When somebody last entered each app, by the app's id. */
  async lastUsed(accountId: string): Promise<ReadonlyMap<string, Date>> {
    const rows = await this.database.all<{ client_id: string; last_used_at: number | string }>(LAST_USED, accountId);
    return new Map(rows.map((row) => [row.client_id, new Date(Number(row.last_used_at))]));
  }
}
