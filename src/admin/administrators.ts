import { Injectable } from '@nestjs/common';

type AdministratorCheck = (clientId: string) => Promise<boolean>;

/**
 * Whether a client may administer at this moment: its token may have outlived its right. The room that knows the
 * clients stands below this one and brings the check.
 */
@Injectable()
export class Administrators {
  private mayAdminister: AdministratorCheck = async () => false;

  /** Called once by the room that knows the registered apps. */
  trust(check: AdministratorCheck): void {
    this.mayAdminister = check;
  }

  async includes(clientId: string): Promise<boolean> {
    return this.mayAdminister(clientId);
  }
}
