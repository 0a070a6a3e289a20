import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** What a room below does when all sign-ins of a person end. */
export interface AccountClosing {
  /**
   * In the transaction that ends them, so that a crash loses nothing.
   *
   * @param cause in words, for a log
   */
  note(manager: EntityManager, accountId: string, cause: string): Promise<void>;
  /** When that is done. */
  afterwards(): void;
}

/** What is to be noted in the rooms below when an administrator ends all sign-ins of a person: who is to be told of it, for one. */
@Injectable()
export class AccountClosings {
  private readonly closings: AccountClosing[] = [];

  /** To be called when the application is made. */
  declare(closing: AccountClosing): void {
    this.closings.push(closing);
  }

  /** One after the other, while what is about to go is still there. */
  async note(manager: EntityManager, accountId: string, cause: string): Promise<void> {
    for (const closing of this.closings) await closing.note(manager, accountId, cause);
  }

  afterwards(): void {
    for (const closing of this.closings) closing.afterwards();
  }
}
