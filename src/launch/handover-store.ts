import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';
import { Keyring } from '../keyring/keyring.js';
import { isOpaqueToken, newOpaqueToken } from '../protocol/opaque-token.js';

/** Seconds from one window to the other. */
const LIFETIME = 60;

const PURPOSE = 'session-handover';

const INSERT = statement(
  'handover_insert',
  `INSERT INTO session_handovers (digest, session_id, account_id, client_id, page, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
);
const COLUMNS = 'session_id, account_id, client_id, page';
const FIND = statement(
  'handover_find',
  `SELECT ${COLUMNS} FROM session_handovers WHERE digest = $1 AND spent_at IS NULL AND expires_at > $2`,
);
const FIND_SPENT = statement('handover_find_spent', `SELECT ${COLUMNS} FROM session_handovers WHERE digest = $1`);
const SPEND = statement(
  'handover_spend',
  'UPDATE session_handovers SET spent_at = $2 WHERE digest = $1 AND spent_at IS NULL AND expires_at > $2',
);

/** What a code leads to. */
export interface Handover {
  readonly sessionId: string;
  readonly accountId: string;
  readonly clientId: string;
  /** The path below the issuer to go on to. */
  readonly page: string;
}

interface HandoverRow {
  session_id: string;
  account_id: string;
  client_id: string;
  page: string;
}

/** Sessions on their way to another browser. */
@Injectable()
export class HandoverStore {
  constructor(
    private readonly database: Database,
    private readonly keyring: Keyring,
  ) {}

  /** @returns the code */
  async begin({ sessionId, accountId, clientId, page }: Handover): Promise<string> {
    const code = newOpaqueToken();
    const now = Date.now();
    const digest = this.keyring.digest(PURPOSE, code);
    await this.database.run(INSERT, digest, sessionId, accountId, clientId, page, now, now + LIFETIME * 1000);
    return code;
  }

  /** What the code leads to, while it may be used. Looking does not spend it: previews of links look too. */
  async find(code: string): Promise<Handover | undefined> {
    if (!isOpaqueToken(code)) return undefined;
    for (const digest of this.keyring.digests(PURPOSE, code)) {
      const row = await this.database.first<HandoverRow>(FIND, digest, Date.now());
      if (row !== undefined) return fromRow(row);
    }
    return undefined;
  }

  /** @returns what it led to, for exactly one caller */
  async spend(code: string): Promise<Handover | undefined> {
    if (!isOpaqueToken(code)) return undefined;
    for (const digest of this.keyring.digests(PURPOSE, code)) {
      if ((await this.database.run(SPEND, digest, Date.now())) !== 1) continue;
      const row = await this.database.first<HandoverRow>(FIND_SPENT, digest);
      return row === undefined ? undefined : fromRow(row);
    }
    return undefined;
  }
}

function fromRow({ session_id: sessionId, account_id: accountId, client_id: clientId, page }: HandoverRow): Handover {
  return { sessionId, accountId, clientId, page };
}
