import { Injectable } from '@nestjs/common';
import {
  ACCOUNT_COLUMNS,
  accountFromRow,
  isSignInValid,
  type Account,
  type AccountRow,
} from '../accounts/account-store.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { Database, statement } from '../database/database.js';
import { subjectSector } from '../subjects/subject-rule.js';
import type { AccessToken } from '../token-signing/access-token-verifier.js';
import { RevokedTokens } from '../token-signing/revoked-tokens.js';

/** Whom a token speaks of and for, as they are now. */
export interface Standing {
  readonly client: Client;
  /** Absent when the token is about the app itself. */
  readonly account: Account | undefined;
}

// One statement for all questions: is the token still good, was the person's access to the app ended since, and who is it?
const FIND = statement(
  'access_token_standing',
  `SELECT ${ACCOUNT_COLUMNS.join(', ')} FROM accounts
   WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.id IN ($2, $3))
     AND NOT EXISTS (SELECT 1 FROM access_ends e WHERE e.client_id = $4 AND e.account_id = $1 AND e.ended_at >= $5)`,
);

// And where people have subjects of the app's own: whose is this one?
const FIND_BY_SUBJECT = statement(
  'access_token_standing_by_subject',
  `SELECT ${ACCOUNT_COLUMNS.map((name) => `a.${name}`).join(', ')} FROM subjects s JOIN accounts a ON a.id = s.account_id
   WHERE s.sector = $6 AND s.subject = $1 AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.id IN ($2, $3))
     AND NOT EXISTS (
       SELECT 1 FROM access_ends e WHERE e.client_id = $4 AND e.account_id = s.account_id AND e.ended_at >= $5)`,
);

/** RFC 9068 §5: a token about the app itself never speaks of a person, whatever the two ids are. */
export function isAboutItsApp({ subject, clientId }: AccessToken): boolean {
  return subject === clientId;
}

/** Whether an access token that was read is still worth something: it may have been revoked, and its people changed. */
@Injectable()
export class AccessTokenStandings {
  constructor(
    private readonly database: Database,
    private readonly revoked: RevokedTokens,
    private readonly registry: ClientRegistry,
  ) {}

  /** @returns undefined when it was revoked, its app is switched off, or its person may not be spoken of any more */
  async of(token: AccessToken): Promise<Standing | undefined> {
    const client = await this.registry.findEnabled(token.clientId);
    // Not a token of an earlier app of the same id.
    if (client === undefined || !client.existedAt(token.issuedAt)) return undefined;
    if (isAboutItsApp(token)) {
      const ended = await this.revoked.isRevoked(token.jti, token.grantId);
      return ended ? undefined : { client, account: undefined };
    }
    const account = await this.personOf(token, client);
    return account === undefined ? undefined : { client, account };
  }

  private async personOf(token: AccessToken, client: Client): Promise<Account | undefined> {
    const asked = valuesOf(token);
    const sector = subjectSector(client.metadata);
    const row =
      sector === undefined
        ? await this.database.first<AccountRow>(FIND, ...asked)
        : await this.database.first<AccountRow>(FIND_BY_SUBJECT, ...asked, sector);
    const account = row === undefined ? undefined : accountFromRow(row);
    return account !== undefined && isStillSignedIn(account, token) ? account : undefined;
  }
}

function valuesOf({ subject, jti, grantId, clientId, issuedAt }: AccessToken) {
  return [subject, jti, grantId, clientId, issuedAt.getTime()] as const;
}

/** A password that was set since takes the older sign-ins along. `auth_time` has whole seconds: its last moment counts. */
function isStillSignedIn(account: Account, { authTime, issuedAt }: AccessToken): boolean {
  return isSignInValid(account, new Date((authTime ?? issuedAt).getTime() + 999));
}
