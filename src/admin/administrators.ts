import { Injectable } from '@nestjs/common';

type AdministratorCheck = (clientId: string, scope: string) => Promise<boolean>;

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

  /** @param scope a scope-token of the admin API */
  async mayUse(clientId: string, scope: string): Promise<boolean> {
    return this.mayAdminister(clientId, scope);
  }
}
