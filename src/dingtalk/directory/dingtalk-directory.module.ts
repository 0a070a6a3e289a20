import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DirectoryModule } from '../../directory/directory.module.js';
import { DingTalkApiModule } from '../api/dingtalk-api.module.js';
import { PeopleModule } from '../people/people.module.js';
import { DirectorySyncs } from './directory-syncs.js';
import { DirectoryUpdates } from './directory-updates.js';
import { StagedDepartmentEntity, StagedPersonEntity, StagedRoleEntity, WantedDetailEntity } from './staged.entity.js';
import { SyncDifferenceEntity, SyncDueTimeEntity, SyncErrorEntity, SyncRunEntity } from './sync-run.entity.js';

/**
 * Owns how an organisation's directory comes here: the sync of a whole source, and the reading again of single things.
 * Hands on both to the sign-in and the events. Leaves who a person is here to `people`.
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
    DirectoryModule,
    DingTalkApiModule,
    PeopleModule,
  ],
  providers: [DirectorySyncs, DirectoryUpdates],
  exports: [DirectorySyncs, DirectoryUpdates],
})
export class DingTalkDirectoryModule {}
