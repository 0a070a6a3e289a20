import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AppAccountsModule } from '../app-accounts/app-accounts.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { ExpressionsModule } from '../expressions/expressions.module.js';
import { GroupsModule } from '../groups/groups.module.js';
import { PersonFactsModule } from '../person-facts/person-facts.module.js';
import { AccessChangeReport } from './access-change-report.js';
import { AccessCheckController } from './access-check.controller.js';
import { AccessComparison } from './access-comparison.js';
import { AccessExplanations } from './access-explanations.js';
import { AccessPreview } from './access-preview.js';
import { AppAccessController } from './app-access.controller.js';
import { AssignmentDrafts } from './assignment-drafts.js';
import { PersonInApp } from './person-in-app.js';
import { UserAccessController } from './user-access.controller.js';
import { AccessBelongings } from './access-belongings.js';
import { AccessConditions } from './access-conditions.js';
import { AccessPolicy } from './access-policy.js';
import { AccessRuleCheck } from './access-rule-check.js';
import { AppRoles } from './app-roles.js';
import { AppsOfPerson } from './apps-of-person.js';
import { AssignmentAdministration } from './assignment-administration.js';
import { AccessEndEntity, AssignmentEntity } from './assignment.entity.js';
import { AssignmentLookup } from './assignment-lookup.js';
import { AssignmentStore } from './assignment-store.js';
import { AssignmentsController } from './assignments.controller.js';
import { GroupGuard } from './group-guard.js';
import { RoleAdministration } from './role-administration.js';
import { RoleEntity } from './role.entity.js';
import { RolesController } from './roles.controller.js';
import { SubjectNames } from './subject-names.js';
import { SubjectsOfApps } from './subjects-of-apps.js';

/**
 * Owns who may use an app, and what they may do there: assignments, roles, and the decision. Hands on `AccessPolicy`
 * (may this person enter?) and `AppsOfPerson` (what may they open?). Leaves who somebody is to `accounts`, `directory` and
 * `groups`, what an app is to `app-registry`, and the tokens that are out to `access-enforcement`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([AssignmentEntity, RoleEntity, AccessEndEntity]),
    AccountsModule,
    AdminModule,
    AppAccountsModule,
    AppRegistryModule,
    AuditModule,
    ExpressionsModule,
    GroupsModule,
    PersonFactsModule,
  ],
  controllers: [
    RolesController,
    AssignmentsController,
    AppAccessController,
    AccessCheckController,
    UserAccessController,
  ],
  providers: [
    AccessBelongings,
    AccessChangeReport,
    AccessComparison,
    AccessConditions,
    AccessExplanations,
    AccessPolicy,
    AccessPreview,
    AccessRuleCheck,
    AppRoles,
    AppsOfPerson,
    AssignmentAdministration,
    AssignmentDrafts,
    AssignmentLookup,
    GroupGuard,
    PersonInApp,
    AssignmentStore,
    RoleAdministration,
    SubjectNames,
    SubjectsOfApps,
  ],
  exports: [AccessComparison, AccessConditions, AccessPolicy, AppRoles, AppsOfPerson, AssignmentLookup, SubjectsOfApps],
})
export class AccessModule {}
