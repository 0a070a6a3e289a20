import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Database, statement } from '../database/database.js';

/** Milliseconds that a notice waits at most: an app that was away for so long has no session any more. */
const KEEP_MS = 7 * 24 * 3_600_000;

const LONGEST_CAUSE = 200;

// Apps that wish to be told, and that had something of the person that was still good: a session that they took a code
// from, or a family of refresh tokens.
const APPS = statement(
  'logout_notice_apps',
  `SELECT c.client_id, a.session_id FROM authorization_codes a
     JOIN sessions s ON s.id = a.session_id JOIN clients c ON c.client_id = a.client_id
   WHERE s.account_id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND a.redeemed_at IS NOT NULL
     AND c.backchannel_logout_uri IS NOT NULL
   UNION
   SELECT c.client_id, f.session_id FROM refresh_tokens f JOIN clients c ON c.client_id = f.client_id
   WHERE f.account_id = $1 AND f.expires_at > $2 AND c.backchannel_logout_uri IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.id = f.grant_id)`,
);
const SIGNED_OUT_AT = statement('logout_notice_signed_out_at', 'SELECT signed_out_at FROM accounts WHERE id = $1');
const INSERT = statement(
  'logout_notice_insert',
  `INSERT INTO logout_notices (id, account_id, session_id, client_id, cause, state, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7) ON CONFLICT (id) DO NOTHING`,
);

/**
 * The queue of what apps are to be told about people who were signed out (OpenID Connect Back-Channel Logout 1.0).
 * Whoever delivers takes the rows that are `pending`.
 */
@Injectable()
export class LogoutNotices {
  constructor(private readonly database: Database) {}

  /**
   * Queues a notice for every app that the person was in, and each session there. To be called before these are ended,
   * and after the account was signed out; again is harmless.
   *
   * @param by what led to it, as in the audit
   * @returns how many are new
   */
  async queue(accountId: string, by: string): Promise<number> {
    const now = Date.now();
    const apps = await this.database.all<{ client_id: string; session_id: string | null }>(APPS, accountId, now);
    if (apps.length === 0) return 0;
    const account = await this.database.first<{ signed_out_at: number | string | null }>(SIGNED_OUT_AT, accountId);
    const cause = by.slice(0, LONGEST_CAUSE);
    const queued = await Promise.all(
      apps.map(({ client_id: clientId, session_id: sessionId }) => {
        const key = JSON.stringify([accountId, clientId, sessionId, String(account?.signed_out_at ?? '')]);
        const id = createHash('sha256').update(key).digest('base64url');
        return this.database.run(INSERT, id, accountId, sessionId, clientId, cause, now, now + KEEP_MS);
      }),
    );
    return queued.reduce((sum, count) => sum + count, 0);
  }
}
