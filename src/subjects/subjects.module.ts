import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AccessModule } from '../access/access.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { ExpressionsModule } from '../expressions/expressions.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { OutboundModule } from '../outbound/outbound.module.js';
import { PersonFactsModule } from '../person-facts/person-facts.module.js';
import { SubjectChecks } from './subject-checks.js';
import { SubjectEntity } from './subject.entity.js';
import { SubjectExpressions } from './subject-expressions.js';
import { SubjectRollCall } from './subject-roll-call.js';
import { SubjectStore } from './subject-store.js';
import { SubjectsForAccess } from './subjects-for-access.js';
import { Subjects } from './subjects.js';

/**
 * Owns the `sub` of people in apps: the account's id, pairwise, or by an expression; and the judgement of the two when an
 * app is saved. Hands on `Subjects`. Leaves to `access-token` whom a subject that comes back speaks of.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([SubjectEntity]),
    AccountsModule,
    AdminModule,
    AuditModule,
    AccessModule,
    AppRegistryModule,
    ExpressionsModule,
    KeyringModule,
    OutboundModule,
    PersonFactsModule,
  ],
  providers: [SubjectChecks, SubjectExpressions, SubjectRollCall, SubjectStore, Subjects, SubjectsForAccess],
  exports: [Subjects],
})
export class SubjectsModule {}
