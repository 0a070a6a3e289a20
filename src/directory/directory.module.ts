import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountBelongings } from '../accounts/account-belongings.js';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { DepartmentAncestorEntity, DepartmentEntity, DepartmentMemberEntity } from './department.entity.js';
import { DepartmentLists } from './department-lists.js';
import { DepartmentStore } from './department-store.js';
import { DepartmentsController } from './departments.controller.js';
import { Directory } from './directory.js';
import { DirectoryRoleEntity, DirectoryRoleMemberEntity } from './directory-role.entity.js';
import { DirectoryRolesController } from './directory-roles.controller.js';
import { MembershipStore } from './membership-store.js';
import { RoleStore } from './role-store.js';
import { UserDepartmentsController } from './user-departments.controller.js';

/**
 * Owns departments, the places of people in them, and roles, as the organisations' directories have them. Hands on
 * `Directory` to those who read, and the stores to those who fill it. Leaves where all that comes from to the identity
 * sources.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([
      DepartmentEntity,
      DepartmentAncestorEntity,
      DepartmentMemberEntity,
      DirectoryRoleEntity,
      DirectoryRoleMemberEntity,
    ]),
    AdminModule,
    AccountsModule,
  ],
  controllers: [DepartmentsController, DirectoryRolesController, UserDepartmentsController],
  providers: [Directory, DepartmentLists, DepartmentStore, MembershipStore, RoleStore],
  exports: [Directory, DepartmentStore, MembershipStore, RoleStore],
})
export class DirectoryModule {
  constructor(belongings: AccountBelongings) {
    belongings.declare(DepartmentMemberEntity, (accountId) => ({ accountId }));
    belongings.declare(DirectoryRoleMemberEntity, (accountId) => ({ accountId }));
  }
}
