import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountBelongings } from '../accounts/account-belongings.js';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { DirectoryModule } from '../directory/directory.module.js';
import { GroupAdministration } from './group-administration.js';
import { GroupBelongings } from './group-belongings.js';
import { GroupEntity, GroupMemberEntity } from './group.entity.js';
import { GroupLists } from './group-lists.js';
import { GroupMembers } from './group-members.js';
import { GroupProtection } from './group-protection.js';
import { GroupMembersController } from './group-members.controller.js';
import { GroupsController } from './groups.controller.js';
import { UserGroupsController } from './user-groups.controller.js';

/**
 * Owns groups: people under one name, by hand or as a directory has them. Hands on `groupsOfPeople`, the one SQL of who
 * is in which group, and `GroupBelongings` for rooms whose rows go with a group, and `GroupProtection` for those that say who may change one. Leaves what a group may enter to
 * `access`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([GroupEntity, GroupMemberEntity]),
    AdminModule,
    AuditModule,
    AccountsModule,
    DirectoryModule,
  ],
  controllers: [GroupsController, GroupMembersController, UserGroupsController],
  providers: [GroupAdministration, GroupBelongings, GroupLists, GroupMembers, GroupProtection],
  exports: [GroupBelongings, GroupProtection, TypeOrmModule],
})
export class GroupsModule {
  constructor(accounts: AccountBelongings, groups: GroupBelongings) {
    accounts.declare(GroupMemberEntity, (accountId) => ({ accountId }));
    groups.declare(GroupMemberEntity, (groupId) => ({ groupId }));
  }
}
