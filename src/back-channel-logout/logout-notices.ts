import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, statement, type Statement, type Value } from '../database/database.js';
import { isAmong, partsOf } from '../database/json-rows.js';
import { LogoutWorker } from './logout-worker.js';

/** Milliseconds that a notice may wait: an app that was away for so long has no session any more. */
export const WAITS_MS = 7 * 24 * 3_600_000;

const LONGEST_CAUSE = 200;

const INTO = `INSERT INTO logout_notices
  (id, account_id, session_id, client_id, cause, state, attempts, next_attempt_at, created_at, expires_at)`;

// Of apps that wish to be told, those that were entered in a session; an earlier app of the same id was another app. One statement: all of them are queued, or none.
// Again is harmless: one entry of an app in a session has one notice.
const QUEUE_CHAIN = statement(
  'logout_notice_queue_chain',
  `${INTO}
   SELECT u.id, u.account_id, u.session_id, u.client_id, $2, 'pending', 0, $3, $3, $4
   FROM session_clients u JOIN sessions s ON s.id = u.session_id JOIN clients c ON c.client_id = u.client_id
   WHERE s.chain_id = $1 AND c.backchannel_logout_uri IS NOT NULL AND u.first_used_at >= c.created_at
   ON CONFLICT (id) DO NOTHING`,
);

// Sessions that nobody has ended are kept for a month, for apps that go on without them. Each that is in time is named by
// its `sid`; for all that have run out an app is told once, without one, which is about all sessions of the person there
// (Back-Channel Logout 1.0 §2.4): somebody who leaves is not thirty times as much to do for each app. Apps that insist on
// a `sid` (`backchannel_logout_session_required`) are told of every one.
const TOLD_SESSION = 'CASE WHEN s.expires_at > $3 OR c.backchannel_logout_session_required THEN u.session_id END';
const FROM_SESSIONS = (condition: string, id: string): string =>
  `${INTO}
   SELECT ${id}, e.account_id, e.told_session, e.client_id, $2, 'pending', 0, $3, $3, $4
   FROM (SELECT u.id, u.account_id, u.client_id, ${TOLD_SESSION} AS told_session,
           ROW_NUMBER() OVER (PARTITION BY u.account_id, u.client_id, ${TOLD_SESSION}
                              ORDER BY u.last_used_at DESC, u.id) AS place
         FROM session_clients u JOIN sessions s ON s.id = u.session_id JOIN clients c ON c.client_id = u.client_id
         WHERE ${condition} AND s.ended_at IS NULL AND c.backchannel_logout_uri IS NOT NULL
           AND u.first_used_at >= c.created_at) AS e
   WHERE e.place = 1
   ON CONFLICT (id) DO NOTHING`;
const QUEUE_ACCOUNT = statement('logout_notice_queue_account', FROM_SESSIONS('s.account_id = $1', 'e.id'));
// What outlives sessions: devices, and apps with offline access whose session is over.
const QUEUE_FAMILIES = statement(
  'logout_notice_queue_families',
  `${INTO}
   SELECT f.grant_id, f.account_id, f.session_id, f.client_id, $2, 'pending', 0, $3, $3, $4
   FROM refresh_tokens f JOIN clients c ON c.client_id = f.client_id
   WHERE f.account_id = $1 AND f.expires_at > $3 AND c.backchannel_logout_uri IS NOT NULL
     AND f.created_at >= c.created_at AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.id = f.grant_id)
     AND NOT EXISTS (SELECT 1 FROM session_clients u JOIN sessions s ON s.id = u.session_id
                     WHERE u.session_id = f.session_id AND u.client_id = f.client_id AND s.ended_at IS NULL)
   ON CONFLICT (id) DO NOTHING`,
);

// Of people who stay signed in, and are out of one app. They may be let into it again in the same session, and be signed
// out then; so this is a notice beside the one that the entry of the app in the session has.
const APP = (ofPeople: string): string =>
  FROM_SESSIONS(`u.client_id = $1 AND u.${ofPeople}`, 'e.id || CAST($5 AS text)');
const APP_FAMILIES = (ofPeople: string): string =>
  `${INTO}
   SELECT f.grant_id || CAST($5 AS text), f.account_id, f.session_id, f.client_id, $2, 'pending', 0, $3, $3, $4
   FROM refresh_tokens f JOIN clients c ON c.client_id = f.client_id
   WHERE f.client_id = $1 AND f.${ofPeople} AND f.expires_at > $3 AND c.backchannel_logout_uri IS NOT NULL
     AND f.created_at >= c.created_at
     AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.id = f.grant_id)
     AND NOT EXISTS (SELECT 1 FROM session_clients u JOIN sessions s ON s.id = u.session_id
                     WHERE u.session_id = f.session_id AND u.client_id = f.client_id
                       AND s.ended_at IS NULL)
   ON CONFLICT (id) DO NOTHING`;

/**
 * The queue of what apps are to be told about people who were signed out (OpenID Connect Back-Channel Logout 1.0). To be
 * filled in the transaction of what it is about, or before: the apps are found by what ends.
 */
@Injectable()
export class LogoutNotices {
  private readonly ofApp: readonly Statement[];

  constructor(
    private readonly database: Database,
    private readonly worker: LogoutWorker,
  ) {
    const people = isAmong(database.kind, 'account_id', '$6', 'account_id');
    this.ofApp = [
      statement('logout_notice_queue_app', APP(people)),
      statement('logout_notice_queue_app_families', APP_FAMILIES(people)),
    ];
  }

  /**
   * For every app that was entered in a session of the chain.
   *
   * @param cause what led to it, as in the audit
   * @param manager of the transaction that ends it; `wake` is to be called when that is over
   * @returns how many are new
   */
  async queueForChain(chainId: string, cause: string, manager: EntityManager): Promise<number> {
    return this.database.runIn(manager, QUEUE_CHAIN, ...values(chainId, cause));
  }

  /**
   * For every app that somebody is in, in whatever session, or by a device.
   *
   * @param manager of a transaction that it is a part of; then `wake` is to be called when that is over
   */
  async queueForAccount(accountId: string, cause: string, manager?: EntityManager): Promise<number> {
    const commands = [QUEUE_ACCOUNT, QUEUE_FAMILIES];
    if (manager === undefined) return this.queue(commands, accountId, cause);
    let queued = 0;
    for (const command of commands) queued += await this.database.runIn(manager, command, ...values(accountId, cause));
    return queued;
  }

  /** For one app, of people who may not enter it any more. @returns how many are new */
  async queueForApp(accountIds: readonly string[], clientId: string, cause: string): Promise<number> {
    let queued = 0;
    for (const part of partsOf(accountIds)) {
      const people = JSON.stringify(part.map((id) => ({ account_id: id })));
      queued += await this.queue(this.ofApp, clientId, cause, `.${Date.now()}`, people);
    }
    return queued;
  }

  /** There may be something in the queue: it would be found within a second, and is found now. */
  wake(): void {
    this.worker.wake();
  }

  private async queue(commands: readonly Statement[], id: string, cause: string, ...more: Value[]): Promise<number> {
    let queued = 0;
    for (const command of commands) queued += await this.database.run(command, ...values(id, cause), ...more);
    if (queued > 0) this.wake();
    return queued;
  }
}

/** The first four of each of the statements. */
function values(id: string, cause: string): Value[] {
  const now = Date.now();
  return [id, cause.slice(0, LONGEST_CAUSE), now, now + WAITS_MS];
}
