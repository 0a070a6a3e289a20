import { Injectable } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';

/** @throws {AdminScopeError} 403 when changing the group would bring the actor to more than they have */
export type GroupCheck = (groupId: string, actor: AdminActor) => Promise<void>;

/** Who is in a group may be who enters an app: the rooms below, which know what it is for, say who may change that. */
@Injectable()
export class GroupProtection {
  private readonly checks: GroupCheck[] = [];

  /** To be called when the application starts. */
  declare(check: GroupCheck): void {
    this.checks.push(check);
  }

  /** @throws {AdminScopeError} 403 */
  async refuseEscalation(groupId: string, actor: AdminActor): Promise<void> {
    await Promise.all(this.checks.map((check) => check(groupId, actor)));
  }
}
