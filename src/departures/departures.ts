import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { LogoutNotices } from '../back-channel-logout/logout-notices.js';
import { Database, statement } from '../database/database.js';
import { RefreshTokens } from '../refresh-token/refresh-tokens.js';
import { SessionStore } from '../session/session-store.js';

/** What led to a departure or a return: the same id is in every audit line that comes of it. */
export interface Cause {
  /** The identity source that said so. */
  readonly source: string;
  /** The event, sync run or sign-in. */
  readonly by: string;
  readonly traceId?: string;
}

// The account and all that came of its sign-ins end in this one statement: sessions, codes, families and access tokens
// ask for `signed_out_at` whenever they are used.
const DEPART = statement(
  'account_depart',
  `UPDATE accounts SET status = 'disabled', disabled_by = 'departure', signed_out_at = $2, updated_at = $2
   WHERE id = $1 AND status = 'active'`,
);
const RETURN = statement(
  'account_return',
  `UPDATE accounts SET status = 'active', disabled_by = NULL, updated_at = $2
   WHERE id = $1 AND status = 'disabled' AND disabled_by = 'departure' AND (signed_out_at IS NULL OR signed_out_at <= $3)`,
);

/** People who leave the organisation, and those who come back. Both may be told again; only the first time counts. */
@Injectable()
export class Departures {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionStore,
    private readonly refreshTokens: RefreshTokens,
    private readonly notices: LogoutNotices,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Closes the account, ends its sessions, refresh families and access tokens, and has the apps told.
   *
   * @returns false when it was closed already
   */
  async depart(accountId: string, cause: Cause): Promise<boolean> {
    const note = this.audit.noting('account.departed', { accountId, ...trace(cause) }, detail(cause));
    const departed = (await this.database.runWith(note, DEPART, accountId, Date.now())) === 1;
    // Again too when it was closed already: whoever closed it may have died half way. The apps are found by what ends here.
    await this.notices.queueForAccount(accountId, cause.by);
    await this.sessions.endAllOf(accountId);
    await this.refreshTokens.endAllOfPerson(accountId);
    return departed;
  }

  /**
   * Opens the account again, unless an administrator has closed it.
   *
   * @param seenAt when the person was seen to be there: a departure since then is the newer truth
   * @returns whether it was opened
   */
  async bringBack(accountId: string, cause: Cause, seenAt = new Date()): Promise<boolean> {
    const note = this.audit.noting('account.returned', { accountId, ...trace(cause) }, detail(cause));
    return (await this.database.runWith(note, RETURN, accountId, Date.now(), seenAt.getTime())) === 1;
  }
}

function trace({ traceId }: Cause): { traceId?: string } {
  return traceId === undefined ? {} : { traceId };
}

function detail({ source, by }: Cause): Record<string, string> {
  return { source, by };
}
