import { Injectable } from '@nestjs/common';

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
}
