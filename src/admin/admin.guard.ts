import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Actor } from '../audit/audit-log.js';
import { bearerFromHeader, TokenMissingError } from '../http/bearer.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { AccessTokenVerifier, type AccessToken } from '../token-signing/access-token-verifier.js';
import { ADMIN_SCOPE } from './admin-scope.js';
import { Administrators } from './administrators.js';

/** What the guard adds to a request that it lets pass. */
export interface AdminRequest extends ClinchRequest {
  administrator?: Actor;
}

/** Who is asking, for the audit log: the client, never a secret. */
export const Administrator = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  return context.switchToHttp().getRequest<AdminRequest>().administrator ?? {};
});

/** Lets a request pass that brings an access token of ours for the admin API, of a client that may still use it. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly verifier: AccessTokenVerifier,
    private readonly administrators: Administrators,
  ) {}

  /** @throws {OAuthError} invalid_token or insufficient_scope (RFC 6750 §3.1) */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    // By header only: a form or a query would leave the token in places that are kept (RFC 9700 §4.3.2).
    const presented = bearerFromHeader(request);
    if (presented === undefined) throw new TokenMissingError();
    const token = await this.verified(presented);
    if (!token.scope.includes(ADMIN_SCOPE)) throw insufficientScope();
    if (!(await this.administrators.includes(token.clientId))) {
      throw new OAuthError('invalid_token', 'the client that this token was issued to may not administer any more');
    }
    const { clientId } = token;
    request.administrator = { clientId, address: clientAddress(request), traceId: request.traceId };
    return true;
  }

  private async verified(token: string): Promise<AccessToken> {
    try {
      return await this.verifier.verify(token, this.verifier.adminAudience);
    } catch (error) {
      if (await this.isOfAnotherPurpose(token)) throw insufficientScope();
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

function insufficientScope(): OAuthError {
  return new OAuthError('insufficient_scope', `the scope ${ADMIN_SCOPE} is needed; ask for it at the token endpoint`);
}
