import { Injectable } from '@nestjs/common';
import { isSignInValid, type Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { Database, statement } from '../database/database.js';
import { scopeTokens } from '../protocol/scope.js';
import { lastAccessTokenExpiry } from '../token-signing/revoked-tokens.js';
import { faultOf, type FamilyLife } from './refresh-tokens.js';
import { RefreshTokenStore } from './refresh-token-store.js';

/** A family of refresh tokens as its person may see it. */
export interface ListedFamily extends FamilyLife {
  readonly grantId: string;
  readonly scope: readonly string[];
  /** RFC 8707. */
  readonly resource: string | undefined;
  /** Undefined for a device that was let in: it is in no session. */
  readonly sessionId: string | undefined;
  /** Of a device: where it asked from. */
  readonly deviceAddress: string | undefined;
  readonly authTime: Date;
}

interface Row {
  grant_id: string;
  client_id: string;
  scope: string;
  resource: string | null;
  session_id: string | null;
  device_address: string | null;
  auth_time: number | string;
  created_at: number | string;
  rotated_at: number | string | null;
  expires_at: number | string;
}

const OF_PERSON = statement(
  'refresh_token_of_person',
  `SELECT f.grant_id, f.client_id, f.scope, f.resource, f.session_id, f.device_address, f.auth_time, f.created_at,
     f.rotated_at, f.expires_at
   FROM refresh_tokens f
   WHERE f.account_id = $1 AND f.expires_at > $2 AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.id = f.grant_id)
   ORDER BY COALESCE(f.rotated_at, f.created_at) DESC, f.grant_id`,
);

/** The refresh families of one person, for that person. */
@Injectable()
export class FamilyList {
  constructor(
    private readonly database: Database,
    private readonly store: RefreshTokenStore,
  ) {}

  /** Those that nobody has ended, used last first. Whether their app lets them go on is told by {@link isAlive}. */
  async of(account: Account): Promise<ListedFamily[]> {
    const rows = await this.database.all<Row>(OF_PERSON, account.id, Date.now());
    return rows.map(fromRow).filter(({ authTime }) => isSignInValid(account, authTime));
  }

  /**
   * Ends one family, with the access tokens of its grant.
   *
   * @returns whether there was one that nobody had ended before
   */
  async end({ grantId, clientId }: ListedFamily): Promise<boolean> {
    return this.store.end(grantId, clientId, lastAccessTokenExpiry());
  }
}

/** Whether a refresh would still be answered, as the app is now. */
export function isAlive(family: ListedFamily, client: Client): boolean {
  return faultOf(family, client) === undefined;
}

/** When it was last used; where a token stays good, that is not known. */
export function lastUseOf({ rotatedAt, createdAt }: ListedFamily): Date {
  return rotatedAt ?? createdAt;
}

function fromRow(row: Row): ListedFamily {
  return {
    grantId: row.grant_id,
    clientId: row.client_id,
    scope: scopeTokens(row.scope),
    resource: row.resource ?? undefined,
    sessionId: row.session_id ?? undefined,
    deviceAddress: row.device_address ?? undefined,
    authTime: new Date(Number(row.auth_time)),
    createdAt: new Date(Number(row.created_at)),
    rotatedAt: row.rotated_at === null ? undefined : new Date(Number(row.rotated_at)),
    expiresAt: new Date(Number(row.expires_at)),
  };
}
