import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import type { AdminActor } from './admin-actor.js';
import { AdminRate } from './admin-rate.js';
import { AdminAuthentication } from './admin-authentication.js';
import { neededAt } from './admin-part.js';

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

/** Lets a request pass that comes from an app with the scope that the operation needs. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly authentication: AdminAuthentication,
    private readonly reflector: Reflector,
    private readonly rate: AdminRate,
  ) {}

  /**
   * @throws {OAuthError} invalid_token or insufficient_scope (RFC 6750 §3.1)
   * @throws {Problem} 429, to an app in the place of its answer, to strangers in the place of 401
   */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const needed = neededAt(this.reflector, context.getClass(), context.getHandler(), request.method);
    const address = clientAddress(request);
    // The token is looked at first: strangers behind the same address keep no app with a good one out.
    const actor = await this.authentication.actorOf(request, needed).catch((error: unknown) => {
      if (error instanceof OAuthError && error.status === 401) this.rate.countRefused(address);
      throw error;
    });
    this.rate.countApp(actor.clientId);
    request.administrator = actor;
    return true;
  }
}
