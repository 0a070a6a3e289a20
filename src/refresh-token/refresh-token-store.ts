import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ACCOUNT_COLUMNS, accountFromRow, type Account, type AccountRow } from '../accounts/account-store.js';
import type { Note } from '../audit/audit-log.js';
import { Database, statement } from '../database/database.js';
import { claimsFromStore, storedClaims, type RequestedClaims } from '../protocol/requested-claims.js';
import { scopeTokens } from '../protocol/scope.js';

/** A family of refresh tokens as it stands, and the person it is about. */
export interface RefreshFamily {
  readonly grantId: string;
  readonly clientId: string;
  readonly account: Account;
  readonly scope: readonly string[];
  readonly resource: string | undefined;
  readonly requestedClaims: RequestedClaims;
  readonly sessionId: string | undefined;
  /** While the session's row is there; it stays for as long as the session could have lasted. */
  readonly sessionEnded: boolean;
  readonly authTime: Date;
  readonly acr: string | undefined;
  readonly amr: readonly string[] | undefined;
  /** Of several names that the person has in the app, the one that was chosen. */
  readonly appAccountId: string | undefined;
  /** The `sub` of all its id_tokens. */
  readonly subject: string;
  readonly generation: number;
  readonly digest: string;
  readonly parentDigest: string | null;
  readonly sealedToken: string | null;
  readonly createdAt: Date;
  readonly rotatedAt: Date | undefined;
  readonly endsAt: Date;
  readonly expiresAt: Date;
}

/** What a new family begins with. */
export type NewFamily = Pick<
  RefreshFamily,
  'grantId' | 'clientId' | 'subject' | 'scope' | 'requestedClaims' | 'authTime' | 'digest' | 'endsAt' | 'expiresAt'
> &
  Partial<Pick<RefreshFamily, 'resource' | 'sessionId' | 'acr' | 'amr' | 'appAccountId'>> & {
    readonly accountId: string;
    /** Of a device that was let in: where it asked from. */
    readonly deviceAddress?: string;
  };

/** What a rotation puts in the place of the token that is spent. */
export interface Successor {
  readonly digest: string;
  readonly sealedToken: string | null;
  readonly expiresAt: Date;
}

type FamilyRow = AccountRow & {
  grant_id: string;
  client_id: string;
  scope: string;
  resource: string | null;
  requested_claims: string | null;
  session_id: string | null;
  session_ended_at: number | string | null;
  auth_time: number;
  acr: string | null;
  amr: string | null;
  app_account_id: string | null;
  subject: string | null;
  generation: number;
  digest: string;
  parent_digest: string | null;
  sealed_token: string | null;
  created_at: number;
  rotated_at: number | null;
  ends_at: number;
  expires_at: number;
};

const COLUMNS = (
  'grant_id client_id scope resource requested_claims session_id auth_time acr amr generation digest parent_digest ' +
  'sealed_token created_at rotated_at ends_at expires_at app_account_id subject'
).split(' ');

const INSERT = statement(
  'refresh_token_insert',
  `INSERT INTO refresh_tokens (grant_id, client_id, account_id, scope, resource, requested_claims, session_id, auth_time,
     acr, amr, generation, digest, created_at, ends_at, expires_at, app_account_id, subject,
     device_address)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13, $14, $15, $16, $17)`,
);
// One statement for all that a refresh has to know: the family, its person, that nobody has ended the grant, and whether
// its session has ended: a family that was begun in that very moment is not among those that ended with it.
const FIND = statement(
  'refresh_token_find',
  `SELECT ${COLUMNS.map((name) => `f.${name}`).join(', ')}, ${ACCOUNT_COLUMNS.map((name) => `a.${name}`).join(', ')},
     s.ended_at AS session_ended_at
   FROM refresh_tokens f JOIN accounts a ON a.id = f.account_id LEFT JOIN sessions s ON s.id = f.session_id
   WHERE f.grant_id = $1 AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.id = f.grant_id)`,
);
// Tests and sets in one statement: of any number of rotations of one token at once, one touches the row.
const ROTATE = statement(
  'refresh_token_rotate',
  `UPDATE refresh_tokens SET generation = generation + 1, parent_digest = digest, digest = $3, sealed_token = $4,
     rotated_at = $5, expires_at = $6
   WHERE grant_id = $1 AND digest = $2 AND expires_at > $5`,
);
const TOUCH = statement(
  'refresh_token_touch',
  'UPDATE refresh_tokens SET expires_at = $3 WHERE grant_id = $1 AND digest = $2',
);
// A grant is ended by one row in the list of revoked tokens: its access tokens die of it, and so does its family.
const END = statement(
  'refresh_token_end',
  `INSERT INTO revoked_tokens (id, expires_at)
   SELECT grant_id, CASE WHEN ends_at > $3 THEN ends_at ELSE $3 END FROM refresh_tokens
   WHERE grant_id = $1 AND client_id = $2 ON CONFLICT (id) DO NOTHING`,
);
const END_ALL = statement(
  'refresh_token_end_all',
  `INSERT INTO revoked_tokens (id, expires_at)
   SELECT grant_id, CASE WHEN ends_at > $3 THEN ends_at ELSE $3 END FROM refresh_tokens
   WHERE account_id = $1 AND client_id = $2 ON CONFLICT (id) DO NOTHING`,
);
const END_PERSON = statement(
  'refresh_token_end_person',
  `INSERT INTO revoked_tokens (id, expires_at)
   SELECT grant_id, CASE WHEN ends_at > $2 THEN ends_at ELSE $2 END FROM refresh_tokens
   WHERE account_id = $1 ON CONFLICT (id) DO NOTHING`,
);

