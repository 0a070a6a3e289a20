import { Injectable } from '@nestjs/common';

type ConfidentialAppCheck = (clientId: string) => Promise<boolean>;

/**
 * Whether an app is registered that can prove who it is: only such an app can stand for an API. The room that knows
 * the apps stands below this one and brings the check.
 */
@Injectable()
export class ConfidentialApps {
  private isConfidential: ConfidentialAppCheck = async () => false;

  /** Called once by the room that knows the registered apps. */
  declare(check: ConfidentialAppCheck): void {
    this.isConfidential = check;
  }

  async includes(clientId: string): Promise<boolean> {
    return this.isConfidential(clientId);
  }
}
