import { Injectable } from '@nestjs/common';
import type { Note } from '../audit/audit-log.js';
import { Database, statement } from '../database/database.js';
import { LONGEST_ACCESS_TOKEN } from './key-times.js';

const REVOKE = statement(
  'revoked_token_insert',
  'INSERT INTO revoked_tokens (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING',
);
const FIND = statement('revoked_token_find', 'SELECT id FROM revoked_tokens WHERE id = $1 OR id = $2');

/** Seconds that are added, because the winner of a race may stamp its tokens a moment after the loser ends them. */
const SLACK = 60;

/** When an access token that was issued up to now has certainly expired by itself. */
export function lastAccessTokenExpiry(): Date {
  return new Date(Date.now() + (LONGEST_ACCESS_TOKEN + SLACK) * 1000);
}

/** The short list of what was ended before its time: single tokens by `jti`, or all tokens of a grant. */
@Injectable()
export class RevokedTokens {
  constructor(private readonly database: Database) {}

  /**
   * @param until when the last token that this speaks of has expired by itself
   * @param note in the transaction of that, where it was not revoked before
   */
  async revoke(id: string, until: Date, note?: Note): Promise<void> {
    await this.database.runWith(note, REVOKE, id, until.getTime());
  }

  async isRevoked(jti: string, grantId: string): Promise<boolean> {
    return (await this.database.first(FIND, jti, grantId)) !== undefined;
  }
}
