import { Injectable } from '@nestjs/common';
import type { AccessDecision } from '../access/access-decision.js';
import type { Client } from '../app-registry/client.js';
import { ClaimsLog } from '../claims/claims-log.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { NO_REQUESTED_CLAIMS } from '../protocol/requested-claims.js';
import type { SignedIn } from '../session/session-store.js';
import { Subjects } from '../subjects/subjects.js';
import { TokenComposer } from '../token-composition/token-composer.js';
import { TokenSigningService } from '../token-signing/token-signing.service.js';

/** Seconds. It is exchanged at once; what was left lying would be good for no longer. */
export const LONGEST_LIFETIME = 300;

/** An id_token, and whom it is about. */
export interface FederationToken {
  readonly idToken: string;
  readonly subject: string;
}

/** Makes the id_token that an app of a template takes in the place of a sign-in: by the rules of every id_token. */
@Injectable()
export class FederationTokens {
  constructor(
    private readonly composer: TokenComposer,
    private readonly subjects: Subjects,
    private readonly signing: TokenSigningService,
    private readonly claimsLog: ClaimsLog,
  ) {}

  /**
   * @param decision by which the person was let in
   * @throws {OAuthError} invalid_grant when the person has no subject there, or a claim that must be there has no value;
   *   temporarily_unavailable when an expression cannot be evaluated just now
   */
  async mint({ account, session }: SignedIn, client: Client, decision: AccessDecision): Promise<FederationToken> {
    const subject = await this.subjects.of(account, client);
    const { authTime, acr, amr } = session;
    const authorization = {
      grantId: newIdentifier(),
      clientId: client.id,
      subject: account.id,
      account,
      scope: ['openid'],
      requestedClaims: NO_REQUESTED_CLAIMS,
      sid: session.id,
      authTime,
      acr,
      amr,
    };
    const { idToken, refusal } = await this.composer.composeIdToken(authorization, client, decision, subject);
    this.claimsLog.note(client, [idToken.composed]);
    if (refusal !== undefined) throw refusal;
    const iat = Math.floor(Date.now() / 1000);
    const exp = iat + Math.min(idToken.lifetime, LONGEST_LIFETIME);
    const { idTokenSignedResponseAlg: algorithm } = client.metadata;
    return { idToken: await this.signing.sign('JWT', { ...idToken.claims, iat, exp }, algorithm), subject };
  }
}
