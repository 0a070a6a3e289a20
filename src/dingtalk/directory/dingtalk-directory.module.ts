import { Module } from '@nestjs/common';
import { DingTalkApiModule } from '../api/dingtalk-api.module.js';
import { PeopleModule } from '../people/people.module.js';
import { DirectorySyncs } from './directory-syncs.js';
import { DirectoryUpdates } from './directory-updates.js';

/**
 * Owns how an organisation's directory comes here: the sync of a whole source, and the reading again of single things.
 * Hands on both to the sign-in and the events. Leaves who a person is here to `people`.
 */
@Module({
  imports: [DingTalkApiModule, PeopleModule],
  providers: [DirectorySyncs, DirectoryUpdates],
  exports: [DirectorySyncs, DirectoryUpdates],
})
export class DingTalkDirectoryModule {}
