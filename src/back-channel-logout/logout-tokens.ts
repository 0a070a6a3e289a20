import { Injectable } from '@nestjs/common';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { Database, statement } from '../database/database.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { Subjects } from '../subjects/subjects.js';
import { LOGOUT_TOKEN_LIFETIME } from '../token-signing/key-times.js';
import { TokenSigningService } from '../token-signing/token-signing.service.js';
import type { ClaimedNotice } from './logout-notice-store.js';

/** Back-Channel Logout 1.0 §2.4: the member says what the token is; its value is an empty object. */
const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };

const SUBJECT_OF_FAMILY = statement(
  'logout_subject_of_family',
  'SELECT subject, account_id FROM refresh_tokens WHERE grant_id = $1',
);

/** Makes logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4). */
@Injectable()
export class LogoutTokens {
  constructor(
    private readonly subjects: Subjects,
    private readonly signing: TokenSigningService,
    private readonly database: Database,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * A token that has not been sent before. It has no `nonce`, so that it is no id_token (§2.4).
   *
   * @returns undefined when nothing would tell the app whom it is about
   */
  async make(notice: ClaimedNotice, client: Client): Promise<string | undefined> {
    const sid = notice.sessionId;
    const sub = await this.subject(notice, client);
    if (sid === undefined && sub === undefined) return undefined;
    const iat = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.config.issuer,
      aud: client.id,
      iat,
      exp: iat + LOGOUT_TOKEN_LIFETIME,
      jti: newIdentifier(),
      ...(sub === undefined ? {} : { sub }),
      ...(sid === undefined ? {} : { sid }),
      events: EVENTS,
    };
    // §2.4: signed as an id_token is.
    return this.signing.sign('logout+jwt', claims, client.metadata.idTokenSignedResponseAlg);
  }

  /** Only what the app was told before. A device goes on with the `sub` that it began with, whatever the app's rule is by now. */
  private async subject({ id, accountId, sessionId }: ClaimedNotice, client: Client): Promise<string | undefined> {
    if (sessionId !== undefined) return this.subjects.known(accountId, client);
    const [grantId = id] = id.split('.');
    const family = await this.database.first<{ subject: string | null; account_id: string }>(
      SUBJECT_OF_FAMILY,
      grantId,
    );
    return family === undefined ? this.subjects.known(accountId, client) : (family.subject ?? family.account_id);
  }
}
