import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';

/** Milliseconds that a notice is kept, and may wait: an app that was away for so long has no session any more. */
const KEEP_MS = 7 * 24 * 3_600_000;

const LONGEST_CAUSE = 200;

const INTO = `INSERT INTO logout_notices
  (id, account_id, session_id, client_id, cause, state, attempts, next_attempt_at, created_at, expires_at)`;

// Of apps that wish to be told, those that were entered in a session that has not ended yet. One statement: all of them
// are queued, or none. `Again` is harmless: one entry of an app in a session has one notice.
const QUEUE_CHAIN = statement(
  'logout_notice_queue_chain',
  `${INTO}
   SELECT u.id, u.account_id, u.session_id, u.client_id, $2, 'pending', 0, $3, $3, $4
   FROM session_clients u JOIN sessions s ON s.id = u.session_id JOIN clients c ON c.client_id = u.client_id
   WHERE s.chain_id = $1 AND s.ended_at IS NULL AND c.backchannel_logout_uri IS NOT NULL
   ON CONFLICT (id) DO NOTHING`,
);
const QUEUE_ACCOUNT = statement(
  'logout_notice_queue_account',
  `${INTO}
   SELECT u.id, u.account_id, u.session_id, u.client_id, $2, 'pending', 0, $3, $3, $4
   FROM session_clients u JOIN sessions s ON s.id = u.session_id JOIN clients c ON c.client_id = u.client_id
   WHERE s.account_id = $1 AND s.ended_at IS NULL AND s.expires_at > $3 AND c.backchannel_logout_uri IS NOT NULL
   ON CONFLICT (id) DO NOTHING`,
);
// What outlives sessions: devices, and apps with offline access whose session is over.
const QUEUE_FAMILIES = statement(
  'logout_notice_queue_families',
  `${INTO}
   SELECT f.grant_id, f.account_id, f.session_id, f.client_id, $2, 'pending', 0, $3, $3, $4
   FROM refresh_tokens f JOIN clients c ON c.client_id = f.client_id
   WHERE f.account_id = $1 AND f.expires_at > $3 AND c.backchannel_logout_uri IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.id = f.grant_id)
     AND NOT EXISTS (SELECT 1 FROM logout_notices n
                     WHERE n.account_id = f.account_id AND n.session_id = f.session_id AND n.client_id = f.client_id)
   ON CONFLICT (id) DO NOTHING`,
);

/**
 * The queue of what apps are to be told about people who were signed out (OpenID Connect Back-Channel Logout 1.0). To be
 * filled before what it is about is ended: the apps are found by that.
 */
@Injectable()
export class LogoutNotices {
  constructor(private readonly database: Database) {}

  /**
   * For every app that was entered in a session of the chain.
   *
   * @param cause what led to it, as in the audit
   * @returns how many are new
   */
  async queueForChain(chainId: string, cause: string): Promise<number> {
    return this.queue(QUEUE_CHAIN, chainId, cause);
  }

  /** For every app that somebody is in, in whatever session, or by a device. */
  async queueForAccount(accountId: string, cause: string): Promise<number> {
    const ofSessions = await this.queue(QUEUE_ACCOUNT, accountId, cause);
    return ofSessions + (await this.queue(QUEUE_FAMILIES, accountId, cause));
  }

  private async queue(command: typeof QUEUE_CHAIN, id: string, cause: string): Promise<number> {
    const now = Date.now();
    return this.database.run(command, id, cause.slice(0, LONGEST_CAUSE), now, now + KEEP_MS);
  }
}
