import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../../admin/admin.module.js';
import { AuditModule } from '../../audit/audit.module.js';
import { DirectoryModule } from '../../directory/directory.module.js';
import { DingTalkApiModule } from '../api/dingtalk-api.module.js';
import { PeopleModule } from '../people/people.module.js';
import { IdentitySourceModule } from '../source/identity-source.module.js';
import { DepartedPeople } from './departed-people.js';
import { DepartmentSync } from './department-sync.js';
import { DirectorySyncs } from './directory-syncs.js';
import { DirectoryUpdates } from './directory-updates.js';
import { DirectoryWalk } from './directory-walk.js';
import { Findings } from './findings.js';
import { KnownPeople } from './known-people.js';
import { PeopleApplication } from './people-application.js';
import { PersonDetails } from './person-details.js';
import { RoleSync } from './role-sync.js';
import { RunPhases } from './run-phases.js';
import { StagedDepartmentEntity, StagedPersonEntity, StagedRoleEntity, WantedDetailEntity } from './staged.entity.js';
import { Staging } from './staging.js';
import { SyncRunsController } from './sync-runs.controller.js';
import { SyncDifferenceEntity, SyncDueTimeEntity, SyncErrorEntity, SyncRunEntity } from './sync-run.entity.js';
import { SyncRunStore } from './sync-run-store.js';
import { SyncSchedule } from './sync-schedule.js';
import { SyncWorker } from './sync-worker.js';

/**
 * Owns how an organisation's directory comes here: the sync of a whole source, and the reading again of single things.
 * A run is read (`directory-walk.ts`), compared, and applied, part by part (`run-phases.ts`), by one node at a time
 * (`sync-worker.ts`). Hands on `DirectorySyncs` to those who may have missed something, and `DirectoryUpdates` to the
 * sign-in and the events. Leaves who a person is here to `people`, and where departments are kept to `directory`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([
      SyncRunEntity,
      SyncErrorEntity,
      SyncDifferenceEntity,
      SyncDueTimeEntity,
      StagedDepartmentEntity,
      StagedPersonEntity,
      StagedRoleEntity,
      WantedDetailEntity,
    ]),
    AdminModule,
    AuditModule,
    DirectoryModule,
    IdentitySourceModule,
    DingTalkApiModule,
    PeopleModule,
  ],
  controllers: [SyncRunsController],
  providers: [
    SyncRunStore,
    Staging,
    Findings,
    KnownPeople,
    DirectoryWalk,
    DepartmentSync,
    PeopleApplication,
    DepartedPeople,
    RoleSync,
    PersonDetails,
    RunPhases,
    SyncWorker,
    SyncSchedule,
    DirectorySyncs,
    DirectoryUpdates,
  ],
  exports: [DirectorySyncs, DirectoryUpdates, SyncRunStore, Findings],
})
export class DingTalkDirectoryModule {}
