import { Injectable } from '@nestjs/common';
import { LogoutNotices } from '../back-channel-logout/logout-notices.js';
import { Database, statement, type Statement } from '../database/database.js';
import { isAmong } from '../database/json-rows.js';
import { lastAccessTokenExpiry } from '../token-signing/revoked-tokens.js';

// Whoever let the app in at all: by a family, by a code of the last day, which is as long as an access token lives, by a
// device, or by a consent, which stays when the device's code is forgotten.
const HOLDERS = statement(
  'access_enforcement_holders',
  `SELECT account_id FROM refresh_tokens WHERE client_id = $1 AND expires_at > $2
   UNION SELECT account_id FROM authorization_codes WHERE client_id = $1
   UNION SELECT account_id FROM device_codes WHERE client_id = $1 AND account_id IS NOT NULL
   UNION SELECT account_id FROM consents WHERE client_id = $1`,
);

/** What an app holds of people, for many of them at once. */
@Injectable()
export class Holdings {
  private readonly endCodes: Statement;
  private readonly endDevices: Statement;
  private readonly endFamilies: Statement;

  constructor(
    private readonly database: Database,
    private readonly notices: LogoutNotices,
  ) {
    const among = isAmong(database.kind, 'account_id', '$2', 'account_id');
    this.endCodes = statement(
      'access_enforcement_codes',
      `UPDATE authorization_codes SET redeemed_at = $3 WHERE client_id = $1 AND ${among} AND redeemed_at IS NULL`,
    );
    this.endDevices = statement(
      'access_enforcement_devices',
      `UPDATE device_codes SET redeemed_at = $3 WHERE client_id = $1 AND ${among} AND redeemed_at IS NULL`,
    );
    // As one family ends: by a row in the list of revoked tokens, of which its access tokens die too.
    this.endFamilies = statement(
      'access_enforcement_families',
      `INSERT INTO revoked_tokens (id, expires_at)
       SELECT grant_id, CASE WHEN ends_at > $3 THEN ends_at ELSE $3 END FROM refresh_tokens
       WHERE client_id = $1 AND ${among} ON CONFLICT (id) DO NOTHING`,
    );
  }

  /** Everybody of whom the app may have something. */
  async holders(clientId: string): Promise<string[]> {
    const rows = await this.database.all<{ account_id: string }>(HOLDERS, clientId, Date.now());
    return rows.map((row) => row.account_id);
  }

  /**
   * Has the app told, ends what could still become a family, then the families.
   *
   * @param accountIds some hundreds
   * @returns how many families that were
   */
  async end(clientId: string, accountIds: readonly string[]): Promise<number> {
    const asked = JSON.stringify(accountIds.map((id) => ({ account_id: id })));
    // By what ends here it is found who is to be told.
    await this.notices.queueForApp(accountIds, clientId, 'access enforced');
    await this.database.run(this.endCodes, clientId, asked, Date.now());
    await this.database.run(this.endDevices, clientId, asked, Date.now());
    return this.database.run(this.endFamilies, clientId, asked, lastAccessTokenExpiry().getTime());
  }
}
