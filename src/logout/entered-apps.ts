import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';

/** An app that was entered in a session, as far as its signing out goes. */
export interface EnteredApp {
  readonly name: string;
  /** The `sid` of the id_tokens that it has. */
  readonly sessionId: string;
  readonly backchannelLogoutUri: string | null;
  readonly frontchannelLogoutUri: string | null;
}

/** Entries looked at; nobody opens more in one session, and a page with more says nothing. */
const MOST = 200;

// A session and those that it took the place of end together, and an app may know each of them.
const OF_CHAIN = statement(
  'entered_apps_of_chain',
  `SELECT c.client_name, u.session_id, c.backchannel_logout_uri, c.frontchannel_logout_uri
   FROM session_clients u JOIN sessions s ON s.id = u.session_id JOIN clients c ON c.client_id = u.client_id
   WHERE s.chain_id = $1 ORDER BY u.last_used_at DESC LIMIT ${MOST}`,
);

interface Row {
  readonly client_name: string;
  readonly session_id: string;
  readonly backchannel_logout_uri: string | null;
  readonly frontchannel_logout_uri: string | null;
}

/** Which apps somebody is signed in to from a session. */
@Injectable()
export class EnteredApps {
  constructor(private readonly database: Database) {}

  /** @returns the one used last first */
  async of(chainId: string): Promise<EnteredApp[]> {
    const rows = await this.database.all<Row>(OF_CHAIN, chainId);
    return rows.map((row) => ({
      name: row.client_name,
      sessionId: row.session_id,
      backchannelLogoutUri: row.backchannel_logout_uri,
      frontchannelLogoutUri: row.frontchannel_logout_uri,
    }));
  }
}