// By codes too: a grant need not have brought a refresh token, or one may be on its way in this moment and live for as long
// as the app's do. Scopes have one blank between two; an underscore alone would stand for any character.
const WITHOUT_OFFLINE_ACCESS = (scope: string): string =>
  `REPLACE(' ' || ${scope} || ' ', ' offline_access ', '') = ' ' || ${scope} || ' '`;
const END_CHAIN = statement(
  'refresh_token_end_chain',
  `INSERT INTO revoked_tokens (id, expires_at)
   SELECT f.grant_id, CASE WHEN f.ends_at > $2 THEN f.ends_at ELSE $2 END
   FROM refresh_tokens f JOIN sessions s ON s.id = f.session_id
   WHERE s.chain_id = $1 AND ${WITHOUT_OFFLINE_ACCESS('f.scope')}
   UNION
   SELECT a.grant_id, CASE WHEN a.expires_at + c.refresh_token_lifetime * CAST(1000 AS bigint) > $2
     THEN a.expires_at + c.refresh_token_lifetime * CAST(1000 AS bigint) ELSE $2 END
   FROM authorization_codes a JOIN sessions s ON s.id = a.session_id JOIN clients c ON c.client_id = a.client_id
   WHERE s.chain_id = $1 AND ${WITHOUT_OFFLINE_ACCESS('a.scope')}
     AND NOT EXISTS (SELECT 1 FROM refresh_tokens f WHERE f.grant_id = a.grant_id)
   ON CONFLICT (id) DO NOTHING`,
);

/** Families of refresh tokens: one row each, of which a rotation replaces the token. */
@Injectable()
export class RefreshTokenStore {
  constructor(private readonly database: Database) {}

  async insert(family: NewFamily): Promise<void> {
    const { requestedClaims } = family;
    await this.database.run(
      INSERT,
      family.grantId,
      family.clientId,
      family.accountId,
      family.scope.join(' '),
      family.resource ?? null,
      storedClaims(requestedClaims),
      family.sessionId ?? null,
      family.authTime.getTime(),
      family.acr ?? null,
      family.amr?.join(' ') ?? null,
      family.digest,
      Date.now(),
      family.endsAt.getTime(),
      family.expiresAt.getTime(),
      family.appAccountId ?? null,
      family.subject === family.accountId ? null : family.subject,
      family.deviceAddress ?? null,
    );
  }

  /** The family, unless its grant was ended or its person is gone. It may have expired. */
  async find(grantId: string): Promise<RefreshFamily | undefined> {
    const row = await this.database.first<FamilyRow>(FIND, grantId);
    return row === undefined ? undefined : fromRow(row);
  }

  /** @returns true for exactly one caller with that token */
  async rotate({ grantId, digest }: RefreshFamily, successor: Successor): Promise<boolean> {
    const { sealedToken, expiresAt } = successor;
    const values = [successor.digest, sealedToken, Date.now(), expiresAt.getTime()] as const;
    return (await this.database.run(ROTATE, grantId, digest, ...values)) === 1;
  }

  /** Notes that the token was used, where it stays good. */
  async touch({ grantId, digest }: RefreshFamily, expiresAt: Date): Promise<void> {
    await this.database.run(TOUCH, grantId, digest, expiresAt.getTime());
  }

  /**
   * Ends a family of this client, with the access tokens of its grant.
   *
   * @param notBefore when the last access token of the grant has expired by itself
   * @param note in the transaction of that, where there was one
   * @returns whether there was one that nobody had ended before
   */
  async end(grantId: string, clientId: string, notBefore: Date, note?: Note): Promise<boolean> {
    return (await this.database.runWith(note, END, grantId, clientId, notBefore.getTime())) === 1;
  }

  /** @returns how many families of the person, in all apps, were ended by this */
  async endAllOfPerson(accountId: string, lastAccessToken: Date): Promise<number> {
    return this.database.run(END_PERSON, accountId, lastAccessToken.getTime());
  }

  /** Ends the grants of the sessions of a chain that are without offline access. @returns how many */
  async endAllOfChain(chainId: string, lastAccessToken: Date, manager: EntityManager): Promise<number> {
    return this.database.runIn(manager, END_CHAIN, chainId, lastAccessToken.getTime());
  }

  /** Ends all families of a person in an app, those that have expired too: their access tokens may not have. @returns how many */
  async endAllOf(accountId: string, clientId: string, notBefore: Date): Promise<number> {
    return this.database.run(END_ALL, accountId, clientId, notBefore.getTime());
  }
}

function fromRow(row: FamilyRow): RefreshFamily {
  return {
    grantId: row.grant_id,
    clientId: row.client_id,
    account: accountFromRow(row),
    scope: scopeTokens(row.scope),
    resource: row.resource ?? undefined,
    requestedClaims: claimsFromStore(row.requested_claims),
    sessionId: row.session_id ?? undefined,
    sessionEnded: row.session_ended_at !== null,
    authTime: new Date(row.auth_time),
    acr: row.acr ?? undefined,
    amr: row.amr?.split(' '),
    appAccountId: row.app_account_id ?? undefined,
    subject: row.subject ?? row.id,
    generation: row.generation,
    digest: row.digest,
    parentDigest: row.parent_digest,
    sealedToken: row.sealed_token,
    createdAt: new Date(row.created_at),
    rotatedAt: row.rotated_at === null ? undefined : new Date(row.rotated_at),
    endsAt: new Date(row.ends_at),
    expiresAt: new Date(row.expires_at),
  };
}
