import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';
import { Keyring } from '../keyring/keyring.js';
import type { AuthorizationRequest } from '../protocol/authorization-request.js';
import { isOpaqueToken, newIdentifier, newOpaqueToken } from '../protocol/opaque-token.js';
import type { CodeChallengeMethod } from '../protocol/pkce.js';
import { claimsFromStore, storedClaims, type RequestedClaims } from '../protocol/requested-claims.js';
import { scopeTokens } from '../protocol/scope.js';
import type { Session } from '../session/session-store.js';

/** A code that was issued, and what it is good for. */
export interface AuthorizationCode {
  readonly grantId: string;
  readonly sessionId: string;
  readonly redirectUri: string;
  readonly codeChallenge: string | undefined;
  readonly codeChallengeMethod: CodeChallengeMethod | undefined;
  readonly scope: readonly string[];
  readonly nonce: string | undefined;
  readonly requestedClaims: RequestedClaims;
  /** RFC 8707: the API that the access token is for; undefined: Clinch's own userinfo. */
  readonly resource: string | undefined;
  readonly authTime: Date;
  readonly acr: string;
  readonly amr: readonly string[];
  /** Of several names that the person has in the app, the one that was chosen. */
  readonly appAccountId: string | undefined;
}

/** What became of a presented code. */
export type Redemption =
  | { readonly outcome: 'redeemed'; readonly code: AuthorizationCode }
  /** It was spent before, by the client that presents it again. */
  | { readonly outcome: 'replayed'; readonly grantId: string }
  /** Unknown, expired, or of another client: nothing happened to it. */
  | { readonly outcome: 'refused' };

interface CodeRow {
  grant_id: string;
  session_id: string;
  redirect_uri: string;
  code_challenge: string | null;
  code_challenge_method: CodeChallengeMethod | null;
  scope: string;
  nonce: string | null;
  requested_claims: string | null;
  resource: string | null;
  auth_time: number;
  acr: string;
  amr: string;
  app_account_id: string | null;
}

const PURPOSE = 'authorization-code';

const INSERT = statement(
  'authorization_code_insert',
  `INSERT INTO authorization_codes (digest, grant_id, client_id, account_id, session_id, redirect_uri, code_challenge,
     code_challenge_method, scope, nonce, requested_claims, auth_time, acr, amr, expires_at, resource, app_account_id)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
);
// Tests and sets in one statement: of any number of redemptions at once, one gets the row back.
const SPEND = statement(
  'authorization_code_spend',
  `UPDATE authorization_codes SET redeemed_at = $3
   WHERE digest = $1 AND client_id = $2 AND redeemed_at IS NULL AND expires_at > $3
   RETURNING grant_id, session_id, redirect_uri, code_challenge, code_challenge_method, scope, nonce,
     requested_claims, resource, auth_time, acr, amr, app_account_id`,
);
const FIND_SPENT = statement(
  'authorization_code_find_spent',
  'SELECT grant_id FROM authorization_codes WHERE digest = $1 AND client_id = $2 AND redeemed_at IS NOT NULL',
);

const END_ALL = statement(
  'authorization_code_end_all',
  'UPDATE authorization_codes SET redeemed_at = $3 WHERE account_id = $1 AND client_id = $2 AND redeemed_at IS NULL',
);

/** Codes: issued once, spent once. */
@Injectable()
export class AuthorizationCodeStore {
  constructor(
    private readonly database: Database,
    private readonly keyring: Keyring,
  ) {}

  /**
   * @param lifetime seconds
   * @param appAccountId of the name in the app that was chosen
   * @returns the code, 256 random bits; only its digest is kept
   */
  async issue(
    request: AuthorizationRequest,
    session: Session,
    lifetime: number,
    appAccountId?: string,
  ): Promise<string> {
    const code = newOpaqueToken();
    const { requestedClaims } = request;
    await this.database.run(
      INSERT,
      this.keyring.digest(PURPOSE, code),
      newIdentifier(),
      request.clientId,
      session.accountId,
      session.id,
      request.redirectUri,
      request.codeChallenge ?? null,
      request.codeChallengeMethod ?? null,
      request.scope.join(' '),
      request.nonce ?? null,
      storedClaims(requestedClaims),
      session.authTime.getTime(),
      session.acr,
      session.amr.join(' '),
      Date.now() + lifetime * 1000,
      request.resource ?? null,
      appAccountId ?? null,
    );
    return code;
  }

  /** Ends the codes of a person in an app that were not redeemed yet. */
  async endAllOf(accountId: string, clientId: string): Promise<void> {
    await this.database.run(END_ALL, accountId, clientId, Date.now());
  }

  /**
   * Spends the code, in one statement that also says whose it must be and that it is still good. Whoever's statement
   * touched the row has it; everybody else is told what became of it.
   */
  async redeem(code: string, clientId: string): Promise<Redemption> {
    if (!isOpaqueToken(code)) return { outcome: 'refused' };
    const now = Date.now();
    for (const digest of this.keyring.digests(PURPOSE, code)) {
      const row = await this.database.first<CodeRow>(SPEND, digest, clientId, now);
      if (row !== undefined) return { outcome: 'redeemed', code: fromRow(row) };
      const spent = await this.database.first<{ grant_id: string }>(FIND_SPENT, digest, clientId);
      if (spent !== undefined) return { outcome: 'replayed', grantId: spent.grant_id };
    }
    return { outcome: 'refused' };
  }
}

function fromRow(row: CodeRow): AuthorizationCode {
  return {
    grantId: row.grant_id,
    sessionId: row.session_id,
    redirectUri: row.redirect_uri,
    codeChallenge: row.code_challenge ?? undefined,
    codeChallengeMethod: row.code_challenge_method ?? undefined,
    scope: scopeTokens(row.scope),
    nonce: row.nonce ?? undefined,
    requestedClaims: claimsFromStore(row.requested_claims),
    resource: row.resource ?? undefined,
    authTime: new Date(row.auth_time),
    acr: row.acr,
    amr: row.amr.split(' '),
    appAccountId: row.app_account_id ?? undefined,
  };
}
