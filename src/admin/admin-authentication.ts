import { Injectable } from '@nestjs/common';
import { bearerFromHeader, TokenMissingError } from '../http/bearer.js';
import { clientAddress, loggedUserAgent, type ClinchRequest } from '../http/clinch-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { AccessTokenVerifier, type AccessToken } from '../token-signing/access-token-verifier.js';
import { AdminActor } from './admin-actor.js';
import { AdminScopeError, covers } from './admin-scope.js';
import { Administrators } from './administrators.js';

/** Finds out who is asking, where only apps with rights in the admin API may ask. */
@Injectable()
export class AdminAuthentication {
  constructor(
    private readonly verifier: AccessTokenVerifier,
    private readonly administrators: Administrators,
  ) {}

  /**
   * Takes an access token of ours for the admin API, with the scope that is needed, of a client that still has it.
   *
   * @throws {OAuthError} invalid_token or insufficient_scope (RFC 6750 §3.1)
   */
  async actorOf(request: ClinchRequest, needed: string): Promise<AdminActor> {
    // By header only: a form or a query would leave the token in places that are kept (RFC 9700 §4.3.2).
    const presented = bearerFromHeader(request);
    if (presented === undefined) throw new TokenMissingError();
    const { clientId, subject, scope, issuedAt } = await this.verified(presented, needed);
    // Only apps have rights here. A token about a person is none, whatever its audience says.
    if (subject !== clientId) throw new OAuthError('invalid_token', 'the token is about a person');
    if (!covers(scope, needed)) throw new AdminScopeError(needed);
    if (!(await this.administrators.mayUse(clientId, needed, issuedAt))) {
      throw new OAuthError('invalid_token', 'the client that this token was issued to may not do this any more');
    }
    return new AdminActor(clientId, clientAddress(request), request.traceId, scope, loggedUserAgent(request));
  }

  private async verified(token: string, needed: string): Promise<AccessToken> {
    try {
      return await this.verifier.verify(token, this.verifier.adminAudience);
    } catch (error) {
      if (await this.isOfAnotherPurpose(token)) throw new AdminScopeError(needed);
      throw error;
    }
  }

  /**
   * A client that forgot to ask for the scope has a good token of its own, with another audience: that is worth a
   * clearer answer than `invalid_token`. A person's token stays what it is here: not ours to look at.
   */
  private async isOfAnotherPurpose(token: string): Promise<boolean> {
    try {
      const { subject, clientId } = await this.verifier.verify(token, this.verifier.userinfoAudience);
      return subject === clientId;
    } catch {
      return false;
    }
  }
}
