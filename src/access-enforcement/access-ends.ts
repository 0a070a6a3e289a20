import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '../database/database.js';
import { jsonRows, partsOf } from '../database/json-rows.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { lastAccessTokenExpiry } from '../token-signing/revoked-tokens.js';

/** Ends the access tokens that an app has for people, those too that no refresh token stands behind. */
@Injectable()
export class AccessEnds {
  private readonly put: Statement;

  constructor(private readonly database: Database) {
    this.put = statement(
      'access_ends_put',
      `INSERT INTO access_ends (id, client_id, account_id, ended_at, expires_at)
       SELECT id, $1, account_id, $3, $4
       FROM ${jsonRows(database.kind, '$2', { id: 'text', account_id: 'text' })} AS put WHERE true
       ON CONFLICT (client_id, account_id) DO UPDATE SET ended_at = excluded.ended_at, expires_at = excluded.expires_at`,
    );
  }

  /**
   * Tokens have whole seconds: one that is issued in the same second afterwards is taken for one from before.
   *
   * @param endedAt the last moment at which a token that dies of it may have been issued
   */
  async end(clientId: string, accountIds: readonly string[], endedAt = new Date()): Promise<void> {
    for (const part of partsOf(accountIds)) {
      const rows = JSON.stringify(part.map((id) => ({ id: newIdentifier(), account_id: id })));
      await this.database.run(this.put, clientId, rows, endedAt.getTime(), lastAccessTokenExpiry().getTime());
    }
  }
}
