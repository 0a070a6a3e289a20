import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { bearerFromHeader, TokenMissingError } from '../http/bearer.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { AccessTokenVerifier, type AccessToken } from '../token-signing/access-token-verifier.js';
import { AdminActor } from './admin-actor.js';
import { neededAt } from './admin-part.js';
import { AdminScopeError, covers } from './admin-scope.js';
import { Administrators } from './administrators.js';

/** What the guard adds to a request that it lets pass. */
export interface AdminRequest extends ClinchRequest {
  administrator?: AdminActor;
}

/** Who is asking: the client that the guard has let pass. */
export const Administrator = createParamDecorator((_: unknown, context: ExecutionContext): AdminActor => {
  const { administrator } = context.switchToHttp().getRequest<AdminRequest>();
  if (administrator === undefined) throw new Error('this handler is not behind the guard of the admin API');
  return administrator;
});

/**
 * Lets a request pass that brings an access token of ours for the admin API, with the scope that the operation needs,
 * of a client that still has that scope.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly verifier: AccessTokenVerifier,
    private readonly administrators: Administrators,
    private readonly reflector: Reflector,
  ) {}

  /** @throws {OAuthError} invalid_token or insufficient_scope (RFC 6750 §3.1) */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    // By header only: a form or a query would leave the token in places that are kept (RFC 9700 §4.3.2).
    const presented = bearerFromHeader(request);
    if (presented === undefined) throw new TokenMissingError();
    const needed = neededAt(this.reflector, context.getClass(), context.getHandler(), request.method);
    const { clientId, subject, scope, issuedAt } = await this.verified(presented, needed);
    // Only apps have rights here. A token about a person is none, whatever its audience says.
    if (subject !== clientId) throw new OAuthError('invalid_token', 'the token is about a person');
    if (!covers(scope, needed)) throw new AdminScopeError(needed);
    if (!(await this.administrators.mayUse(clientId, needed, issuedAt))) {
      throw new OAuthError('invalid_token', 'the client that this token was issued to may not do this any more');
    }
    request.administrator = new AdminActor(clientId, clientAddress(request), request.traceId, scope);
    return true;
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
