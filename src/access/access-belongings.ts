import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AccountBelongings } from '../accounts/account-belongings.js';
import { AppBelongings } from '../app-registry/app-belongings.js';
import { GroupBelongings } from '../groups/group-belongings.js';
import { AssignmentEntity } from './assignment.entity.js';
import { RoleEntity } from './role.entity.js';

/**
 * What is assigned goes with the app, the person and the group: nothing of it is left for a new app of the same id.
 * Departments are never deleted; one that is gone may return, and is then assigned as it was.
 */
@Injectable()
export class AccessBelongings implements OnModuleInit {
  constructor(
    private readonly apps: AppBelongings,
    private readonly accounts: AccountBelongings,
    private readonly groups: GroupBelongings,
  ) {}

  onModuleInit(): void {
    this.apps.declare(AssignmentEntity, (clientId) => ({ clientId }));
    this.apps.declare(RoleEntity, (clientId) => ({ clientId }));
    this.accounts.declare(AssignmentEntity, (subjectId) => ({ subjectType: 'user' as const, subjectId }));
    this.groups.declare(AssignmentEntity, (subjectId) => ({ subjectType: 'group' as const, subjectId }));
  }
}
