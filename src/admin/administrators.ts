import { Injectable } from '@nestjs/common';
import type { AdminActor } from './admin-actor.js';
import { AdminScopeError } from './admin-scope.js';

type AdministratorCheck = (clientId: string, scope: string, since: Date) => Promise<boolean>;

/**
 * Whether a client may do at this moment what needs a scope: its token may have outlived its right. The room that
 * knows the clients stands below this one and brings the check.
 */
@Injectable()
export class Administrators {
  private mayAdminister: AdministratorCheck = async () => false;

  /** Called once by the room that knows the registered apps. */
  trust(check: AdministratorCheck): void {
    this.mayAdminister = check;
  }

  /**
   * @param scope a scope-token of the admin API
   * @param since when the client was given the token that it shows: an earlier client of the same id was another one
   */
  async mayUse(clientId: string, scope: string, since = new Date()): Promise<boolean> {
    return this.mayAdminister(clientId, scope, since);
  }

  /**
   * For an operation that shows more than its own scope is for. By the token and by the registration: the token may say
   * more than what is left, or less than there is.
   *
   * @throws {AdminScopeError} 403
   */
  async require(actor: AdminActor, scope: string): Promise<void> {
    if (!(await this.has(actor, scope))) throw new AdminScopeError(scope);
  }

  /** As `require`, as a question. */
  async has(actor: AdminActor, scope: string): Promise<boolean> {
    return actor.has(scope) && (await this.mayUse(actor.clientId, scope));
  }
}
